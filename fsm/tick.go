package fsm

// Tick moves the log's clock and nothing else: its entry's stamp does that. A
// node says "expired" by a time later than the log's clock only after that time
// is in the log, so that what was refused stays refused after a failover.
type Tick struct{}

func (*Tick) kind() Kind                   { return kindTick }
func (*Tick) cluster()                     {}
func (*Tick) fields(*coder)                {}
func (*Tick) Validate() error              { return nil }
func (*Tick) access(*State, *Actor) Access { return Access{} }

func (*Tick) apply(*Tx, *Actor) (Result, *Error) { return &Done{}, nil }
