package http

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"

	"github.com/jeton-io/jeton/fsm"
)

// cursor is where a listing goes on. Nothing in it is secret and nothing in it
// gives a right: whoever shows one is judged like for the first page. Its checksum
// covers what was asked for, so that a cursor fits one question only.
//
//	version  1 byte, 1
//	pin      8 bytes, the state that the listing stands in, by the node's own number
//	index    8 bytes, the log index of that state
//	place    as many bytes as the listing needs
//	checksum 8 bytes, of SHA-256 over the question's length, the question and all of the above
type cursor struct {
	pin, index uint64
	place      []byte
}

const (
	cursorVersion  = 1
	cursorSumBytes = 8
	cursorBytes    = 1 + 8 + 8 + cursorSumBytes // without the place
	maxCursorBytes = 6 << 10                    // of text; a query holds it
)

var (
	cursorText = base64.RawURLEncoding.Strict()
	errCursor  = errors.New("is none of this listing: expected what the page before has as its cursor, with the same filter")
)

// text is the cursor as the client sees it.
func (k *cursor) text(question string) string {
	b := []byte{cursorVersion}
	b = binary.BigEndian.AppendUint64(b, k.pin)
	b = binary.BigEndian.AppendUint64(b, k.index)
	b = append(b, k.place...)
	return cursorText.EncodeToString(append(b, checksum(question, b)...))
}

// readCursor is the strict inverse of text.
func readCursor(text, question string) (k cursor, err error) {
	if len(text) > maxCursorBytes {
		return k, errCursor
	}
	b, err := cursorText.DecodeString(text)
	if err != nil || len(b) < cursorBytes || b[0] != cursorVersion {
		return k, errCursor
	}
	body, sum := b[:len(b)-cursorSumBytes], b[len(b)-cursorSumBytes:]
	if string(sum) != string(checksum(question, body)) {
		return k, errCursor
	}
	k.pin, k.index = binary.BigEndian.Uint64(body[1:]), binary.BigEndian.Uint64(body[9:])
	k.place = body[17:]
	return k, nil
}

func checksum(question string, body []byte) []byte {
	b := binary.AppendUvarint(nil, uint64(len(question)))
	b = append(append(b, question...), body...)
	sum := sha256.Sum256(b)
	return sum[:cursorSumBytes]
}

// appendPlace is a place in a listing of tokens.
func appendPlace(b []byte, p fsm.Place) []byte {
	b = binary.BigEndian.AppendUint64(b, p.Serial)
	b = binary.BigEndian.AppendUint64(b, uint64(p.At))
	return append(b, p.Path...)
}

func readPlace(b []byte) (p fsm.Place, err error) {
	if len(b) < 16 || len(b) > 16+fsm.MaxPathBytes {
		return p, errCursor
	}
	return fsm.Place{
		Serial: binary.BigEndian.Uint64(b), At: fsm.Instant(binary.BigEndian.Uint64(b[8:])), Path: string(b[16:]),
	}, nil
}

// appendWay is a place in a tree.
func appendWay(b []byte, serials []uint64) []byte {
	for _, s := range serials {
		b = binary.AppendUvarint(b, s)
	}
	return b
}

func readWay(b []byte) ([]uint64, error) {
	way := []uint64{}
	for len(b) > 0 {
		s, n := binary.Uvarint(b)
		if n <= 0 || len(way) == fsm.MaxTreeDepth {
			return nil, errCursor
		}
		way, b = append(way, s), b[n:]
	}
	return way, nil
}
