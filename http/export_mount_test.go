package http

import (
	"context"
	"strings"
)

// MountPaths lists the paths that mounts of login methods answer, below theirs.
func MountPaths(s *Server) (paths []string) {
	for _, routes := range s.methods { // order: a test compares sets
		for _, m := range routes {
			paths = append(paths, strings.TrimPrefix(m.route.path, "auth/{mount}/"))
		}
	}
	return paths
}

// EnginePaths is MountPaths for secrets engines.
func EnginePaths(s *Server) (paths []string) {
	for _, routes := range s.secrets { // order: a test compares sets
		for _, m := range routes {
			paths = append(paths, strings.TrimPrefix(m.route.path, "{mount}/"))
		}
	}
	return paths
}

// Hashing is the bound on passwords that are hashed at once.
type Hashing struct{ hashing }

// NewHashing lets so many in and so many more wait.
func NewHashing(at, queue int) *Hashing {
	h := new(Hashing)
	h.init(Limits{Hashes: at, HashQueue: queue})
	return h
}

func (h *Hashing) Enter(ctx context.Context) error { return h.enter(ctx) }
func (h *Hashing) Leave()                          { h.leave() }
func (h *Hashing) Waiting() int                    { return int(h.waiting.Load()) }
