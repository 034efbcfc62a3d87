package http_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

const (
	schedulePath = "sys/storage/raft/snapshot-auto/config"
	statusPath   = "sys/storage/raft/snapshot-auto/status"
)

var (
	localSchedule = object{"interval": "24h", "retain": 7, "path_prefix": "/opt/vault/snapshots/", "storage_type": "local", "local_max_space": 10000000}
	s3Schedule    = object{
		"interval": 3600, "path_prefix": "backups", "file_prefix": "a", "storage_type": "aws-s3", "aws_s3_bucket": "bucket", "aws_s3_region": "eu-central-1",
		"aws_access_key_id": "AKIA", "aws_secret_access_key": "never-shown-1", "aws_session_token": "never-shown-2",
		"aws_s3_endpoint": "http://127.0.0.1:9000", "aws_s3_disable_tls": true, "aws_s3_force_path_style": "true",
	}
)

// taken logs what became of an attempt, as the leader would.
func (s *stand) taken(name string, problem fsm.SnapshotProblem) {
	st := s.cluster.Local()
	schedule, _ := st.SnapshotSchedule(name)
	t := &fsm.SnapshotTaken{Name: name, Placed: schedule.Placed, Started: st.Clock, Index: st.Index(), Problem: problem}
	if problem == fsm.SnapshotFine {
		t.Bytes = 4711
	}
	if _, err := s.cluster.Propose(context.Background(), cluster.Proposal{Command: t}); err != nil {
		s.t.Fatal(err)
	}
}

// wantFields wants an answer to have these fields and, where all is said, no other.
func wantFields(t *testing.T, got object, want object, all bool) {
	t.Helper()
	for name, v := range want { // order: each stands alone
		if fmt.Sprint(got[name]) != fmt.Sprint(v) {
			t.Errorf("%s is %v, want %v", name, got[name], v)
		}
	}
	if all && len(got) != len(want) {
		t.Errorf("answer is %v", got)
	}
}

func TestScheduleToDirectory(t *testing.T) {
	s := newStand(t)
	s.run(t, []row{
		{"none", "LIST", schedulePath, root, nil, 404, ""},
		{"not there", "GET", schedulePath + "/a", root, nil, 404, ""},
		{"no status", "GET", statusPath + "/a", root, nil, 404, ""},
		{"made", "POST", schedulePath + "/a", root, localSchedule, 204, ""},
		{"its place is taken", "PUT", schedulePath + "/b", root, localSchedule, 400, `schedule "a" saves there`},
		{"under another name of files", "PUT", schedulePath + "/b", root, object{"interval": "1h", "path_prefix": "/opt/vault/snapshots", "storage_type": "local", "file_prefix": "b"}, 204, ""},
	})
	want := object{
		"interval": 86400, "retain": 7, "retain_age": 0, "path_prefix": "/opt/vault/snapshots/", "file_prefix": "vault-snapshot",
		"storage_type": "local", "local_max_space": 1e7, "recipients": []any{},
	}
	wantFields(t, s.must(200, "GET", schedulePath+"/a", root, nil).data(), want, true)
	s.must(204, "POST", schedulePath+"/a", root, object{"retain_age": "48h"}) // the rest stays
	want["retain_age"] = 172800
	wantFields(t, s.must(200, "GET", schedulePath+"/a", root, nil).data(), want, true)
	wantFields(t, s.must(200, "GET", schedulePath+"/b", root, nil).data(), object{"retain": 1, "local_max_space": 0}, false)
	if keys := s.keys(schedulePath); fmt.Sprint(keys) != "[a b]" {
		t.Errorf("schedules are %v", keys)
	}
	s.must(204, "DELETE", schedulePath+"/a", root, nil)
	s.must(204, "DELETE", schedulePath+"/a", root, nil)
	s.must(404, "GET", schedulePath+"/a", root, nil)
}

func TestScheduleToBucket(t *testing.T) {
	s := newStand(t)
	secret := func() string {
		t.Helper()
		x, _ := s.cluster.Local().SnapshotSchedule("a")
		if len(x.Target.Secret.Box) == 0 {
			return ""
		}
		text, err := s.cluster.Open(t.Context(), cluster.StoreLabel("a"), x.Target.Secret)
		if err != nil {
			t.Fatal(err)
		}
		var got cluster.StoreSecret
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		return got.Key + " " + got.SessionToken
	}
	s.must(204, "POST", schedulePath+"/a", root, s3Schedule)
	r := s.must(200, "GET", schedulePath+"/a", root, nil)
	wantFields(t, r.data(), object{
		"interval": 3600, "retain": 1, "retain_age": 0, "path_prefix": "backups", "file_prefix": "a", "storage_type": "aws-s3", "recipients": []any{},
		"aws_s3_bucket": "bucket", "aws_s3_region": "eu-central-1", "aws_s3_endpoint": "http://127.0.0.1:9000", "aws_access_key_id": "AKIA",
		"aws_s3_disable_tls": true, "aws_s3_force_path_style": true, "aws_s3_server_side_encryption": false, "aws_s3_enable_kms": false, "aws_s3_kms_key": "",
	}, true)
	if strings.Contains(r.text, "never-shown") {
		t.Errorf("the secret is shown: %s", r.text)
	}
	if got := secret(); got != "never-shown-1 never-shown-2" {
		t.Errorf("sealed is %q", got)
	}
	s.must(204, "POST", schedulePath+"/a", root, object{"retain": 3})
	if got := secret(); got != "never-shown-1 never-shown-2" {
		t.Errorf("after a change of something else sealed is %q", got)
	}
	s.must(204, "POST", schedulePath+"/a", root, object{"aws_secret_access_key": "next"})
	if got := secret(); got != "next " {
		t.Errorf("after a change sealed is %q", got)
	}
	s.run(t, []row{
		{"another key without its secret", "POST", schedulePath + "/a", root, object{"aws_access_key_id": "other"}, 400, "together"},
		{"another store without its secret", "POST", schedulePath + "/a", root, object{"aws_s3_endpoint": "elsewhere.example:9000"}, 400, "has to be given again"},
		{"another store with one", "POST", schedulePath + "/a", root, object{"aws_s3_endpoint": "elsewhere.example:9000", "aws_secret_access_key": "x"}, 204, ""},
		{"a secret without its key", "POST", schedulePath + "/a", root, object{"aws_access_key_id": "", "aws_secret_access_key": "x"}, 400, "together"},
		{"the environment's", "POST", schedulePath + "/a", root, object{"aws_access_key_id": ""}, 204, ""},
		{"recipients that are none", "POST", schedulePath + "/a", root, object{"recipients": "AGE-SECRET-KEY-1"}, 400, `field "recipients": are not public keys`},
		{"a directory from now on", "POST", schedulePath + "/a", root, object{"storage_type": "local", "path_prefix": "/mnt"}, 204, ""},
	})
	if got := secret(); got != "" {
		t.Errorf("a directory has the secret %q", got)
	}
}

func TestScheduleStatus(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", schedulePath+"/a", root, localSchedule)
	never := s.must(200, "GET", statusPath+"/a", root, nil).data()
	wantFields(t, never, object{"last_snapshot_error": "", "snapshot_url": "", "snapshot_start": "0001-01-01T00:00:00Z", "overdue": false, "consecutive_errors": 0}, false)
	s.taken("a", fsm.SnapshotFine)
	good := s.must(200, "GET", statusPath+"/a", root, nil).data()
	saved := s.cluster.Local().SnapshotStatus("a").Good
	url := fmt.Sprintf("file:///opt/vault/snapshots/vault-snapshot-%d-%d.snap", saved.Started.Unix(), saved.Index)
	wantFields(t, good, object{"last_snapshot_url": url, "snapshot_url": url, "snapshot_bytes": 4711, "snapshot_index": float64(saved.Index), "overdue": false}, false)
	s.cluster.Advance(49 * time.Hour)
	s.taken("a", fsm.SnapshotNoRoom)
	r := s.must(200, "GET", statusPath+"/a", root, nil)
	wantFields(t, r.data(), object{
		"last_snapshot_url": "", "snapshot_url": url, "last_snapshot_error": "no room is left there", "overdue": true, "consecutive_errors": 1,
	}, false)
	if !strings.Contains(r.text, "older than two intervals") {
		t.Errorf("no warning in %s", r.text)
	}
	if got := s.must(200, "GET", "sys/health", "", nil).body["overdue_snapshots"]; got != 1.0 {
		t.Errorf("health counts %v", got)
	}
	s.taken("a", fsm.SnapshotFine)
	if _, there := s.must(200, "GET", "sys/health", "", nil).body["overdue_snapshots"]; there {
		t.Error("health still complains")
	}
}

func TestScheduleMetrics(t *testing.T) {
	s := withMetrics(t)
	s.must(204, "POST", schedulePath+"/a", root, localSchedule)
	s.must(204, "POST", schedulePath+"/b", root, s3Schedule)
	s.taken("a", fsm.SnapshotFine)
	s.taken("b", fsm.SnapshotForbidden)
	text := s.must(200, "GET", "sys/metrics?format=prometheus", root, nil).text
	for _, line := range []string{
		`jeton_snapshot_auto_overdue{schedule="a"} 0`, `jeton_snapshot_auto_consecutive_failures{schedule="b"} 1`,
		`jeton_snapshot_auto_last_success_seconds{schedule="b"} 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s in\n%s", line, grep(text, "snapshot_auto"))
		}
	}
	if strings.Contains(text, `last_success_seconds{schedule="a"} 0`) {
		t.Error("a saved snapshot is not shown")
	}
}

func TestHostileSchedules(t *testing.T) {
	s := newStand(t)
	s.policy("plain", `path "sys/storage/raft/snapshot-auto/*" { capabilities = ["create", "read", "update", "delete", "list"] }`)
	plain, _ := s.token(object{"policies": []string{"plain"}})
	none, _ := s.token(object{"policies": []string{"default"}})
	with := func(name string, v any) object {
		o := object{name: v}
		for k, v := range localSchedule { // order: an object has none
			if k != name {
				o[k] = v
			}
		}
		return o
	}
	bucket := func(name string, v any) object {
		o := object{name: v}
		for k, v := range s3Schedule { // order: an object has none
			if k != name {
				o[k] = v
			}
		}
		return o
	}
	const a = schedulePath + "/a"
	rows := []row{
		{"without sudo", "POST", a, plain, localSchedule, 403, "permission denied"},
		{"reading without sudo", "GET", a, plain, nil, 403, "permission denied"},
		{"listing without sudo", "LIST", schedulePath, plain, nil, 403, "permission denied"},
		{"deleting without sudo", "DELETE", a, plain, nil, 403, "permission denied"},
		{"the status without a right", "GET", statusPath + "/a", none, nil, 403, "permission denied"},
		{"nothing", "POST", a, root, nil, 400, `"interval": has to be given`},
		{"no kind of store", "POST", a, root, object{"interval": "1h", "path_prefix": "/x"}, 400, `"storage_type": has to be given`},
		{"no directory", "POST", a, root, object{"interval": "1h", "storage_type": "local"}, 400, `"path_prefix": has to be given`},
		{"too often", "POST", a, root, with("interval", "9s"), 400, "interval is 9s, expected 10s"},
		{"a negative interval", "POST", a, root, with("interval", -5), 400, `"interval"`},
		{"an interval in words", "POST", a, root, with("interval", "daily"), 400, `"interval"`},
		{"an interval as an object", "POST", a, root, with("interval", object{}), 400, `"interval"`},
		{"none kept", "POST", a, root, with("retain", 0), 400, "retain is 0, expected 1 to 10000"},
		{"too many kept", "POST", a, root, with("retain", 1<<40), 400, `"retain"`},
		{"kept for a moment", "POST", a, root, with("retain_age", "1h"), 400, "retain_age is 1h0m0s, expected 0"},
		{"a relative directory", "POST", a, root, with("path_prefix", "backups"), 400, "path_prefix has to be the absolute path"},
		{"a way up", "POST", a, root, with("path_prefix", "/var/../etc"), 400, "path_prefix has a segment"},
		{"a NUL", "POST", a, root, with("path_prefix", "/var/\x00"), 400, "control character"},
		{"a directory as a list", "POST", a, root, with("path_prefix", []string{"/a"}), 400, `"path_prefix"`},
		{"a file prefix that leads away", "POST", a, root, with("file_prefix", "../a"), 400, "file_prefix is ../a, expected"},
		{"space below nothing", "POST", a, root, with("local_max_space", -1), 400, `"local_max_space"`},
		{"Azure", "POST", a, root, with("storage_type", "azure-blob"), 400, "azure-blob, which is not supported"},
		{"Google", "POST", a, root, with("storage_type", "google-gcs"), 400, "google-gcs, which is not supported"},
		{"tape", "POST", a, root, with("storage_type", "tape"), 400, `"tape", expected local or aws-s3`},
		{"a directory with a bucket", "POST", a, root, with("aws_s3_bucket", "bucket"), 400, "storage_type is local"},
		{"loading by itself", "POST", a, root, with("autoload_enabled", true), 400, `"autoload_enabled": is not supported`},
		{"KMS", "POST", a, root, bucket("aws_s3_enable_kms", true), 400, `"aws_s3_enable_kms": is not supported`},
		{"a key of KMS", "POST", a, root, bucket("aws_s3_kms_key", "arn:x"), 400, `"aws_s3_kms_key": is not supported`},
		{"no bucket", "POST", a, root, bucket("aws_s3_bucket", ""), 400, "aws_s3_bucket"},
		{"a bucket that is a path", "POST", a, root, bucket("aws_s3_bucket", "a/../b"), 400, "aws_s3_bucket"},
		{"an endpoint with a password", "POST", a, root, bucket("aws_s3_endpoint", "http://u:p@h"), 400, "aws_s3_endpoint"},
		{"an endpoint that says TLS", "POST", a, root, bucket("aws_s3_endpoint", "https://h"), 400, "aws_s3_endpoint"},
		{"a file as the endpoint", "POST", a, root, bucket("aws_s3_endpoint", "file:///etc/passwd"), 400, "aws_s3_endpoint"},
		{"a session alone", "POST", a, root, bucket("aws_secret_access_key", ""), 400, `"aws_session_token"`},
		{"a secret without end", "POST", a, root, bucket("aws_secret_access_key", strings.Repeat("x", 5000)), 400, "at most 3000"},
		{"a secret as an object", "POST", a, root, bucket("aws_secret_access_key", object{"x": "never-shown"}), 400, `"aws_secret_access_key"`},
		{"a folder from the root of a bucket", "POST", a, root, bucket("path_prefix", "/x"), 400, "path_prefix begins with a slash"},
		{"a name with a star", "POST", schedulePath + "/a*", root, localSchedule, 400, "name of a snapshot schedule"},
		{"a name too long", "POST", schedulePath + "/" + strings.Repeat("a", 65), root, localSchedule, 400, "name of a snapshot schedule"},
		{"a name to delete", "DELETE", schedulePath + "/.a", root, nil, 400, "name of a snapshot schedule"},
		{"PATCH", "PATCH", a, root, localSchedule, 405, "unsupported operation"},
		{"writing a status", "POST", statusPath + "/a", root, nil, 405, "unsupported operation"},
	}
	before := s.cluster.Local().SnapshotSchedules()
	s.run(t, rows)
	if after := s.cluster.Local().SnapshotSchedules(); len(before)+len(after) > 0 {
		t.Errorf("a refusal made %v", after)
	}
}

// The official clients have no calls of their own for schedules: programs use their
// general ones.
func TestClientsSchedules(t *testing.T) {
	clients(t, func(t *testing.T, c official, s *stand) {
		get := fields(t)
		get(nil2(c.write(schedulePath+"/a", localSchedule)))
		get(nil2(c.write(schedulePath+"/b", s3Schedule)))
		if keys := get(c.list(schedulePath))["data"].(map[string]any)["keys"].([]any); fmt.Sprint(keys) != "[a b]" {
			t.Errorf("schedules are %v", keys)
		}
		wantFields(t, get(c.read(schedulePath + "/a"))["data"].(map[string]any), object{"interval": 86400, "storage_type": "local", "retain": 7}, false)
		s.taken("a", fsm.SnapshotFine)
		if d := get(c.read(statusPath + "/a"))["data"].(map[string]any); !strings.HasPrefix(fmt.Sprint(d["snapshot_url"]), "file:///opt/vault/snapshots/vault-snapshot-") {
			t.Errorf("status is %v", d)
		}
		get(nil2(c.delete(schedulePath + "/b")))
		if _, err := c.write(schedulePath+"/b", object{"interval": "1s"}); err == nil {
			t.Error("half a schedule was taken")
		}
	})
}
