package firmware

import (
	"embed"
	"io/fs"
)

//go:embed modules/*.py
var modules embed.FS

// Modules holds the MicroPython modules that a camera has frozen in and that
// firmware of the unix port may lack, each as NAME.py.
func Modules() fs.FS {
	sub, err := fs.Sub(modules, "modules")
	if err != nil { // only for an invalid name
		return modules
	}
	return sub
}
