package http

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"time"
)

// maxSnapshots is how many archives a node sends at once: each keeps a state in
// memory for as long as its client takes.
const maxSnapshots = 2

// An archive is sent as its client takes it, within these bounds.
const (
	snapshotStall = 30 * time.Second // for one part
	snapshotTime  = time.Hour        // for all of them
	snapshotPart  = 64 << 10
)

var errManySnapshots = rebuff(http.StatusServiceUnavailable, "two snapshots are being taken from this node already")

func (s *Server) snapshotRoutes() {
	s.handle(route{path: "sys/storage/raft/snapshot", folder: true, raw: true, founds: true, read: saveSnapshot, update: restoreSnapshot(false), about: about{
		read:   "Saves all of the cluster's state as an archive.",
		update: "Restores an archive of this cluster, or any while it is not initialized; it is the body. With forget_revocations=true what was revoked since comes back too.",
	}})
	s.handle(route{path: "sys/storage/raft/snapshot-force", folder: true, raw: true, founds: true, update: restoreSnapshot(true), about: about{
		update: "Restores an archive as sys/storage/raft/snapshot does, or one of another cluster in the place of everything.",
	}})
}

// saveSnapshot sends a linearizable view as an archive. Nothing waits for it.
func saveSnapshot(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	if !c.s.snapshots.enter() {
		return answer{}, errManySnapshots
	}
	c.after = c.s.snapshots.leave
	c.index = view.State.Index()
	return answer{kind: "application/gzip", stream: func(w io.Writer) error {
		return c.s.cluster.WriteArchive(w, view.State)
	}}, nil
}

// writeStream sends an answer whose length nobody knows before. When it fails in
// the middle the connection is cut, so that the client can tell.
func (c *call) writeStream(ans answer) int {
	c.w.Header().Set("Content-Type", ans.kind)
	c.w.WriteHeader(http.StatusOK)
	out := bufio.NewWriterSize(&patientWriter{c.w, http.NewResponseController(c.w), time.Now().Add(snapshotTime)}, snapshotPart)
	err := ans.stream(out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		c.s.log.Warn("an answer was cut off", "route", c.route.path, "error", err)
		c.cut = true
	}
	return http.StatusOK
}

// patientWriter gives the client some time for each part, and some for all.
type patientWriter struct {
	w     io.Writer
	conn  *http.ResponseController
	until time.Time
}

func (p *patientWriter) Write(b []byte) (int, error) {
	deadline := time.Now().Add(snapshotStall)
	if deadline.After(p.until) {
		deadline = p.until
	}
	if err := p.conn.SetWriteDeadline(deadline); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return 0, err
	}
	return p.w.Write(b)
}
