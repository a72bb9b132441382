package repl

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestEnterFromWhatever(t *testing.T) {
	inPaste := func(b *board) error { b.mode = friendly; return pasteMode(b) }
	inRawPaste := func(b *board) error { b.mode = rawLine(""); return midPaste(b) }
	tests := []struct {
		name string
		mode func(b *board) error
	}{
		{"running script", script(0)},
		{"script that catches Ctrl-C once", script(1)},
		{"script that catches Ctrl-C four times", script(4)},
		{"friendly REPL", friendly},
		{"paste mode", inPaste},
		{"raw REPL", rawLine("")},
		{"raw REPL, line begun", rawLine("x = ")},
		{"raw REPL, raw-paste command begun", rawLine("\x05A")},
		{"raw-paste", inRawPaste},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onBoard(t, &board{mode: test.mode, room: 260, window: 128}, func(t *testing.T, c *Conn) {
				start := time.Now()
				if err := c.Enter(t.Context()); err != nil {
					t.Fatal(err)
				}
				if spent := time.Since(start); spent > 3*time.Second {
					t.Errorf("it took %v", spent)
				}
				if c.Generation() != 1 {
					t.Errorf("generation %d after the first Enter", c.Generation())
				}
				wantExec(t, t.Context(), c, "print(1)", "8\r\n")
			})
		})
	}
}

// Sources around each grant, on a board whose input buffer holds what it
// grants at once and not a byte more.
func TestSourcesAroundGrants(t *testing.T) {
	for _, window := range []int{1, 2, 3, 5, 128, 256, 1000} {
		lengths := []int{0, 1, 2, 5000}
		for n := 1; n <= 4; n++ {
			for d := -4; d <= 4; d++ {
				lengths = append(lengths, max(0, n*window+d))
			}
		}
		t.Run(fmt.Sprint(window), func(t *testing.T) {
			b := &board{mode: raw, room: max(2*window, 200), window: window}
			onBoard(t, b, func(t *testing.T, c *Conn) {
				for _, n := range lengths {
					source := strings.Repeat("é#", n)[:n]
					wantExec(t, t.Context(), c, source, fmt.Sprintf("%d\r\n", n))
					if ran := b.ran[len(b.ran)-1]; ran != source {
						t.Fatalf("source of %d bytes arrived as %d: %.40q", n, len(ran), ran)
					}
				}
			})
		})
	}
}

func TestSoftReset(t *testing.T) {
	onBoard(t, &board{mode: friendly, room: 260, window: 128}, func(t *testing.T, c *Conn) {
		wantExec(t, t.Context(), c, "print(1)", "8\r\n")
		said, err := c.SoftReset(t.Context())
		if err != nil || !strings.Contains(string(said), "soft reboot") {
			t.Errorf("soft reset: %q, %v", said, err)
		}
		if c.Generation() != 2 {
			t.Errorf("generation %d after one reset", c.Generation())
		}
		wantExec(t, t.Context(), c, "print(1)", "8\r\n")
		if err := c.Enter(t.Context()); err != nil || c.Generation() != 2 {
			t.Errorf("entering again: generation %d, %v", c.Generation(), err)
		}
	})
}

func TestLeave(t *testing.T) {
	onBoard(t, &board{mode: raw, room: 260, window: 128}, func(t *testing.T, c *Conn) {
		if err := c.Enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Leave(t.Context()); err != nil {
			t.Error(err)
		}
		wantExec(t, t.Context(), c, "print(1)", "8\r\n")
	})
}
