package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// CubbyholeDelete removes one value of the caller's cubbyhole; what is not
// there is gone already.
type CubbyholeDelete struct{ Path string }

func (*CubbyholeDelete) kind() Kind        { return kindCubbyholeDelete }
func (d *CubbyholeDelete) fields(c *coder) { c.string(&d.Path, MaxPathBytes) }

// Validate bounds the path.
func (d *CubbyholeDelete) Validate() error { return checkPath("cubbyhole path", d.Path) }

func (d *CubbyholeDelete) access(*State, *Actor) Access {
	return Access{Path: "cubbyhole/" + d.Path, Capability: policy.Delete}
}

func (d *CubbyholeDelete) apply(tx *Tx, a *Actor) (Result, *Error) {
	if !a.Token.HasRecord() {
		return nil, invalid(BatchCubbyhole)
	}
	delRecord(tx, &tx.st.cubbyholes, cubbyholeKey{a.Token.Digest, d.Path})
	return &Done{}, nil
}
