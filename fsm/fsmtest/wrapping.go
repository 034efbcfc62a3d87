package fsmtest

import (
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Wrap makes the wrapping token of a name, for a minute. It holds the name.
func Wrap(name string, changes ...func(*fsm.Wrap)) *fsm.Wrap {
	c := &fsm.Wrap{
		Token: Digest(name), Accessor: Accessor(name), Path: "cubbyhole/a", TTL: time.Minute, Box: []byte(name),
	}
	for _, change := range changes {
		change(c)
	}
	return c
}

// Unwrap is the unwrapping of the token of a name by another.
func Unwrap(name string) *fsm.Unwrap { return &fsm.Unwrap{Token: Digest(name)} }

// Rewrap moves what the token of a name holds into a new one, which holds its
// own name.
func Rewrap(old, name string) *fsm.Rewrap {
	return &fsm.Rewrap{Old: Digest(old), Token: Digest(name), Accessor: Accessor(name), Box: []byte(name)}
}
