package firmware

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnviron(t *testing.T) {
	for _, tt := range []struct {
		name               string
		base, preload, set []string
		want               []string
	}{
		{name: "nothing"},
		{"kept", []string{"A=1", "B="}, nil, nil, []string{"A=1", "B="}},
		{"set", []string{"A=1", "B=2"}, nil, []string{"A=3", "C=4=5"}, []string{"B=2", "A=3", "C=4=5"}},
		{"set twice, the last counts", nil, nil, []string{"A=1", "A=2"}, []string{"A=2"}},
		{"a longer name is another", []string{"AB=1"}, nil, []string{"A=2"}, []string{"AB=1", "A=2"}},
		{"preloaded", []string{"A=1"}, []string{"/x.so", "/y.so"}, nil, []string{"A=1", "LD_PRELOAD=/x.so:/y.so"}},
		{"the caller's stays in front", []string{"LD_PRELOAD=/mine.so"}, []string{"/x.so"}, nil, []string{"LD_PRELOAD=/mine.so:/x.so"}},
		{"split at spaces too, none twice", []string{"LD_PRELOAD=/x.so /mine.so"}, []string{"/x.so", "/y.so"}, nil, []string{"LD_PRELOAD=/x.so:/mine.so:/y.so"}},
		{"none added", []string{"LD_PRELOAD=/mine.so"}, nil, []string{"A=1"}, []string{"A=1", "LD_PRELOAD=/mine.so"}},
		{"set over the caller's", []string{"LD_PRELOAD=/mine.so"}, []string{"/x.so"}, []string{"LD_PRELOAD="}, []string{"LD_PRELOAD=/x.so"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := append([]string(nil), tt.base...)
			got, err := Environ(tt.base, tt.preload, tt.set...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(base, tt.base); diff != "" {
				t.Errorf("the argument changed: %s", diff)
			}
		})
	}
	for _, lib := range []string{"", "/a b.so", "/a:b.so"} {
		if env, err := Environ(nil, []string{lib}); err == nil || !strings.Contains(err.Error(), "LD_PRELOAD") {
			t.Errorf("preloading %q gives %q, %v", lib, env, err)
		}
	}
}
