package debian

import "testing"

func TestParseDSC(t *testing.T) {
	signed := "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nFormat: 3.0 (quilt)\nSource: micropython\nBinary: micropython, micropython-doc\nVersion: 1:1.25.0+ds-1\nFiles:\n 0 1 x\n-----BEGIN PGP SIGNATURE-----\nx\n"
	want := Package{Name: "micropython", Version: "1:1.25.0+ds-1", Arch: Source}
	if got, err := parseDSC(signed); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"", "Source: x\n", "Version: 1\n", "Source: ../x\nVersion: 1\n"} {
		if got, err := parseDSC(bad); err == nil {
			t.Errorf("%q gives %+v", bad, got)
		}
	}
}
