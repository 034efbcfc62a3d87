package fsm

// The reasons, append-only. Wordings follow Vault's where clients show them.
const (
	PermissionDenied   Reason = 1
	BadToken           Reason = 2
	NotInitialized     Reason = 3
	AlreadyInitialized Reason = 4
	SessionUnknown     Reason = 5
	RequestForgotten   Reason = 6
	KeyReused          Reason = 7
	TooManyKeys        Reason = 8
	PolicyMoved        Reason = 9
	OutOfRange         Reason = 10
	TooLong            Reason = 11
	WrapTTLRefused     Reason = 12
	TooManySessions    Reason = 13
	CounterFull        Reason = 14
	EpochMoved         Reason = 15

	TokenUnknown    Reason = 20
	AccessorUnknown Reason = 21
	TokenExists     Reason = 22
	TokenBuried     Reason = 23
	TreeTooDeep     Reason = 24
	SudoRequired    Reason = 25
	TooManyMarks    Reason = 26
	MissingToken    Reason = 27
	MissingAccessor Reason = 28
	AccessorTainted Reason = 29
	PrefixEmpty     Reason = 30
	MissingLease    Reason = 31

	PolicyUnknown     Reason = 60
	PolicyImmutable   Reason = 61
	PolicyUndeletable Reason = 62
	PolicyNameBad     Reason = 63
	CubbyholeFull     Reason = 64
	LevelLower        Reason = 65
	LevelUnknown      Reason = 66
)

var reasonTexts = map[Reason]string{
	PermissionDenied:   "permission denied",
	BadToken:           "bad token",
	NotInitialized:     "cluster is not initialized",
	AlreadyInitialized: "cluster is already initialized",
	SessionUnknown:     "request session is not registered",
	RequestForgotten:   "request id may have been answered before and forgotten",
	KeyReused:          "idempotency key was used with another request",
	TooManyKeys:        "too many idempotency keys in use",
	PolicyMoved:        "policies changed while the request was checked",
	OutOfRange:         "{} is {}, expected {}",
	TooLong:            "{} has {}, at most {} are allowed",
	WrapTTLRefused:     "permission denied: response wrapping ttl outside what policy allows",
	TooManySessions:    "too many node sessions",
	CounterFull:        "too many unanswered requests",
	EpochMoved:         "state was restored while the request was on its way",

	TokenUnknown:    "token not found",
	AccessorUnknown: "invalid accessor",
	TokenExists:     "cannot create a token with a duplicate ID",
	TokenBuried:     "cannot create a token with the ID of a token that was revoked",
	TreeTooDeep:     "token tree is {} deep, at most {} are allowed",
	SudoRequired:    "root or sudo privileges required to {}",
	TooManyMarks:    "too many revocations by prefix are still being swept",
	MissingToken:    "missing token",
	MissingAccessor: "missing accessor",
	AccessorTainted: "token of this accessor is already revoked",
	PrefixEmpty:     "prefix is empty",
	MissingLease:    "lease_id must be specified",

	PolicyUnknown:     "policy {} not found",
	PolicyImmutable:   "cannot update \"{}\" policy",
	PolicyUndeletable: "cannot delete \"{}\" policy",
	PolicyNameBad:     "policy name is {}, expected {}",
	CubbyholeFull:     "cubbyhole holds {} values, at most {} are allowed",
	LevelLower:        "level {} is not above the current level {}",
	LevelUnknown:      "level {} is not known",
}
