package audit

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Settings say what a device is and how it behaves.
type Settings struct {
	Type     string // of fsm's
	Required bool
	Queue    int
	Deadline time.Duration

	HMACAccessor bool
	ElideLists   bool // a LIST's answer is shown by its number of keys
	SkipTest     bool // enabling writes no test entry

	prefix  string
	path    string      // file: where, or Stdout, or Discard
	mode    fs.FileMode // file: of a new one; with modeSet also of an old one
	modeSet bool

	facility int // syslog
	tag      string

	network, address string // socket and syslog
}

// File paths that are none.
const (
	Stdout  = "stdout"
	Discard = "discard"
)

// Defaults of what every device has.
const (
	DefaultQueue    = 4096
	DefaultDeadline = 2 * time.Second
)

// SettingsOf reads the settings of a device's record. An error names the option
// and what was expected of it.
func SettingsOf(d *fsm.AuditDevice) (Settings, error) {
	s := Settings{
		Type: d.Type, Required: d.Required, Queue: int(d.Queue), Deadline: d.Deadline,
		HMACAccessor: true, mode: 0o600, facility: facilities["AUTH"], tag: "jeton",
	}
	for _, o := range d.Options {
		read := s.reader(o.Key)
		if read == nil {
			return s, fmt.Errorf("option %q is not known to %s devices", bounded(o.Key), d.Type)
		}
		if err := read(o.Value); err != nil {
			return s, fmt.Errorf("option %q: %w", o.Key, err)
		}
	}
	return s, s.complete()
}

// reader is what takes an option's value; nil for an unknown option. An option
// that means nothing is refused rather than ignored: nobody is to believe that
// entries are filtered.
func (s *Settings) reader(option string) func(string) error {
	switch option {
	case "format":
		return oneOf("json")
	case "log_raw":
		return s.refuseRaw
	case "hmac_accessor":
		return flag(&s.HMACAccessor)
	case "elide_list_responses":
		return flag(&s.ElideLists)
	case "skip_test":
		return flag(&s.SkipTest)
	case "prefix":
		return s.readPrefix
	}
	switch s.Type + " " + option {
	case "file file_path", "file path":
		return s.readPath
	case "file mode":
		return s.readMode
	case "syslog facility":
		return s.readFacility
	case "syslog tag":
		return s.readTag
	case "syslog address":
		return s.readSocketPath
	case "socket address":
		return func(v string) error { s.address = v; return nil }
	case "socket socket_type":
		return s.readNetwork
	}
	return nil
}

// complete checks what options have to be there, and how they fit together.
func (s *Settings) complete() error {
	switch {
	case s.Type == fsm.AuditFile && s.path == "":
		return fmt.Errorf("option \"file_path\" is missing: expected an absolute path, %q or %q", Stdout, Discard)
	case s.Type == fsm.AuditSocket && s.address == "":
		return fmt.Errorf("option \"address\" is missing: expected host:port, or a path with socket_type=unix")
	case s.Type != fsm.AuditSocket:
		return nil
	case s.network == "":
		s.network = "tcp"
	}
	if s.network == "unix" {
		return s.readSocketPath(s.address)
	}
	host, port, ok := strings.Cut(s.address, ":")
	if i := strings.LastIndexByte(s.address, ':'); i > 0 {
		host, port = s.address[:i], s.address[i+1:]
	}
	n, err := strconv.Atoi(port)
	if !ok || host == "" || err != nil || n < 1 || n > 65535 || len(s.address) > 256 || strings.ContainsAny(host, "/ \t\r\n") {
		return fmt.Errorf("option \"address\": is not host:port with a port from 1 to 65535")
	}
	return nil
}

func flag(to *bool) func(string) error {
	return func(v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("expected true or false")
		}
		*to = b
		return nil
	}
}

func oneOf(words ...string) func(string) error {
	return func(v string) error {
		if !slices.Contains(words, v) {
			return fmt.Errorf("expected %s", strings.Join(words, " or "))
		}
		return nil
	}
}

func (s *Settings) refuseRaw(v string) error {
	raw := false
	if err := flag(&raw)(v); err != nil || !raw {
		return err
	}
	return fmt.Errorf("is not supported: entries never hold secrets in the clear")
}

// readPrefix takes one word, which a space may follow, such as "@cee: ". With
// more, an entry could be made to mean something to other programs.
func (s *Settings) readPrefix(v string) error {
	word := strings.TrimSuffix(v, " ")
	for _, c := range []byte(word) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"'`$;|&<>(){}#\\/*?", c) >= 0 {
			return fmt.Errorf("expected one word, which may end with a space")
		}
	}
	if len(v) > 64 {
		return fmt.Errorf("has %d bytes, at most 64 are allowed", len(v))
	}
	s.prefix = v
	return nil
}

func (s *Settings) readPath(v string) error {
	switch {
	case v == Stdout, v == Discard:
	case !filepath.IsAbs(v) || filepath.Clean(v) != v || len(v) > 1024 || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
		return fmt.Errorf("expected an absolute path without detours, %q or %q", Stdout, Discard)
	}
	s.path = v
	return nil
}

func (s *Settings) readMode(v string) error {
	n, err := strconv.ParseUint(v, 8, 32)
	if err != nil || n&^0o666 != 0 {
		return fmt.Errorf("expected an octal mode without execute bits, such as 0640, or 0000 to leave it alone")
	}
	if n != 0 {
		s.mode, s.modeSet = fs.FileMode(n), true
	}
	return nil
}

func (s *Settings) readFacility(v string) error {
	n, ok := facilities[strings.ToUpper(v)]
	if !ok {
		return fmt.Errorf("expected a facility of syslog, such as AUTH or LOCAL0")
	}
	s.facility = n
	return nil
}

func (s *Settings) readTag(v string) error {
	for _, c := range []byte(v) {
		if c <= ' ' || c >= 0x7f || c == ':' || c == '[' || c == ']' {
			return fmt.Errorf("expected a word of printable characters without : and brackets")
		}
	}
	if v == "" || len(v) > 32 {
		return fmt.Errorf("expected 1 to 32 characters")
	}
	s.tag = v
	return nil
}

func (s *Settings) readNetwork(v string) error {
	if err := oneOf("tcp", "udp", "unix")(v); err != nil {
		return err
	}
	s.network = v
	return nil
}

// readSocketPath takes the path of a Unix socket; a sockaddr holds 108 bytes.
func (s *Settings) readSocketPath(v string) error {
	if !filepath.IsAbs(v) || len(v) > 107 {
		return fmt.Errorf("expected the absolute path of a socket, at most 107 bytes")
	}
	s.address = v
	return nil
}

func bounded(v string) string {
	if len(v) > 80 {
		return v[:80] + "..."
	}
	return v
}
