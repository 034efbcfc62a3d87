package waypoint_test

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/http/waypoint"
)

func TestBase58(t *testing.T) {
	tests := []struct {
		name, text string
		data       []byte // nil: refused
	}{
		{"nothing", "", []byte{}},
		{"zero", "1", []byte{0}},
		{"zeros", "111", []byte{0, 0, 0}},
		{"zeros before", "112", []byte{0, 0, 1}},
		{"last digit", "z", []byte{57}},
		{"two digits", "21", []byte{58}},
		{"byte", "5Q", []byte{255}},
		{"words", "jpXCZedGfVQ", []byte{255, 255, 255, 255, 255, 255, 255, 255}},
		{"above a word", "jpXCZedGfVR", []byte{1, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"text", "2NEpo7TZRRrLZSi2U", []byte("Hello World!")},
		{"zero digit", "10", nil},
		{"O", "O", nil},
		{"I", "I", nil},
		{"l", "l", nil},
		{"space", " 1", nil},
		{"newline", "1\n", nil},
		{"not ASCII", "é", nil},
		{"zero byte", "\x00", nil},
	}
	for _, tt := range tests {
		data, ok := waypoint.Decode58(tt.text)
		if ok != (tt.data != nil) || ok && !bytes.Equal(data, tt.data) {
			t.Errorf("%s: %x, %v", tt.name, data, ok)
		}
		if tt.data != nil {
			if text := waypoint.Encode58(tt.data); text != tt.text {
				t.Errorf("%s: %q, want %q", tt.name, text, tt.text)
			}
		}
	}
}

// What it gives is the number that math/big makes of the same digits.
func TestBase58Number(t *testing.T) {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	rnd := rand.New(rand.NewPCG(5, 8))
	for range 2000 {
		data := make([]byte, rnd.IntN(700))
		for i := range data {
			data[i] = byte(rnd.Uint32())
		}
		clear(data[:min(len(data), rnd.IntN(3))])
		if len(data) > 20 && rnd.IntN(2) == 0 {
			clear(data[rnd.IntN(10):]) // rows of zeros inside of numbers
		}
		text := waypoint.Encode58(data)
		back, ok := waypoint.Decode58(text)
		if !ok || !bytes.Equal(back, data) {
			t.Fatalf("%x is %s is %x", data, text, back)
		}
		sum := new(big.Int)
		for _, c := range text {
			sum.Add(sum.Mul(sum, big.NewInt(58)), big.NewInt(int64(strings.IndexRune(alphabet, c))))
		}
		if sum.Cmp(new(big.Int).SetBytes(data)) != 0 {
			t.Fatalf("%x is %s, another number", data, text)
		}
	}
}

// A text and its bytes belong together both ways: nobody has two texts for a token.
func FuzzBase58(f *testing.F) {
	f.Add("", []byte{})
	f.Add("11jpXCZedGfVR", []byte{0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		text, data = text[:min(len(text), waypoint.MaxTextBytes)], data[:min(len(data), waypoint.MaxTextBytes)]
		if decoded, ok := waypoint.Decode58(text); ok && waypoint.Encode58(decoded) != text {
			t.Errorf("%q is %x is %q", text, decoded, waypoint.Encode58(decoded))
		}
		back, ok := waypoint.Decode58(waypoint.Encode58(data))
		if !ok || !bytes.Equal(back, data) {
			t.Errorf("%x is %q is %x", data, waypoint.Encode58(data), back)
		}
	})
}
