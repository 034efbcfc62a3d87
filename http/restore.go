package http

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// An archive is taken as its client sends it, within these bounds.
const (
	restoreStall = 30 * time.Second // for one read
	restoreTime  = time.Hour        // for all of it
	abortTime    = 10 * time.Second
)

var errManyRestores = rebuff(http.StatusServiceUnavailable, "a snapshot is being restored by this node already")

// restoreSnapshot has the cluster take the state of an archive. Nothing but the
// archive's few lines of text stays on the node: the parts of the state go through
// the log one by one, and nobody sees anything of them before the last command.
func restoreSnapshot(force bool) handler {
	return func(c *call) (answer, error) {
		b := fsm.RestoreBegin{ID: string(appendRandom62(nil, fsm.AccessorBytes)), Force: force}
		for _, text := range c.query["forget_revocations"] {
			if b.Forget = text == "true"; text != "true" && text != "false" {
				return answer{}, invalid("query parameter forget_revocations is %s, expected true or false", quote(text))
			}
		}
		founding := c.founding()
		if !founding {
			if err := c.judge(); err != nil {
				return answer{}, err
			}
		}
		if !c.s.restores.enter() {
			return answer{}, errManyRestores
		}
		c.after = c.s.restores.leave
		if c.clientKey != "" {
			c.warn("The header Idempotency-Key has no effect on a restore.")
			c.clientKey = ""
		}
		ctx, cancel := context.WithTimeout(c.req.Context(), restoreTime)
		defer cancel()
		r := &restore{call: c, begin: b, ctx: ctx, founding: founding}
		done, err := r.run()
		rest, end := context.WithTimeout(c.req.Context(), c.s.limits.RequestTimeout) // the request's own may be over
		c.ctx, c.after = rest, func() { end(); c.s.restores.leave() }
		http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(sendTimeout)) // not every transport has one
		if err != nil {
			r.abort()
			return answer{}, err
		}
		c.s.log.Warn("a snapshot was restored", "revived", done.Revived, "kept_dead", done.KeptDead, "forgotten", b.Forget)
		return answer{data: restoredData(done)}, nil
	}
}

func restoredData(d *fsm.RestoreDone) object {
	return object{
		"tokens": d.Tokens, "revived": d.Revived, "kept_dead": d.KeptDead, "lost": d.Lost,
		"users": d.Users, "leases": d.Leases,
	}
}

// restore is one on its way.
type restore struct {
	*call
	begin  fsm.RestoreBegin
	ctx    context.Context
	begun  bool
	failed error // what ended it before the archive did

	founding bool                    // the cluster is not initialized, and nobody restores
	under    func(string) fsm.Digest // of the archive's cluster; nil: it is this one
}

func (r *restore) run() (*fsm.RestoreDone, error) {
	body := &patientReader{r.req.Body, http.NewResponseController(r.w), time.Now().Add(restoreTime), &r.failed}
	defer body.conn.SetReadDeadline(time.Time{})
	err := cluster.ReadArchive(body, r.stage, r.digest)
	var bad *cluster.ArchiveError
	switch {
	case r.failed != nil:
		return nil, r.failed
	case errors.As(err, &bad):
		return nil, invalid("the archive is refused: %v", bad)
	case errors.Is(err, cluster.ErrForgedArchive):
		r.body.complete = true
		return nil, invalid("the archive is refused: %v", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, rebuff(http.StatusRequestTimeout, "the archive did not arrive in time")
	case err != nil:
		return nil, rebuff(http.StatusBadRequest, "body ends early or is badly framed")
	}
	r.body.complete = true
	return r.commit()
}

// abort gives up what was staged, though its client may have gone. If it fails the
// cluster forgets it by itself.
func (r *restore) abort() {
	if !r.begun {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), abortTime)
	defer cancel()
	if _, err := r.s.cluster.Propose(ctx, cluster.Proposal{Caller: r.caller, Command: &fsm.RestoreAbort{ID: r.begin.ID}}); err != nil {
		r.s.log.Warn("a restore that failed was not cleared away at once", "error", err)
	}
}

// patientReader gives the client some time for each part, and some for all. It ends
// when whoever reads has failed: the rest is of no use then.
type patientReader struct {
	r      io.Reader
	conn   *http.ResponseController
	until  time.Time
	failed *error
}

func (p *patientReader) Read(b []byte) (int, error) {
	if *p.failed != nil {
		return 0, *p.failed
	}
	deadline := time.Now().Add(restoreStall)
	if deadline.After(p.until) {
		deadline = p.until
	}
	if err := p.conn.SetReadDeadline(deadline); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return 0, err
	}
	return p.r.Read(b)
}
