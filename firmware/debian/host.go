package debian

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A hostConfig is what the host's own apt knows about reaching Debian.
type hostConfig struct {
	archives []string // URIs, the likeliest first
	settings string   // apt.conf(5): how to go through the network
}

// askHost reads the host's apt configuration. It needs no index to have been
// fetched, as on a new machine.
func askHost(ctx context.Context) (hostConfig, error) {
	// Without --no-release-info only what was once fetched is listed.
	targets, err := run(ctx, "", nil, "apt-get", "indextargets", "--no-release-info")
	if err != nil {
		return hostConfig{}, fmt.Errorf("reading the host's apt sources: %w", err)
	}
	dump, err := run(ctx, "", nil, "apt-config", "dump")
	if err != nil {
		return hostConfig{}, fmt.Errorf("reading the host's apt configuration: %w", err)
	}
	host := hostConfig{archives: parseArchives(targets), settings: parseSettings(dump)}
	if len(host.archives) == 0 {
		return hostConfig{}, errors.New("no Debian archive in the host's apt sources: add a line such as \"deb MIRROR/debian stable main\" to /etc/apt/sources.list")
	}
	return host, nil
}

// parseArchives picks from the output of apt-get indextargets the archives
// that may be Debian's: those with a component main, but not the archive of
// security updates, which has no suite as a whole. Other vendors' may have
// that too, so those whose path ends as a Debian mirror's come first; the
// signature tells in the end.
func parseArchives(targets string) []string {
	var likely, others []string
	for paragraph := range strings.SplitSeq(targets, "\n\n") {
		field := make(map[string]string)
		for line := range strings.Lines(paragraph) {
			if key, value, ok := strings.Cut(line, ":"); ok {
				field[key] = strings.TrimSpace(value)
			}
		}
		uri := strings.TrimSuffix(field["Repo-URI"], "/")
		switch {
		case uri == "", strings.HasPrefix(uri, "cdrom:"),
			field["Created-By"] != "Packages", field["Component"] != "main",
			strings.Contains(uri, "security"), strings.Contains(field["Release"], "security"),
			slices.Contains(likely, uri), slices.Contains(others, uri):
		case strings.HasPrefix(path.Base(uri), "debian"):
			likely = append(likely, uri)
		default:
			others = append(others, uri)
		}
	}
	return append(likely, others...)
}

// network are the settings that say how the host reaches its archives, from
// proxies to certificates and mirrors that stand still. What would weaken the
// check of signatures (Acquire::Allow…) is not among them, nor are hooks,
// which act on the system, nor the number of tries, which is ours.
var network = []string{
	"Acquire::http", "Acquire::https", "Acquire::socks", "Acquire::tor", "Acquire::ftp",
	"Acquire::ForceIPv4", "Acquire::ForceIPv6", "Acquire::EnableSrvRecords",
	"Acquire::Check-Valid-Until", "Acquire::Check-Date", "Acquire::Max-FutureTime",
}

// parseSettings picks from the output of apt-config dump, which is in the
// syntax of apt.conf(5), the lines that belong to network.
func parseSettings(dump string) string {
	var keep strings.Builder
	for line := range strings.Lines(dump) {
		name, _, _ := strings.Cut(line, " ")
		name = strings.ToLower(name) + "::"
		ours := func(n string) bool { return strings.HasPrefix(name, strings.ToLower(n)+"::") }
		if slices.ContainsFunc(network, ours) {
			keep.WriteString(line)
		}
	}
	return keep.String()
}
