package scenarios

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"

	"trustrig/harness"
	"trustrig/harness/emulator/board"
	"trustrig/harness/probe"
	"trustrig/scripts"
	"trustrig/servers/pki"
)

// Print writes a scenario into a folder as files that need nothing of
// trustrig: the server's chain and key for openssl s_server, the anchor and a
// script for the camera, and a README that says how to use them. A report to a
// firmware's maintainers can be made of them.
func Print(dir string, s harness.Scenario, maker *pki.Maker) error {
	if s.Behaviour != "" || len(s.ByName) > 0 || s.Stack != "go" {
		return fmt.Errorf("scenario %s is about how the server behaves, which openssl s_server does not play: it can not be printed", s.Name)
	}
	chain, err := maker.Chain(s.Recipe)
	if err != nil {
		return err
	}
	st := &stage{maker: maker}
	anchors, err := st.anchors(s, chain)
	if err != nil {
		return err
	}
	clock, _, err := (&clockSource{powerOn: board.Default().PowerOn}).clock(s.Clock, chain)
	if err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(chain.Key)
	if err != nil {
		return fmt.Errorf("encoding the server's key: %w", err)
	}
	script, err := cameraScript(s, anchors, clock)
	if err != nil {
		return err
	}
	files := []file{
		{"key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600},
		{"camera.py", script, 0o644},
		{"README.md", []byte(printedReadme(s, len(chain.Sent))), 0o644},
	}
	var rest []byte
	for i, der := range chain.Sent {
		if i == 0 {
			files = append(files, file{"leaf.pem", encodePEM(der), 0o644})
			continue
		}
		rest = append(rest, encodePEM(der)...)
	}
	if rest != nil {
		files = append(files, file{"chain.pem", rest, 0o644})
	}
	if anchors.First != nil {
		files = append(files, file{"anchor.der", anchors.First, 0o644})
	}
	if anchors.Second != nil {
		files = append(files, file{"second.der", anchors.Second, 0o644})
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("printing scenario %s: %w", s.Name, err)
	}
	for _, f := range files {
		if err := renameio.WriteFile(filepath.Join(dir, f.name), f.data, f.mode); err != nil {
			return fmt.Errorf("printing scenario %s: %w", s.Name, err)
		}
	}
	return nil
}

type file struct {
	name string
	data []byte
	mode os.FileMode
}

// cameraScript is the client's side: the manual's few lines where the scenario
// uses those, else the rig's own scripts and the call.
func cameraScript(s harness.Scenario, a harness.Anchors, clock harness.Clock) ([]byte, error) {
	if s.Client == "ssl.SSLContext" && s.Load.Via == "" && clock.Then.IsZero() {
		return []byte(manualScript(s, clock)), nil
	}
	kind, ok := probe.KindNamed(s.Client)
	if !ok {
		return nil, fmt.Errorf("no client kind is called %q", s.Client)
	}
	var b bytes.Buffer
	for _, name := range []string{"probe.py", kind.Script} {
		source, err := scripts.Source(name)
		if err != nil {
			return nil, err
		}
		b.WriteString(source)
	}
	b.WriteString(probe.StandAlone(s, a, clock, "SERVER", 8443))
	return append([]byte("SERVER = \"192.168.1.2\"  # where openssl s_server runs\n"), b.Bytes()...), nil
}

func manualScript(s harness.Scenario, clock harness.Clock) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n# %s\nimport socket\nimport ssl\n\nSERVER = \"192.168.1.2\"  # where openssl s_server runs\n\n", s.Name, s.Why)
	if !clock.Right() {
		fmt.Fprintf(&b, "from machine import RTC\n\nRTC().datetime(%s)  # UTC\n", probe.Tuple(clock.At))
	}
	if strings.HasPrefix(s.Clock, clockNTP) {
		fmt.Fprintf(&b, "import ntptime\n\nntptime.host = SERVER  # which answers on port 123 (%s)\nntptime.settime()\n", s.Clock)
	}
	fmt.Fprintf(&b, "sock = socket.socket()\nsock.connect(socket.getaddrinfo(SERVER, 8443)[0][-1])\n")
	fmt.Fprintf(&b, "ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n")
	if s.Verify != harness.CertDefault {
		fmt.Fprintf(&b, "ctx.verify_mode = ssl.%s\n", s.Verify)
	}
	if pki.Anchor(s.Anchor) != pki.None {
		fmt.Fprintf(&b, "with open(\"trustrig.ca\", \"rb\") as f:\n    ctx.load_verify_locations(cadata=f.read())\n")
	}
	fmt.Fprintf(&b, "stream = ctx.wrap_socket(sock, server_hostname=%s)\n", strconv.QuoteToASCII(s.ServerName))
	fmt.Fprintf(&b, "stream.write(b\"hello\\n\")\nprint(\"accepted:\", stream.readline())\n")
	return b.String()
}

func printedReadme(s harness.Scenario, sent int) string {
	return fmt.Sprintf(`# %s

%s

Must be %s, on the word of: %s

The server sends %d certificates. On a PC:

    %s

On the camera, with the PC's address in camera.py:

    mpremote fs cp anchor.der :trustrig.ca + run camera.py

The certificates are dated from the moment at which this was written.
`, s.Name, s.Why, s.Expect.Result, s.Expect.Source, sent, opensslServer("", sent))
}

// opensslServer is the command that presents a printed chain. With -rev it
// answers each line with the line reversed.
func opensslServer(dir string, sent int) string {
	command := "openssl s_server -accept 8443 -cert " + dir + "leaf.pem -key " + dir + "key.pem"
	if sent > 1 {
		command += " -cert_chain " + dir + "chain.pem"
	}
	return command + " -rev"
}
