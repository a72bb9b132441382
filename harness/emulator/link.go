package emulator

import (
	"fmt"
	"os"
	"path/filepath"
)

// setLink makes path a symbolic link to target, in place of one that is there.
// Anything else that is there stays, and is an error.
func setLink(path, target string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&os.ModeSymlink == 0 {
		return fmt.Errorf("linking the port: %s exists and is no symbolic link; choose another name or remove it", path)
	}
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), os.Getpid()))
	_ = os.Remove(temp) // of a killed process that had our number
	if err := os.Symlink(target, temp); err != nil {
		return fmt.Errorf("linking the port: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("linking the port: %w", err)
	}
	return nil
}

// removeLink removes the link, if it is still this one.
func removeLink(path, target string) error {
	if now, err := os.Readlink(path); err != nil || now != target {
		return nil
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("removing the port's link: %w", err)
	}
	return nil
}
