package audit

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// syslogPaths are where the local syslog daemon listens on one system or other.
var syslogPaths = []string{"/dev/log", "/var/run/syslog", "/var/run/log"}

// severityInfo is what audit entries are to syslog.
const severityInfo = 6

// newSyslog is a socket to the local syslog daemon, in the traditional format.
// (log/syslog would do the same without any deadline.)
func newSyslog(s Settings) *socket {
	paths := syslogPaths
	if s.address != "" {
		paths = []string{s.address}
	}
	head := fmt.Sprintf("<%d>", s.facility<<3|severityInfo)
	tag := fmt.Sprintf(" %s[%d]: ", s.tag, os.Getpid())
	return &socket{
		dial: func(deadline time.Time) (net.Conn, error) { return dialSyslog(paths, deadline) },
		frame: func(line []byte) []byte {
			b := make([]byte, 0, len(head)+len(time.Stamp)+len(tag)+len(line))
			b = append(b, head...)
			b = time.Now().AppendFormat(b, time.Stamp)
			b = append(b, tag...)
			return append(b, line...)
		},
	}
}

func dialSyslog(paths []string, deadline time.Time) (net.Conn, error) {
	var errs []error
	for _, path := range paths {
		for _, network := range [...]string{"unixgram", "unix"} {
			conn, err := (&net.Dialer{Deadline: deadline}).Dial(network, path)
			if err == nil {
				return conn, nil
			}
			errs = append(errs, err)
		}
	}
	return nil, errors.Join(errs...)
}

// facilities are the numbers by which syslog knows who is talking.
var facilities = map[string]int{
	"KERN": 0, "USER": 1, "MAIL": 2, "DAEMON": 3, "AUTH": 4, "SYSLOG": 5, "LPR": 6, "NEWS": 7, "UUCP": 8, "CRON": 9,
	"AUTHPRIV": 10, "FTP": 11, "LOCAL0": 16, "LOCAL1": 17, "LOCAL2": 18, "LOCAL3": 19, "LOCAL4": 20, "LOCAL5": 21,
	"LOCAL6": 22, "LOCAL7": 23,
}
