package peer

import (
	"testing"
	"time"

	"github.com/hashicorp/raft"
)

// answered is the future of an append that has its answer.
type answered struct {
	raft.AppendFuture
	success bool
}

func (answered) Error() error { return nil }
func (a answered) Response() *raft.AppendEntriesResponse {
	return &raft.AppendEntriesResponse{Success: a.success}
}

// crowded is a pipeline without room: a send waits until it is closed, as raft's does
// whose answers nobody reads.
type crowded struct {
	answers chan raft.AppendFuture
	closed  chan struct{}
}

func (c *crowded) Consumer() <-chan raft.AppendFuture { return c.answers }
func (c *crowded) Close() error                       { close(c.closed); return nil }
func (c *crowded) AppendEntries(*raft.AppendEntriesRequest, *raft.AppendEntriesResponse) (raft.AppendFuture, error) {
	<-c.closed
	return nil, raft.ErrPipelineShutdown
}

// Raft reads no answer after one that is no success. A send that waits then must end.
func TestPipelineEndsWithARefusal(t *testing.T) {
	inner := &crowded{answers: make(chan raft.AppendFuture), closed: make(chan struct{})}
	p := newPipeline(inner)
	sent := make(chan error, 1)
	go func() {
		_, err := p.AppendEntries(nil, nil)
		sent <- err
	}()
	for _, success := range []bool{true, true, false} {
		inner.answers <- answered{success: success}
		if f := <-p.Consumer(); f.Response().Success != success {
			t.Fatal("another answer")
		}
	}
	select {
	case err := <-sent:
		if err != raft.ErrPipelineShutdown {
			t.Fatal(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the send still waits")
	}
	if err := p.Close(); err != nil { // raft closes it, too
		t.Fatal(err)
	}
}
