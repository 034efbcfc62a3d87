package http

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/audit"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// A required device that cannot write holds clearing up for no longer than its
// deadline, however many tokens ended; one that can has them all.
func TestDeathsAreRecorded(t *testing.T) {
	c := httptestcluster.New()
	path := filepath.Join(t.TempDir(), "audit.log")
	enable := func(name, path string) {
		salt, err := c.Seal(saltLabel(name), []byte("salt"))
		if err != nil {
			t.Fatal(err)
		}
		digest, err := c.Digest(httptestcluster.Root)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Propose(t.Context(), cluster.Proposal{Caller: fsm.Caller{Token: digest}, Command: &fsm.AuditEnable{Device: fsm.AuditDevice{
			Path: name, Type: fsm.AuditFile, Options: []fsm.MetaPair{{Key: "file_path", Value: path}, {Key: "hmac_accessor", Value: "false"}},
			Required: true, Queue: 32, Deadline: time.Minute, Salt: salt,
		}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	enable("file", path)
	enable("full", "/dev/full")
	var a auditor
	a.init(c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer a.close()
	var dead []*fsm.Tombstone
	for i := range 256 {
		dead = append(dead, &fsm.Tombstone{
			Serial: uint64(i + 1), Accessor: fmt.Sprintf("accessor%03d", i), Path: "auth/token/create",
			Death: fsm.Death{Cause: fsm.ParentDead, Actor: "actor"}, Through: "above",
		})
	}
	a.recordDeaths(t.Context(), c.Local(), dead)
	for _, d := range a.now.Load().devices {
		if d.Path == "full/" && d.Dropped.Load() == 0 {
			t.Error("the full device counts nothing dropped")
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	a.recordDeaths(ended, c.Local(), dead[:1]) // returns, though nobody may wait
	a.close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	written := strings.Count(string(text), `"type":"revocation"`)
	var dropped uint64
	for _, d := range a.now.Load().devices {
		if d.Path == "file/" {
			dropped = d.Dropped.Load()
		}
	}
	if written+int(dropped) != 257 || written < 32 {
		t.Errorf("%d of 257 written, %d dropped", written, dropped)
	}
	if want := `"revocation":{"accessor":"accessor000","path":"auth/token/create","cause":"ancestor died","through":"above","actor":"actor"`; !strings.Contains(string(text), want) {
		t.Errorf("log lacks %s", want)
	}
}

// Each attempt to end outside what a lease stood for leaves an entry, with what
// ended the lease; tokens in what the other side says are hashed.
func TestTriedLeasesAreRecorded(t *testing.T) {
	set := &auditSet{node: "n1"}
	d := &auditDevice{Device: &audit.Device{Hasher: audit.NewHasher([]byte("salt"))}}
	st := httptestcluster.New().Local()
	end := &fsm.Death{Cause: fsm.ParentDead, Actor: "actor"}
	for _, tt := range []struct {
		lease  fsm.Lease
		failed string
		want   []string
	}{
		{fsm.Lease{ID: "db/creds/r/1", OwnerAccessor: "owner", End: end}, "",
			[]string{`"lease_id":"db/creds/r/1","path":"db/creds/r","accessor":"owner","cause":"ancestor died","actor":"actor"`, `"failed_attempts":0,"outcome":"gone"}`}},
		{fsm.Lease{ID: "db/creds/r/2", End: end, Tries: 1}, "no such user jts_leak",
			[]string{`"failed_attempts":2,"outcome":"failed","error":"no such user hmac-sha256:`}},
		{fsm.Lease{ID: "db/creds/r/3", End: end, Tries: fsm.MaxLeaseTries - 1}, "down", []string{`"failed_attempts":6,"outcome":"irrevocable","error":"down"`}},
		{fsm.Lease{ID: "db/creds/r/4", End: end, Force: true}, "down", []string{`"failed_attempts":1,"outcome":"forgotten"`}},
	} {
		text := string(set.appendTried(nil, d, st, cluster.TriedLease{Lease: &tt.lease, Failed: tt.failed}))
		if !json.Valid([]byte(text)) || strings.Contains(text, "jts_leak") {
			t.Errorf("entry is %s", text)
		}
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("entry lacks %s: %s", want, text)
			}
		}
	}
}
