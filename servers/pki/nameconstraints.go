package pki

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"

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
			if critical && row.must == harness.Rejected { // unreadable for a device that does not know it
				f.also = append(f.also[:len(f.also):len(f.also)], harness.Malformed)
				f.fatal, f.neighbour = true, "constraint-"+strings.Replace(row.name, "violated", "kept", 1)
			}
			faults = append(faults, f)
		}
	}
	return faults
}

func constrain(c *x509.Certificate, critical bool, permitted, excluded []string) {
	c.PermittedDNSDomainsCritical = critical
	c.PermittedDNSDomains, c.ExcludedDNSDomains = permitted, excluded
}
