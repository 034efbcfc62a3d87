package http

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/jeton-io/jeton/fsm"
)

// The hand-written half of encoding: what the answers of the hot routes consist
// of. Every function appends one JSON value.

const hexDigits = "0123456789abcdef"

// appendString quotes s. As in encoding/json, invalid UTF-8 is replaced and
// <, > and & are escaped, so that an answer is harmless inside a page.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		ch := s[i]
		if ch < utf8.RuneSelf {
			if ch >= ' ' && ch != '"' && ch != '\\' && ch != '<' && ch != '>' && ch != '&' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			b = appendEscaped(b, ch)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
			b = append(b, s[start:i]...)
			b = append(b, `\u`...)
			b = append(b, hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
			start = i + size
		}
		i += size
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

func appendEscaped(b []byte, ch byte) []byte {
	switch ch {
	case '"', '\\':
		return append(b, '\\', ch)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[ch>>4], hexDigits[ch&15])
}

// appendStrings is a list; nil is an empty one.
func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendMeta is an object of strings, null when there is none.
func appendMeta(b []byte, meta []fsm.MetaPair) []byte {
	if len(meta) == 0 {
		return append(b, "null"...)
	}
	b = append(b, '{')
	for i, p := range meta {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, p.Key)
		b = append(b, ':')
		b = appendString(b, p.Value)
	}
	return append(b, '}')
}

// appendTime is RFC 3339 in UTC.
func appendTime(b []byte, i fsm.Instant) []byte {
	b = append(b, '"')
	b = i.Time().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendSeconds(b []byte, d time.Duration) []byte {
	return strconv.AppendInt(b, int64(d/time.Second), 10)
}
