package policy

import "time"

// Bounds. They are part of the format: Decode refuses what exceeds them, so
// lowering one would make committed entries undecodable.
const (
	// MaxTextBytes bounds the text of a policy as its author wrote it.
	MaxTextBytes = 64 << 10
	// MaxEncodedBytes bounds its canonical form, so that text and form together
	// leave 8 KiB for the rest of a command of at most 128 KiB.
	MaxEncodedBytes = 56 << 10
	// MaxRules bounds the rules of one policy.
	MaxRules = 256
	// MaxPathBytes bounds the path of a rule, without its final *.
	MaxPathBytes = 512
	// MaxParameters bounds the allowed, the denied and the required parameters
	// of a rule, each.
	MaxParameters = 128
	// MaxNameBytes bounds the name of a parameter.
	MaxNameBytes = 256
	// MaxValues bounds the values listed for one parameter.
	MaxValues = 256
	// MaxValueBytes bounds one such value in canonical form.
	MaxValueBytes = 4 << 10
	// MaxValueDepth bounds how deep lists and objects nest in a value.
	MaxValueDepth = 8
	// MaxWrapTTL bounds the wrapping TTLs: the longest TTL there is, ten years.
	MaxWrapTTL = 10 * 365 * 24 * time.Hour
)
