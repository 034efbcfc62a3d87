package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// schedule is one of a cluster of processes, called s.
type schedule struct {
	*processCluster
	ask *process
}

func (s schedule) status(field string) string {
	s.t.Helper()
	return s.jeton(s.ask, "snapshot", "schedule", "status", "-field="+field, "s")
}

// await waits until a field of the status is another one.
func (s schedule) await(field, than string) (got string) {
	s.t.Helper()
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = s.status(field); got != than {
			return got
		}
	}
	s.t.Fatalf("%s stays %q:\n%s", field, than, s.jeton(s.ask, "snapshot", "schedule", "status", "s"))
	return ""
}

func (s schedule) verify(url string) {
	s.t.Helper()
	s.jeton(s.ask, "snapshot", "verify", strings.TrimPrefix(url, "file://"))
}

// A cluster saves snapshots by a schedule into a directory, before and after its leader
// is killed, and each is one that it would restore.
func TestProcessSchedule(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	c, folder := startProcesses(t), t.TempDir()
	leader := c.leader(c.nodes[:])
	s := schedule{c, c.others(leader)[0]}
	set := func(args ...string) { c.jeton(s.ask, append([]string{"snapshot", "schedule", "set", "s"}, args...)...) }
	set("interval=10s", "retain=2", "storage_type=local", "path_prefix="+filepath.Join(folder, "none"))
	s.await("consecutive_errors", "0")
	if got := s.status("last_snapshot_error"); got != "the directory or bucket is not there" {
		t.Errorf("the problem is %q", got)
	}
	set("path_prefix=" + folder)
	first := s.await("snapshot_url", "n/a")
	s.verify(first)
	leader.end(os.Kill)
	c.leader(c.others(leader))
	second := s.await("snapshot_url", first)
	s.verify(second)
	third := s.await("snapshot_url", second)
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 2 || "file://"+filepath.Join(folder, files[0].Name()) != second || "file://"+filepath.Join(folder, files[1].Name()) != third {
		t.Errorf("there are %v, %v; want %s and %s", files, err, second, third)
	}
	if list := c.jeton(s.ask, "snapshot", "schedule", "list"); !strings.Contains(list, "false") {
		t.Errorf("the list says\n%s", list)
	}

	key, file := keyPair(t)
	set("recipients=" + key.Recipient().String()) // with which all begins anew
	fourth := s.await("snapshot_url", third)
	if fourth == "n/a" {
		fourth = s.await("snapshot_url", "n/a")
	}
	text, err := os.ReadFile(strings.TrimPrefix(fourth, "file://"))
	if err != nil || !strings.HasPrefix(string(text), ageMagic) {
		t.Errorf("%s is not encrypted (%v)", fourth, err)
	}
	c.jeton(s.ask, "snapshot", "verify", "-identity", file, strings.TrimPrefix(fourth, "file://"))
	c.jeton(s.ask, "snapshot", "schedule", "delete", "s")
}
