package audit

import (
	"log/slog"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Broken is a device that cannot be had on this node, for the reason given: its
// options or its salt mean nothing here. It fails with every entry.
func Broken(d *fsm.AuditDevice, node string, why error, log *slog.Logger) *Device {
	s := Settings{Type: d.Type, Required: d.Required, Queue: int(d.Queue), Deadline: d.Deadline}
	b := start(d.Path+"/", node, s, nil, broken{why}, log)
	b.Broken = true
	b.note(why)
	return b
}

type broken struct{ why error }

func (b broken) write([][]byte, time.Time) (int, error) { return 0, b.why }
func (broken) reopen()                                  {}
func (broken) close() error                             { return nil }
