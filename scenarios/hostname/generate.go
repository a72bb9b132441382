package hostname

import "strings"

// tokens make the names: a letter, what parts labels, what stands for one,
// what ends a string in C, what may not stand at a label's end, and what
// begins an A-label.
var tokens = []string{"a", ".", "*", "\x00", "-", "xn--"}

// Patterns returns all strings of one to n tokens, each once.
func Patterns(n int) []string {
	var all []string
	last := []string{""}
	for range n {
		var next []string
		for _, s := range last {
			for _, t := range tokens {
				next = append(next, s+t)
			}
		}
		all = append(all, next...)
		last = next
	}
	return all
}

// Hosts returns those of Patterns(n) that a device can ask a server for, and
// those of one token more that are hosts' names. Left out are a name with a
// NUL, which ends a string in C, so that MicroPython asks for what stands
// before it, and one that ends in a dot, which servers refuse in SNI (RFC 6066
// section 3).
func Hosts(n int) []string {
	var hosts []string
	short := Patterns(n)
	for i, s := range Patterns(n + 1) {
		askable := !strings.Contains(s, "\x00") && !strings.HasSuffix(s, ".")
		if askable && (i < len(short) || IsHost(s)) {
			hosts = append(hosts, s)
		}
	}
	return hosts
}
