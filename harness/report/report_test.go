package report_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trustrig/harness"
	"trustrig/harness/report"
)

func record() *harness.RunRecord {
	scenarios := []harness.ScenarioRecord{
		{Name: "a/root/CERT_REQUIRED", Recipe: "a", Expect: harness.Expect{Result: harness.Accepted, Source: "the manual"},
			Outcome:   harness.Outcome{Result: harness.Accepted, Phase: harness.PhaseDone, Milliseconds: 4.5},
			Sighting:  &harness.Sighting{Handshake: true, Nonce: true, Version: "TLS 1.3", End: harness.EndCloseNotify},
			Judgement: harness.Judgement{Verdict: harness.Pass, Why: "accepted"}},
		{Name: "b/root/CERT_REQUIRED", Recipe: "b", Expect: harness.Expect{Result: harness.Rejected, Source: "RFC 5280"},
			Outcome:   harness.Outcome{Result: harness.Accepted, Phase: harness.PhaseDone},
			Sighting:  &harness.Sighting{Handshake: true, Nonce: true},
			Controls:  []harness.Control{{Name: "a/root/CERT_REQUIRED", Shows: "it is <good>", Verdict: harness.Pass, Why: "accepted"}},
			Judgement: harness.Judgement{Verdict: harness.Insecure, Why: "accepted a server that it must reject"}},
		{Name: "c/root/CERT_REQUIRED", Recipe: "c", Judgement: harness.Judgement{Verdict: harness.Inconclusive, Why: "the device is gone"}},
		{Name: "d/root/CERT_REQUIRED", Recipe: "d", Outcome: harness.Outcome{Missing: "vfs.VfsRom"}, Judgement: harness.Judgement{Verdict: harness.Skipped, Why: "lacks it"}},
	}
	start := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	return &harness.RunRecord{Schema: harness.Schema, Started: start, Ended: start.Add(time.Second), T0: start,
		Device:    harness.DeviceRecord{Name: "debian", Kind: "emulated"},
		Scenarios: scenarios, Totals: harness.Total(scenarios)}
}

func TestWriteRead(t *testing.T) {
	dir := t.TempDir()
	want := record()
	if err := report.Prepare(dir); err != nil {
		t.Fatal(err)
	}
	if err := report.Write(dir, want); err != nil {
		t.Fatal(err)
	}
	got, err := report.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a record changes by being written and read (-want +got):\n%s", diff)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 {
		t.Errorf("the folder holds %v, want run.json and junit.xml and no leftover", entries)
	}
}

func TestReadRefusesAnotherSchema(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run.json"), []byte(`{"schema":99}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := report.Read(dir); err == nil || !strings.Contains(err.Error(), "schema 99") {
		t.Errorf("Read = %v, want an error that names schema 99", err)
	}
}

func TestPrepareUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Join(file, "out"), "/proc/trustrig"} {
		if err := report.Prepare(dir); err == nil {
			t.Errorf("Prepare(%s) succeeded", dir)
		}
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := report.JUnit(&b, record()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Name    string `xml:"name,attr"`
				Failure string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	s := got.Suite
	if s.Tests != 4 || s.Failures != 1 || s.Errors != 1 || s.Skipped != 1 {
		t.Errorf("tests %d, failures %d, errors %d, skipped %d; want 4, 1, 1, 1", s.Tests, s.Failures, s.Errors, s.Skipped)
	}
	if !strings.Contains(s.Cases[1].Failure, "control:  a/root/CERT_REQUIRED: pass") {
		t.Errorf("the failure does not show its control:\n%s", s.Cases[1].Failure)
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := report.Table(&b, record()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"pass          a/root/CERT_REQUIRED  accepted",
		"insecure b/root/CERT_REQUIRED: accepted a server that it must reject",
		"lacks vfs.VfsRom",
		"4 scenarios: 1 pass, 1 skipped, 1 inconclusive, 1 insecure",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
}
