package load

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
)

// token is one that clients know the text of.
type token struct {
	check.Token
	number int // in the history
	id     string
	depth  int
	values atomic.Int64 // the last value put into its cubbyhole
	over   atomic.Bool  // it was revoked or refused
}

// pool is what clients know of. Work happens among the most recent tokens, so that
// each is asked about many times, around its revocation too; the audit at the end
// asks about all.
type pool struct {
	mu  sync.Mutex
	all []*token
}

// recent is how many tokens are worked on.
const recent = 400

func (p *pool) add(t *token) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, t)
}

// some is a recent token that suits; nil when a few tries find none. Tokens that
// are over are asked about too, but less often.
func (p *pool) some(random *rand.Rand, suits func(*token) bool) *token {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range 8 {
		last := min(len(p.all), recent)
		if last == 0 {
			return nil
		}
		t := p.all[len(p.all)-1-random.IntN(last)]
		if suits(t) && (!t.over.Load() || random.IntN(4) == 0) {
			return t
		}
	}
	return nil
}

func (p *pool) tokens() []*token {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*token(nil), p.all...)
}

func anyToken(*token) bool     { return true }
func countsUses(t *token) bool { return t.Uses > 0 }

// free can be asked with its own authority without spending anything.
func free(t *token) bool { return t.Uses == 0 }

func lives(t *token) bool { return t.Uses == 0 && t.TTL > 0 }

// bears may have children: it lives on, so that its children can, and the tree
// stays shallow.
func bears(t *token) bool { return t.Uses == 0 && t.TTL == 0 && t.depth < 4 }
