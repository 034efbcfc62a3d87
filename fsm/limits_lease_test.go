package fsm_test

import (
	"errors"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// Each bound of a command about engines or leases at its limit, where it has to be
// valid and to fit into an entry, and past it.
func TestLeaseBounds(t *testing.T) {
	issue := func(change func(*fsm.LeaseIssue)) *fsm.LeaseIssue {
		i := &fsm.LeaseIssue{Mount: "db", Path: "creds/ro", Suffix: fsmtest.Accessor("l"), Role: "roles/ro"}
		change(i)
		return i
	}
	set := func(change func(*fsm.EngineSet)) *fsm.EngineSet {
		e := &fsm.EngineSet{Mount: "db", Path: "roles/ro"}
		change(e)
		return e
	}
	attempts := func(n, lease, text int) *fsm.LeaseSettle {
		s := new(fsm.LeaseSettle)
		for range n {
			s.Attempts = append(s.Attempts, fsm.Attempt{Lease: long(lease), Error: long(text), NextTry: fsm.Never})
		}
		return s
	}
	waited := func(problem string) *fsm.LeaseSettle {
		return &fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: "x", Error: problem, Waited: true}}}
	}
	tests := []struct {
		bound    string
		at, past fsm.Command
		want     fsm.Reason
	}{
		{"path of a request", issue(func(i *fsm.LeaseIssue) { i.Path = long(fsm.MaxPathBytes - 3) }),
			issue(func(i *fsm.LeaseIssue) { i.Path = long(fsm.MaxPathBytes - 2) }), fsm.OutOfRange},
		{"no path", issue(func(i *fsm.LeaseIssue) { i.Path = "x" }), issue(func(i *fsm.LeaseIssue) { i.Path = "" }), fsm.OutOfRange},
		{"end of a lease id", issue(func(*fsm.LeaseIssue) {}), issue(func(i *fsm.LeaseIssue) { i.Suffix = long(23) }), fsm.OutOfRange},
		{"letters of a lease id", issue(func(*fsm.LeaseIssue) {}), issue(func(i *fsm.LeaseIssue) { i.Suffix = long(23) + "/" }), fsm.OutOfRange},
		{"role", issue(func(i *fsm.LeaseIssue) { i.Role = long(fsm.MaxItemPathBytes) }),
			issue(func(i *fsm.LeaseIssue) { i.Role = long(fsm.MaxItemPathBytes + 1) }), fsm.OutOfRange},
		{"basis", issue(func(i *fsm.LeaseIssue) { i.Basis = make([]fsm.ItemVersion, fsm.MaxLeaseBasis) }),
			issue(func(i *fsm.LeaseIssue) { i.Basis = make([]fsm.ItemVersion, fsm.MaxLeaseBasis+1) }), fsm.OutOfRange},
		{"data", issue(func(i *fsm.LeaseIssue) { i.Data = make([]byte, fsm.MaxLeaseDataBytes) }),
			issue(func(i *fsm.LeaseIssue) { i.Data = make([]byte, fsm.MaxLeaseDataBytes+1) }), fsm.TooLong},
		{"ttl", issue(func(i *fsm.LeaseIssue) { i.TTL = fsm.MaxTTL }), issue(func(i *fsm.LeaseIssue) { i.TTL = -1 }), fsm.OutOfRange},

		{"mount", set(func(e *fsm.EngineSet) { e.Mount = long(fsm.MaxMountBytes) }),
			set(func(e *fsm.EngineSet) { e.Mount = long(fsm.MaxMountBytes + 1) }), fsm.OutOfRange},
		{"item", set(func(*fsm.EngineSet) {}), set(func(e *fsm.EngineSet) { e.Path = "roles/" }), fsm.OutOfRange},
		{"body", set(func(e *fsm.EngineSet) { e.Body = make([]byte, fsm.MaxItemBytes) }),
			set(func(e *fsm.EngineSet) { e.Body = make([]byte, fsm.MaxItemBytes+1) }), fsm.TooLong},
		{"secret", set(func(e *fsm.EngineSet) { e.Secret.Box = make([]byte, 4096) }),
			set(func(e *fsm.EngineSet) { e.Secret.Box = make([]byte, 4097) }), fsm.TooLong},
		{"ttls", set(func(e *fsm.EngineSet) { e.DefaultTTL, e.MaxTTL = hour, hour }),
			set(func(e *fsm.EngineSet) { e.DefaultTTL, e.MaxTTL = 2*hour, hour }), fsm.ItemTTLs},
		{"max ttl", set(func(e *fsm.EngineSet) { e.MaxTTL = fsm.MaxTTL }), set(func(e *fsm.EngineSet) { e.MaxTTL = fsm.MaxTTL + 1 }), fsm.OutOfRange},
		{"item to delete", &fsm.EngineDelete{Mount: "db", Path: "x"}, &fsm.EngineDelete{Mount: "db"}, fsm.OutOfRange},

		{"lease to confirm", &fsm.LeaseConfirm{Lease: long(fsm.MaxLeaseBytes)}, &fsm.LeaseConfirm{Lease: long(fsm.MaxLeaseBytes + 1)}, fsm.OutOfRange},
		{"no lease", &fsm.LeaseExtend{Lease: "x"}, &fsm.LeaseExtend{}, fsm.MissingLease},
		{"unsure", &fsm.LeaseConfirm{Lease: "x", Error: "no", Unsure: true}, &fsm.LeaseConfirm{Lease: "x", Unsure: true}, fsm.OutOfRange},
		{"error", &fsm.LeaseConfirm{Lease: "x", Error: long(fsm.MaxLeaseErrorBytes)},
			&fsm.LeaseConfirm{Lease: "x", Error: long(fsm.MaxLeaseErrorBytes + 1)}, fsm.OutOfRange},
		{"increment", &fsm.LeaseRenew{Lease: "x", Increment: fsm.MaxTTL}, &fsm.LeaseRenew{Lease: "x", Increment: -1}, fsm.OutOfRange},
		{"endpoint of a renewal", &fsm.LeaseRenew{Lease: "x"}, &fsm.LeaseRenew{Lease: "x", Endpoint: 4}, fsm.OutOfRange},
		{"attempts", attempts(fsm.MaxSettled, fsm.MaxLeaseBytes, fsm.MaxLeaseErrorBytes), attempts(fsm.MaxSettled+1, 1, 0), fsm.OutOfRange},
		{"error of an attempt", attempts(1, 1, fsm.MaxLeaseErrorBytes), attempts(1, 1, fsm.MaxLeaseErrorBytes+1), fsm.OutOfRange},
		{"error of a wait", waited(""), waited("no connection"), fsm.OutOfRange},
		{"settings", &fsm.SecretTune{Path: "db", Given: fsm.GivenMaxTTL}, &fsm.SecretTune{Path: "db", Given: 1 << 20}, fsm.OutOfRange},
		{"mount to disable", &fsm.SecretDisable{Path: "db"}, &fsm.SecretDisable{Path: "sys/x"}, fsm.MountReserved},
	}
	for _, tt := range tests {
		t.Run(tt.bound, func(t *testing.T) {
			if err := tt.at.Validate(); err != nil {
				t.Fatalf("at the limit: %v", err)
			}
			if n := len((&fsm.Envelope{Command: tt.at}).Encode()); n > fsm.MaxCommandBytes {
				t.Fatalf("at the limit it has %d bytes, more than a command may", n)
			}
			var verdict *fsm.Error
			if err := tt.past.Validate(); !errors.As(err, &verdict) || verdict.Reason != tt.want {
				t.Fatalf("past the limit: %v, want reason %d", err, tt.want)
			}
		})
	}
}
