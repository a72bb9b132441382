package emulator

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
)

// Frames of the agent, which come in between the program's output; the names
// are those of agent/trustrig_agent.py.
const (
	frameLoop     = 'L' // the exercise runs, until an interrupt; the interpreter's process number
	frameName     = 'N' // what follows is the firmware's name and version
	frameHello    = 'H' // ready; the interpreter's process number
	frameBegun    = 'B' // the program is about to run
	frameRaised   = 'E' // what follows is its traceback
	frameDone     = 'D' // ended
	frameExited   = 'X' // ended by SystemExit
	frameSynced   = 'Y' // answer to a sync command
	frameIdle     = 'i' // an interrupt hit no program
	frameReset    = 'R' // machine.reset()
	frameAgain    = 'I' // an interrupt came at a bad moment: send it again
	frameKey      = 'K' // the interrupt character, as an int32
	frameVerbatim = 'V' // what follows is not text
	frameCooked   = 'C' // what follows is text again
)

// markLen is the length of the mark that begins a frame. After it comes the
// letter and a 32-bit little-endian number.
const (
	markLen  = 16
	frameLen = markLen + 5
)

// newMark returns a mark that no program can guess. Its first byte is 0,
// which is rare in output, and the only 0 in it.
func newMark() []byte {
	mark := make([]byte, markLen)
	_, _ = rand.Read(mark) // never fails
	for i, b := range mark {
		if b == 0 {
			mark[i] = 1
		}
	}
	mark[0] = 0
	return mark
}

type frame struct {
	letter byte
	number uint32
}

// splitter parts what comes from the interpreter's process into output and
// frames.
type splitter struct {
	mark []byte
	buf  []byte
}

func (s *splitter) add(p []byte) { s.buf = append(s.buf, p...) }

// next returns the next stretch of output, valid until add, or the next frame.
// Without either it returns false, and wants more.
func (s *splitter) next() (output []byte, f frame, ok bool) {
	i := bytes.IndexByte(s.buf, 0)
	for i >= 0 && !bytes.HasPrefix(s.mark, s.buf[i:min(len(s.buf), i+markLen)]) {
		j := bytes.IndexByte(s.buf[i+1:], 0)
		if j < 0 {
			i = -1
			break
		}
		i += 1 + j
	}
	switch {
	case i < 0:
		i = len(s.buf)
	case i == 0 && len(s.buf) >= frameLen:
		f.letter = s.buf[markLen]
		f.number = binary.LittleEndian.Uint32(s.buf[markLen+1:])
		s.buf = s.buf[frameLen:]
		return nil, f, true
	}
	output, s.buf = s.buf[:i], s.buf[i:]
	return output, frame{}, len(output) > 0
}
