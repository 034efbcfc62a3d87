package fsm

// PolicyName brings the name of a policy into the form in which it is stored and
// in which tokens hold it: trimmed, ASCII letters in lower case.
func PolicyName(s string) string { return foldName(s) }
