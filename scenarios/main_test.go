package scenarios

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// options are the flags of go test ./scenarios, beside Go's own.
var options Options

func TestMain(m *testing.M) {
	options.Register(flag.CommandLine)
	flag.Parse()
	options.Say = func(line string) { fmt.Fprintln(os.Stderr, "trustrig: "+line) }
	if err := checkRun(flag.Lookup("test.run").Value.String(), testNames(m)); err != nil {
		fmt.Fprintf(os.Stderr, "trustrig: error: %v\n", err)
		os.Exit(2)
	}
	var err error
	if options.Report, err = fromModuleRoot(options.Report); err != nil {
		fmt.Fprintf(os.Stderr, "trustrig: error: %v\n", err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// checkRun refuses a -run whose first element matches no test, which Go would
// report as green.
func checkRun(run string, names []string) error {
	// As the testing package does: alternatives, then elements.
	for _, alternative := range split(run, '|') {
		first := split(alternative, '/')[0]
		re, err := regexp.Compile(first)
		if err != nil {
			return fmt.Errorf("-run %q: %w", run, err)
		}
		for _, name := range names {
			if re.MatchString(name) {
				return nil
			}
		}
	}
	return fmt.Errorf("-run %q matches no test: for scenarios say -run /REGEXP; the tests are %s", run, strings.Join(names, ", "))
}

// split cuts a -run pattern where the testing package does: at separators that
// are in no bracket.
func split(pattern string, at byte) []string {
	var parts []string
	depth, from := 0, 0
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == at && depth == 0:
			parts, from = append(parts, pattern[from:i]), i+1
		}
	}
	return append(parts, pattern[from:])
}

// testNames reads what the testing package does not tell. Were its field
// called otherwise one day, TestTestNames fails.
func testNames(m *testing.M) []string {
	var names []string
	tests := reflect.ValueOf(m).Elem().FieldByName("tests")
	if !tests.IsValid() {
		return nil
	}
	for i := range tests.Len() {
		names = append(names, tests.Index(i).FieldByName("Name").String())
	}
	return names
}

// fromModuleRoot makes a relative path one from the folder of go.mod, for go
// test runs in the package's.
func fromModuleRoot(path string) (string, error) {
	if path == "" || filepath.IsAbs(path) {
		return path, nil
	}
	root, err := moduleRoot()
	return filepath.Join(root, path), err
}

func TestCheckRun(t *testing.T) {
	names := []string{"TestCatalogue", "TestOracles"}
	for run, good := range map[string]bool{
		"": true, "TestCatalogue": true, "/expired": true, "^TestCatalogue$/expired": true,
		"TestCatalog": true, "Nothing|Oracles": true, "^(TestNothing|TestOracles)$": true, "^(TestNothing|TestNobody)$": false,
		"expired": false, "TestCatalogues": false, "^Catalogue": false, "(": false,
	} {
		if err := checkRun(run, names); (err == nil) != good {
			t.Errorf("checkRun(%q) = %v", run, err)
		}
	}
}
