package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// CubbyholeSet writes one value of the caller's cubbyhole.
type CubbyholeSet struct {
	Path  string // below cubbyhole/
	Value []byte // sealed
}

func (*CubbyholeSet) kind() Kind { return kindCubbyholeSet }

func (w *CubbyholeSet) fields(c *coder) {
	c.string(&w.Path, MaxPathBytes)
	c.bytes(&w.Value, MaxCubbyholeValueBytes)
}

// Validate wants a path that names a value and not a folder.
func (w *CubbyholeSet) Validate() error {
	switch {
	case w.Path == "" || strings.HasSuffix(w.Path, "/"):
		return invalid(OutOfRange, "cubbyhole path", w.Path, "a name that does not end in a slash")
	case len(w.Path) > MaxPathBytes-len("cubbyhole/"):
		return invalid(TooLong, "cubbyhole path", len(w.Path), MaxPathBytes-len("cubbyhole/"))
	case len(w.Value) > MaxCubbyholeValueBytes:
		return verdict(Limit, TooLong, "cubbyhole value", len(w.Value), MaxCubbyholeValueBytes)
	}
	return nil
}

// access is create or update, as the value is new or not.
func (w *CubbyholeSet) access(s *State, a *Actor) Access {
	need := policy.Create
	if _, there := s.CubbyholeValue(a.Token.Digest, w.Path); there {
		need = policy.Update
	}
	return Access{Path: "cubbyhole/" + w.Path, Capability: need}
}

func (w *CubbyholeSet) apply(tx *Tx, a *Actor) (Result, *Error) {
	if !a.Token.HasRecord() {
		return nil, invalid(BatchCubbyhole)
	}
	token := a.Token.Digest
	_, there := tx.st.CubbyholeValue(token, w.Path)
	if n := tx.st.countCubbyhole(token, MaxCubbyholeEntries); !there && n >= MaxCubbyholeEntries {
		return nil, verdict(Limit, CubbyholeFull, n, MaxCubbyholeEntries)
	}
	putRecord(tx, &tx.st.cubbyholes, cubbyholeKey{token, w.Path}, &Cubbyhole{Token: token, Path: w.Path, Value: w.Value})
	return &Done{}, nil
}
