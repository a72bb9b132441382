package mutants

import (
	"context"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"trustrig/firmware/cache"
	"trustrig/harness"
)

func TestTableIsSound(t *testing.T) {
	all := All()
	if len(all) < 25 {
		t.Errorf("%d mutants, want 25 or more", len(all))
	}
	interposers := map[string]bool{"allocation-failure.c": true}
	seen := make(map[string]bool)
	for _, m := range all {
		if err := m.check(); err != nil {
			t.Error(err)
		}
		if seen[m.Name] {
			t.Errorf("mutant %s is there twice", m.Name)
		}
		seen[m.Name] = true
		interposers[m.Name+".c"] = len(m.Edits) == 0
	}
	for _, v := range Variants() {
		if seen[v.Name] {
			t.Errorf("variant %s has a mutant's name", v.Name)
		}
		interposers[v.Name+".c"] = v.Interposer
	}
	files, err := fs.Glob(sources, "c/*.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimPrefix(file, "c/")
		if !interposers[name] {
			t.Errorf("%s is no row's interposer", file)
		}
		delete(interposers, name)
	}
	for name, wanted := range interposers {
		if wanted {
			t.Errorf("c/%s is not there", name)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, m := range map[string]Mutant{
		"no name":     {Mistake: "m", Unseen: true},
		"no mistake":  {Name: "n", Unseen: true},
		"no killer":   {Name: "n", Mistake: "m", May: insecure("")},
		"bad pattern": {Name: "n", Mistake: "m", Must: insecure("(")},
		"a pass":      {Name: "n", Mistake: "m", Must: []Turn{{To: harness.Pass}}},
	} {
		if m.check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestExplains(t *testing.T) {
	m := Mutant{
		Must: []Turn{{Names: "^expired-", Reasons: []harness.Reason{harness.Expired}, To: harness.Insecure}},
		May:  []Turn{{Reasons: []harness.Reason{harness.Expired}, To: harness.WrongReason}},
	}
	expired := harness.Expect{Reasons: []harness.Reason{harness.NotTrusted, harness.Expired}}
	for _, tt := range []struct {
		name             string
		scenario         string
		expect           harness.Expect
		to               harness.Verdict
		explained, kills bool
	}{
		{"kills", "expired-leaf/root", expired, harness.Insecure, true, true},
		{"kills by a reason that is only allowed", "expired-leaf/root", harness.Expect{Also: expired.Reasons}, harness.Insecure, true, true},
		{"another name", "reversed-validity/root", expired, harness.Insecure, false, false},
		{"another reason", "expired-leaf/root", harness.Expect{Reasons: []harness.Reason{harness.NotTrusted}}, harness.Insecure, false, false},
		{"another verdict", "expired-leaf/root", expired, harness.Broken, false, false},
		{"explained only", "reversed-validity/root", expired, harness.WrongReason, true, false},
	} {
		r := harness.ScenarioRecord{Name: tt.scenario, Expect: tt.expect, Judgement: harness.Judgement{Verdict: tt.to}}
		if explained, kills := m.Explains(r); explained != tt.explained || kills != tt.kills {
			t.Errorf("%s: explained %v, kills %v; want %v, %v", tt.name, explained, kills, tt.explained, tt.kills)
		}
	}
}

func newTestKit(t *testing.T) *Kit {
	t.Helper()
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewKit(t.Context(), store, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestEachBuilds(t *testing.T) {
	k := newTestKit(t)
	for _, m := range All() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			change, err := k.Mutant(t.Context(), m, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if (change.Modules == nil) == (len(change.Preload) == 0) {
				t.Errorf("neither or both of modules and preloaded libraries: %+v", change)
			}
		})
	}
	for _, v := range Variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			if _, err := k.Variant(t.Context(), v, t.TempDir()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestSweepControls(t *testing.T) {
	change, s, err := newTestKit(t).Sweep(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(change.Preload) != 1 {
		t.Errorf("preloads %q", change.Preload)
	}
	if err := s.FailAt(7); err != nil {
		t.Error(err)
	}
	if n, err := s.Count(); n != 0 || err != nil {
		t.Errorf("%d allocations, %v, and nothing runs", n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.FailAt(0); err == nil {
		t.Error("a closed sweep takes orders")
	}
}

func TestBuildFails(t *testing.T) {
	k := newTestKit(t)
	if _, err := k.Mutant(t.Context(), Mutant{Name: "absent"}, t.TempDir()); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("error %v does not name the mutant without a source", err)
	}
	k.include = t.TempDir() // no headers
	k.version += " without headers"
	if _, err := k.compile(t.Context(), "result-ignored"); err == nil || !strings.Contains(err.Error(), "mbedtls/") {
		t.Errorf("error %v does not say which header is missing", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.compile(ctx, "result-ignored"); err == nil {
		t.Error("a canceled build brought no error")
	}
}

func TestEdit(t *testing.T) {
	for _, tt := range []struct {
		name, old string
		good      bool
	}{
		{"once", "            self._tls.verify_mode = mode\n", true},
		{"absent", "verify_mode = nothing", false},
		{"twice", "verify_mode", false},
	} {
		dir := t.TempDir()
		files, err := edit(Mutant{Name: tt.name, Edits: []Edit{{Old: tt.old, New: "# edited\n"}}}, dir)
		if (err == nil) != tt.good {
			t.Errorf("%s: error %v", tt.name, err)
			continue
		}
		if err != nil {
			continue
		}
		text, err := fs.ReadFile(files, "ssl.py")
		if err != nil || !strings.Contains(string(text), "# edited\n") || strings.Contains(string(text), tt.old) {
			t.Errorf("%s: the edit is not in ssl.py (error %v)", tt.name, err)
		}
		if _, err := fs.Stat(files, "ntptime.py"); err != nil {
			t.Errorf("%s: another module is gone: %v", tt.name, err)
		}
	}
}

func TestActed(t *testing.T) {
	dir := t.TempDir()
	if Acted(dir) {
		t.Error("acted, and nothing was run")
	}
	if err := os.WriteFile(dir+"/mark", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if !Acted(dir) {
		t.Error("the mark is not seen")
	}
}

func TestFind(t *testing.T) {
	names := []string{}
	for _, m := range Find(regexp.MustCompile("^verify-mode-")) {
		names = append(names, m.Name)
	}
	if want := []string{"verify-mode-none", "verify-mode-optional"}; !slices.Equal(names, want) {
		t.Errorf("found %q, want %q", names, want)
	}
}
