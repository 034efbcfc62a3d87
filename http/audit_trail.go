package http

import (
	"context"
	"net/http"
	"strings"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/audit"
)

// trail is what a request leaves on the audit devices: an entry before anything
// is done about it, and one before its answer is sent.
type trail struct {
	set     *auditSet
	token   *fsm.Token // the caller's; nil: not known to this node
	heads   [][]byte   // for each device of set: what both entries begin with
	fields  bool       // the request's fields were read
	begun   bool       // the request's entry is out
	refused bool       // because a device could not take that
}

// unaudited are the routes that leave nothing, as in Vault: they tell of the node
// alone, or there is nobody yet to ask.
var unaudited = map[string]bool{"sys/health": true, "sys/leader": true, "sys/seal-status": true, "sys/init": true}

// What a client is told when a required device fails. Before anything was done
// it may simply try again, like with any 503.
var (
	errUnrecorded = rebuff(http.StatusServiceUnavailable, "an audit device could not record the request; "+notApplied)
	errWithheld   = rebuff(http.StatusInternalServerError, "an audit device could not record the answer, which is withheld; the request was processed")
	errHushed     = rebuff(http.StatusServiceUnavailable, "an audit device could not record the answer, which is withheld; "+notApplied)
)

// auditing says whether the request leaves a trail. It follows the state of this
// node, so that what was enabled while the request was on its way counts too.
func (c *call) auditing() bool {
	set := c.s.audit.set(c.s.cluster.Local())
	if len(set.devices) == 0 || unaudited[c.route.path] {
		c.trail.set = nil
		return false
	}
	if c.trail.set != set {
		c.trail.set, c.trail.heads = set, nil
	}
	return true
}

// recordRequest writes the request's entry, and refuses the request if a device
// that has to have it does not.
func (c *call) recordRequest() error {
	if c.trail.begun || !c.auditing() {
		return nil
	}
	c.trail.begun = true
	if c.record(nil) || c.route.vital {
		return nil
	}
	c.trail.refused = true
	return errUnrecorded
}

// recordAnswer writes the answer's entry. A request that was refused before its
// handler has left none yet: that comes first.
func (c *call) recordAnswer(ans answer, err error) (answer, error) {
	if c.unaudited || !c.auditing() {
		return ans, err
	}
	written := true
	if !c.trail.begun {
		c.trail.begun = true
		written = c.record(nil)
	}
	out := outcome{answer: ans, err: err}
	if err != nil {
		var messages []string
		out.status, messages = c.show(err)
		err = &refusal{status: out.status, messages: messages, cause: err} // shown once is logged once
	}
	written = c.record(&out) && written
	if written || c.route.vital || c.trail.refused {
		return ans, err
	}
	switch {
	case err == nil:
		return answer{}, errWithheld
	case out.status >= 500:
		return answer{}, err // says no more than what may have become of the request
	}
	return answer{}, errHushed
}

// outcome is what the second entry tells.
type outcome struct {
	answer
	err    error
	status int // of an error
}

// record writes an entry to all devices side by side, and waits for those that
// are required. It is false when one of them failed. out is nil for the request's
// entry.
func (c *call) record(out *outcome) bool {
	t := &c.trail
	if t.token == nil && c.secret != "" {
		if a, no := c.resolve(c.s.cluster.Local()); no == nil {
			t.token, t.heads = a.Token, nil
		}
	}
	if t.heads == nil {
		t.heads = make([][]byte, len(t.set.devices))
	}
	buf := buffers.Get().(*[]byte)
	written := true
	receipts := make([]*audit.Receipt, 0, len(t.set.devices))
	for i, d := range t.set.devices {
		b := (*buf)[:0]
		if !d.Broken {
			b = c.appendEntry(b, i, out)
		}
		*buf = b
		r, err := d.Put(b)
		switch {
		case t.refused || c.ends(d):
		case err != nil:
			written = written && !d.Required
		case r != nil:
			receipts = append(receipts, r)
		}
	}
	if cap(*buf) <= maxPooled {
		buffers.Put(buf)
	}
	// The client may be gone; what was done is recorded all the same.
	for _, r := range receipts {
		if r.Wait(context.Background()) != nil {
			written = false
		}
	}
	return written
}

// ends says whether the request is to disable a device. That one is not waited
// for: a device that hangs could not be got rid of otherwise.
func (c *call) ends(d *auditDevice) bool {
	return c.op == opDelete && strings.TrimSuffix(c.path, "/")+"/" == auditMount+d.Path
}
