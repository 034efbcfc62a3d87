package http

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// The strings of a body: checked by the scanner, decoded when a handler wants
// them.

// text reads a string and checks its escapes and its UTF-8.
func (s *scanner) text() {
	s.at++ // the quote
	ascii := true
	start := s.at
	for s.at < len(s.data) {
		switch c := s.data[s.at]; {
		case c == '"':
			if !ascii && !utf8.Valid(s.data[start:s.at]) {
				s.fail("string is not valid UTF-8")
			}
			s.at++
			return
		case c == '\\':
			s.escape()
			if s.err != nil {
				return
			}
		case c < ' ':
			s.fail("string holds the control character %#02x, expected it escaped", c)
			return
		default:
			ascii = ascii && c < utf8.RuneSelf
			s.at++
		}
	}
	s.unexpected("the end of a string")
}

// escape reads an escape sequence; a surrogate has to be a pair.
func (s *scanner) escape() {
	if s.at+1 >= len(s.data) {
		s.at = len(s.data)
		s.unexpected("the end of a string")
		return
	}
	switch s.data[s.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at += 2
	case 'u':
		r, ok := hex4(s.data[s.at:])
		if !ok {
			s.unexpected(`four hexadecimal digits after \u`)
			return
		}
		if !utf16.IsSurrogate(r) {
			s.at += 6
			return
		}
		low, ok := hex4(s.data[s.at+6:])
		if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
			s.fail("unpaired surrogate in a string")
			return
		}
		s.at += 12
	default:
		s.fail("unknown escape sequence in a string")
	}
}

// hex4 reads \uXXXX at the start of b.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unquote decodes a string that has been scanned. Without escapes it is part of
// the body.
func unquote(text []byte) []byte {
	inner := text[1 : len(text)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); {
		if inner[i] != '\\' {
			out = append(out, inner[i])
			i++
			continue
		}
		switch c := inner[i+1]; c {
		case 'u':
			r, _ := hex4(inner[i:])
			i += 6
			if utf16.IsSurrogate(r) {
				low, _ := hex4(inner[i:])
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			out = utf8.AppendRune(out, r)
			continue
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		default:
			out = append(out, c)
		}
		i += 2
	}
	return out
}
