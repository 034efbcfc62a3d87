package http

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"
)

const (
	// passwordCost is bcrypt's: 2^10 rounds, Vault's choice too.
	passwordCost = 10
	// maxPasswordBytes is what bcrypt looks at. A longer password is refused, not
	// cut: two that differ in the end would be the same.
	maxPasswordBytes = 72
	// maxHashBytes is the length of a bcrypt hash.
	maxHashBytes = 60
)

// nobodysHash is of 32 random bytes that were thrown away.
var nobodysHash = []byte("$2a$10$Y9X59U5b8g2pFaJnqdsThOUG8mpZZ/kSiSZMktidOi2g8n3J/YsDO")

// hashing bounds how many passwords are hashed at once, so that the machine has
// processors left for everything else, and how many may wait for that.
type hashing struct {
	slots   chan struct{}
	waiting atomic.Int64
	most    int64
}

func (h *hashing) init(l Limits) {
	h.slots = make(chan struct{}, l.Hashes)
	h.most = int64(l.HashQueue)
}

// enter waits for a processor; leave gives it back.
func (h *hashing) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > h.most {
		return errBusy
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errBusy
	}
}

func (h *hashing) leave() { <-h.slots }

// hashPassword makes what is stored of a password.
func (c *call) hashPassword(password string) ([]byte, error) {
	if len(password) > maxPasswordBytes {
		return nil, invalid("password has %d bytes, at most %d are allowed", len(password), maxPasswordBytes)
	}
	if err := c.s.hashing.enter(c.ctx); err != nil {
		return nil, err
	}
	defer c.s.hashing.leave()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), passwordCost)
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// comparePassword says whether a hash is of the password.
func (c *call) comparePassword(hash []byte, password string) (bool, error) {
	if err := c.s.hashing.enter(c.ctx); err != nil {
		return false, err
	}
	defer c.s.hashing.leave()
	text := []byte(password)
	tooLong := len(text) > maxPasswordBytes
	if tooLong {
		text = text[:maxPasswordBytes] // hashed all the same, for the time it takes
	}
	err := bcrypt.CompareHashAndPassword(hash, text)
	switch {
	case err == nil:
		return !tooLong, nil
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return false, nil
	}
	return false, fmt.Errorf("compare password: %w", err)
}
