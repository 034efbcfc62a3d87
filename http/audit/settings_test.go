package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func TestSettings(t *testing.T) {
	long := strings.Repeat("x", 200)
	tests := []struct {
		name, kind string
		options    []string // name, value, …
		says       string   // part of the error; empty: none
	}{
		{"a file", "file", []string{"file_path", "/var/log/audit.log"}, ""},
		{"a file by its older name", "file", []string{"path", "/a"}, ""},
		{"everything about a file", "file", []string{"file_path", "/a", "mode", "0640", "format", "json", "log_raw", "false", "hmac_accessor", "false", "elide_list_responses", "1", "prefix", "@cee: ", "skip_test", "true"}, ""},
		{"standard output", "file", []string{"file_path", "stdout"}, ""},
		{"nowhere", "file", []string{"file_path", "discard"}, ""},
		{"syslog", "syslog", nil, ""},
		{"everything about syslog", "syslog", []string{"facility", "local7", "tag", "jeton-eu", "address", "/run/log"}, ""},
		{"a socket", "socket", []string{"address", "10.0.0.1:514"}, ""},
		{"a socket by name", "socket", []string{"address", "log.example.org:6514", "socket_type", "udp"}, ""},
		{"a socket of IPv6", "socket", []string{"address", "[::1]:514"}, ""},
		{"a Unix socket", "socket", []string{"address", "/run/audit.sock", "socket_type", "unix"}, ""},

		{"no path", "file", nil, `"file_path" is missing`},
		{"relative path", "file", []string{"file_path", "audit.log"}, "absolute"},
		{"detour", "file", []string{"file_path", "/var/log/../../etc/passwd"}, "detours"},
		{"doubled slash", "file", []string{"file_path", "//etc/passwd"}, "detours"},
		{"slash at the end", "file", []string{"file_path", "/var/log/"}, "detours"},
		{"line break in a path", "file", []string{"file_path", "/a\nb"}, "absolute"},
		{"NUL in a path", "file", []string{"file_path", "/a\x00b"}, "absolute"},
		{"path too long", "file", []string{"file_path", "/" + strings.Repeat(long, 6)}, "absolute"},
		{"executable", "file", []string{"file_path", "/a", "mode", "0755"}, "execute"},
		{"set-uid", "file", []string{"file_path", "/a", "mode", "4600"}, "octal"},
		{"no octal mode", "file", []string{"file_path", "/a", "mode", "rw"}, "octal"},
		{"raw entries", "file", []string{"file_path", "/a", "log_raw", "true"}, "not supported"},
		{"log_raw that is neither", "file", []string{"file_path", "/a", "log_raw", "perhaps"}, "true or false"},
		{"another format", "file", []string{"file_path", "/a", "format", "jsonx"}, "json"},
		{"a filter", "file", []string{"file_path", "/a", "filter", "mount_type == kv"}, "not known"},
		{"an option of another type", "file", []string{"file_path", "/a", "socket_type", "tcp"}, "not known"},
		{"a long unknown option", "syslog", []string{long, "x"}, "..."},
		{"prefix of two words", "file", []string{"file_path", "/a", "prefix", "@reboot root "}, "one word"},
		{"prefix with a line break", "file", []string{"file_path", "/a", "prefix", "x\n"}, "one word"},
		{"prefix for a shell", "file", []string{"file_path", "/a", "prefix", "$(id)"}, "one word"},
		{"prefix too long", "file", []string{"file_path", "/a", "prefix", long}, "64"},
		{"facility", "syslog", []string{"facility", "LOCAL9"}, "facility"},
		{"tag with a colon", "syslog", []string{"tag", "a:b"}, "word"},
		{"tag with a line break", "syslog", []string{"tag", "a\nb"}, "word"},
		{"empty tag", "syslog", []string{"tag", ""}, "32"},
		{"syslog over a network", "syslog", []string{"address", "10.0.0.1:514"}, "absolute"},
		{"no address", "socket", nil, `"address" is missing`},
		{"address without a port", "socket", []string{"address", "example.org"}, "host:port"},
		{"port 0", "socket", []string{"address", "example.org:0"}, "host:port"},
		{"port by name", "socket", []string{"address", "example.org:syslog"}, "host:port"},
		{"port too high", "socket", []string{"address", "example.org:70000"}, "host:port"},
		{"no host", "socket", []string{"address", ":514"}, "host:port"},
		{"a URL", "socket", []string{"address", "tcp://example.org:514"}, "host:port"},
		{"another network", "socket", []string{"address", "a:1", "socket_type", "ip4"}, "tcp or udp or unix"},
		{"relative Unix socket", "socket", []string{"address", "audit.sock", "socket_type", "unix"}, "absolute"},
		{"Unix socket too long", "socket", []string{"address", "/" + long, "socket_type", "unix"}, "107"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := SettingsOf(device(tt.kind, tt.options...))
			switch {
			case tt.says == "" && err != nil:
				t.Fatal(err)
			case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)):
				t.Fatalf("error is %v, want %q in it", err, tt.says)
			}
		})
	}
}

// device is a record with options, in the order given.
func device(kind string, options ...string) *fsm.AuditDevice {
	d := &fsm.AuditDevice{Path: "d", Type: kind, Required: true, Queue: 64, Deadline: time.Minute}
	for i := 0; i+1 < len(options); i += 2 {
		d.Options = append(d.Options, fsm.MetaPair{Key: options[i], Value: options[i+1]})
	}
	return d
}
