package fsm

// checkName bounds a name that a request holds. What it may be made of is for
// the field's own rule.
func checkName(field, name string) *Error {
	if len(name) > MaxNameBytes {
		return invalid(OutOfRange, field+" length", len(name), "at most 256 bytes")
	}
	return nil
}

// checkPath bounds a path that a request holds.
func checkPath(field, path string) error {
	if len(path) > MaxPathBytes {
		return invalid(OutOfRange, field+" length", len(path), "at most 512 bytes")
	}
	return nil
}

// isWord says whether s is made of ASCII letters, digits, underscores, dots and
// dashes: what Vault's router takes for a name in a path.
func isWord(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isWordByte(c) && c != '.' && c != '-' {
			return false
		}
	}
	return s != ""
}

// isAlphanumeric says whether s is made of ASCII letters and digits.
func isAlphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isWordByte(c) || c == '_' {
			return false
		}
	}
	return s != ""
}

func isWordByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

// equalFold says whether two strings are the same, letter case apart. Only ASCII is
// folded: the Unicode tables change between Go releases.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
