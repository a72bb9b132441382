package firmware

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/semver"
)

//go:embed advisories.yaml
var advisories []byte

// An Advisory names insecurities that are known.
type Advisory struct {
	Name string `yaml:"name"`
	// Known is an advisory's number or a public issue's address, or
	// "unreported"; then Report is what its finders would write.
	Known  string `yaml:"known"`
	Report string `yaml:"report"`
	// MbedTLS holds the versions in which it is so, first and last included.
	MbedTLS struct {
		First string `yaml:"first"`
		Last  string `yaml:"last"`
	} `yaml:"mbedtls"`
	Scenarios []string `yaml:"scenarios"` // patterns of path.Match
	Review    Day      `yaml:"review"`
}

// A Day is a date without a time, in UTC.
type Day struct{ time.Time }

// UnmarshalYAML reads a date as YAML writes it, 2027-05-31.
func (d *Day) UnmarshalYAML(n *yaml.Node) error {
	t, err := time.Parse(time.DateOnly, n.Value)
	d.Time = t
	return err
}

// Advisories returns the advisories of firmware/advisories.yaml.
func Advisories() ([]Advisory, error) {
	list, err := parseAdvisories(advisories)
	if err != nil {
		return nil, fmt.Errorf("firmware/advisories.yaml: %w", err)
	}
	return list, nil
}

func parseAdvisories(data []byte) ([]Advisory, error) {
	var nodes []yaml.Node
	if err := yaml.Unmarshal(data, &nodes); err != nil {
		return nil, err
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	var list []Advisory
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	for i, a := range list {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", nodes[i].Line, err)
		}
		if seen[a.Name] {
			return nil, fmt.Errorf("line %d: advisory %s is there twice", nodes[i].Line, a.Name)
		}
		seen[a.Name] = true
	}
	return list, nil
}

func (a Advisory) check() error {
	first, last := "v"+a.MbedTLS.First, "v"+a.MbedTLS.Last
	switch {
	case a.Name == "":
		return errors.New("an advisory without a name")
	case a.Known == "":
		return fmt.Errorf("advisory %s: known is empty; say unreported where nothing is published", a.Name)
	case a.Known == "unreported" && strings.TrimSpace(a.Report) == "":
		return fmt.Errorf("advisory %s is unreported and has no report", a.Name)
	case !semver.IsValid(first) || !semver.IsValid(last) || semver.Compare(first, last) > 0:
		return fmt.Errorf("advisory %s: mbedtls from %q to %q is no range of versions", a.Name, a.MbedTLS.First, a.MbedTLS.Last)
	case len(a.Scenarios) == 0:
		return fmt.Errorf("advisory %s names no scenario", a.Name)
	case a.Review.IsZero():
		return fmt.Errorf("advisory %s has no review date", a.Name)
	}
	for _, p := range a.Scenarios {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("advisory %s: scenario %q: %w", a.Name, p, err)
		}
	}
	return nil
}

// Names reports whether the advisory names what the scenario finds on
// firmware with this version of mbedTLS.
func (a Advisory) Names(scenario, mbedtls string) bool {
	v := "v" + strings.TrimPrefix(mbedtls, "Mbed TLS ")
	if !semver.IsValid(v) || semver.Compare(v, "v"+a.MbedTLS.First) < 0 || semver.Compare(v, "v"+a.MbedTLS.Last) > 0 {
		return false
	}
	for _, p := range a.Scenarios {
		if ok, _ := path.Match(p, scenario); ok {
			return true
		}
	}
	return false
}

// Due reports whether the advisory must be looked at again on a day.
func (a Advisory) Due(day time.Time) bool { return day.After(a.Review.AddDate(0, 0, 1)) }
