package fsm_test

import (
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// leaseSamples are those of secrets engines for samples.
func leaseSamples() []fsm.Command {
	id := fsmtest.LeaseID("ro", "l")
	return []fsm.Command{
		&fsm.SecretEnable{Path: "db", Type: fsm.MountDatabase, Accessor: "database_0123", Description: "text", Local: true, SealWrap: true,
			Config: fsm.MountConfig{DefaultTTL: time.Hour, MaxTTL: 2 * time.Hour}},
		&fsm.SecretDisable{Path: "db"},
		&fsm.SecretTune{Path: "db", Given: fsm.GivenDescription | fsm.GivenMaxTTL, Description: "text", Config: fsm.MountConfig{MaxTTL: time.Hour}},
		&fsm.EngineSet{Mount: "db", Path: "roles/ro", Base: 7, Body: []byte("{}"), Secret: fsm.Sealed{KeyID: "s1", Box: []byte("sealed")},
			DefaultTTL: time.Minute, MaxTTL: time.Hour},
		&fsm.EngineDelete{Mount: "db", Path: "roles/ro", Force: true},
		&fsm.LeaseIssue{Mount: "db", Path: "creds/ro", Write: true, Suffix: fsmtest.Accessor("l"), Role: "roles/ro",
			Basis: []fsm.ItemVersion{{Path: "config/main", Version: 7}}, Data: []byte("user"), TTL: time.Hour, Fixed: true},
		&fsm.LeaseConfirm{Lease: id, Error: "no connection", Unsure: true},
		&fsm.LeaseRenew{Endpoint: fsm.SysRenewPath, Lease: id, Increment: time.Minute},
		&fsm.LeaseExtend{Lease: id, Deadline: fsmtest.Start.Add(time.Hour)},
		&fsm.LeaseSettle{Attempts: []fsm.Attempt{
			{Lease: id, Tries: 3, Error: "no connection", NextTry: fsmtest.Start.Add(time.Minute)},
			{Lease: id, Tries: 4, NextTry: fsmtest.Start.Add(time.Second), Waited: true},
		}},
	}
}

// addLeases puts records of secrets engines into a lab: leases in all phases, an
// estate, a disabled mount that waits for its leases.
func addLeases(l *fsmtest.Lab) {
	l.AddRole("ro", time.Hour, 2*time.Hour)
	l.Must("root", l.Issue("ro", "issuing"))
	l.Lease("root", "ro", "live")
	l.Create("root", "owner", fsmtest.TTL(time.Hour), fsmtest.Policies("root"))
	l.Lease("owner", "ro", "revoking")
	l.Lease("owner", "ro", "irrevocable")
	for _, name := range []string{"revoking", "irrevocable"} {
		l.Must("root", &fsm.LeaseRevoke{Lease: fsmtest.LeaseID("ro", name)})
	}
	l.Must("root", &fsm.LeaseRenew{Lease: fsmtest.LeaseID("ro", "live"), Increment: time.Minute})
	for try := range uint32(fsm.MaxLeaseTries) {
		l.Cluster(&fsm.LeaseSettle{Attempts: []fsm.Attempt{{Lease: fsmtest.LeaseID("ro", "irrevocable"), Tries: try, Error: "no", NextTry: l.At}}})
	}
	l.Lease("owner", "ro", "left")
	l.Must("root", fsmtest.Revoke("owner"))
	l.Must("root", fsmtest.EnableDatabase("old"))
	l.Must("root", &fsm.SecretDisable{Path: "old"})
}
