package rpc

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// maxSegmentBytes bounds a name in a path. Nothing has a name that long.
const maxSegmentBytes = 512

// segment is a name as it stands in a path; false if it can stand in none. A message
// may name things in ways that a path cannot, or that a path would take for something
// else: such a thing does not exist.
func segment(name string) (string, bool) {
	if name == "" || name == "." || name == ".." || len(name) > maxSegmentBytes {
		return "", false
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '/' || r == '\\' }) {
		return "", false
	}
	return url.PathEscape(name), true
}

// judged is no, or what the caller is told instead who may not even read path.
func (s *service) judged(ctx context.Context, path string, no error) error {
	if _, err := s.do(ctx, http.MethodGet, path, nil); err != nil {
		return err
	}
	return no
}
