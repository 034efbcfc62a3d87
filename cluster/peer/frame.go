package peer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Kind says what a call asks for. 0 is the link's own ping.
type Kind byte

const kindPing Kind = 0

// Flags of a frame. The combinations that frameKind lists are all that exist.
const (
	flagReply  byte = 1 << 0 // answers the call of the same id
	flagError  byte = 1 << 1 // with flagReply: the body is a status, not a payload
	flagCancel byte = 1 << 2 // the caller no longer waits for this id
)

const (
	lengthBytes = 4           // the length does not count itself
	headerBytes = 1 + 1 + 8   // kind, flags, id
	waitBytes   = 4           // in requests only
	maxFrame    = 4 << 20     // largest length
	firstChunk  = 64 << 10    // what a length alone may make us allocate
	maxText     = 1 << 10     // of an error's text
	minFrame    = headerBytes // smallest length
	prefixBytes = lengthBytes + headerBytes
)

// MaxPayload is the largest payload of a call or of its answer, in bytes.
const MaxPayload = maxFrame - headerBytes - waitBytes

// errFrame is wrapped by every error about the bytes of a frame. After it the
// stream cannot be read on.
var errFrame = errors.New("malformed frame")

// frame is one decoded frame. body belongs to whoever read it.
type frame struct {
	kind  Kind
	flags byte
	id    uint64
	wait  uint32 // requests: milliseconds that the caller still waits, 0 = no limit
	body  []byte
}

func (f *frame) isRequest() bool { return f.flags == 0 }

// appendFrame appends the encoding of a frame to buf.
func appendFrame(buf []byte, f frame) []byte {
	n := headerBytes + len(f.body)
	if f.isRequest() {
		n += waitBytes
	}
	buf = binary.BigEndian.AppendUint32(buf, uint32(n))
	buf = append(buf, byte(f.kind), f.flags)
	buf = binary.BigEndian.AppendUint64(buf, f.id)
	if f.isRequest() {
		buf = binary.BigEndian.AppendUint32(buf, f.wait)
	}
	return append(buf, f.body...)
}

// readFrame reads one frame. It returns io.EOF only between frames.
func readFrame(r *bufio.Reader) (frame, error) {
	prefix, err := r.Peek(prefixBytes)
	if err != nil {
		if errors.Is(err, io.EOF) && len(prefix) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return frame{}, err
	}
	length := int(binary.BigEndian.Uint32(prefix))
	f := frame{
		kind:  Kind(prefix[lengthBytes]),
		flags: prefix[lengthBytes+1],
		id:    binary.BigEndian.Uint64(prefix[lengthBytes+2:]),
	}
	if err := f.checkHeader(length); err != nil {
		return frame{}, err
	}
	if _, err := r.Discard(prefixBytes); err != nil {
		return frame{}, err
	}
	rest := length - headerBytes
	if f.isRequest() {
		wait, err := r.Peek(waitBytes)
		if err != nil {
			return frame{}, noEOF(err)
		}
		f.wait = binary.BigEndian.Uint32(wait)
		if _, err := r.Discard(waitBytes); err != nil {
			return frame{}, err
		}
		rest -= waitBytes
	}
	f.body, err = readBody(r, rest)
	return f, err
}

// checkHeader accepts exactly what appendFrame can write, so that every frame
// has one spelling.
func (f *frame) checkHeader(length int) error {
	least := minFrame
	switch f.flags {
	case 0:
		least += waitBytes
	case flagReply, flagCancel:
	case flagReply | flagError:
		least++ // the status
	default:
		return fmt.Errorf("%w: flags %#02x", errFrame, f.flags)
	}
	most := maxFrame
	switch {
	case f.flags == flagCancel || f.kind == kindPing:
		most = least
	case f.flags&flagError != 0:
		most = least + maxText
	}
	switch {
	case length < least || length > most:
		return fmt.Errorf("%w: length %d outside %d..%d", errFrame, length, least, most)
	case f.id == 0:
		return fmt.Errorf("%w: call id 0", errFrame)
	case f.kind == kindPing && f.flags != 0 && f.flags != flagReply:
		return fmt.Errorf("%w: ping with flags %#02x", errFrame, f.flags)
	}
	return nil
}

// readBody reads n bytes into memory of their own. Beyond firstChunk it
// allocates at most twice what has arrived, whatever was announced.
func readBody(r io.Reader, n int) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	body := make([]byte, min(n, firstChunk))
	for have := 0; ; {
		if _, err := io.ReadFull(r, body[have:]); err != nil {
			return nil, noEOF(err)
		}
		have = len(body)
		if have == n {
			return body, nil
		}
		grown := make([]byte, min(n, 2*have))
		copy(grown, body)
		body = grown
	}
}

// noEOF tells an end inside a frame from an end between frames.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
