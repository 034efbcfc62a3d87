package http

import "github.com/gorilla/mux"

// NewWrappingToken draws the text of a wrapping token that holds nothing.
func NewWrappingToken() string { return newWrappingToken() }

// RoutePaths lists the paths that a server answers, without the /v1/ and the
// folder forms with a slash at the end.
func RoutePaths(s *Server) (paths []string) {
	err := s.router.Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := r.GetPathTemplate()
		if last := len(path) - 1; path[last] != '/' {
			paths = append(paths, path[len("/v1/"):])
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	return paths
}

// AuditRefusals are the messages about devices that fail.
func AuditRefusals() []string {
	return []string{errUnrecorded.Error(), errWithheld.Error(), errHushed.Error()}
}
