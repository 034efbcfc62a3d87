package snapshot

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// Reason is why an archive is refused.
type Reason string

// The reasons. An archive that is refused for one of them does not become better
// when it is read again.
const (
	NotAnArchive Reason = "not an archive"
	Truncated    Reason = "cut off"
	Corrupt      Reason = "corrupt compression"
	BadMember    Reason = "unexpected member"
	BadMeta      Reason = "bad description"
	NewerFormat  Reason = "newer format"
	TooLarge     Reason = "too large"
	BadSum       Reason = "bad checksum"
	Trailing     Reason = "bytes after the end"
)

// Error is the refusal of an archive. Errors of the reader itself, a disk that
// fails, are none.
type Error struct {
	Reason Reason
	Detail string
}

func (e *Error) Error() string { return string(e.Reason) + ": " + e.Detail }

func refuse(r Reason, format string, args ...any) error {
	return &Error{r, fmt.Sprintf(format, args...)}
}

// refusal tells what an error in the middle of an archive says about it. what was
// being read.
func refusal(err error, what string) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return refuse(Truncated, "it ends in the middle of %s", what)
	case errors.Is(err, gzip.ErrChecksum):
		return refuse(BadSum, "the checksum of the compression is wrong")
	case errors.Is(err, gzip.ErrHeader):
		return refuse(NotAnArchive, "it does not begin like a gzip file")
	case errors.As(err, &corrupt):
		return refuse(Corrupt, "%v", corrupt)
	}
	return fmt.Errorf("read %s: %w", what, err)
}
