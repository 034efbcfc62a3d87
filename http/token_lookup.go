package http

import (
	"strconv"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

var errBadToken = &fsm.Error{Code: fsm.Denied, Reason: fsm.BadToken}

// lookupSelf tells a caller of its own token, whatever token a body names.
func (s *Server) lookupSelf(c *call) (answer, error) {
	c.body.take("token")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, a, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	return answer{data: &tokenData{view, a.Token, c.secret}}, nil
}

// lookup tells of a token whose text the caller knows; without one, of the
// caller's own.
func (s *Server) lookup(c *call) (answer, error) {
	text := c.body.text("token")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return c.lookupNamed(text)
}

func (c *call) lookupNamed(text string) (answer, error) {
	if text == "" {
		text = c.secret
	}
	d, err := c.named(text)
	if err != nil {
		return answer{}, err
	}
	view, a, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	t := a.Token // may be dead by its last use, which this request was
	if d != a.Token.Digest {
		var ok bool
		if t, ok, err = c.liveNamed(view, text, d); err != nil {
			return answer{}, err
		} else if !ok {
			return answer{}, errBadToken
		}
	}
	return answer{data: &tokenData{view, t, text}}, nil
}

// lookupAccessor tells of a token without giving it away.
func (s *Server) lookupAccessor(c *call) (answer, error) {
	accessor, err := c.accessorField()
	if err != nil {
		return answer{}, err
	}
	view, a, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	t := a.Token
	if accessor != t.Accessor() {
		var ok bool
		if t, ok = view.State.LiveByAccessor(accessor, view.State.Clock); !ok {
			return answer{}, &fsm.Error{Code: fsm.Invalid, Reason: fsm.AccessorUnknown}
		}
	}
	return answer{data: &tokenData{view, t, ""}}, nil
}

// tokenData is what a look-up shows. The parent is left out on purpose: whoever
// may look at a child does not get a hold on what is above it.
type tokenData struct {
	view cluster.View
	t    *fsm.Token
	id   string // the token's text, empty for who came by the accessor
}

func (d *tokenData) appendJSON(b []byte) []byte {
	t := d.t
	b = append(b, `{"id":`...)
	b = appendString(b, d.id)
	b = appendAccessor(b, t.Accessor(), t.IsBatch())
	b = append(b, `,"policies":`...)
	b = appendStrings(b, t.Policies)
	b = append(b, `,"path":`...)
	b = appendString(b, t.Path)
	b = append(b, `,"meta":`...)
	b = appendMeta(b, t.Meta)
	b = append(b, `,"display_name":`...)
	b = appendString(b, t.DisplayName)
	b = append(b, `,"num_uses":`...)
	b = strconv.AppendInt(b, usesLeft(t), 10)
	b = append(b, `,"orphan":`...)
	b = strconv.AppendBool(b, d.view.State.IsOrphan(t))
	b = append(b, `,"entity_id":"","type":`...)
	b = appendString(b, typeOf(t))
	b = d.appendTimes(b)
	return d.appendOptional(b)
}

func (d *tokenData) appendTimes(b []byte) []byte {
	t := d.t
	b = append(b, `,"creation_time":`...)
	b = strconv.AppendInt(b, t.CreatedAt.Unix(), 10)
	b = append(b, `,"creation_ttl":`...)
	b = appendSeconds(b, t.TTL)
	b = append(b, `,"explicit_max_ttl":`...)
	b = appendSeconds(b, t.ExplicitMaxTTL)
	b = append(b, `,"ttl":`...)
	b = appendSeconds(b, secondsLeft(t.TTLAt(d.view.At)))
	b = append(b, `,"expire_time":`...)
	if t.Deadline == fsm.Never {
		return append(b, "null"...)
	}
	if s := t.Signed(); s != nil {
		return appendTime(b, s.ValidUntil)
	}
	return appendTime(b, t.Deadline)
}

// appendOptional writes what is shown only where it means something.
func (d *tokenData) appendOptional(b []byte) []byte {
	t := d.t
	if !t.IsInitialRoot() {
		b = append(b, `,"issue_time":`...)
		b = appendTime(b, t.CreatedAt)
		b = append(b, `,"renewable":`...)
		b = strconv.AppendBool(b, t.Renewable)
	}
	if t.RenewedAt != 0 {
		b = append(b, `,"last_renewal":`...)
		b = appendTime(b, t.RenewedAt)
		b = append(b, `,"last_renewal_time":`...)
		b = strconv.AppendInt(b, t.RenewedAt.Unix(), 10)
	}
	if t.Period > 0 {
		b = append(b, `,"period":`...)
		b = appendSeconds(b, t.Period)
	}
	if t.Role != "" {
		b = append(b, `,"role":`...)
		b = appendString(b, t.Role)
	}
	if len(t.CIDRs) > 0 {
		b = append(b, `,"bound_cidrs":`...)
		b = appendStrings(b, showCIDRs(t.CIDRs))
	}
	return append(b, '}')
}

// usesLeft is Vault's num_uses: 0 for unlimited, so -1 for used up, which only
// the request that spent the last use can still see.
func usesLeft(t *fsm.Token) int64 {
	if t.Counted() && t.UsesLeft == 0 {
		return -1
	}
	return int64(t.UsesLeft)
}

// secondsLeft rounds up: 0 would say that the token does not expire.
func secondsLeft(d time.Duration) time.Duration {
	return (d + time.Second - 1) / time.Second * time.Second
}
