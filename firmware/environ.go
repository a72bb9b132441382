package firmware

import (
	"fmt"
	"slices"
	"strings"
)

// Environ composes the environment of a firmware's process: base with the
// variables of set ("NAME=VALUE") in place of those of the same name, and with
// the libraries preload added to LD_PRELOAD. Libraries that base already
// preloads stay, in front, so that the user's own come first in the search for
// a function. None is listed twice.
//
// LD_PRELOAD is split at spaces and colons and knows no escape (ld.so(8)), so
// a library whose path holds one is an error.
func Environ(base, preload []string, set ...string) ([]string, error) {
	value := func(env []string, name string) (string, bool) {
		for _, kv := range slices.Backward(env) {
			if v, ok := strings.CutPrefix(kv, name+"="); ok {
				return v, true
			}
		}
		return "", false
	}
	list, there := value(base, "LD_PRELOAD")
	if v, ok := value(set, "LD_PRELOAD"); ok {
		list, there = v, true
	}
	libs := strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ':' })
	for _, lib := range preload {
		if lib == "" || strings.ContainsAny(lib, " :") {
			return nil, fmt.Errorf("preloading %q: LD_PRELOAD can not hold a path with a space or colon", lib)
		}
		if !slices.Contains(libs, lib) {
			libs = append(libs, lib)
		}
	}
	var env []string
	for _, kv := range append(slices.Clone(base), set...) {
		name, _, _ := strings.Cut(kv, "=")
		if name == "LD_PRELOAD" {
			continue
		}
		env = slices.DeleteFunc(env, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		env = append(env, kv)
	}
	if there || len(libs) > 0 {
		env = append(env, "LD_PRELOAD="+strings.Join(libs, ":"))
	}
	return env, nil
}
