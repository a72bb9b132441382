package probe

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"trustrig/harness"
	"trustrig/harness/repl"
)

// fake is a device that keeps what it was told to execute and answers calls of
// probe with a line.
type fake struct {
	generation int
	executed   []string
	answer     string
	err        error
	importErr  error // for the client's script
}

func (f *fake) Generation() int { return f.generation }

func (f *fake) SoftReset(context.Context) ([]byte, error) {
	f.generation++
	return nil, nil
}

func (f *fake) Exec(_ context.Context, source string) ([]byte, error) {
	f.executed = append(f.executed, source)
	switch {
	case strings.HasPrefix(source, "probe("):
		return []byte(f.answer), f.err
	case strings.Contains(source, "CLIENTS[") && f.importErr != nil:
		return nil, f.importErr
	}
	return nil, nil
}

// sent counts the executed sources that hold a text.
func (f *fake) sent(text string) int {
	n := 0
	for _, s := range f.executed {
		if strings.Contains(s, text) {
			n++
		}
	}
	return n
}

const acceptedLine = "trustrig:{\"result\": \"accepted\", \"phase\": \"done\", \"ms\": 4.5, \"verify_mode\": 2, \"reply\": \"00ff\", \"tls\": \"TLSv1.2\"}\r\n"

func target(anchors ...string) harness.Target {
	t := harness.Target{Addr: netip.MustParseAddrPort("127.0.0.1:8443"), Nonce: "0a0b"}
	for i, a := range anchors {
		if i == 0 {
			t.First = []byte(a)
		} else {
			t.Second = []byte(a)
		}
	}
	return t
}

func scenario() harness.Scenario {
	return harness.Scenario{Name: "s", Client: "ssl.SSLContext", Verify: harness.CertRequired, ServerName: "api.example.com"}
}

func TestSendsOnce(t *testing.T) {
	f := &fake{answer: acceptedLine}
	c := New(f, []string{"ssl.SSLContext"}, time.Second)
	probe := func(anchors ...string) {
		t.Helper()
		if o, err := c.Probe(t.Context(), scenario(), target(anchors...)); err != nil || o.Result != harness.Accepted {
			t.Fatalf("Probe = %v, %v", o, err)
		}
	}
	probe("one")
	probe("one")
	probe("two", "one")
	probe()
	if n := f.sent("def probe("); n != 1 {
		t.Errorf("probe.py was sent %d times, want once", n)
	}
	if n := f.sent("store(\""); n != 2 {
		t.Errorf("%d anchors were sent, want each of two once", n)
	}
	f.generation++ // the device was reset
	probe("one")
	if n := f.sent("def probe("); n != 2 {
		t.Errorf("after a reset probe.py was sent %d times in all, want twice", n)
	}
	if n := f.sent("store(\""); n != 3 {
		t.Errorf("after a reset %d anchors were sent in all, want three", n)
	}
}

// TestKeepsSoMuch: a device is not filled with anchors, and is sent again what
// it was made to forget.
func TestKeepsSoMuch(t *testing.T) {
	f := &fake{answer: acceptedLine}
	c := New(f, []string{"ssl.SSLContext"}, time.Second)
	half, other := strings.Repeat("a", maxKept/2), strings.Repeat("b", maxKept/2)
	for i, anchors := range [][]string{{half}, {other}, {half, other}, {half, "c"}, {half, other}, {strings.Repeat("d", 2*maxKept)}} {
		if _, err := c.Probe(t.Context(), scenario(), target(anchors...)); err != nil {
			t.Fatal(err)
		}
		want := []struct{ stored, forgotten int }{{1, 0}, {2, 0}, {2, 0}, {4, 1}, {6, 2}, {7, 3}}[i]
		if s, n := f.sent("store(\""), f.sent("ANCHORS.clear()"); s != want.stored || n != want.forgotten {
			t.Errorf("after %d scenarios %d anchors were stored and all forgotten %d times, want %d and %d", i+1, s, n, want.stored, want.forgotten)
		}
	}
}

func TestCall(t *testing.T) {
	s := scenario()
	s.ServerName, s.Variant, s.Load.Via = "a\"b\nü", "x", "romfs"
	got := call(s, target("one"), "")
	want := `probe("ssl.SSLContext", "127.0.0.1", 8443, "a\"b\n\u00fc", 2, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed", None, "0a0b", {"variant": "x", "via": "romfs", })` + "\n"
	if got != want {
		t.Errorf("call\n got %q\nwant %q", got, want)
	}
	s.Verify, s.ServerName = harness.CertDefault, ""
	if got := call(s, target(), ""); !strings.HasPrefix(got, `probe("ssl.SSLContext", "127.0.0.1", 8443, None, None, None, None, `) {
		t.Errorf("a default, no name and no anchor are None, got %q", got)
	}
}

func TestOutcomes(t *testing.T) {
	const source = "    print(\"trust\" + \"rig:\" + json.dumps(value))\r\n"
	tests := []struct {
		name, printed string
		want          harness.Result
		bad           string // part of the error
	}{
		{"accepted", acceptedLine, harness.Accepted, ""},
		{"what else was printed", "noise\r\n" + acceptedLine + "more\r\n", harness.Accepted, ""},
		{"the last report counts", strings.Replace(acceptedLine, "accepted", "raised", 1) + acceptedLine, harness.Accepted, ""},
		{"rejected", `trustrig:{"result": "raised", "phase": "handshake", "exception": "ValueError", "errno": 0, "text": "The certificate validity has expired"}` + "\n", harness.Rejected, ""},
		{"failed", `trustrig:{"result": "raised", "phase": "connect", "exception": "OSError", "errno": 111, "text": "[Errno 111] ECONNREFUSED"}` + "\n", harness.Failed, ""},
		{"an echo is no report", source, "", "no outcome"},
		{"nothing", "", "", "no outcome"},
		{"half a line", strings.TrimSpace(acceptedLine)[:40], "", "no outcome"},
		{"no JSON", "trustrig:{nonsense\n", "", "not what scripts/probe.py prints"},
		{"no such result", "trustrig:{\"result\": \"splendid\"}\n", "", "splendid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := New(&fake{answer: tt.printed}, []string{"ssl.SSLContext"}, time.Second)
			o, err := c.Probe(t.Context(), scenario(), target())
			if tt.bad != "" {
				if err == nil || !strings.Contains(err.Error(), tt.bad) {
					t.Errorf("Probe = %v, %v; want an error with %q", o, err, tt.bad)
				}
				return
			}
			if err != nil || o.Result != tt.want {
				t.Errorf("Probe = %v, %v; want %s", o, err, tt.want)
			}
		})
	}
}

// TestReportBesideError: a connection that the rig had to interrupt reports
// all the same, and that is its outcome.
func TestReportBesideError(t *testing.T) {
	line := `trustrig:{"result": "raised", "phase": "handshake", "exception": "KeyboardInterrupt", "errno": 0, "text": ""}` + "\n"
	c := New(&fake{answer: line, err: context.DeadlineExceeded}, []string{"ssl.SSLContext"}, time.Second)
	o, err := c.Probe(t.Context(), scenario(), target())
	if err != nil || o.Result != harness.Failed || o.Phase != harness.PhaseHandshake {
		t.Errorf("Probe = %v, %v; want a failure in the handshake", o, err)
	}
}

func TestMissing(t *testing.T) {
	c := New(&fake{answer: acceptedLine}, nil, time.Second)
	if o, err := c.Probe(t.Context(), scenario(), target()); err != nil || o.Missing != "ssl.SSLContext" {
		t.Errorf("without the kind's capability: %v, %v", o, err)
	}
	c = New(&fake{answer: acceptedLine}, []string{"ssl.SSLContext"}, time.Second)
	s := scenario()
	s.Needs = []string{"vfs.VfsRom"}
	if o, err := c.Probe(t.Context(), s, target()); err != nil || o.Missing != "vfs.VfsRom" {
		t.Errorf("without the scenario's: %v, %v", o, err)
	}
	f := &fake{importErr: &repl.Exception{Class: "ImportError", Text: "no module named 'ssl'"}}
	c = New(f, []string{"ssl.SSLContext"}, time.Second)
	if o, err := c.Probe(t.Context(), scenario(), target()); err != nil || o.Missing != "no module named 'ssl'" {
		t.Errorf("a script that can not be imported: %v, %v", o, err)
	}
	f.importErr = &repl.Exception{Class: "SyntaxError"}
	if _, err := New(f, []string{"ssl.SSLContext"}, time.Second).Probe(t.Context(), scenario(), target()); err == nil {
		t.Error("a script that is wrong was taken for one that can not be imported")
	}
}

func TestUnknownKind(t *testing.T) {
	s := scenario()
	s.Client = "telepathy"
	_, err := New(&fake{}, nil, time.Second).Probe(t.Context(), s, target())
	if err == nil || !strings.Contains(err.Error(), "telepathy") {
		t.Errorf("Probe = %v, want an error that names the kind", err)
	}
}

func TestIdentify(t *testing.T) {
	id, err := Identify(t.Context(), identifier(`trustrig:{"version": "1.25.0", "clock": [2026, 11, 1, 12, 0, 5], "capabilities": ["ssl"]}`+"\n"))
	if err != nil || id.Version != "1.25.0" || !id.Time().Equal(time.Date(2026, 11, 1, 12, 0, 5, 0, time.UTC)) {
		t.Errorf("Identify = %+v, %v", id, err)
	}
	if _, err := Identify(t.Context(), identifier("MicroPython\n")); err == nil {
		t.Error("a device that says nothing of itself was identified")
	}
	if _, err := Identify(t.Context(), identifier("trustrig:{]\n")); !errors.Is(err, errReport) {
		t.Errorf("Identify = %v, want errReport", err)
	}
}

// identifier is a device that prints one thing.
type identifier string

func (identifier) Generation() int { return 1 }

func (identifier) SoftReset(context.Context) ([]byte, error) { return nil, nil }

func (i identifier) Exec(context.Context, string) ([]byte, error) { return []byte(i), nil }
