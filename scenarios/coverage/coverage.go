// Package coverage says what of RFC 5280's demands on certificates, and of
// what mbedTLS once got wrong, the catalogue breaks, and why it leaves out the
// rest.
package coverage

import (
	"bytes"
	_ "embed" // the table
	"errors"
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"trustrig/servers/pki"
)

//go:embed coverage.yaml
var table []byte

// A Row is one demand, or one advisory.
type Row struct {
	Source string   `yaml:"source" json:"source"`
	Says   string   `yaml:"says" json:"says"`
	By     []string `yaml:"by" json:"by,omitempty"`         // patterns, as the table's head says
	Waived string   `yaml:"waived" json:"waived,omitempty"` // why nothing does
}

// Rows returns the table.
func Rows() ([]Row, error) {
	rows, err := parse(table)
	if err != nil {
		return nil, fmt.Errorf("scenarios/coverage/coverage.yaml: %w", err)
	}
	return rows, nil
}

func parse(data []byte) ([]Row, error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	var rows []Row
	if err := d.Decode(&rows); err != nil {
		return nil, err
	}
	seen := make(map[[2]string]bool)
	for i, r := range rows {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if key := [2]string{r.Source, r.Says}; seen[key] {
			return nil, fmt.Errorf("entry %d: %s: %q is there twice", i+1, r.Source, r.Says)
		} else {
			seen[key] = true
		}
	}
	return rows, nil
}

func (r Row) check() error {
	switch {
	case r.Source == "" || r.Says == "":
		return errors.New("a source, and what it says, are due")
	case (len(r.By) == 0) == (r.Waived == ""):
		return fmt.Errorf("%s: %q is covered or waived, one of the two", r.Source, r.Says)
	}
	for _, p := range r.By {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("%s: %q: %w", r.Source, p, err)
		}
	}
	return nil
}

// Recipe reports whether the row's patterns name the recipe.
func (r Row) Recipe(name string) bool {
	return r.matches(false, strings.TrimSuffix(strings.TrimSuffix(name, "-ecdsa"), "-rsa"))
}

// Scenario reports whether the row's patterns name the scenario.
func (r Row) Scenario(name string) bool { return r.matches(true, name) }

func (r Row) matches(scenario bool, name string) bool {
	for _, p := range r.By {
		if ok, _ := path.Match(p, name); ok && strings.Contains(p, "/") == scenario {
			return true
		}
	}
	return false
}

// Stale returns the row's patterns that name nothing, of these recipes and
// scenarios.
func (r Row) Stale(recipes []pki.Recipe, scenarios []string) []string {
	var stale []string
	for _, p := range r.By {
		one := Row{By: []string{p}}
		found := false
		for _, recipe := range recipes {
			found = found || one.Recipe(recipe.Name)
		}
		for _, name := range scenarios {
			found = found || one.Scenario(name)
		}
		if !found {
			stale = append(stale, p)
		}
	}
	return stale
}
