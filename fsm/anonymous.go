package fsm

// anonymousCommand marks the commands that need no caller, because the proof
// that they rest on was checked by the node that proposes them.
type anonymousCommand interface{ anonymous() }

// NeedsNoCaller says whether a command is applied for whoever sends it. Such a
// command takes no idempotency key: there is nobody whom it could belong to.
func NeedsNoCaller(c Command) bool {
	_, ok := c.(anonymousCommand)
	return ok
}
