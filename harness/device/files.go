package device

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"trustrig/harness/repl"
)

// filesScript is the device's side of Put and Get.
const filesScript = "files.py"

const (
	// sector is what a chunk is a multiple of where memory allows: three
	// sectors of FAT, so that each write fills whole ones and base64 needs
	// no padding.
	sector   = 3 * 512
	maxChunk = 8 * sector
	minChunk = 48

	// memoryShare is the part of the free memory that one chunk may be. The
	// device holds it in the lexer's buffer, which is copied when it grows,
	// and in the compiled constant, and base64 is a third longer and then
	// decoded. The rest is for a heap in fragments.
	memoryShare = 16

	// slowest is how many bytes a second a device is expected to read from
	// its flash, digest and send.
	slowest = 2000
)

// ErrDigest says that a file came out different from what was sent.
var ErrDigest = errors.New("the file on the device has another SHA-256 than what was sent")

// Put writes a file, whole or not at all, and makes the folders that its
// absolute path needs. It reports whether it had to: a file that is there with
// the right SHA-256 is not sent again, and neither is one that a Put before
// sent and could not bring to its place.
func (d *Device) Put(ctx context.Context, path string, content []byte) (sent bool, err error) {
	sent, err = d.put(ctx, path, content)
	if err != nil {
		return sent, fileError("putting", path, err)
	}
	return sent, nil
}

func (d *Device) put(ctx context.Context, path string, content []byte) (sent bool, err error) {
	if err := checkPath(path); err != nil {
		return false, err
	}
	ctx, cancel := patient(ctx, len(content))
	defer cancel()
	if err := d.hold(ctx, filesScript); err != nil {
		return false, err
	}
	for _, encode := range []encoding{asBytes, asBase64} {
		if sent, err = d.try(ctx, path, content, encode); !garbled(err) {
			break
		}
	}
	return sent, err
}

// garbled reports whether a file came out different, or the device did not
// understand what was sent: bytes above 127 may not pass.
func garbled(err error) bool {
	raised := (*repl.Exception)(nil)
	return errors.Is(err, ErrDigest) || errors.As(err, &raised) && (raised.Class == "SyntaxError" || raised.Class == "UnicodeError")
}

// try is put in one encoding.
func (d *Device) try(ctx context.Context, path string, content []byte, encode encoding) (sent bool, err error) {
	sum := sha256.Sum256(content)
	args := fmt.Sprintf("%s,%s,%d,%q", strconv.QuoteToASCII(path), strconv.QuoteToASCII(path+".part"), len(content), hex.EncodeToString(sum[:]))
	todo, err := d.ask(ctx, "_files.begin("+args+")")
	if err != nil || todo == "same" {
		return false, err
	}
	if todo != "whole" {
		free, err := strconv.Atoi(todo)
		if err != nil {
			return false, fmt.Errorf("the device answered %.80q", todo)
		}
		if err := d.send(ctx, content, chunkSize(free), encode); err != nil {
			return true, err
		}
		sent = true
	}
	done, err := d.ask(ctx, "_files.end("+args+")")
	switch {
	case err != nil:
		return sent, err
	case done != "done":
		return sent, ErrDigest
	}
	return sent, nil
}

// chunkSize is how many bytes go in one command to a device with so much free
// memory.
func chunkSize(free int) int {
	n := min(free/memoryShare, maxChunk)
	if n >= sector {
		return n - n%sector
	}
	return max(n-n%minChunk, minChunk)
}

// send writes content into the file that begin opened. A device that lacks
// memory for a chunk gets shorter ones from there on.
//
// The chunks go by the raw REPL itself and not to a loop on the device that
// reads its input: raw-paste brings flow control, and a device that runs no
// loop can not be left in one.
func (d *Device) send(ctx context.Context, content []byte, chunk int, encode encoding) error {
	for at := 0; at < len(content); {
		n := min(chunk, len(content)-at)
		_, err := d.Exec(ctx, encode(content[at:at+n]))
		if err == nil {
			at += n
			continue
		}
		raised := (*repl.Exception)(nil)
		if !errors.As(err, &raised) || raised.Class != "MemoryError" || chunk == minChunk {
			return err
		}
		chunk = chunkSize(chunk / 2 * memoryShare)
		where, err := d.ask(ctx, "print(_files.file.tell())")
		if err != nil {
			return err
		}
		if at, err = strconv.Atoi(where); err != nil || at > len(content) {
			return fmt.Errorf("the device is at %.80q of %d bytes", where, len(content))
		}
	}
	return nil
}

// Get reads a file, and compares it with the SHA-256 that the device computes
// of it. A file that is not there is an fs.ErrNotExist.
func (d *Device) Get(ctx context.Context, path string) ([]byte, error) {
	content, err := d.get(ctx, path)
	if err != nil {
		return nil, fileError("getting", path, err)
	}
	return content, nil
}

func (d *Device) get(ctx context.Context, path string) ([]byte, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	if err := d.hold(ctx, filesScript); err != nil {
		return nil, err
	}
	quoted := strconv.QuoteToASCII(path)
	text, err := d.ask(ctx, "print(_files.size("+quoted+"))")
	if err != nil {
		return nil, err
	}
	size, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("the device answered %.80q", text)
	}
	ctx, cancel := patient(ctx, size)
	defer cancel()
	const line = sector/3*4 + len("\r\n")
	out, err := d.Run(ctx, repl.Request{Source: "_files.get(" + quoted + ")", MaxOutput: (size/sector+2)*line + sha256.Size*2})
	if err != nil {
		return nil, err
	}
	lines := bytes.Fields(out)
	if len(lines) == 0 {
		return nil, errors.New("the device sent nothing")
	}
	content := make([]byte, 0, size)
	for _, l := range lines[:len(lines)-1] {
		if content, err = base64.StdEncoding.AppendDecode(content, l); err != nil {
			return nil, fmt.Errorf("the device sent %.80q: %w", l, err)
		}
	}
	sum := sha256.Sum256(content)
	if digest := string(lines[len(lines)-1]); digest != hex.EncodeToString(sum[:]) {
		return nil, fmt.Errorf("%w: it arrived with another", ErrDigest)
	}
	return content, nil
}

// Remove removes a file. One that is not there is an fs.ErrNotExist.
func (d *Device) Remove(ctx context.Context, path string) error {
	err := checkPath(path)
	if err == nil {
		err = d.hold(ctx, filesScript)
	}
	if err == nil {
		_, err = d.Exec(ctx, "_files.remove("+strconv.QuoteToASCII(path)+")")
	}
	if err != nil {
		return fileError("removing", path, err)
	}
	return nil
}

// ask runs source and returns the word that it prints.
func (d *Device) ask(ctx context.Context, source string) (string, error) {
	out, err := d.Exec(ctx, source)
	return strings.TrimSpace(string(out)), err
}

// patient bounds work on a file of a size, where ctx does not.
func patient(ctx context.Context, size int) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, repl.DefaultLimit+time.Duration(size)*time.Second/slowest)
}

// checkPath refuses what the device would take for something else.
func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") || strings.ContainsRune(path, 0) || !utf8.ValidString(path) {
		return fmt.Errorf("%w: need an absolute path of a file", fs.ErrInvalid)
	}
	return nil
}

// fileError says what was done to which file, and gives the device's error
// numbers their meaning.
func fileError(doing, path string, err error) error {
	if raised := (*repl.Exception)(nil); errors.As(err, &raised) {
		switch n, _ := raised.Errno(); syscall.Errno(n) {
		case syscall.ENOENT:
			err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
		case syscall.EEXIST:
			err = fmt.Errorf("%w: %w", fs.ErrExist, err)
		case syscall.ENOSPC:
			err = fmt.Errorf("the device's file system is full: %w", err)
		case syscall.EROFS:
			err = fmt.Errorf("the device's file system can not be written: %w", err)
		}
	}
	return fmt.Errorf("%s %s: %w", doing, path, err)
}
