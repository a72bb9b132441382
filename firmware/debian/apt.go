package debian

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
	"time"
)

// An apt is apt-get in folders of its own, for one suite and architecture.
type apt struct {
	dir      string
	request  Request
	archive  string // URI
	keyring  string // file
	settings string // apt.conf(5)
}

// config is the private configuration. The host's files are not read: their
// hooks would clean the system's own folders, their sources fetch indexes
// that nobody asked for. Passwords for archives (auth.conf) stay the host's.
// Root is no reason to become _apt, who may not enter the user's cache.
var config = template.Must(template.New("apt.conf").Parse(`{{.Settings}}
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "/dev/null";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::sourcelist "{{.Dir}}/sources.list";
Dir::State "{{.Dir}}";
Dir::State::lists "{{.Dir}}/lists";
Dir::State::status "{{.Dir}}/status";
Dir::Cache "{{.Dir}}";
Dir::Cache::archives "{{.Dir}}/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "{{.Dir}}";
APT::Architecture "{{.Arch}}";
APT::Architectures { "{{.Arch}}"; };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
APT::Get::AllowUnauthenticated "false";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Acquire::Retries "0";
`))

// fetch downloads what is requested and returns the files of the packages, or
// those that describe a source package (.dsc).
func (a apt) fetch(ctx context.Context) ([]string, error) {
	if strings.ContainsAny(a.dir, "\"\n") {
		return nil, fmt.Errorf("apt-get can not work in %q, a path with a quote", a.dir)
	}
	archives := filepath.Join(a.dir, "archives")
	if err := os.RemoveAll(archives); err != nil {
		return nil, err
	}
	if err := a.prepare(); err != nil {
		return nil, err
	}
	if err := a.get(ctx, "update"); err != nil {
		return nil, fmt.Errorf("%s: %w", a.archive, err)
	}
	command, pattern := []string{"download"}, "*.deb"
	switch {
	case a.request.Arch == Source:
		command, pattern = []string{"source", "--download-only"}, "*.dsc"
	case a.request.Depends:
		command = []string{"install", "--download-only", "--yes"}
	}
	if err := a.get(ctx, append(command, a.request.Packages...)...); err != nil {
		return nil, fmt.Errorf("%s: %w", a.archive, err)
	}
	files, err := filepath.Glob(filepath.Join(archives, pattern))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: apt-get %s left no package", a.archive, command[0])
	}
	return files, err
}

// prepare writes the folders and files that apt-get works with. The
// configuration may hold a proxy's password, so it is for the user's eyes.
func (a apt) prepare() error {
	for _, name := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(a.dir, name), 0o755); err != nil {
			return err
		}
	}
	var conf bytes.Buffer
	data := struct{ Dir, Arch, Settings string }{a.dir, a.request.Arch, a.settings}
	source := fmt.Sprintf("deb [arch=%s signed-by=%s] %s %s main\n", a.request.Arch, a.keyring, a.archive, a.request.Suite)
	if a.request.Arch == Source {
		data.Arch = Native() // apt wants one, though it fetches nothing of it
		source = fmt.Sprintf("deb-src [signed-by=%s] %s %s main\n", a.keyring, a.archive, a.request.Suite)
	}
	if err := config.Execute(&conf, data); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(a.dir, "apt.conf"), conf.Bytes(), 0o600),
		os.WriteFile(filepath.Join(a.dir, "sources.list"), []byte(source), 0o600),
		os.WriteFile(filepath.Join(a.dir, "status"), nil, 0o644),
	)
}

// get runs apt-get where "download" is to leave its files.
func (a apt) get(ctx context.Context, args ...string) error {
	env := []string{"APT_CONFIG=" + filepath.Join(a.dir, "apt.conf"), "DEBIAN_FRONTEND=noninteractive"}
	_, err := run(ctx, filepath.Join(a.dir, "archives"), env, "apt-get", append([]string{"--quiet"}, args...)...)
	return err
}

// run runs a program to its end and returns its output, or an error with the
// last that it complained of.
func run(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = append(append(os.Environ(), "LC_ALL=C"), env...)
	// Asked to, apt-get takes its downloaders with it.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	switch {
	case err == nil:
		return stdout.String(), nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s: %w", name, context.Cause(ctx))
	}
	said := complaint(stderr.String())
	if strings.Contains(strings.ToLower(said), syscall.ENOSPC.Error()) {
		return "", fmt.Errorf("%s: %w", name, syscall.ENOSPC)
	}
	if said == "" {
		said = err.Error()
	}
	return "", fmt.Errorf("%s: %s", name, said)
}

// complaint brings what a program wrote to its standard error into one line:
// apt's errors ("E: …") where there are some, else the last line.
func complaint(stderr string) string {
	var errs []string
	last := ""
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "E: "); ok {
			errs = append(errs, text)
		}
		if line != "" {
			last = line
		}
	}
	if len(errs) == 0 {
		return last
	}
	return strings.Join(errs, "; ")
}
