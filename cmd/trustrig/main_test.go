package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"trustrig/firmware/cache"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"trustrig": main})
}

// TestScripts runs the commands as a user types them: one file of
// testdata a subject.
func TestScripts(t *testing.T) {
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv(cache.Env, store.Dir())
			for _, name := range []string{"GOFLAGS", "DOCKER_HOST"} {
				if v, ok := os.LookupEnv(name); ok {
					e.Setenv(name, v)
				}
			}
			return nil
		},
	})
}
