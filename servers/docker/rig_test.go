package docker

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRigGone(t *testing.T) {
	me, err := self()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(os.Args[0], "-test.run=^$")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()
	ended := exec.Command(os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	change := func(f func(*rig)) rig {
		r := me
		f(&r)
		return r
	}
	for _, c := range []struct {
		name string
		rig  rig
		gone bool
	}{
		{"this process", me, false},
		{"a process that has ended", change(func(r *rig) { r.pid = ended.Process.Pid }), true},
		{"another process under the same number", change(func(r *rig) { r.started-- }), true},
		{"another boot", change(func(r *rig) { r.boot = "b0" }), true},
		{"another PID namespace", change(func(r *rig) { r.space = "pid:[1]"; r.pid = ended.Process.Pid }), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			again, err := parseRig(c.rig.String())
			if err != nil || again != c.rig {
				t.Fatalf("%q reads as %+v, %v", c.rig, again, err)
			}
			if gone, err := again.gone(me); gone != c.gone || err != nil {
				t.Errorf("gone: %v, %v; want %v", gone, err, c.gone)
			}
		})
	}
	for _, label := range []string{"", "12", "12 34 boot", "x 34 boot pid:[1]"} {
		if r, err := parseRig(label); err == nil {
			t.Errorf("%q reads as %+v", label, r)
		}
	}
}

// TestRigZombie: a process that has ended is gone before its parent has asked
// how it ended.
func TestRigZombie(t *testing.T) {
	me, err := self()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("cat") // lives until its input ends
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	r := me
	r.pid = child.Process.Pid
	if r.started, err = startTime(r.pid); err != nil {
		t.Fatal(err)
	}
	if gone, err := r.gone(me); gone || err != nil {
		t.Errorf("a living process is gone: %v, %v", gone, err)
	}
	in.Close()
	// Its output ends while it is ending; wait(2) without reaping it says
	// when it has.
	out.Read(make([]byte, 1))
	waitEnded(t, r.pid)
	if gone, err := r.gone(me); !gone || err != nil {
		t.Errorf("a zombie is not gone: %v, %v", gone, err)
	}
}

func waitEnded(t *testing.T, pid int) {
	t.Helper()
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
}
