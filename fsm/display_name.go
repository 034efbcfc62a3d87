package fsm

// displayNamePrefix stands before every name that a client chose, so that a
// token made through auth/token/create can not pass for a login.
const displayNamePrefix = "token-"

// displayName is the display name of a token for which a client asked for one:
// as in Vault's token store "token" when it asked for none, else the prefix and
// its text with a dash for every character that is not an ASCII letter, a digit
// or a dash, and without one dash at the end.
func displayName(asked string) string {
	if asked == "" {
		return displayNamePrefix[:len(displayNamePrefix)-1]
	}
	b := make([]byte, 0, len(displayNamePrefix)+len(asked))
	b = append(b, displayNamePrefix...)
	for _, r := range asked {
		switch {
		case '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			b = append(b, byte(r))
		default:
			b = append(b, '-')
		}
	}
	if b[len(b)-1] == '-' {
		b = b[:len(b)-1]
	}
	return string(b)
}
