package zoo

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"trustrig/harness"
	"trustrig/servers/pki"
)

// writeAnchor writes an anchor, in PEM and beside it in DER, under its
// digest, so that chains with the same root share its files. It returns the
// PEM's.
func writeAnchor(dir string, der []byte) (string, error) {
	sum := sha256.Sum256(der)
	base := filepath.Join(dir, "anchor-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(base + ".pem"); err == nil {
		return base + ".pem", nil
	}
	return base + ".pem", writeAll(dir, certificate(filepath.Base(base), der))
}

type file struct {
	name string
	data []byte
	mode os.FileMode
}

// certificate is a certificate's two files.
func certificate(name string, der []byte) []file {
	return []file{
		{name + ".der", der, 0o644},
		{name + ".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644},
	}
}

func writeAll(dir string, files []file) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if err := renameio.WriteFile(filepath.Join(dir, f.name), f.data, f.mode); err != nil {
			return err
		}
	}
	return nil
}

// WriteChain writes a recipe's chain into a folder, each certificate and the
// server's key in PEM and DER, and a README of what it is.
func WriteChain(dir string, r pki.Recipe, c *pki.Chain) error {
	key, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		return fmt.Errorf("encoding the key of recipe %s: %w", r.Name, err)
	}
	files := []file{
		{"key.der", key, 0o600},
		{"key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600},
		{"README.md", readme(r, c), 0o644},
	}
	var chain, rest []byte
	for i, der := range c.Sent {
		name := "leaf"
		if i > 0 {
			name = fmt.Sprintf("intermediate-%d", i)
		}
		both := certificate(name, der)
		files = append(files, both...)
		chain = append(chain, both[1].data...)
		if i > 0 {
			rest = append(rest, both[1].data...)
		}
	}
	files = append(files, file{"chain.pem", chain, 0o644}, file{"intermediates.pem", rest, 0o644})
	for _, name := range anchorsOf(c) {
		files = append(files, certificate("anchor-"+string(name), c.Anchors[name])...)
	}
	if err := writeAll(dir, files); err != nil {
		return fmt.Errorf("writing the chain of recipe %s: %w", r.Name, err)
	}
	return nil
}

func anchorsOf(c *pki.Chain) []pki.Anchor {
	var names []pki.Anchor
	for name := range c.Anchors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// readme says what a chain is, and what must become of it.
func readme(r pki.Recipe, c *pki.Chain) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s", r.Name, sentence(r.Is))
	if r.Twin != "" {
		fmt.Fprintf(&b, " Without the fault it is `%s`.", r.Twin)
	}
	if r.Source != "" {
		fmt.Fprintf(&b, " Source: %s.", r.Source)
	}
	fmt.Fprintf(&b, "\n\nAll is dated from %s.\n\n## Files\n\n", c.T0.Format("2006-01-02 15:04:05 UTC"))
	fmt.Fprintf(&b, "- `leaf` and `intermediate-N`: what the server sends, in this order; `chain.pem` is all of it, `intermediates.pem` all but the leaf\n- `key`: the private key that the server holds\n")
	for _, name := range anchorsOf(c) {
		fmt.Fprintf(&b, "- `anchor-%s`: what a client may be given to trust\n", name)
	}
	extra := ""
	if len(c.Sent) > 1 {
		extra = " -cert_chain intermediates.pem"
	}
	fmt.Fprintf(&b, "\nEach is there in PEM and in DER. A server of it:\n\n    openssl s_server -accept 8443 -www -key key.pem -cert leaf.pem%s\n\n", extra)
	fmt.Fprintf(&b, "## What a correct client must do\n\n| anchor | host | time | must be | reasons | why | source |\n|---|---|---|---|---|---|---|\n")
	for _, k := range r.Cases {
		host := k.Host
		if host == "" {
			host = c.Host
		}
		at, err := c.When(k.At)
		when := at.Format("2006-01-02 15:04:05")
		if err != nil {
			when = "never"
		}
		cells := []string{string(k.Anchor), host, when, string(k.Must), reasons(k.Reasons), k.Why, k.Source}
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.Bytes()
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func reasons(all []harness.Reason) string {
	words := make([]string, len(all))
	for i, r := range all {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}
