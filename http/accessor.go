package http

// NewAccessor draws the accessor of a token that no request makes: the initial
// root token of an automated formation.
func NewAccessor() string { return newAccessor() }
