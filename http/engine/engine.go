package engine

import (
	"context"
	"time"
)

// Engine serves all mounts of one type. Its methods may be called by any number
// of goroutines; none of them keeps an Order. Their errors hold no secret: they
// are shown to clients and kept with the lease. An *Error says what kind of "no"
// it is; any other error is a fault.
type Engine interface {
	// ConfigPath names the configuration that an order rests on: "config/main". For
	// a lease to be made that is what its role says, and data is nil. For a lease
	// that is there it is what its data say, since the role may name another one by
	// now, or be gone.
	ConfigPath(role *Item, data []byte) (string, error)

	// Plan decides what has to be known before anything happens outside, such as
	// the name of the account to be made. The result is kept with the lease, in the
	// log, and is all that Revoke will know of this one secret: it holds nothing
	// secret and has at most MaxDataBytes. Plan also says no to what the
	// configuration does not allow. Order.Lease holds nothing yet but the TTL that
	// was asked for.
	Plan(o *Order) (data []byte, err error)

	// Issue makes the secret and returns what the client gets, a JSON object. It is
	// called once for a lease at most. After an error the secret may exist; the
	// caller has the lease revoked: at once if the error is of kind Refused, and
	// else when nothing can come of the order any more.
	//
	// When the context's deadline has passed Issue must cause nothing new outside,
	// not even in a process that was stopped in between: the intent is given up and
	// revoked some time after that deadline (IssueGrace at the least), and what is
	// made later nobody would end.
	Issue(ctx context.Context, o *Order) (secret []byte, err error)

	// Renew tells the other side of the lease's later deadline, which is logged
	// already. It may be called again for the same one.
	Renew(ctx context.Context, o *Order) error

	// Revoke ends the secret. nil says that it is gone, be it that it never was. It
	// is called until it returns nil, perhaps on two nodes at once. Order.Role and
	// Order.Config are as they are now; the role is nil when it was deleted.
	Revoke(ctx context.Context, o *Order) error

	// Close lets go of connections. No other method is called afterwards.
	Close()
}

// The times of an order. An intent lives longer than IssueTime and IssueGrace
// together, counted from its entry in the log.
const (
	IssueTime  = 20 * time.Second // for Issue, from before the intent is proposed
	IssueGrace = 15 * time.Second // in which what Issue began can still take effect
	RevokeTime = 15 * time.Second // for one attempt to revoke, and for Renew
)

// MaxDataBytes bounds what Plan returns.
const MaxDataBytes = 4096

// Order is what an engine is to do something about.
type Order struct {
	Mount       string // path of the mount, with a final slash
	MountSerial uint64 // tells the mount from others that had its path before
	DisplayName string // of the token that asked; for Plan only
	Config      *Item  // nil when it was deleted: nothing but Revoke is called then
	Role        *Item
	Lease       Lease
}

// Lease is what an engine has to know of a lease.
type Lease struct {
	ID       string
	Data     []byte // what Plan returned
	TTL      time.Duration
	Deadline time.Time
}

// Item is a configuration or a role.
type Item struct {
	Path    string // below the mount: "config/main", "roles/reader"
	Version uint64 // rises with each change, and is never used again
	Body    []byte // JSON, as the engine's own decoder wrote it
	Secret  []byte // opened; nil: the item has none
}

// Name is what stands after the first segment of the path.
func (i *Item) Name() string {
	for j := range len(i.Path) {
		if i.Path[j] == '/' {
			return i.Path[j+1:]
		}
	}
	return i.Path
}

// SecretLabel is what the secret of an item is sealed under.
func SecretLabel(mount, path string) string { return "engine " + mount + " " + path }
