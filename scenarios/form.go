package scenarios

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"slices"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"trustrig/harness"
)

// anchorsFor puts a scenario's anchors into the form that it loads.
func anchorsFor(load harness.Load, first, second []byte) (harness.Anchors, error) {
	out := harness.Anchors{First: first, Second: second}
	if load.Form == "" {
		return out, nil
	}
	f, ok := forms[load.Form]
	if !ok {
		return out, fmt.Errorf("there is no form of anchors called %q", load.Form)
	}
	return f(first, second), nil
}

// forms make what is loaded from one certificate in DER, or two.
var forms = map[string]func(own, other []byte) harness.Anchors{
	"pem":            alone(encodePEM),
	"pem-crlf":       alone(func(der []byte) []byte { return bytes.ReplaceAll(encodePEM(der), []byte("\n"), []byte("\r\n")) }),
	"pem-no-newline": alone(func(der []byte) []byte { return bytes.TrimSuffix(encodePEM(der), []byte("\n")) }),
	"pem-text": alone(func(der []byte) []byte {
		return slices.Concat([]byte("subject=CN = Root X1\nissuer=CN = Root X1\n"), encodePEM(der))
	}),
	"pem-mozilla": alone(func(der []byte) []byte { return slices.Concat(mozilla(), encodePEM(der)) }),

	"empty":             alone(func([]byte) []byte { return []byte{} }),
	"truncated":         alone(func(der []byte) []byte { return der[:len(der)/2] }),
	"not-a-certificate": alone(func([]byte) []byte { return []byte("<!DOCTYPE html><title>404 Not Found</title>\n") }),
	"oversized":         alone(func(der []byte) []byte { return slices.Concat(der, make([]byte, 20000)) }),

	"der-two":        bundled(func(own, other []byte) []byte { return slices.Concat(own, other) }),
	"der-two-last":   bundled(func(own, other []byte) []byte { return slices.Concat(other, own) }),
	"pem-two":        bundled(func(own, other []byte) []byte { return slices.Concat(encodePEM(own), encodePEM(other)) }),
	"pem-two-last":   bundled(func(own, other []byte) []byte { return slices.Concat(encodePEM(other), encodePEM(own)) }),
	"pem-bad-first":  bundled(func(own, _ []byte) []byte { return slices.Concat(broken(own), encodePEM(own)) }),
	"pem-bad-middle": bundled(func(own, other []byte) []byte { return slices.Concat(encodePEM(other), broken(own), encodePEM(own)) }),
	"pem-bad-last":   bundled(func(own, _ []byte) []byte { return slices.Concat(encodePEM(own), broken(own)) }),

	// For two loads: the first as it is, then a bundle that ends broken.
	"then-pem-bad-last": func(own, other []byte) harness.Anchors {
		return harness.Anchors{First: own, Second: slices.Concat(encodePEM(other), broken(other))}
	},
}

func alone(f func(der []byte) []byte) func(own, other []byte) harness.Anchors {
	return func(own, _ []byte) harness.Anchors { return harness.Anchors{First: f(own)} }
}

// bundled makes one load of two certificates.
func bundled(f func(own, other []byte) []byte) func(own, other []byte) harness.Anchors {
	return func(own, other []byte) harness.Anchors { return harness.Anchors{First: f(own, other)} }
}

func encodePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// broken is a PEM block whose contents are no certificate.
func broken(der []byte) []byte { return encodePEM(der[:len(der)/2]) }

// mozilla is Mozilla's root programme as one PEM file.
func mozilla() []byte {
	var all []byte
	for root := range bundle.Roots() {
		all = append(all, encodePEM(root.Certificate)...)
	}
	return all
}
