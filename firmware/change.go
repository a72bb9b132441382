package firmware

import "io/fs"

// A Change is how an emulated camera differs from the firmware that it runs:
// libraries that stand before its own, other modules, another heap. The zero
// value changes nothing.
type Change struct {
	// Preload are shared libraries, which [Environ] puts into LD_PRELOAD.
	Preload []string
	// Env are variables ("NAME=VALUE") of the firmware's process.
	Env []string
	// Modules are in place of [Modules]; nil means those.
	Modules fs.FS
	// Heap is the size of the interpreter's heap in bytes; 0 means the
	// firmware's own.
	Heap Size
}
