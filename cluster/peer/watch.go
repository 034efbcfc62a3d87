package peer

import (
	"errors"
	"sync/atomic"
	"time"
)

// errSilent ends a connection from which nothing comes any more: the peer's
// host is down or cut off, or its process is stopped.
var errSilent = errors.New("peer is silent")

// watch looks every so often whether bytes have been received. If not it calls
// quiet, and when the silence has lasted for limit it ends the connection: TCP
// itself takes minutes to notice while data waits to be acknowledged. It
// returns when the writer stops.
func (w *writer) watch(received *atomic.Uint64, every, limit time.Duration, quiet func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var seen uint64
	var silent time.Duration
	for {
		select {
		case <-w.stopped:
			return
		case <-tick.C:
		}
		if now := received.Load(); now != seen {
			seen, silent = now, 0
			continue
		}
		if silent += every; silent > limit {
			w.stop(errSilent)
			return
		}
		quiet()
	}
}
