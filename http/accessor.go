package http

import (
	"errors"
	"fmt"

	"github.com/jeton-io/jeton/fsm"
)

// NewAccessor draws the accessor of a token that no request makes: the initial
// root token of an automated formation.
func NewAccessor() string { return newAccessor() }

// CheckRootToken says whether requests can use a text as their token: one of ours,
// or an id that root may choose. A cluster whose first token is anything else
// has no root. The error does not show the text.
func CheckRootToken(text string) error {
	kind, valid := parseToken(text)
	switch {
	case text == "":
		return errors.New("root token is empty")
	case kind == kindService && valid:
		return nil
	case kind == kindService:
		return fmt.Errorf("root token starts with %q, but is none of ours: its length or checksum is wrong", prefixService)
	case len(text) > fsm.MaxTokenIDBytes:
		return fmt.Errorf("root token has %d bytes, at most %d are allowed", len(text), fsm.MaxTokenIDBytes)
	}
	if err := chosenID(text); err != nil {
		return fmt.Errorf("root token: %w", err)
	}
	return nil
}
