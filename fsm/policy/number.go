package policy

import (
	"errors"
	"strconv"
	"strings"
)

// maxExponent bounds a number's power of ten; beyond it nothing is equal.
const maxExponent = 1 << 20

var errNumber = errors.New("not a decimal number")

// appendNumber appends the canonical decimal of a number: "0", or an optional
// minus sign, digits that neither start nor end with 0, the letter e and a power
// of ten. 5, 5.0 and 50e-1 are all 5e0. Floating point has no part in it, so
// that nodes cannot differ and long numbers are told apart.
func appendNumber(b []byte, text string) ([]byte, error) {
	mantissa, exponent, err := splitExponent(text)
	if err != nil {
		return nil, err
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return nil, errNumber
	}
	exponent -= int64(len(fraction))
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return append(b, '0'), nil
	}
	trimmed := strings.TrimRight(digits, "0")
	exponent += int64(len(digits) - len(trimmed))
	if len(trimmed) > MaxValueBytes || exponent < -maxExponent || exponent > maxExponent {
		return nil, errors.New("number out of range")
	}
	if negative {
		b = append(b, '-')
	}
	b = append(append(b, trimmed...), 'e')
	return strconv.AppendInt(b, exponent, 10), nil
}

// splitExponent cuts the power of ten off. A huge one is replaced by one that is
// still out of range whatever the length of the mantissa: zero times it is zero.
func splitExponent(text string) (mantissa string, exponent int64, err error) {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return text, 0, nil
	}
	digits := strings.TrimLeft(text[i+1:], "+-")
	if digits == "" || !allDigits(digits) || len(text)-i-1-len(digits) > 1 {
		return "", 0, errNumber
	}
	negative := text[i+1] == '-'
	const huge = 1 << 40
	exponent, err = strconv.ParseInt(digits, 10, 64)
	if err != nil || exponent > huge {
		exponent = huge
	}
	if negative {
		exponent = -exponent
	}
	return text[:i], exponent, nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
