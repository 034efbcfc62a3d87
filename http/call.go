package http

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/mux"
	"github.com/jeton-io/jeton/fsm"
)

// call is one request on its way through a handler. It is used by one goroutine.
type call struct {
	s     *Server
	ctx   context.Context
	req   *http.Request
	w     http.ResponseWriter
	route *route
	op    operation
	id    requestID // request_id of the answer
	path  string    // below /v1/, as policies see it; a LIST ends in a slash
	query url.Values
	place place // where the request goes below a login method's mount
	body  body  // fields of the request, from the body or, for GET and LIST, from the query

	secret    string // the caller's token; empty: none was shown
	caller    fsm.Caller
	clientKey string     // Idempotency-Key; empty: none
	created   string     // the token that this request makes
	unheld    unheld     // the secret that it makes
	need      fsm.Access // what the caller was last judged for
	actor     *fsm.Actor // the caller as actorIn knows it; nil: not looked up, or unknown
	actorIn   *fsm.State
	inside    bool   // counted among the requests under way
	cookie    bool   // Waypoint's server cookie was shown
	about     detail // of an error in the gateway's shape

	// judged says that the cluster has resolved the caller, charged a counted
	// token and authorized the path for this request.
	judged   bool
	index    uint64 // X-Jeton-Index
	trail    trail  // what audit devices are told
	warnings []string
	notice   string        // that the form of the request is deprecated
	allow    string        // Allow header of a 405
	wait     time.Duration // Retry-After of a 429, when it is known

	after func() // what is to be done when the answer is sent; nil: nothing
	cut   bool   // the answer could not be sent to its end

	unaudited bool // refused by a rate quota, which leaves no trail unless asked to
}

// serve takes a request from the wire to its answer.
func (s *Server) serve(rt *route, w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	s.requests.inFlight.Inc()
	defer s.requests.inFlight.Dec()
	ctx, cancel := context.WithTimeout(r.Context(), s.limits.RequestTimeout)
	defer cancel()
	c := calls.Get().(*call)
	c.s, c.ctx, c.req, c.w, c.route, c.id = s, ctx, r, w, rt, newRequestID()
	defer c.done()
	ans, err := c.guarded()
	status := c.write(ans, err)
	took := time.Since(start)
	s.requests.observe(c.route.path, r.Method, status, took)
	c.logAccess(status, took)
	if c.cut {
		panic(http.ErrAbortHandler) // which net/http takes for: cut the connection
	}
}

// calls are kept for the next requests: each has room for the usual fields.
var calls = sync.Pool{New: func() any { return new(call) }}

// done ends a call. Nothing of it may be used afterwards.
func (c *call) done() {
	if c.after != nil {
		c.after()
	}
	c.body.release(c.s)
	*c = call{}
	calls.Put(c)
}

// guarded runs the handler and turns a panic into a fault of this request alone.
func (c *call) guarded() (ans answer, err error) {
	defer c.leave()
	ans, err = c.sheltered(func() (answer, error) { return c.answer() })
	ans, err = c.sheltered(func() (answer, error) { return c.recordAnswer(ans, err) })
	if err != nil && c.unheld.lease != "" {
		c.s.abandon(c.unheld)
	}
	return ans, err
}

func (c *call) sheltered(work func() (answer, error)) (ans answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			ans, err = answer{}, c.panicked(p)
		}
	}()
	return work()
}

// enter takes a place among the requests under way. Whatever waits for the
// cluster has one; a request that waits for its client has none, so that slow
// clients cannot hold up the others.
func (c *call) enter() error {
	if c.inside || c.route.vital {
		return nil
	}
	if !c.s.gate.enter() {
		return errBusy
	}
	c.inside = true
	return nil
}

func (c *call) leave() {
	if c.inside {
		c.s.gate.leave()
		c.inside = false
	}
}

// answer reads the request and calls its handler. A request that is wrong in
// itself is judged before that is said.
func (c *call) answer() (answer, error) {
	if err := c.readLine(); err != nil {
		return answer{}, err
	}
	if err := c.limit(); err != nil {
		return answer{}, err
	}
	if c.route.gateway {
		if err := c.readGateway(); err != nil {
			return answer{}, err
		}
	}
	if c.route.resolve != nil {
		if err := c.route.resolve(c); err != nil {
			return answer{}, err
		}
		c.settlePath()
	}
	if err := c.readCaller(); err != nil {
		return answer{}, err
	}
	ans, err := c.perform()
	if err == nil && ans.wrappable(c) {
		ans, err = c.wrap(ans)
	}
	if bad, ok := err.(*refusal); ok && !c.judged && !c.route.open && !c.founding() && bad.judgedFirst {
		if denied := c.judge(); denied != nil {
			return answer{}, denied
		}
	}
	return ans, err
}

func (c *call) perform() (answer, error) {
	if c.route == &unknown || c.route.secret && !c.s.legacy || c.route.gateway && !c.s.waypoint {
		return answer{}, c.unsupportedPath()
	}
	h := c.route.handler(c.op)
	if h == nil {
		c.allow = c.route.verbs()
		return answer{}, refuse(http.StatusMethodNotAllowed, "unsupported operation")
	}
	if c.route.raw && c.op == opUpdate {
		if err := c.plainBody(); err != nil {
			return answer{}, err
		}
	} else if err := c.readFields(); err != nil {
		return answer{}, err
	}
	c.trail.fields = true
	if err := c.enter(); err != nil {
		return answer{}, err
	}
	if err := c.recordRequest(); err != nil {
		return answer{}, err
	}
	ans, err := h(c)
	if err == nil && c.op == opList {
		return c.page(ans)
	}
	return ans, err
}

// judge has the cluster say whether the caller may do this at all, and charge a
// counted token for asking.
func (c *call) judge() error {
	if err := c.enter(); err != nil {
		return err
	}
	_, _, err := c.read(c.access())
	return err
}

// access is what the request needs by its path and verb alone. Commands know
// better (create or update); this is for reads and for requests that fail.
func (c *call) access() fsm.Access {
	if c.need.Path != "" {
		return c.need
	}
	return fsm.Access{Path: c.path, Capability: c.op.capability}
}

// variable is a part of the path that the route names in braces.
func (c *call) variable(name string) string { return mux.Vars(c.req)[name] }

// warn adds a warning to the answer.
func (c *call) warn(text string) { c.warnings = append(c.warnings, text) }
