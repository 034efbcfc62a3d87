package fsm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func audit(path string, changes ...func(*fsm.AuditDevice)) *fsm.AuditEnable {
	e := &fsm.AuditEnable{Device: fsm.AuditDevice{
		Path: path, Type: fsm.AuditFile, Description: "trail", Local: true,
		Options:  []fsm.MetaPair{{Key: "file_path", Value: "/var/log/jeton.log"}},
		Required: true, Queue: 300, Deadline: 2 * time.Second,
		Salt: fsm.Sealed{KeyID: "k1", Box: []byte("sealed salt")},
	}}
	for _, change := range changes {
		change(&e.Device)
	}
	return e
}

// auditSamples is one command of each kind that auditing has.
func auditSamples() []fsm.Command {
	return []fsm.Command{
		audit("corp/file"),
		&fsm.AuditDisable{Path: "corp/file"},
		&fsm.AuditHeaderSet{Header: fsm.AuditHeader{Name: "x-request-id", HMAC: true}},
		&fsm.AuditHeaderDelete{Name: "x-request-id"},
	}
}

func TestAuditDevicePaths(t *testing.T) {
	tests := []struct {
		name, path string
		refuse     fsm.Reason
	}{
		{"a word", "syslog", 0},
		{"with slashes", "eu/corp", 0},
		{"a name that begins like another", "file2", 0},
		{"in use", "file", fsm.AuditPathUsed},
		{"below one in use", "file/x", fsm.AuditPathUsed},
		{"above one in use", "deep", fsm.AuditPathUsed},
		{"empty", "", fsm.MountPathBad},
		{"slash behind", "x/", fsm.MountPathBad},
		{"dots", "x/../y", fsm.MountPathBad},
		{"a glob", "x*", fsm.MountPathBad},
		{"a line break", "x\ny", fsm.MountPathBad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("root", audit("file"))
			l.Must("root", audit("deep/er"))
			if tt.refuse != 0 {
				l.Refused("root", audit(tt.path), tt.refuse)
				return
			}
			l.Must("root", audit(tt.path))
			if d, ok := l.State().AuditDevice(tt.path); !ok || d.Serial == 0 || !d.Required || len(l.State().AuditDevices()) != 3 {
				t.Fatalf("device %+v, %v", d, ok)
			}
		})
	}
}

func TestAuditBounds(t *testing.T) {
	with := func(change func(*fsm.AuditDevice)) *fsm.AuditEnable { return audit("d", change) }
	header := func(name string) *fsm.AuditHeaderSet { return &fsm.AuditHeaderSet{Header: fsm.AuditHeader{Name: name}} }
	tests := []struct {
		bound    string
		at, past fsm.Command
		want     fsm.Reason
	}{
		{"path", audit(long(fsm.MaxMountBytes)), audit(long(fsm.MaxMountBytes + 1)), fsm.OutOfRange},
		{"path to disable", &fsm.AuditDisable{Path: long(fsm.MaxMountBytes)}, &fsm.AuditDisable{Path: long(fsm.MaxMountBytes + 1)}, fsm.OutOfRange},
		{"no path to disable", &fsm.AuditDisable{Path: "x"}, &fsm.AuditDisable{}, fsm.OutOfRange},
		{"type", with(func(d *fsm.AuditDevice) { d.Type = fsm.AuditSyslog }), with(func(d *fsm.AuditDevice) { d.Type = "http" }), fsm.AuditTypeUnknown},
		{"no type", with(func(d *fsm.AuditDevice) { d.Type = fsm.AuditSocket }), with(func(d *fsm.AuditDevice) { d.Type = "" }), fsm.MountTypeMissing},
		{"description", with(func(d *fsm.AuditDevice) { d.Description = long(fsm.MaxDescriptionBytes) }),
			with(func(d *fsm.AuditDevice) { d.Description = long(fsm.MaxDescriptionBytes + 1) }), fsm.OutOfRange},
		{"options", with(func(d *fsm.AuditDevice) { d.Options = pairs(fsm.MaxMetaPairs, 1) }),
			with(func(d *fsm.AuditDevice) { d.Options = pairs(fsm.MaxMetaPairs+1, 1) }), fsm.OutOfRange},
		{"size of options", with(func(d *fsm.AuditDevice) { d.Options = pairs(1, fsm.MaxMetaBytes-3) }),
			with(func(d *fsm.AuditDevice) { d.Options = pairs(1, fsm.MaxMetaBytes-2) }), fsm.OutOfRange},
		{"queue", with(func(d *fsm.AuditDevice) { d.Queue = fsm.MaxAuditQueue }), with(func(d *fsm.AuditDevice) { d.Queue = fsm.MaxAuditQueue + 1 }), fsm.OutOfRange},
		{"no queue", with(func(d *fsm.AuditDevice) { d.Queue = 1 }), with(func(d *fsm.AuditDevice) { d.Queue = 0 }), fsm.OutOfRange},
		{"deadline", with(func(d *fsm.AuditDevice) { d.Deadline = fsm.MaxAuditDeadline }), with(func(d *fsm.AuditDevice) { d.Deadline = fsm.MaxAuditDeadline + 1 }), fsm.OutOfRange},
		{"short deadline", with(func(d *fsm.AuditDevice) { d.Deadline = fsm.MinAuditDeadline }), with(func(d *fsm.AuditDevice) { d.Deadline = fsm.MinAuditDeadline - 1 }), fsm.OutOfRange},
		{"salt", with(func(d *fsm.AuditDevice) { d.Salt.Box = make([]byte, 4096) }), with(func(d *fsm.AuditDevice) { d.Salt.Box = make([]byte, 4097) }), fsm.OutOfRange},
		{"no salt", with(func(d *fsm.AuditDevice) {}), with(func(d *fsm.AuditDevice) { d.Salt = fsm.Sealed{} }), fsm.OutOfRange},
		{"header", header(long(fsm.MaxMountBytes)), header(long(fsm.MaxMountBytes + 1)), fsm.AuditHeaderBad},
		{"header in lower case", header("x-a"), header("X-A"), fsm.AuditHeaderBad},
		{"header that is none", header("a"), header("a b"), fsm.AuditHeaderBad},
		{"header with tokens", header("x-vault-tokens"), header("x-vault-token"), fsm.AuditHeaderSecret},
		{"header to forget", &fsm.AuditHeaderDelete{Name: "a"}, &fsm.AuditHeaderDelete{}, fsm.AuditHeaderBad},
	}
	for _, tt := range tests {
		t.Run(tt.bound, func(t *testing.T) {
			if err := tt.at.Validate(); err != nil {
				t.Fatalf("at the bound: %v", err)
			}
			sample(tt.at).Encode()
			if err, ok := tt.past.Validate().(*fsm.Error); !ok || err.Reason != tt.want {
				t.Fatalf("past the bound: %v, want reason %d", err, tt.want)
			}
		})
	}
}

func TestAuditTablesAreBounded(t *testing.T) {
	l := fsmtest.New(t)
	for i := range fsm.MaxAuditDevices {
		l.Must("root", audit(fmt.Sprint("d", i)))
	}
	l.Refused("root", audit("more"), fsm.TooManyAuditDevices)
	l.Must("root", &fsm.AuditDisable{Path: "d0"})
	l.Must("root", &fsm.AuditDisable{Path: "d0"})
	l.Must("root", audit("more"))
	for i := range fsm.MaxAuditHeaders {
		l.Must("root", &fsm.AuditHeaderSet{Header: fsm.AuditHeader{Name: fmt.Sprint("x-", i)}})
	}
	l.Refused("root", &fsm.AuditHeaderSet{Header: fsm.AuditHeader{Name: "more"}}, fsm.TooManyAuditHeaders)
	l.Must("root", &fsm.AuditHeaderSet{Header: fsm.AuditHeader{Name: "x-1", HMAC: true}})
	l.Must("root", &fsm.AuditHeaderDelete{Name: "x-2"})
	l.Must("root", &fsm.AuditHeaderDelete{Name: "x-2"})
	if h, ok := l.State().AuditHeader("x-1"); !ok || !h.HMAC || len(l.State().AuditHeaders()) != fsm.MaxAuditHeaders-1 {
		t.Fatalf("header %+v among %d", h, len(l.State().AuditHeaders()))
	}
}

// Whoever may write anywhere needs sudo on top to say what is written down.
func TestAuditNeedsSudo(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Policy("all", fsmtest.Allow("*", policy.Create|policy.Update|policy.Delete|policy.Read)))
	l.Create("root", "plain", fsmtest.Policies("all"))
	for _, c := range auditSamples() {
		if c, ok := c.(*fsm.AuditDisable); ok && !strings.Contains(c.Path, "/") {
			t.Fatal("the sample has a plain path")
		}
		l.Refused("plain", c, fsm.PermissionDenied)
	}
	l.Must("root", fsmtest.Policy("all", fsmtest.Allow("*", policy.Create|policy.Update|policy.Delete|policy.Sudo)))
	for _, c := range auditSamples() {
		l.Must("plain", c)
	}
}

// The version changes with each change of what is audited, and with nothing else.
func TestAuditVersion(t *testing.T) {
	l := fsmtest.New(t)
	version := l.State().AuditVersion()
	step := func(changes bool, c fsm.Command) {
		t.Helper()
		l.Must("root", c)
		if next := l.State().AuditVersion(); (next != version) != changes {
			t.Fatalf("%s: version changed: %v", fsm.Name(c), !changes)
		}
		version = l.State().AuditVersion()
	}
	step(false, fsmtest.Policy("web"))
	step(true, audit("file"))
	step(false, fsmtest.Create("t"))
	step(true, &fsm.AuditHeaderSet{Header: fsm.AuditHeader{Name: "x-a"}})
	step(true, &fsm.AuditHeaderDelete{Name: "x-a"})
	step(true, &fsm.AuditDisable{Path: "file"})
	step(false, &fsm.AuditDisable{Path: "file"})
}
