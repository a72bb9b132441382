package servers_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"trustrig/servers"
)

// rigVariable makes a rig of this test's own binary: a process that starts
// servers of the kind named, says so, and closes them once its standard input
// ends.
const rigVariable = "TRUSTRIG_TEST_RIG"

func TestMain(m *testing.M) {
	if kind := os.Getenv(rigVariable); kind != "" {
		playRig(servers.Kind(kind))
		return
	}
	os.Exit(m.Run())
}

func playRig(kind servers.Kind) {
	s, err := servers.Start(context.Background(), servers.Options{Kind: kind})
	if setup, ok := errors.AsType[*servers.SetupError](err); ok {
		fmt.Println("setup error:", setup)
		return
	}
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Println(s.Why())
	io.Copy(io.Discard, os.Stdin)
	fmt.Println("closed:", s.Close())
}

// A rigProcess is such a process.
type rigProcess struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
}

func startRig(t *testing.T, kind servers.Kind, env ...string) *rigProcess {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), rigVariable+"="+string(kind)), env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	return &rigProcess{cmd, stdin, bufio.NewReader(stdout)}
}

func (r *rigProcess) line(t *testing.T) string {
	t.Helper()
	line, err := r.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the rig's line: %q, %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// TestLeftovers kills a rig and sees its container end and be swept, while
// that of a living rig is left alone.
func TestLeftovers(t *testing.T) {
	start(t, servers.Docker).Close() // the image is built, or the test skipped
	docker, err := testcontainers.NewDockerClientWithOpts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer docker.Close()
	killed, living := startRig(t, servers.Docker), startRig(t, servers.Docker)
	leftover, kept := containerOf(t, killed.line(t)), containerOf(t, living.line(t))

	if err := killed.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.cmd.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	wait := docker.ContainerWait(ctx, leftover, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case err := <-wait.Error:
		t.Fatal("the container did not end with its rig:", err)
	case end := <-wait.Result:
		if end.StatusCode != 0 {
			t.Errorf("the container of the killed rig ended with %d", end.StatusCode)
		}
	}

	start(t, servers.Docker)
	if _, err := docker.ContainerInspect(ctx, leftover, client.ContainerInspectOptions{}); !errdefs.IsNotFound(err) {
		t.Errorf("the container of the killed rig was not swept: %v", err)
	}
	seen, err := docker.ContainerInspect(ctx, kept, client.ContainerInspectOptions{})
	if err != nil || !seen.Container.State.Running {
		t.Errorf("the container of the living rig: %+v, %v", seen.Container.State, err)
	}

	living.stdin.Close()
	if got := living.line(t); got != "closed: <nil>" {
		t.Errorf("the living rig at its end: %s", got)
	}
	if _, err := docker.ContainerInspect(ctx, kept, client.ContainerInspectOptions{}); !errdefs.IsNotFound(err) {
		t.Errorf("the container of the closed rig is still there: %v", err)
	}
}

func containerOf(t *testing.T, why string) string {
	t.Helper()
	m := regexp.MustCompile(`container ([0-9a-f]{12}) `).FindStringSubmatch(why)
	if m == nil {
		t.Fatalf("no container in %q", why)
	}
	return m[1]
}

// TestNoDocker asks for Docker where there is none. Testcontainers keeps what
// it finds for as long as a process lives, so that each case has its own.
func TestNoDocker(t *testing.T) {
	absent := "DOCKER_HOST=unix://" + filepath.Join(t.TempDir(), "absent.sock")
	mute := "DOCKER_HOST=unix://" + muteSocket(t)
	for _, c := range []struct {
		name string
		kind servers.Kind
		env  string
		want string
	}{
		{"asked for, absent", servers.Docker, absent, `^setup error: Docker cannot run the servers: .+; start Docker .+ or take -servers inprocess$`},
		{"asked for, mute", servers.Docker, mute, `^setup error: .+ deadline exceeded; start Docker .+ or take -servers inprocess$`},
		{"asked for, no Go", servers.Docker, "PATH=/nonexistent", `^setup error: .+ "go": .+; install Go.+ or take -servers inprocess$`},
		{"auto, absent", servers.Auto, absent, `^servers: in-process, because Docker was of no use: .+$`},
		{"auto, no Go", servers.Auto, "PATH=/nonexistent", `^servers: in-process, because Docker was of no use: .+$`},
		{"in-process, absent", servers.InProcess, absent, `^servers: in-process, as asked$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.HasPrefix(c.env, "PATH=") {
				start(t, servers.Docker) // skipped where Docker is what is missing
			}
			t.Parallel()
			if got := startRig(t, c.kind, c.env).line(t); !regexp.MustCompile(c.want).MatchString(got) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// muteSocket accepts connections and says nothing.
func muteSocket(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "mute.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return path // the kernel accepts up to the backlog by itself
}

func TestParseKind(t *testing.T) {
	for _, s := range []string{"docker", "inprocess", "auto"} {
		if k, err := servers.ParseKind(s); err != nil || string(k) != s {
			t.Errorf("%q: %q, %v", s, k, err)
		}
	}
	if _, err := servers.ParseKind("dokcer"); err == nil || !strings.Contains(err.Error(), `"dokcer"`) {
		t.Errorf("dokcer: %v", err)
	}
}

func BenchmarkOpenClose(b *testing.B) {
	for _, kind := range []servers.Kind{servers.InProcess, servers.Docker} {
		b.Run(string(kind), func(b *testing.B) {
			s, p := start(b, kind), newIdentity(b).presentation()
			for b.Loop() {
				closeEndpoint(b, open(b, s, p), 0)
			}
		})
	}
}

// BenchmarkConnection opens an endpoint, makes one connection that exchanges
// lines, and closes the endpoint.
func BenchmarkConnection(b *testing.B) {
	for _, kind := range []servers.Kind{servers.InProcess, servers.Docker} {
		b.Run(string(kind), func(b *testing.B) {
			s, id := start(b, kind), newIdentity(b)
			p := id.presentation()
			for b.Loop() {
				ep := open(b, s, p)
				exchange(b, ep.Addr().String(), id)
				closeEndpoint(b, ep, 1)
			}
		})
	}
}
