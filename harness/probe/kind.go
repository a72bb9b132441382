package probe

// A Kind is a kind of client code that a camera runs: one script and one row.
type Kind struct {
	Name   string   // as scenarios name it
	Script string   // its file in scripts
	Needs  []string // the capabilities without which it can not run
}

// Kinds lists the client kinds.
func Kinds() []Kind {
	return []Kind{
		{Name: "ssl.SSLContext", Script: "client_ssl.py", Needs: []string{"ssl.SSLContext"}},
	}
}
