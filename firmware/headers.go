package firmware

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"trustrig/firmware/debian"
)

// Headers returns the include folder of the mbedTLS that a firmware out of
// Debian's packages runs, fetched into the cache when it is first asked for.
// The structures in the headers are those of the library to the byte, so
// headers of another version are an error.
func Headers(ctx context.Context, f *Firmware, o Options) (string, error) {
	r, ok := find(f.Name)
	if !ok || !f.Listed || r.variant != "" || r.arch != "" {
		return "", fmt.Errorf("firmware %s: no headers go with it, for it is not this machine's package of Debian", f.Name)
	}
	if f.MbedTLS == "" {
		return "", fmt.Errorf("firmware %s does not tell the version of its mbedTLS", f.Name)
	}
	c, err := o.cache()
	if err != nil {
		return "", err
	}
	dir, err := c.Make(ctx, "headers/"+r.suite+"-mbedtls-"+f.MbedTLS, func(dir string) error {
		o.say("fetching the headers of mbedTLS %s from Debian %s (once; kept in %s)", f.MbedTLS, r.suite, c.Dir())
		_, err := debian.Fetch(ctx, c, debian.Request{
			Suite: r.suite, Arch: debian.Native(), Packages: []string{"libmbedtls-dev"},
		}, dir)
		if err != nil {
			return err
		}
		return checkHeaders(includeDir(dir), f.MbedTLS)
	})
	return includeDir(dir), err
}

func includeDir(root string) string { return filepath.Join(root, "usr", "include") }

// checkHeaders refuses headers that are not of the version.
func checkHeaders(include, version string) error {
	text, err := os.ReadFile(filepath.Join(include, "mbedtls", "build_info.h"))
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte(`"`+version+`"`)) {
		return fmt.Errorf("the headers that Debian has are not of mbedTLS %s, which the firmware runs; delete the firmware from the cache to have both fetched anew", version)
	}
	return nil
}
