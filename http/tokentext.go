package http

import (
	"hash/crc32"
	"strings"
)

// The text of a token: a prefix that says its kind, random base62 characters,
// and six base62 characters of the CRC-32 (IEEE) of all that, most significant
// first. One double click selects it, scanners find it without false hits, and
// a mistyped one is refused before any lookup.
//
//	jts_ 28 random characters (166 bits)  6 checksum   service token
//	jtw_ 28 random characters             6 checksum   wrapping token
//	jtb_ the sealed token                 6 checksum   batch token
//
// Any other text is foreign: a token whose id was chosen by root.
const (
	tokenPrefix    = "jt" // then the kind and an underscore
	prefixService  = "jts_"
	prefixWrapping = "jtw_"

	prefixBytes   = 4
	randomChars   = 28
	checksumChars = 6
	serviceBytes  = prefixBytes + randomChars + checksumChars
	accessorChars = 24
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

type tokenKind uint8

const (
	kindForeign tokenKind = iota
	kindService
	kindBatch
	kindWrapping
)

// newServiceToken draws the text of a service token.
func newServiceToken() string { return newToken(prefixService) }

// newWrappingToken draws the text of a wrapping token.
func newWrappingToken() string { return newToken(prefixWrapping) }

func newToken(prefix string) string {
	var b [serviceBytes]byte
	text := append(b[:0], prefix...)
	text = appendRandom62(text, randomChars)
	text = appendChecksum(text)
	return string(text)
}

// newAccessor draws an accessor.
func newAccessor() string {
	var b [accessorChars]byte
	return string(appendRandom62(b[:0], accessorChars))
}

func appendChecksum(text []byte) []byte {
	sum := crc32.ChecksumIEEE(text)
	var digits [checksumChars]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return append(text, digits[:]...)
}

// parseToken says of what kind a text is, and whether it can be a token of that
// kind: a foreign text always can, one with our prefix only if its form and
// checksum are right.
func parseToken(text string) (kind tokenKind, valid bool) {
	if len(text) < prefixBytes || !strings.HasPrefix(text, tokenPrefix) || text[3] != '_' {
		return kindForeign, true
	}
	switch text[2] {
	case 's':
		kind, valid = kindService, len(text) == serviceBytes
	case 'w':
		kind, valid = kindWrapping, len(text) == serviceBytes
	case 'b':
		kind, valid = kindBatch, len(text) > prefixBytes+checksumChars && len(text) <= maxTokenBytes
	default:
		return kindForeign, true
	}
	return kind, valid && isBase62(text[prefixBytes:]) && checksumHolds(text)
}

func checksumHolds(text string) bool {
	var b [serviceBytes]byte
	body := len(text) - checksumChars
	return string(appendChecksum(append(b[:0], text[:body]...))[body:]) == text[body:]
}

func isBase62(text string) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// plausible says whether a text can be anybody's token.
func plausible(text string) bool {
	_, valid := parseToken(text)
	return valid && len(text) <= maxTokenBytes
}
