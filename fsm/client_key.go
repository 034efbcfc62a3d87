package fsm

// A client's own key keeps the outcome of its request for KeyWindow of log time,
// and never less: a full table refuses new keys, it evicts none.

// keyed is what a request with a client's own key was answered.
type keyed struct {
	caller, key Digest
	request     Digest
	at          Instant
	sealed      []byte
	reply       []byte
}

func (k *keyed) tag() recordTag { return tagKeyed }

func (k *keyed) fields(c *coder) {
	c.digest(&k.caller)
	c.digest(&k.key)
	c.digest(&k.request)
	c.instant(&k.at)
	c.bytes(&k.sealed, MaxSealedSecretBytes)
	c.bytes(&k.reply, MaxCommandBytes)
}

// lapsesAt is when the key may be used for another request.
func (k *keyed) lapsesAt() Instant { return k.at.Add(KeyWindow) }

// recogniseKey answers a request whose key was seen before. A key past its
// window counts as never seen, swept or not.
func (tx *Tx) recogniseKey(caller Digest, k *IdempotencyKey) []byte {
	old, ok := tx.st.keys.find(clientKey{caller, k.Key})
	switch {
	case !ok:
		return nil
	case old.lapsesAt() <= tx.clock():
		tx.forgetKey(old)
		return nil
	case old.request != k.Request:
		return encodeVerdict(verdict(Conflict, KeyReused))
	}
	return encodeReplay(old.sealed, old.reply)
}

// admitKey refuses a new key when its caller, or the table, has too many.
func (tx *Tx) admitKey(caller Digest) *Error {
	n, _ := tx.st.callers.get(callerItem{caller: caller})
	if n.keys >= MaxKeysPerCaller || tx.st.keys.len() >= MaxKeys {
		return verdict(Limit, TooManyKeys)
	}
	return nil
}

func (tx *Tx) rememberKey(caller Digest, k *IdempotencyKey, reply []byte) {
	r := &keyed{caller, k.Key, k.Request, tx.clock(), k.Sealed, reply}
	putRecord(tx, &tx.st.keys, clientKey{caller, k.Key}, r)
	tx.indexKey(r)
}

// indexKey enters what is derived from a new key.
func (tx *Tx) indexKey(k *keyed) {
	put(tx, &tx.st.lapses, lapseItem{k.lapsesAt(), clientKey{k.caller, k.key}})
	n, _ := tx.st.callers.get(callerItem{caller: k.caller})
	put(tx, &tx.st.callers, callerItem{k.caller, n.keys + 1})
}

func (tx *Tx) forgetKey(k *keyed) {
	delRecord(tx, &tx.st.keys, clientKey{k.caller, k.key})
	del(tx, &tx.st.lapses, lapseItem{k.lapsesAt(), clientKey{k.caller, k.key}})
	if n, _ := tx.st.callers.get(callerItem{caller: k.caller}); n.keys > 1 {
		put(tx, &tx.st.callers, callerItem{k.caller, n.keys - 1})
	} else {
		del(tx, &tx.st.callers, callerItem{caller: k.caller})
	}
}
