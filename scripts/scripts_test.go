package scripts

import (
	"io/fs"
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
