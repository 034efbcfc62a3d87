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
	var spent Digest
	reply, done := tx.judge(env, &spent)
	tx.remember(env.Request, reply, spent)
	if env.Key != nil && done {
		tx.rememberKey(env.Caller.Token, env.Key, reply)
	}
	return reply
}

// judge decides one new command. The use is charged before the verdict and
// stays charged (spent names the token when it was its last). It says whether
// the outcome is the machine's final word, which a client's key may keep: a
// Recheck is not, the node proposes again under the same key.
func (tx *Tx) judge(env *Envelope, spent *Digest) (reply []byte, final bool) {
	refuse := func(e *Error) ([]byte, bool) {
		return encodeVerdict(e), e.Code != Recheck && e.Code != Uninitialized && e.Code != NoSession
	}
	if err := env.Command.Validate(); err != nil {
		return refuse(asVerdict(err))
	}
	if _, internal := env.Command.(clusterCommand); internal {
		res, err := tx.attempt(env.Command, nil)
		if err != nil {
			return refuse(err)
		}
		return encodeResult(res), true
	}
	if !tx.st.Initialized() {
		return refuse(verdict(Uninitialized, NotInitialized))
	}
	a, err := tx.st.Resolve(env.Caller, tx.clock())
	if err != nil {
		encoded, _ := refuse(err)
		return encoded, false // nobody's key is worth keeping
	}
	if env.Key != nil {
		if err := tx.admitKey(env.Caller.Token); err != nil {
			encoded, _ := refuse(err)
			return encoded, false
		}
	}
	// Authorize reads the state as the caller found it; the charge comes first in
	// effect, because it stays whatever the verdict.
	denied := tx.st.Authorize(a, env.Command.access(&tx.st, a), env.Caller)
	if denied != nil && denied.Code == Recheck {
		return refuse(denied)
	}
	tx.charge(a, spent)
	if denied != nil {
		return refuse(denied)
	}
	res, err := tx.attempt(env.Command, a)
	if err != nil {
		return refuse(err)
	}
	return encodeResult(res), true
}

// attempt applies a command and takes back what it wrote before a verdict.
func (tx *Tx) attempt(c Command, a *Actor) (Result, *Error) {
	before := tx.savepoint()
	res, err := c.apply(tx, a)
	if err != nil {
		tx.rollback(before)
		return nil, err
	}
	return res, nil
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
			t.Death = &Death{Cause: Exhausted, Actor: t.Accessor, Serial: tx.serial(), At: tx.clock()}
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
