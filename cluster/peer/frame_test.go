package peer

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

func decodeOne(t testing.TB, in []byte) (frame, error) {
	t.Helper()
	return readFrame(bufio.NewReader(bytes.NewReader(in)))
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFrameExamples decodes and encodes the examples of the package comment.
func TestFrameExamples(t *testing.T) {
	for _, tt := range []struct {
		name, bytes string
		want        frame
	}{
		{
			"request", "00000010 03 00 0000000000000007 000005dc 6869",
			frame{kind: 3, id: 7, wait: 1500, body: []byte("hi")},
		},
		{
			"reply", "0000000c 03 01 0000000000000007 6f6b",
			frame{kind: 3, flags: flagReply, id: 7, body: []byte("ok")},
		},
		{
			"error", "0000000d 03 03 0000000000000007 06 6e6f",
			frame{kind: 3, flags: flagReply | flagError, id: 7, body: []byte("\x06no")},
		},
		{"cancel", "0000000a 03 04 0000000000000007", frame{kind: 3, flags: flagCancel, id: 7}},
		{"ping", "0000000e 00 00 0000000000000001 00000000", frame{id: 1}},
		{"pong", "0000000a 00 01 0000000000000001", frame{flags: flagReply, id: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := unhex(t, tt.bytes)
			if got := appendFrame(nil, tt.want); !bytes.Equal(got, want) {
				t.Errorf("encoded %x, want %x", got, want)
			}
			got, err := decodeOne(t, want)
			if err != nil {
				t.Fatal(err)
			}
			if got.kind != tt.want.kind || got.flags != tt.want.flags || got.id != tt.want.id ||
				got.wait != tt.want.wait || !bytes.Equal(got.body, tt.want.body) {
				t.Errorf("decoded %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestFrameRefused(t *testing.T) {
	for _, tt := range []struct{ name, bytes string }{
		{"length 0", "00000000 01 00 0000000000000001 00000000"},
		{"shorter than its header", "00000009 01 01 0000000000000001"},
		{"request without wait", "0000000d 01 00 0000000000000001 000000"},
		{"above 4 MiB", "00400001 01 01 0000000000000001"},
		{"largest length", "ffffffff 01 01 0000000000000001"},
		{"unknown flag", "0000000e 01 08 0000000000000001 00000000"},
		{"error without reply", "0000000b 01 02 0000000000000001 01"},
		{"error without status", "0000000a 01 03 0000000000000001"},
		{"error with a long text", "0000040c 01 03 0000000000000001"},
		{"cancel with reply", "0000000a 01 05 0000000000000001"},
		{"cancel with body", "0000000b 01 04 0000000000000001 00"},
		{"call id 0", "0000000e 01 00 0000000000000000 00000000"},
		{"ping with payload", "0000000f 00 00 0000000000000001 00000000 00"},
		{"pong with payload", "0000000b 00 01 0000000000000001 00"},
		{"ping canceled", "0000000a 00 04 0000000000000001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := decodeOne(t, unhex(t, tt.bytes)); !errors.Is(err, errFrame) {
				t.Fatalf("got %v, want %v", err, errFrame)
			}
		})
	}
}

// TestFrameCut checks that an end inside a frame is told from one between.
func TestFrameCut(t *testing.T) {
	whole := appendFrame(nil, frame{kind: 3, id: 7, wait: 9, body: []byte("payload")})
	if _, err := decodeOne(t, nil); err != io.EOF {
		t.Fatalf("no bytes: got %v, want io.EOF", err)
	}
	for n := 1; n < len(whole); n++ {
		if _, err := decodeOne(t, whole[:n]); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d of %d bytes: got %v, want io.ErrUnexpectedEOF", n, len(whole), err)
		}
	}
}

// TestAnnouncedLengthIsNotAllocated sends the header of the largest frame and
// little else.
func TestAnnouncedLengthIsNotAllocated(t *testing.T) {
	in := unhex(t, "00400000 01 01 0000000000000001")
	in = append(in, make([]byte, 1000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		if _, err := decodeOne(t, in); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(10*(firstChunk+16<<10)); got > limit {
		t.Fatalf("allocated %d bytes for 10 cut frames, want at most %d", got, limit)
	}
}

func TestLargestFrame(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), MaxPayload/16)
	body = append(body, make([]byte, MaxPayload-len(body))...)
	got, err := decodeOne(t, appendFrame(nil, frame{kind: 1, id: 1, body: body}))
	if err != nil || !bytes.Equal(got.body, body) {
		t.Fatalf("%d bytes came back as %d, %v", len(body), len(got.body), err)
	}
}

// FuzzFrames reads a whole stream: whatever is accepted must be written again
// as the very bytes that were read, and bodies must not share memory.
func FuzzFrames(f *testing.F) {
	var stream []byte
	for _, one := range []frame{
		{id: 1},
		{flags: flagReply, id: 1},
		{kind: 3, id: 7, wait: 1500, body: []byte("hi")},
		{kind: 3, flags: flagReply, id: 7, body: []byte("ok")},
		{kind: 3, flags: flagReply | flagError, id: 7, body: []byte("\x06no")},
		{kind: 3, flags: flagCancel, id: 7},
	} {
		f.Add(appendFrame(nil, one))
		stream = appendFrame(stream, one)
	}
	f.Add(stream)
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bufio.NewReader(bytes.NewReader(in))
		var out []byte
		for {
			one, err := readFrame(r)
			if err != nil {
				break
			}
			if len(one.body) > MaxPayload+waitBytes {
				t.Fatalf("body of %d bytes", len(one.body))
			}
			out = appendFrame(out, one)
		}
		if !bytes.HasPrefix(in, out) {
			t.Fatalf("two spellings: read %x, wrote %x", in, out)
		}
	})
}
