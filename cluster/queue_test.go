package cluster

import (
	"errors"
	"sync"
	"testing"
)

func TestQueueTakesBoundedBatchesInOrder(t *testing.T) {
	const kib = 1 << 10
	tests := []struct {
		name  string
		sizes []int
		want  []int // commands of each batch
	}{
		{"empty", nil, nil},
		{"one", []int{10}, []int{1}},
		{"by number", make([]int, 2*batchCommands+1), []int{batchCommands, batchCommands, 1}},
		{"by bytes", []int{60 * kib, 60 * kib, 60 * kib}, []int{2, 1}},
		{"exactly full", []int{64 * kib, 64 * kib, 1}, []int{2, 1}},
		{"a large one goes alone", []int{200 * kib, 1, 1}, []int{1, 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := newQueue(1 << 20)
			var all []*op
			for _, n := range tt.sizes {
				all = append(all, newOp(make([]byte, n), false))
			}
			if err := q.put(all...); err != nil {
				t.Fatal(err)
			}
			for i, want := range tt.want {
				if len(q.wake) != 1 {
					t.Fatalf("batch %d: nobody was woken for it", i)
				}
				<-q.wake
				got := q.take()
				if len(got) != want {
					t.Fatalf("batch %d has %d commands, want %d", i, len(got), want)
				}
				for j := range got {
					if got[j] != all[j] {
						t.Fatalf("batch %d is out of order at %d", i, j)
					}
				}
				all = all[want:]
			}
			if rest := q.take(); len(rest) != 0 || q.len() != 0 {
				t.Fatalf("%d commands left", len(rest))
			}
		})
	}
}

func TestQueuePutsAllOrNone(t *testing.T) {
	q := newQueue(3)
	two := []*op{newOp(nil, false), newOp(nil, false)}
	if err := q.put(two...); err != nil {
		t.Fatal(err)
	}
	if err := q.put(two...); !errors.Is(err, ErrOverloaded) || q.len() != 2 {
		t.Fatalf("put of 2 on 2 of 3: %v, %d queued", err, q.len())
	}
}

// Whatever is put while the queue closes is answered exactly once: by put's own
// error, by close, or by whoever took it.
func TestQueueAnswersEachOnceWhenClosed(t *testing.T) {
	for range 200 {
		q := newQueue(1000)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					o := newOp(nil, false)
					if err := q.put(o); err != nil {
						if !errors.Is(err, ErrNoLeader) {
							t.Errorf("put: %v", err)
						}
						continue
					}
					<-o.answer
				}
			})
		}
		wg.Go(func() {
			for range 10 {
				fail(q.take(), ErrNoLeader)
			}
			q.close(ErrNoLeader)
		})
		wg.Wait()
	}
}
