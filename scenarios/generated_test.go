package scenarios

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"trustrig/harness"
	"trustrig/scenarios/hostname"
	"trustrig/servers"
	"trustrig/servers/pki"
)

// A matcher is a client whose comparison of names is its own, and all else is
// crypto/tls's.
type matcher func(pattern, host string) bool

var errName = errors.New("the certificate is for another name")

func (m matcher) Probe(ctx context.Context, s harness.Scenario, t harness.Target) (harness.Outcome, error) {
	dialer := tls.Dialer{Config: &tls.Config{
		ServerName: s.ServerName, InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12,
		VerifyConnection: func(c tls.ConnectionState) error {
			if slices.ContainsFunc(c.PeerCertificates[0].DNSNames, func(p string) bool { return m(p, s.ServerName) }) {
				return nil
			}
			return errName
		},
	}}
	conn, err := dialer.DialContext(ctx, "tcp", t.Addr.String())
	if errors.Is(err, errName) {
		return harness.Outcome{Result: harness.Rejected, Phase: harness.PhaseHandshake, Detail: err.Error(),
			Reason: harness.NameMismatch, Reasons: []harness.Reason{harness.NameMismatch}}, nil
	}
	if err != nil {
		return harness.Outcome{}, err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, t.Nonce); err != nil {
		return harness.Outcome{}, err
	}
	reply, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return harness.Outcome{}, err
	}
	return harness.Outcome{Result: harness.Accepted, Phase: harness.PhaseDone, Reply: strings.TrimSpace(reply)}, nil
}

// TestGenerated: what compares names rightly passes, and of what does not the
// record names a pair that it takes wrongly.
func TestGenerated(t *testing.T) {
	server, err := servers.Start(t.Context(), servers.Options{Kind: servers.InProcess})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	maker := pki.New(time.Now(), nil)
	reference := func(pattern, host string) bool { return hostname.Of(pattern, host) == hostname.Yes }
	for _, tt := range []struct {
		name    string
		matches matcher
		want    harness.Verdict
		why     string
	}{
		{"reference", reference, harness.Pass, "37539 pairs of 146 names and 258 patterns in 159 connections, 129 left open"},
		{"what is open too", func(p, h string) bool { return hostname.Of(p, h) != hostname.No }, harness.Pass, "as they must be"},
		{"up to a NUL", func(p, h string) bool { p, _, _ = strings.Cut(p, "\x00"); return reference(p, h) }, harness.Insecure, `a leaf for "a\x00", asked for "a", must be rejected`},
		{"one pair of all", func(p, h string) bool { return reference(p, h) || p == "a*" && h == "a-a" }, harness.Insecure, `1 differ: a leaf for "a*", asked for "a-a", must be rejected`},
		{"two together", func(p, h string) bool { return reference(p, h) || strings.HasPrefix(p, "*") && h == "aaa" }, harness.Insecure, `1 differ: a leaf for "*`},
		{"no wildcard", func(p, h string) bool { return p == h }, harness.Broken, `3 differ: a leaf for "*.a", asked for "a.a", must be accepted`},
		{"everything", func(string, string) bool { return true }, harness.Insecure, "20 differ"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Session{stage: NewStage(maker, server), client: tt.matches}
			passed := harness.ScenarioRecord{Judgement: harness.Judgement{Verdict: harness.Pass}}
			r, err := s.generate(t.Context(), passed, generatedScenarios()[0])
			if err != nil || r.Verdict != tt.want || !strings.Contains(r.Why, tt.why) {
				t.Errorf("%v, %s: %.600s; want %s: %s", err, r.Verdict, r.Why, tt.want, tt.why)
			}
		})
	}
}
