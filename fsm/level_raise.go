package fsm

// KnownLevel is the highest feature level this binary can apply.
const KnownLevel = 1

// LevelRaise lifts the feature level once every server knows it. New kinds and
// changed meanings may be proposed only from their level on.
type LevelRaise struct{ Level uint64 }

func (*LevelRaise) kind() Kind        { return kindLevelRaise }
func (*LevelRaise) cluster()          {}
func (r *LevelRaise) fields(c *coder) { c.u64(&r.Level) }
func (*LevelRaise) Validate() error   { return nil }

func (*LevelRaise) access(*State, *Actor) Access { return Access{} }

func (r *LevelRaise) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if r.Level > KnownLevel {
		// Committed although this binary was never asked: it must not go on.
		panic("fsm: feature level above what this binary knows")
	}
	if r.Level <= tx.st.Level {
		return nil, invalid(LevelLower, r.Level, tx.st.Level)
	}
	tx.st.Level = r.Level
	return &Done{}, nil
}
