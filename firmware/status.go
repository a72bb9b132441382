package firmware

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"golang.org/x/mod/semver"

	"trustrig/firmware/cache"
)

// A Status is what is known of a firmware of the table without fetching it.
type Status struct {
	Name    string `json:"name"`
	Origin  string `json:"origin"`
	Differs string `json:"differs"` // how it differs from a board
	// Ready is whether it is in the cache; Get says otherwise what it takes.
	Ready bool   `json:"ready"`
	Get   string `json:"get,omitempty"`
	Arch  string `json:"arch"` // Debian's name of the architecture

	// What the firmware tells of itself, where it is ready.
	Version  string   `json:"version,omitempty"`
	MbedTLS  string   `json:"mbedtls,omitempty"`
	Compiled string   `json:"mbedtls_compiled,omitempty"`
	Machine  string   `json:"machine,omitempty"`
	MaxSize  int64    `json:"maxsize,omitempty"`
	Modules  []string `json:"modules,omitempty"`
	// Ahead are public fixes that it has and boards have not, Open those that
	// neither has.
	Ahead []Fix `json:"ahead,omitempty"`
	Open  []Fix `json:"open,omitempty"`
}

// List returns the status of every firmware of the table. One that is in the
// cache is run, to be asked what it is. The error is ctx's, or the cache's.
func List(ctx context.Context, o Options) ([]Status, error) {
	c, err := o.cache()
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, r := range rows {
		s, err := r.status(ctx, c, o)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func (r row) status(ctx context.Context, c *cache.Cache, o Options) (Status, error) {
	s := Status{Name: r.name, Differs: r.differs, Arch: r.architecture()}
	s.Origin = fmt.Sprintf("Debian %s, package micropython", r.suite)
	if r.variant != "" {
		s.Origin = fmt.Sprintf("built from Debian %s's sources of micropython and mbedtls", r.suite)
	}
	if err := r.tools(); err != nil {
		s.Get = err.Error()
		return s, nil
	}
	cached, err := r.cached(c)
	if err != nil {
		return s, err
	}
	if !cached {
		s.Get = "fetched when it is first used"
		if r.variant != "" {
			s.Get = "built when it is first used, in about a minute"
		}
		return s, nil
	}
	f, err := r.get(ctx, o)
	switch {
	case ctx.Err() != nil:
		return s, context.Cause(ctx)
	case err != nil:
		s.Get = err.Error()
		return s, nil
	}
	s.Ready = true
	s.Version, s.MbedTLS, s.Compiled, s.Machine, s.MaxSize, s.Modules = f.Version, f.MbedTLS, f.Compiled, f.Machine, f.MaxSize, f.Modules
	if semver.IsValid("v" + f.MbedTLS) {
		s.Ahead, s.Open = fixesBetween(BoardMbedTLS, f.MbedTLS), fixesBetween(f.MbedTLS, "")
	}
	return s, nil
}

// cached reports whether the firmware has been fetched or built.
func (r row) cached(c *cache.Cache) (bool, error) {
	entry := "firmware/" + r.name
	if r.variant != "" {
		digest, err := variantDigest(r.variant)
		if err != nil {
			return false, err
		}
		entry += "-" + digest
	}
	_, _, ok := c.Newest(entry)
	return ok, nil
}

// tools says what the machine lacks to have and to run the firmware.
func (r row) tools() error {
	_, err := r.runner()
	if r.variant == "" {
		return err
	}
	return errors.Join(err, buildTools(r))
}

// buildTools says which of the tools is not there that build a variant.
func buildTools(r row) error {
	for _, tool := range []string{"make", "gcc", "python3", "dpkg-source"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("no %s on PATH to build with: install the packages build-essential and python3", tool)
		}
	}
	if r.crossed() {
		if _, err := exec.LookPath(r.cross + "gcc"); err != nil {
			return fmt.Errorf("no %sgcc on PATH to build with: install the packages gcc-arm-linux-gnueabihf and libc6-dev-armhf-cross", r.cross)
		}
	}
	return nil
}
