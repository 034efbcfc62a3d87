package http

import "sync/atomic"

// gate bounds how many requests there are of a kind.
type gate struct {
	max  int64
	open atomic.Int64
}

func (g *gate) enter() bool {
	if g.open.Add(1) > g.max {
		g.open.Add(-1)
		return false
	}
	return true
}

func (g *gate) leave() { g.open.Add(-1) }

// bodyBudget bounds the memory that request bodies take together. Bodies up to
// smallBody are not counted: the gates and the crowd of strangers bound them.
type bodyBudget struct {
	max  int64
	used atomic.Int64
}

const smallBody = 16 << 10

func (b *bodyBudget) take(n int64) bool {
	if b.used.Add(n) > b.max {
		b.used.Add(-n)
		return false
	}
	return true
}

func (b *bodyBudget) give(n int64) { b.used.Add(-n) }
