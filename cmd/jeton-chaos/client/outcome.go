package client

// Outcome is what a client knows of a request's effect.
type Outcome uint8

const (
	// Open: no answer, or one that promises nothing. The request may have taken
	// effect, may never do so, or may do so later.
	Open Outcome = iota
	// Done: a 2xx.
	Done
	// Refused: a verdict, 4xx. The request had no effect but the use it was
	// charged.
	Refused
	// Void: certainly without effect. The connection was not made, or the server
	// says so itself; that it keeps this word is part of what is tested.
	Void
)

func (o Outcome) String() string {
	return [...]string{"open", "done", "refused", "void"}[o]
}
