package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/jeton-io/jeton/http/engine"
)

// The actions.
const (
	actionIssue  = "issue"
	actionRenew  = "renew"
	actionRevoke = "revoke"
)

// message is the body of a call.
type message struct {
	Action  string `json:"action"`
	LeaseID string `json:"lease_id"`
	Mount   string `json:"mount"`
	Role    string `json:"role"`
	For     string `json:"display_name"` // of the token that asked

	TTL       int64  `json:"ttl,omitempty"`        // seconds; not of revoke
	ExpiresAt string `json:"expires_at,omitempty"` // when the lease ends, if nothing ends it before
	// NotAfter is when an issue is given up, in seconds since 1970: what the service
	// would make later nobody would end.
	NotAfter   int64           `json:"not_after,omitempty"`
	Parameters json.RawMessage `json:"parameters,omitempty"` // of the role as it is now
}

// data is what a lease holds.
type data struct {
	Role string `json:"role"`
	For  string `json:"display_name"`
}

func newMessage(action string, o *engine.Order) (*message, error) {
	d, err := unmarshal(o.Lease.Data, new(data))
	if err != nil {
		return nil, err
	}
	m := &message{Action: action, LeaseID: o.Lease.ID, Mount: o.Mount, Role: d.Role, For: d.For}
	if o.Role != nil {
		r, err := DecodeRole(o.Role.Body)
		if err != nil {
			return nil, err
		}
		m.Parameters = r.Parameters
	}
	if action != actionRevoke {
		m.TTL = int64(o.Lease.TTL / time.Second)
		m.ExpiresAt = o.Lease.Deadline.UTC().Format(time.RFC3339)
	}
	return m, nil
}

// idempotencyKey is the same for all calls that ask for the same: attempts of one
// node, and of the next leader.
func (m *message) idempotencyKey() string {
	sum := sha256.Sum256([]byte(m.Action + "\n" + m.LeaseID + "\n" + m.ExpiresAt))
	return hex.EncodeToString(sum[:16])
}

// sign is the Jeton-Signature of a body.
func sign(key string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
