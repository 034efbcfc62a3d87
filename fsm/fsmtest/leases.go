package fsmtest

import (
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Database is where the lab's secrets engine is mounted.
const Database = "db"

// EnableDatabase is the command that mounts a secrets engine at a path.
func EnableDatabase(path string) *fsm.SecretEnable {
	return &fsm.SecretEnable{Path: path, Type: fsm.MountDatabase, Accessor: "database_0123"}
}

// AddRole mounts a secrets engine at Database, unless there is one, and gives it
// a connection and a role whose leases have these times.
func (l *Lab) AddRole(name string, byDefault, most time.Duration) {
	l.t.Helper()
	if _, ok := l.State().SecretMount(Database); !ok {
		l.Must(Root, EnableDatabase(Database))
		l.Must(Root, &fsm.EngineSet{Mount: Database, Path: "config/main", Body: []byte("{}"), Secret: fsm.Sealed{KeyID: "s1", Box: []byte("sealed")}})
	}
	l.Must(Root, &fsm.EngineSet{
		Mount: Database, Path: "roles/" + name, Base: l.Version("roles/" + name), Body: []byte(`{"db_name":"main"}`),
		DefaultTTL: byDefault, MaxTTL: most,
	})
}

// Version is that of an item of Database, 0 if there is none.
func (l *Lab) Version(path string) uint64 {
	m, ok := l.State().SecretMount(Database)
	if !ok {
		return 0
	}
	item, ok := l.State().EngineItem(m.Serial, path)
	if !ok {
		return 0
	}
	return item.Version
}

// LeaseID is the id of the lease of a name.
func LeaseID(role, name string) string {
	return Database + "/creds/" + role + "/" + Accessor(name)
}

// Issue is the command that logs the intent to make a secret by a role.
func (l *Lab) Issue(role, name string) *fsm.LeaseIssue {
	return &fsm.LeaseIssue{
		Mount: Database, Path: "creds/" + role, Suffix: Accessor(name), Role: "roles/" + role, Data: []byte("user " + name),
		Basis: []fsm.ItemVersion{{Path: "config/main", Version: l.Version("config/main")}, {Path: "roles/" + role, Version: l.Version("roles/" + role)}},
	}
}

// Lease has a token get a secret of a role, to the end.
func (l *Lab) Lease(caller, role, name string) *fsm.Lease {
	l.t.Helper()
	l.Must(caller, l.Issue(role, name))
	stands := l.Must("", &fsm.LeaseConfirm{Lease: LeaseID(role, name)}).(*fsm.LeaseStands)
	if stands.Lease == nil {
		l.t.Fatalf("lease %s was issued and does not stand", name)
	}
	return stands.Lease
}
