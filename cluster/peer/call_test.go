package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestManyCalls has answers come back in another order than the requests went.
func TestManyCalls(t *testing.T) {
	const n = 200
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	var arrived sync.WaitGroup
	arrived.Add(n)
	b.Handle(kindEcho, func(_ context.Context, _ string, p []byte) ([]byte, error) {
		arrived.Done()
		arrived.Wait() // so all are in flight at once
		return bytes.Repeat(p, 1000), nil
	})
	b.Start()
	var work sync.WaitGroup
	for i := range n {
		work.Go(func() {
			payload := fmt.Appendf(nil, "%d,", i)
			got, err := a.Call(ctxOf(t), "b", kindEcho, payload)
			if err != nil || !bytes.Equal(got, bytes.Repeat(payload, 1000)) {
				t.Errorf("call %d: %d bytes, %v", i, len(got), err)
			}
		})
	}
	work.Wait()
}

func TestPayloadSizes(t *testing.T) {
	w := newWorld(t)
	a := w.listen("a")
	w.echoing("b")
	for _, n := range []int{0, 1, firstChunk - 1, firstChunk, firstChunk + 1, 1 << 20, MaxPayload} {
		payload := bytes.Repeat([]byte{7}, n)
		got, err := a.Call(ctxOf(t), "b", kindEcho, payload)
		if err != nil || !bytes.Equal(got, payload) {
			t.Errorf("%d bytes came back as %d, %v", n, len(got), err)
		}
	}
	_, err := a.Call(ctxOf(t), "b", kindEcho, make([]byte, MaxPayload+1))
	if !errors.Is(err, ErrTooLarge) || !NotHandled(err) {
		t.Errorf("one byte too many: %v", err)
	}
}

func TestAnswerTooLarge(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	b.Handle(kindEcho, func(context.Context, string, []byte) ([]byte, error) {
		return make([]byte, MaxPayload+1), nil
	})
	b.Start()
	if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); !errors.Is(err, ErrFailed) || NotHandled(err) {
		t.Fatal(err)
	}
}

func TestErrorsCrossTheWire(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	answers := []error{
		ErrFailed, ErrUnknownKind, ErrNotMember, ErrOverloaded, ErrNotReady, ErrNotLeader,
		ErrNoLeader, ErrTimeout, ErrUnknownOutcome, ErrClosed, ErrVersion, ErrTooLarge,
	}
	b.Handle(kindEcho, func(_ context.Context, _ string, p []byte) ([]byte, error) {
		return nil, fmt.Errorf("handler: %w: %s", answers[p[0]], strings.Repeat("x", 2*maxText))
	})
	b.Start()
	for i, want := range answers {
		_, err := a.Call(ctxOf(t), "b", kindEcho, []byte{byte(i)})
		var ce *CallError
		if !errors.As(err, &ce) || ce.Status != want || ce.ServerID != "b" || len(ce.Text) != maxText {
			t.Errorf("%v arrived as %v", want, err)
		}
		if !errors.Is(err, want) || NotHandled(err) != NotHandled(want) {
			t.Errorf("%v: NotHandled is %v there, %v here", want, NotHandled(want), NotHandled(err))
		}
	}
}

func TestUnknownKind(t *testing.T) {
	w := newWorld(t)
	a := w.listen("a")
	w.echoing("b")
	if _, err := a.Call(ctxOf(t), "b", 77, nil); !errors.Is(err, ErrUnknownKind) || !NotHandled(err) {
		t.Fatal(err)
	}
	if _, err := a.Call(ctxOf(t), "b", kindPing, nil); !errors.Is(err, ErrUnknownKind) {
		t.Fatal(err)
	}
}

// TestMembers checks that membership is asked for each call.
func TestMembers(t *testing.T) {
	const kindJoin Kind = 9
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	b.Handle(kindEcho, echo)
	b.HandleAnyone(kindJoin, echo)
	b.Start()
	if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); err != nil {
		t.Fatal(err)
	}
	w.banish("a")
	if _, err := a.Call(ctxOf(t), "b", kindEcho, nil); !errors.Is(err, ErrNotMember) || !NotHandled(err) {
		t.Fatalf("call of a stranger: %v", err)
	}
	if _, err := a.Call(ctxOf(t), "b", kindJoin, nil); err != nil {
		t.Fatalf("call open to strangers: %v", err)
	}
}

func TestDeadlineGoesAlong(t *testing.T) {
	w := newWorld(t)
	a, b := w.listen("a"), w.listen("b")
	b.Handle(kindEcho, func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
		deadline, ok := ctx.Deadline()
		return fmt.Appendf(nil, "%v %v", ok, time.Until(deadline) > 50*time.Minute), nil
	})
	b.Start()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for _, tt := range []struct {
		ctx  context.Context
		want string
	}{{ctx, "true true"}, {t.Context(), "false false"}} {
		got, err := a.Call(tt.ctx, "b", kindEcho, nil)
		if err != nil || string(got) != tt.want {
			t.Errorf("handler saw %q, %v, want %q", got, err, tt.want)
		}
	}
}
