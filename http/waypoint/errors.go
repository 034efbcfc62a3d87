package waypoint

import "fmt"

// Reason says why a token is refused. Numbers are never reused.
type Reason uint8

// The reasons, in the order in which a token is judged. Of the first two the text
// is none of these tokens, and may be another's.
const (
	NotBase58    Reason = 1
	NotMagic     Reason = 2
	BadTransport Reason = 3 // malformed: what carries body and signature
	UnknownKey   Reason = 4
	BadMAC       Reason = 5
	BadBody      Reason = 6 // malformed, though signed
	Expired      Reason = 7
	NoKind       Reason = 8 // malformed, though signed: neither a part nor a legacy flag
)

// String is the reason in words.
func (r Reason) String() string {
	switch r {
	case NotBase58, NotMagic:
		return "not a Waypoint token"
	case BadTransport, BadBody, NoKind:
		return "malformed token"
	case UnknownKey:
		return "token signed with an unknown key"
	case BadMAC:
		return "token with a wrong signature"
	case Expired:
		return "expired token"
	}
	return fmt.Sprintf("reason %d", uint8(r))
}

// Foreign says that the text is no token of this format at all.
func (r Reason) Foreign() bool { return r == NotBase58 || r == NotMagic }

// Malformed says that the token is one by its first bytes and can not be read.
func (r Reason) Malformed() bool { return r == BadTransport || r == BadBody || r == NoKind }

// Refusal is why a text is not taken. It holds nothing of the text.
type Refusal struct {
	Reason Reason
	why    string
}

func (r *Refusal) Error() string { return r.Reason.String() + ": " + r.why }

func refuse(reason Reason, format string, args ...any) error {
	return &Refusal{reason, fmt.Sprintf(format, args...)}
}
