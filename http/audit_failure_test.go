package http_test

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// full enables a device that can never write.
func (s *audited) full(name string, required string) reply {
	s.t.Helper()
	return s.send("PUT", "sys/audit/"+name, root, object{"type": "file", "options": object{
		"file_path": "/dev/full", "skip_test": "true", "required": required,
	}})
}

// A full audit disk: before anything is done, the client is told that nothing
// was; afterwards, that it was, and not what came of it. The device that fails
// can be got rid of.
func TestAuditDiskFull(t *testing.T) {
	s := newAudited(t, nil)
	// The device counts from the moment it is logged, so the answer to this very
	// request is the first that it does not record.
	if r := s.full("full", "true"); r.status != 500 || !strings.Contains(r.errors(), "withheld; the request was processed") {
		t.Fatalf("got %d %s", r.status, r.text)
	}
	before := s.cluster.Local().Serial
	for _, r := range []reply{
		s.send("POST", "auth/token/create", root, object{}),
		s.send("GET", "auth/token/lookup-self", root, nil),
		s.send("POST", "sys/audit-hash/file", root, object{"input": "x"}),
	} {
		if r.status != 503 || r.errors() != "an audit device could not record the request; the request was not applied" || r.header.Get("Retry-After") == "" {
			t.Errorf("got %d %s %v", r.status, r.text, r.header)
		}
	}
	// A refusal that never came to its handler is not shown either.
	if r := s.send("GET", "auth/token/lookup-self", "made up", nil); r.status != 503 || strings.Contains(r.text, "denied") {
		t.Errorf("got %d %s", r.status, r.text)
	}
	if after := s.cluster.Local().Serial; after != before {
		t.Error("a refused request was applied")
	}
	s.must(200, "GET", "sys/health", "", nil)
	if got := s.must(200, "GET", "sys/health", "", nil).body["failing_audit_devices"]; got != 1.0 {
		t.Errorf("health says %v failing devices", got)
	}
	s.must(404, "GET", "sys/metrics", root, nil) // vital: recorded where it can be, never refused
	s.must(204, "DELETE", "sys/audit/full", root, nil)
	s.must(200, "GET", "auth/token/lookup-self", root, nil)
	if _, there := s.must(200, "GET", "sys/health", "", nil).body["failing_audit_devices"]; there {
		t.Error("health still says that a device fails")
	}
	text := strings.Join(s.entries(), "")
	if !strings.Contains(text, `"error":"an audit device could not record the request; the request was not applied"`) {
		t.Error("the device that works was not told what became of the requests")
	}
}

func TestBestEffortAuditDiskFull(t *testing.T) {
	s := newAudited(t, nil)
	if r := s.full("full", "false"); r.status != 204 {
		t.Fatalf("got %d %s", r.status, r.text)
	}
	before := len(s.entries())
	s.must(200, "POST", "auth/token/create", root, object{})
	if got := len(s.entries()) - before; got != 2 {
		t.Errorf("%d entries on the device that works", got)
	}
}

// A device is not enabled that does not work where it was asked for, nor one for
// somebody who may not; neither leaves anything on the disk.
func TestAuditDeviceIsTried(t *testing.T) {
	s := newAudited(t, nil)
	r := s.send("PUT", "sys/audit/full", root, object{"type": "file", "options": object{"file_path": "/dev/full"}})
	if r.status != 400 || !strings.Contains(r.errors(), "no space left") {
		t.Errorf("got %d %s", r.status, r.text)
	}
	plain, _ := s.token(object{"policies": []string{"default"}})
	path := t.TempDir() + "/made"
	s.must(403, "PUT", "sys/audit/made", plain, object{"type": "file", "options": object{"file_path": path}})
	s.must(403, "PUT", "sys/audit/made", "made up", object{"type": "file", "options": object{"file_path": path}})
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was made for somebody who may not")
	}
}

// A peer that reads nothing: requests are refused in time and go on when it reads
// again; the server does everything else meanwhile.
func TestStalledAuditSocket(t *testing.T) {
	for _, required := range []string{"true", "false"} {
		t.Run("required "+required, func(t *testing.T) {
			s := newAudited(t, nil)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			s.must(204, "PUT", "sys/audit/socket", root, object{"type": "socket", "options": object{
				"address": l.Addr().String(), "required": required, "write_timeout": "50ms", "queue": "8", "skip_test": "true",
			}})
			refused, tries := 0, 0
			body := object{"v": "x", "many": make([]int, 15_000)} // long entries fill what the kernel has in between
			for ; refused < 3 && tries < 2000; tries++ {
				start := time.Now()
				if r := s.send("POST", "cubbyhole/x", root, body); r.status != 204 {
					refused++
				}
				if took := time.Since(start); took > 10*time.Second {
					t.Fatalf("a request took %s", took)
				}
				if required == "false" && tries > 300 {
					break
				}
			}
			if (refused > 0) != (required == "true") {
				t.Fatalf("%d of %d refused", refused, tries)
			}
			s.must(200, "GET", "sys/health", "", nil)
			go reading(l)
			for s.send("GET", "auth/token/lookup-self", root, nil).status != 200 {
			}
		})
	}
}

// reading takes everything from the connections of a listener.
func reading(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go io.Copy(io.Discard, conn)
	}
}

// Rotation by a signal, as the server command passes it on.
func TestAuditFileIsReopened(t *testing.T) {
	s := newAudited(t, nil)
	if err := os.Rename(s.file, s.file+".1"); err != nil {
		t.Fatal(err)
	}
	if err := s.server.Reload(); err != nil {
		t.Fatal(err)
	}
	s.must(200, "GET", "auth/token/lookup-self", root, nil)
	if got := len(s.entries()); got != 2 {
		t.Errorf("%d entries in the new file", got)
	}
}

// Requests to sys/audit that no honest client sends: each is refused with a
// message that names what is wrong, and changes nothing on disk or in the state.
func TestHostileAudit(t *testing.T) {
	s := newAudited(t, nil)
	plain, _ := s.token(object{"policies": []string{"default"}})
	dir := t.TempDir()
	precious := dir + "/precious"
	if err := os.WriteFile(precious, []byte("key material\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := func(options object) object { return object{"type": "file", "options": options} }
	const d = "sys/audit/d"
	rows := []row{
		{"no body", "PUT", d, root, nil, 400, "type must be specified"},
		{"no type", "PUT", d, root, object{"options": object{}}, 400, "type must be specified"},
		{"unknown type", "PUT", d, root, object{"type": "http"}, 400, "unknown audit device type"},
		{"type as a list", "PUT", d, root, object{"type": []string{"file"}}, 400, `"type"`},
		{"no options", "PUT", d, root, object{"type": "file"}, 400, "file_path"},
		{"options as a list", "PUT", d, root, object{"type": "file", "options": []int{}}, 400, `"options"`},
		{"option as an object", "PUT", d, root, file(object{"file_path": object{}}), 400, "string"},
		{"too many options", "PUT", d, root, object{"type": "file", "options": many(100)}, 400, "64"},
		{"unknown option", "PUT", d, root, file(object{"file_path": dir + "/a", "filter": "x"}), 400, "not known"},
		{"raw entries", "PUT", d, root, file(object{"file_path": dir + "/a", "log_raw": true}), 400, "not supported"},
		{"relative path", "PUT", d, root, file(object{"file_path": "a"}), 400, "absolute"},
		{"path with detours", "PUT", d, root, file(object{"file_path": dir + "/../a"}), 400, "detours"},
		{"no such folder", "PUT", d, root, file(object{"file_path": dir + "/none/a"}), 400, "no such file"},
		{"a folder", "PUT", d, root, file(object{"file_path": dir}), 400, "directory"},
		{"somebody else's file", "PUT", d, root, file(object{"file_path": precious}), 400, "does not begin like"},
		{"executable", "PUT", d, root, file(object{"file_path": dir + "/a", "mode": "0755"}), 400, "execute"},
		{"prefix of a command", "PUT", d, root, file(object{"file_path": dir + "/a", "prefix": "* * * * * id #"}), 400, "one word"},
		{"no queue", "PUT", d, root, file(object{"file_path": dir + "/a", "queue": "0"}), 400, "queue"},
		{"queue too long", "PUT", d, root, file(object{"file_path": dir + "/a", "queue": "99999999999"}), 400, "queue"},
		{"negative queue", "PUT", d, root, file(object{"file_path": dir + "/a", "queue": "-1"}), 400, "queue"},
		{"no time", "PUT", d, root, file(object{"file_path": dir + "/a", "write_timeout": "0"}), 400, "write_timeout"},
		{"endless time", "PUT", d, root, file(object{"file_path": dir + "/a", "write_timeout": "9999h"}), 400, "write_timeout"},
		{"no time at all", "PUT", d, root, file(object{"file_path": dir + "/a", "write_timeout": "soon"}), 400, "write_timeout"},
		{"required that is neither", "PUT", d, root, file(object{"file_path": dir + "/a", "required": "maybe"}), 400, "required"},
		{"description too long", "PUT", d, root, object{"type": "file", "description": strings.Repeat("x", 600), "options": object{"file_path": dir + "/a"}}, 400, "description"},
		{"long option", "PUT", d, root, file(object{"file_path": "/" + strings.Repeat("x", 5000)}), 400, "meta"},
		{"path in use", "PUT", "sys/audit/file", root, file(object{"file_path": dir + "/a"}), 400, "path already in use"},
		{"path below one in use", "PUT", "sys/audit/file/x", root, file(object{"file_path": "discard"}), 400, "path already in use"},
		{"path with a glob", "PUT", "sys/audit/x*", root, file(object{"file_path": "discard"}), 400, "path"},
		{"path too long", "PUT", "sys/audit/" + strings.Repeat("x", 200), root, file(object{"file_path": "discard"}), 400, "128"},
		{"no path", "PUT", "sys/audit/", root, file(object{"file_path": "discard"}), 405, "unsupported"},
		{"no path to disable", "DELETE", "sys/audit/", root, nil, 405, "unsupported"},
		{"a socket that nobody listens to", "PUT", d, root, object{"type": "socket", "options": object{"address": "127.0.0.1:1"}}, 400, "refused"},
		{"a Unix socket that is none", "PUT", d, root, object{"type": "socket", "options": object{"address": precious, "socket_type": "unix"}}, 400, "does not work"},
		{"syslog over a network", "PUT", d, root, object{"type": "syslog", "options": object{"address": "10.0.0.1:1"}}, 400, "absolute"},
		{"PATCH", "PATCH", d, root, object{}, 405, "unsupported"},
		{"reading one", "GET", "sys/audit/file", root, nil, 405, "unsupported"},
		{"hash without an input", "POST", "sys/audit-hash/file", root, object{}, 400, "input"},
		{"hash of an object", "POST", "sys/audit-hash/file", root, object{"input": object{}}, 400, `"input"`},
		{"hash of no device", "POST", "sys/audit-hash/none", root, object{"input": "x"}, 400, "unknown audit backend"},
		{"hash by who may not", "POST", "sys/audit-hash/file", plain, object{"input": "x"}, 403, "denied"},
		{"header with tokens", "PUT", "sys/config/auditing/request-headers/X-Vault-Token", root, object{}, 400, "secrets"},
		{"header with tokens, hashed", "PUT", "sys/config/auditing/request-headers/authorization", root, object{"hmac": true}, 400, "secrets"},
		{"header that is none", "PUT", "sys/config/auditing/request-headers/a%20b", root, object{}, 400, "header name"},
		{"header too long", "PUT", "sys/config/auditing/request-headers/" + strings.Repeat("x", 200), root, object{}, 400, "header name"},
		{"hmac that is neither", "PUT", "sys/config/auditing/request-headers/x-a", root, object{"hmac": "some"}, 400, `"hmac"`},
		{"listing by who may not", "GET", "sys/audit", plain, nil, 403, "denied"},
		{"disabling by who may not", "DELETE", "sys/audit/file", plain, nil, 403, "denied"},
		{"headers by who may not", "PUT", "sys/config/auditing/request-headers/x-a", plain, object{}, 403, "denied"},
	}
	s.run(t, rows)
	if st := s.cluster.Local(); len(st.AuditDevices()) != 1 || len(st.AuditHeaders()) != 0 {
		t.Errorf("%d devices, %d headers", len(st.AuditDevices()), len(st.AuditHeaders()))
	}
	if text, err := os.ReadFile(precious); err != nil || string(text) != "key material\n" {
		t.Errorf("file is %q, %v", text, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

func many(n int) object {
	o := object{}
	for i := range n {
		o[strings.Repeat("a", i+1)] = "x"
	}
	return o
}
