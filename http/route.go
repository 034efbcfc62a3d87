package http

import (
	"net/http"

	"github.com/gorilla/mux"
	"github.com/jeton-io/jeton/fsm/policy"
)

// handler answers one operation on one path. It returns an answer or an error
// that errors.go knows how to show.
type handler func(*call) (answer, error)

// route is one path of the API with what can be done there.
type route struct {
	// path stands below /v1/ in mux's syntax, {name} being one segment. It is
	// also the name of the route in logs and metrics.
	path string

	read, list, update, delete, patch handler

	open    bool // answered to callers without a token
	vital   bool // answered even when too many requests are under way
	folder  bool // means the same with a final slash
	secret  bool // holds a token in its path: a form of 2015
	gateway bool // speaks as Waypoint's gateway does
	raw     bool // an update's body is no JSON, and its handler reads it
	founds  bool // what an update does needs no token before the cluster is initialized
	login   bool // makes the caller's token; open, and yet the client's address counts

	about about // for sys/internal/specs/openapi

	// resolve puts another route in the place of this one, for paths that are data.
	resolve func(*call) error
}

// about tells people what can be done on a route: a sentence for each operation,
// and the names of fields, divided by spaces and explained in openapi_fields.go.
type about struct {
	read, list, update, delete, patch string

	takes string // fields of a body
	asks  string // query parameters of read
}

// operation is what a request wants done, as policies see it.
type operation struct {
	name       string
	capability policy.Capability
}

var (
	opRead   = operation{"read", policy.Read}
	opList   = operation{"list", policy.List}
	opUpdate = operation{"update", policy.Update}
	opDelete = operation{"delete", policy.Delete}
	opPatch  = operation{"patch", policy.Patch}
)

func (rt *route) handler(op operation) handler {
	switch op {
	case opRead:
		return rt.read
	case opList:
		return rt.list
	case opUpdate:
		return rt.update
	case opDelete:
		return rt.delete
	case opPatch:
		return rt.patch
	}
	return nil
}

// verbs is the Allow header of a route.
func (rt *route) verbs() string {
	var v string
	add := func(h handler, names string) {
		if h == nil {
			return
		}
		if v != "" {
			v += ", "
		}
		v += names
	}
	add(rt.read, "GET")
	add(rt.list, "LIST")
	add(rt.update, "POST, PUT")
	add(rt.delete, "DELETE")
	add(rt.patch, "PATCH")
	return v
}

// routes fills the router. mux tries routes in order, so the ones that are
// called a thousand times a second come first.
func (s *Server) routes() {
	s.router = mux.NewRouter().SkipClean(true)
	s.tokenRoutes()
	s.mountRoutes()
	s.cubbyholeRoutes()
	s.sysRoutes()
	s.policyRoutes()
	s.leaseRoutes()
	s.leaseCountRoutes()
	s.authRoutes()
	s.secretMountRoutes()
	s.rotateRoutes()
	s.keyringRoutes()
	s.inventoryRoutes()
	s.auditRoutes()
	s.metricsRoutes()
	s.quotaRoutes()
	s.toolRoutes()
	s.lockoutRoutes()
	s.uiRoutes()
	s.nodeRoutes()
	s.snapshotRoutes()
	s.snapshotAutoRoutes()
	s.specRoutes()
	s.waypointRoutes()
	s.signedRoutes()
	s.engineRoutes()
}

// handle adds a route. Paths hold no regular expressions but {name:.*}, which
// takes the rest of the path.
func (s *Server) handle(rt route) {
	s.table = append(s.table, &rt)
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(&rt, w, r) })
	s.router.Handle("/v1/"+rt.path, serve)
	if rt.folder {
		s.router.Handle("/v1/"+rt.path+"/", serve)
	}
}

// unknown is the route of paths that no other route has.
var unknown = route{path: "unknown"}

// serveHTTP finds the route. mux's own answers for what it does not find are
// not used: such requests are judged like all others.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	var match mux.RouteMatch
	if s.router.Match(r, &match) && match.MatchErr == nil {
		if len(match.Vars) > 0 {
			r = mux.SetURLVars(r, match.Vars)
		}
		match.Handler.ServeHTTP(w, r)
		return
	}
	s.serve(&s.elsewhere, w, r)
}
