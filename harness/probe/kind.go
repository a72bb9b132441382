package probe

// A Kind is a kind of client code that a camera runs: one script and one row.
type Kind struct {
	Name   string   // as scenarios name it
	Script string   // its file in scripts
	Needs  []string // the capabilities without which it can not run
	Fresh  bool     // whether the device is soft reset before
	ByName bool     // whether it connects by host name, where the device resolves it
}

// Kinds lists the client kinds. Beside Needs, one whose script can not be
// imported is skipped with the ImportError's text.
func Kinds() []Kind {
	return []Kind{
		{Name: "ssl.SSLContext", Script: "client_ssl.py", Needs: []string{"ssl.SSLContext"}},
		{Name: "after-soft-reset", Script: "client_ssl.py", Needs: []string{"ssl.SSLContext"}, Fresh: true},
		{Name: "short-of-memory", Script: "client_memory.py", Needs: []string{"ssl.SSLContext"}},
		{Name: "tls.SSLContext", Script: "client_tls.py", Needs: []string{"tls.SSLContext"}},
		{Name: "ssl.wrap_socket", Script: "client_wrap_socket.py", Needs: []string{"ssl.wrap_socket"}},
		{Name: "non-blocking", Script: "client_nonblocking.py", Needs: []string{"ssl.SSLContext"}},
		{Name: "asyncio", Script: "client_asyncio.py", Needs: []string{"ssl.SSLContext", "asyncio"}, ByName: true},
		{Name: "requests", Script: "client_requests.py"},
		{Name: "renegotiate", Script: "client_renegotiate.py", Needs: []string{"ssl.SSLContext"}},
		{Name: "http", Script: "client_http.py", Needs: []string{"ssl.SSLContext"}},
		{Name: "mqtt", Script: "client_mqtt.py", Needs: []string{"ssl.SSLContext"}},
		{Name: "misuse", Script: "client_misuse.py", Needs: []string{"ssl.SSLContext"}},
		{Name: "anchors", Script: "client_anchors.py", Needs: []string{"ssl.SSLContext"}},
	}
}

// KindNamed returns the kind of that name.
func KindNamed(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}
