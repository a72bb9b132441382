package scripts

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func TestSourceKeepsLines(t *testing.T) {
	names, err := fs.Glob(files, "*.py")
	if err != nil || len(names) == 0 {
		t.Fatalf("embedded scripts: %q, %v", names, err)
	}
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source, err := Source(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(source, "\n"), strings.Count(string(raw), "\n"); got != want {
			t.Errorf("%s: sent with %d lines, has %d", name, got, want)
		}
		if strings.HasPrefix(source, "#") || strings.Contains(source, "\n#") {
			t.Errorf("%s: sent with its comments", name)
		}
		for i, line := range strings.Split(string(raw), "\n") {
			if strings.Count(line, `"""`)%2 == 1 || strings.Count(line, "'''")%2 == 1 {
				t.Errorf("%s:%d: a string of several lines, in which Source would empty what looks like a comment", name, i+1)
			}
			if strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
				t.Errorf("%s:%d: a character that a raw REPL or an editor on a board may not carry", name, i+1)
			}
		}
	}
}

func TestSourceOfNothing(t *testing.T) {
	if _, err := Source("absent.py"); err == nil || !strings.Contains(err.Error(), "absent.py") {
		t.Errorf("error %v does not name the script", err)
	}
}

// TestClientsShareNoName: all client kinds live in one namespace on the
// device, where one's function would take another's place.
func TestClientsShareNoName(t *testing.T) {
	defined := regexp.MustCompile(`(?m)^(?:async def|def|class)? ?(\w+)(?:\(| =|:)`)
	owner := make(map[string]string)
	names, err := fs.Glob(files, "client_*.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "probe.py") {
		raw, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range defined.FindAllStringSubmatch(string(raw), -1) {
			if o := owner[m[1]]; o != "" && o != name {
				t.Errorf("%s and %s both define %s", o, name, m[1])
			}
			owner[m[1]] = name
		}
	}
	if owner["probe"] != "probe.py" || owner["asyncio_talk"] != "client_asyncio.py" {
		t.Errorf("names are not found as they should be: %v", owner)
	}
}
