package waypoint

import (
	"encoding/binary"
	"math/bits"
)

// Base 58 in the alphabet of Bitcoin: a text is the bytes as one big-endian number,
// and a leading 1 is a leading zero byte, so each row of bytes has one spelling.
// The work grows with the square of the length, which is why texts are bounded
// before; ten digits at a time, which fit a word, make it short for a token.
const (
	alphabet58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	wide58     = 10
)

// digits58 is the value of each character, 255 for what is none.
var digits58 = func() (digits [256]byte) {
	for i := range digits {
		digits[i] = 255
	}
	for i := range len(alphabet58) {
		digits[alphabet58[i]] = byte(i)
	}
	return digits
}()

// powers58 is 58 to the power of the index.
var powers58 = func() (powers [wide58 + 1]uint64) {
	powers[0] = 1
	for i := 1; i < len(powers); i++ {
		powers[i] = powers[i-1] * 58
	}
	return powers
}()

// encode58 is the text of data.
func encode58(data []byte) string {
	zeros := 0
	for zeros < len(data) && data[zeros] == 0 {
		zeros++
	}
	text := make([]byte, zeros+(len(data)-zeros)*138/100+wide58) // log 256 / log 58 is 1.366
	at := len(text)
	for number := words(data[zeros:]); len(number) > 0; {
		var rest uint64
		for i, word := range number {
			number[i], rest = bits.Div64(rest, word, powers58[wide58])
		}
		for len(number) > 0 && number[0] == 0 {
			number = number[1:]
		}
		for n := 0; n < wide58 && (rest > 0 || len(number) > 0); n++ {
			at--
			text[at] = alphabet58[rest%58]
			rest /= 58
		}
	}
	for range zeros {
		at--
		text[at] = alphabet58[0]
	}
	return string(text[at:])
}

// words is a big-endian number in words, the highest first and not zero.
func words(data []byte) []uint64 {
	number := make([]uint64, 0, len(data)/8+1)
	if n := len(data) % 8; n > 0 {
		var word uint64
		for _, b := range data[:n] {
			word = word<<8 | uint64(b)
		}
		number, data = append(number, word), data[n:]
	}
	for ; len(data) > 0; data = data[8:] {
		number = append(number, binary.BigEndian.Uint64(data))
	}
	return number
}

// decode58 is the strict inverse of encode58.
func decode58(text string) ([]byte, bool) {
	zeros := 0
	for zeros < len(text) && text[zeros] == alphabet58[0] {
		zeros++
	}
	var room [64]uint64 // of a usual token, without an allocation
	number := room[:0]  // the lowest word first
	for rest := text[zeros:]; len(rest) > 0; {
		n := min(len(rest), wide58)
		var carry uint64
		for i := range n {
			digit := digits58[rest[i]]
			if digit == 255 {
				return nil, false
			}
			carry = carry*58 + uint64(digit)
		}
		for i, word := range number {
			high, low := bits.Mul64(word, powers58[n])
			low, over := bits.Add64(low, carry, 0)
			number[i], carry = low, high+over
		}
		if carry > 0 {
			number = append(number, carry)
		}
		rest = rest[n:]
	}
	return bigEndian(number, zeros), true
}

// bigEndian writes a number, the lowest word first, after so many zero bytes.
func bigEndian(number []uint64, zeros int) []byte {
	size := 8 * len(number)
	if size > 0 {
		size -= bits.LeadingZeros64(number[len(number)-1]) / 8
	}
	data := make([]byte, zeros+size)
	at := len(data)
	for _, word := range number {
		for n := 0; n < 8 && at > zeros; n++ {
			at--
			data[at] = byte(word)
			word >>= 8
		}
	}
	return data
}
