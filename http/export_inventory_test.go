package http

import "github.com/jeton-io/jeton/cluster"

// CursorOf is a cursor with a right checksum and any place.
func CursorOf(question string, index uint64, place []byte) string {
	k := cursor{pin: 1, index: index, place: place}
	return k.text(question)
}

// EverythingQuestion is that of a listing without a filter.
var EverythingQuestion = "tokens " + new(filterText).question()

// The bounds on states that are kept for listings.
const (
	MaxPins = maxPins
	PinLife = pinLife
)

// Pins keeps states.
type Pins struct{ pins }

func (p *Pins) Keep(v cluster.View) uint64               { return p.keep(v) }
func (p *Pins) Find(id uint64) (v cluster.View, ok bool) { return p.find(id) }
func (p *Pins) Release()                                 { p.release() }
