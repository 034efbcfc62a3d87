package http

// Bytes in base62: each eight of them, as a big-endian number, take eleven
// characters, most significant first; what is left over takes as few as can hold
// it. A length of bytes has one length of text and each value one spelling.

// chars62 is how many characters so many bytes take: the least n with 62^n not
// below 256^bytes.
var chars62 = [...]int{0, 2, 3, 5, 6, 7, 9, 10, 11}

// bytes62 is the inverse; -1: no number of bytes takes so many.
var bytes62 = [...]int{0, -1, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8}

const (
	block62 = 8
	wide62  = 11
)

// size62 is how many characters n bytes take.
func size62(n int) int { return n/block62*wide62 + chars62[n%block62] }

// append62 appends data in base62.
func append62(text, data []byte) []byte {
	for len(data) > 0 {
		n := min(len(data), block62)
		var v uint64
		for _, b := range data[:n] {
			v = v<<8 | uint64(b)
		}
		at := len(text)
		for range chars62[n] {
			text = append(text, 0)
		}
		for i := len(text) - 1; i >= at; i-- {
			text[i] = base62[v%62]
			v /= 62
		}
		data = data[n:]
	}
	return text
}

// parse62 is the strict inverse of append62.
func parse62(text string) ([]byte, bool) {
	data := make([]byte, 0, len(text)/wide62*block62+block62)
	for len(text) > 0 {
		chars := min(len(text), wide62)
		n := bytes62[chars]
		if n < 0 {
			return nil, false
		}
		var v uint64
		for i := range chars {
			d := value62(text[i])
			// Eleven characters hold more than eight bytes do.
			if d > 61 || v > (1<<64-1-d)/62 {
				return nil, false
			}
			v = v*62 + d
		}
		if n < block62 && v>>(8*n) != 0 {
			return nil, false
		}
		for i := n - 1; i >= 0; i-- {
			data = append(data, byte(v>>(8*i)))
		}
		text = text[chars:]
	}
	return data, true
}

// value62 is the value of a digit, above 61 for what is none.
func value62(c byte) uint64 {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0')
	case c >= 'A' && c <= 'Z':
		return uint64(c-'A') + 10
	case c >= 'a' && c <= 'z':
		return uint64(c-'a') + 36
	}
	return 62
}
