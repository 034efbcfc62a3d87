package peer

import (
	"sync"

	"github.com/hashicorp/raft"
)

// pipeline is raft's append pipeline without its deadlock (hashicorp/raft#612). Raft
// stops reading answers after the first that is no success; a send that begins then
// waits for room which nobody will make, for good: the follower is sent heartbeats and
// not one entry more, and raft can not be shut down. So the pipeline closes itself
// behind such an answer: the send fails, and raft begins anew with a single request.
type pipeline struct {
	raft.AppendPipeline
	answers chan raft.AppendFuture
	closed  chan struct{}
	once    sync.Once
	err     error // of closing
}

// AppendEntriesPipeline implements raft.Transport.
func (t *Transport) AppendEntriesPipeline(id raft.ServerID, target raft.ServerAddress) (raft.AppendPipeline, error) {
	p, err := t.NetworkTransport.AppendEntriesPipeline(id, target)
	if err != nil {
		return nil, err
	}
	return newPipeline(p), nil
}

func newPipeline(inner raft.AppendPipeline) *pipeline {
	p := &pipeline{AppendPipeline: inner, answers: make(chan raft.AppendFuture), closed: make(chan struct{})}
	go p.hand()
	return p
}

// hand hands answers on until one of them is raft's last.
func (p *pipeline) hand() {
	defer p.Close()
	for {
		select {
		case f := <-p.AppendPipeline.Consumer():
			last := f.Error() != nil || !f.Response().Success // it has been answered: this does not wait
			select {
			case p.answers <- f:
			case <-p.closed:
				return
			}
			if last {
				return
			}
		case <-p.closed:
			return
		}
	}
}

// Consumer implements raft.AppendPipeline.
func (p *pipeline) Consumer() <-chan raft.AppendFuture { return p.answers }

// Close implements raft.AppendPipeline.
func (p *pipeline) Close() error {
	p.once.Do(func() {
		close(p.closed)
		p.err = p.AppendPipeline.Close()
	})
	return p.err
}
