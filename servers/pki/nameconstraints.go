package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"time"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"trustrig/harness"
)

// Faults of name constraints (RFC 5280 sections 4.2.1.10 and 6.1.3(b), (c)):
// the intermediate may issue for some names only. Applications must know this
// extension (section 4.2), critical or not.

// outOfBounds is what a device may give for a leaf that its issuer had no
// right to; there is no word of its own for it.
var outOfBounds = []harness.Reason{harness.NotTrusted, harness.NameMismatch, harness.OtherReason}

func constraintFaults() []fault {
	var faults []fault
	for _, critical := range []bool{true, false} {
		for _, row := range []struct {
			name, is            string
			permitted, excluded []string
			must                harness.Result
		}{
			{"permitted-kept", "permits example.com, under which the leaf's name is", []string{"example.com"}, nil, harness.Accepted},
			{"permitted-violated", "permits example.net alone, and the leaf's name is not under it", []string{"example.net"}, nil, harness.Rejected},
			{"excluded-kept", "excludes example.net, under which the leaf's name is not", nil, []string{"example.net"}, harness.Accepted},
			{"excluded-violated", "excludes example.com, under which the leaf's name is", nil, []string{"example.com"}, harness.Rejected},
		} {
			mark, word := "", "not critical"
			if critical {
				mark, word = "critical-", "critical"
			}
			f := fault{name: "constraint-" + mark + row.name,
				is:     fmt.Sprintf("the intermediate's nameConstraints, %s, %s", word, row.is),
				source: "RFC 5280 4.2.1.10, 6.1.3(b)", must: row.must, differs: []string{"intermediate/nameConstraints"},
				change: onIntermediate(func(c *cert, _ time.Time) { constrain(&c.template, critical, row.permitted, row.excluded) })}
			if row.must == harness.Rejected {
				f.also = outOfBounds
			}
			if critical { // a device may refuse what it does not know, kept or not
				f.also = append(f.also[:len(f.also):len(f.also)], harness.Malformed)
				f.fatal, f.neighbour = true, "constraint-"+strings.Replace(row.name, "violated", "kept", 1)
			}
			if critical && row.must == harness.Accepted {
				f.must, f.source = harness.Either, "RFC 5280 4.2.1.10"
			}
			faults = append(faults, f)
		}
	}
	return append(faults, moreConstraints...)
}

// moreConstraints are of other forms than a DNS name's. The leaf's subject is
// its common name alone.
var moreConstraints = []fault{
	{name: "constraint-critical-directory-kept", is: "the intermediate's nameConstraints, critical, permits the leaf's directoryName",
		source: "RFC 5280 4.2.1.10", must: harness.Either, also: append([]harness.Reason{harness.Malformed}, outOfBounds...), fatal: true, neighbour: "constraint-permitted-kept",
		differs: []string{"intermediate/nameConstraints"}, change: onIntermediate(encoded(addExtension(subtrees(0, directoryName(pkix.Name{CommonName: host})))))},
	{name: "constraint-critical-directory-violated", is: "the intermediate's nameConstraints, critical, excludes the leaf's directoryName",
		source: "RFC 5280 4.2.1.10, 6.1.3(c)", also: append([]harness.Reason{harness.Malformed}, outOfBounds...), fatal: true, neighbour: "constraint-excluded-kept",
		differs: []string{"intermediate/nameConstraints"}, change: onIntermediate(encoded(addExtension(subtrees(1, directoryName(pkix.Name{CommonName: host})))))},
	{name: "constraint-minimum", is: "the intermediate's nameConstraints, critical, permits names from five labels below example.com on, where the leaf's is not",
		source: "RFC 5280 4.2.1.10", also: append([]harness.Reason{harness.Malformed}, outOfBounds...), fatal: true, neighbour: "constraint-permitted-kept",
		differs: []string{"intermediate/nameConstraints"},
		change: onIntermediate(encoded(addExtension(subtrees(0, dns("example.com"),
			wrap(cbasn1.Tag(0).ContextSpecific(), []byte{5})))))},
}

// subtrees encodes critical nameConstraints of one subtree: tag 0 permits, tag
// 1 excludes.
func subtrees(tag uint8, subtree ...[]byte) []byte {
	list := cbasn1.Tag(tag).Constructed().ContextSpecific()
	return extension(oidNameConstraints, true, wrap(cbasn1.SEQUENCE, wrap(list, wrap(cbasn1.SEQUENCE, subtree...))))
}

func constrain(c *x509.Certificate, critical bool, permitted, excluded []string) {
	c.PermittedDNSDomainsCritical = critical
	c.PermittedDNSDomains, c.ExcludedDNSDomains = permitted, excluded
}
