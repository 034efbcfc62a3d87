package fsm

// step is the life of one command: recognise, resolve, charge, authorize,
// apply, remember. It returns the encoded outcome.
func (tx *Tx) step(env *Envelope) []byte {
	if reply := tx.recognise(env.Request); reply != nil {
		return reply
	}
	if env.Key != nil {
		if reply := tx.recogniseKey(env.Caller.Token, env.Key); reply != nil {
			tx.remember(env.Request, reply, Digest{})
			return reply
		}
	}
	tx.st.Serial++
	var v judgement
	reply := tx.judge(env, &v)
	if tx.spoilt {
		return nil
	}
	tx.remember(env.Request, reply, v.spent)
	if v.keep {
		tx.rememberKey(env.Caller.Token, env.Key, reply)
	}
	return reply
}

// judgement is what judging a command leaves to be done about the window.
type judgement struct {
	spent Digest // the caller's token when this was its last use
	// keep says that the client's key keeps the outcome: only a known caller's
	// key is worth room, and only for the machine's final word. A Recheck is
	// not; the node proposes again under the same key.
	keep bool
}

// judge decides one new command. The use is charged before the verdict and
// stays charged.
func (tx *Tx) judge(env *Envelope, v *judgement) []byte {
	if err := env.Command.Validate(); err != nil {
		return encodeVerdict(asVerdict(err))
	}
	if Unjudged(env.Command, env.Caller) {
		return tx.attempt(env.Command, nil)
	}
	if !tx.st.Initialized() {
		if Founds(env.Command) {
			return tx.attempt(env.Command, nil)
		}
		return encodeVerdict(verdict(Uninitialized, NotInitialized))
	}
	if NeedsNoCaller(env.Command) {
		return tx.attempt(env.Command, nil)
	}
	a, err := tx.st.Resolve(env.Caller, tx.clock())
	if err != nil {
		return encodeVerdict(err)
	}
	if env.Key != nil {
		if err := tx.admitKey(env.Caller.Token); err != nil {
			return encodeVerdict(err)
		}
	}
	// Authorize reads the state as the caller found it; the charge comes first in
	// effect, because it stays whatever the verdict.
	denied := tx.st.Authorize(a, env.Command.access(&tx.st, a), env.Caller)
	if denied != nil && denied.Code == Recheck {
		return encodeVerdict(denied)
	}
	v.keep = env.Key != nil
	tx.charge(a, &v.spent)
	if denied != nil {
		return encodeVerdict(denied)
	}
	return tx.attempt(env.Command, a)
}

// attempt applies a command and encodes its outcome. Of one that is refused nothing
// stays; what the window and the use charge wrote before does.
func (tx *Tx) attempt(c Command, a *Actor) []byte {
	var before *State
	if tx.careful {
		before = tx.freeze()
	}
	header, writes := tx.st.header, tx.writes
	res, err := c.apply(tx, a)
	switch {
	case err == nil:
		return encodeResult(res)
	case tx.writes == writes:
		tx.st.header = header
	case tx.careful:
		tx.st = *before
	default:
		tx.spoilt = true
	}
	return encodeVerdict(err)
}

// charge takes one use from a counted caller. With the last one the token is
// dead to everyone else; its record stays as long as the window remembers the
// request that spent it.
func (tx *Tx) charge(a *Actor, spent *Digest) {
	if !a.Token.Counted() {
		return
	}
	a.Token = tx.changeToken(a.Token, func(t *Token) {
		t.UsesLeft--
		if t.UsesLeft == 0 {
			*spent = t.Digest
			t.Death = &Death{Cause: Exhausted, Actor: t.Accessor(), Serial: tx.serial(), At: tx.clock()}
		}
	})
}

// clusterCommand marks the commands that only the cluster itself proposes; no
// caller is resolved for them.
type clusterCommand interface{ cluster() }

func asVerdict(err error) *Error {
	if e, ok := err.(*Error); ok {
		return e
	}
	panic("fsm: Validate returned something other than *Error: " + err.Error())
}
