package cluster

import (
	"crypto/rand"
	"encoding/binary"
	"sync"

	"github.com/jeton-io/jeton/fsm"
)

// session numbers this process's requests. The state machine keeps the outcome
// of each until the node says, with a later request, that it was answered.
type session struct {
	id uint64

	mu       sync.Mutex
	low      uint64 // smallest number not yet answered
	answered []bool // of low, low+1, …
}

func newSession() *session {
	var b [8]byte
	for {
		rand.Read(b[:])
		if id := binary.BigEndian.Uint64(b[:]); id != 0 {
			return &session{id: id, low: 1}
		}
	}
}

// next draws a request id.
func (s *session) next() fsm.RequestID {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered = append(s.answered, false)
	return fsm.RequestID{Session: s.id, Seq: s.low + uint64(len(s.answered)) - 1, Low: s.low}
}

// done says that nobody will ask for the outcome of seq again.
func (s *session) done(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answered[seq-s.low] = true
	n := 0
	for n < len(s.answered) && s.answered[n] {
		n++
	}
	if n > 0 {
		s.low += uint64(n)
		s.answered = append(s.answered[:0], s.answered[n:]...)
	}
}
