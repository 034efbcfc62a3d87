package http

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// toRunner is what a runner says of itself. Its state and times are not believed; the
// label that its hash adds is none of its labels.
func toRunner(id string, said *api.Runner) fsm.Runner {
	r := fsm.Runner{ID: id, ByIDOnly: said.GetByIdOnly(), LabelHash: waypoint.LabelHash(said.GetLabels())}
	switch kind := said.GetKind().(type) {
	case *api.Runner_DeprecatedIsOdr:
		if kind.DeprecatedIsOdr {
			r.Kind = fsm.RunnerOldODR
		}
	case *api.Runner_Odr:
		r.Kind, r.Profile = fsm.RunnerODR, kind.Odr.GetProfileId()
	case *api.Runner_Local_:
		r.Kind = fsm.RunnerLocal
	case *api.Runner_Remote_:
		r.Kind = fsm.RunnerRemote
	}
	for _, p := range said.GetComponents() {
		r.Components = append(r.Components, fsm.RunnerComponent{Type: uint32(p.GetType()), Name: p.GetName()})
	}
	for k, v := range said.GetLabels() { // order: sorted below
		if k != waypoint.HashLabel {
			r.Labels = append(r.Labels, fsm.MetaPair{Key: k, Value: v})
		}
	}
	slices.SortFunc(r.Labels, func(a, b fsm.MetaPair) int { return strings.Compare(a.Key, b.Key) })
	return r
}

func shownRunner(r *fsm.Runner) *api.Runner {
	shown := &api.Runner{
		Id: r.ID, ByIdOnly: r.ByIDOnly, AdoptionState: api.Runner_AdoptionState(r.State),
		FirstSeen: timestamppb.New(r.FirstSeen.Time()), LastSeen: timestamppb.New(r.LastSeen.Time()),
		Labels: make(map[string]string, len(r.Labels)),
	}
	switch r.Kind {
	case fsm.RunnerOldODR:
		shown.Kind = &api.Runner_DeprecatedIsOdr{DeprecatedIsOdr: true}
	case fsm.RunnerODR:
		shown.Kind = &api.Runner_Odr{Odr: &api.Runner_ODR{ProfileId: r.Profile}}
	case fsm.RunnerLocal:
		shown.Kind = &api.Runner_Local_{Local: &api.Runner_Local{}}
	case fsm.RunnerRemote:
		shown.Kind = &api.Runner_Remote_{Remote: &api.Runner_Remote{}}
	}
	for _, p := range r.Components {
		shown.Components = append(shown.Components, &api.Component{Type: api.Component_Type(p.Type), Name: p.Name})
	}
	for _, l := range r.Labels {
		shown.Labels[l.Key] = l.Value
	}
	return shown
}

// listRunners lists the runners, the greatest id first, as Waypoint does.
func listRunners(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	resp := new(api.ListRunnersResponse)
	view.State.Runners(func(r *fsm.Runner) bool {
		resp.Runners = append(resp.Runners, shownRunner(r))
		return true
	})
	slices.Reverse(resp.Runners)
	return said(resp)
}

func readRunner(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	r, ok := view.State.Runner(c.variable("id"))
	if !ok {
		c.about = detail{"id", c.variable("id")}
		return answer{}, &fsm.Error{Code: fsm.NotFound, Reason: fsm.RunnerNotFound}
	}
	return said(shownRunner(r))
}

// adoptRunner rejects the runner unless the request says to adopt it, as Waypoint does.
func adoptRunner(c *call) (answer, error) {
	var req api.AdoptRunnerRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	c.about = detail{"id", c.variable("id")}
	return c.nothingSaid(c.propose(&fsm.RunnerAdopt{ID: c.variable("id"), Adopt: req.Adopt}))
}

func forgetRunner(c *call) (answer, error) {
	return c.nothingSaid(c.propose(&fsm.RunnerForget{ID: c.variable("id")}))
}

// runnerOnline says again and again that a runner is at work, each time with what it
// says of itself; one that is silent for too long is forgotten unless it is adopted.
func runnerOnline(c *call) (answer, error) {
	var req api.RunnerTokenRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	return c.nothingSaid(c.propose(&fsm.RunnerOnline{Runner: toRunner(c.variable("id"), req.Runner)}))
}

// runnerOffline lets a runner go that is not adopted. Whoever could have registered it
// may say so: with the cookie alone, that is of one who waits.
func runnerOffline(c *call) (answer, error) {
	id := c.variable("id")
	a, err := c.optionalCaller()
	if err != nil {
		return answer{}, err
	}
	switch {
	case a != nil && speaksFor(a, id):
	case !c.cookie:
		return answer{}, errCookieMissing
	default:
		view, err := c.s.cluster.View(c.ctx)
		if err != nil {
			return answer{}, err
		}
		if r, ok := view.State.Runner(id); ok && r.State == fsm.RunnerPreadopted {
			return answer{}, errNotWaiting
		}
	}
	return c.nothingSaid(c.anonymously(&fsm.RunnerOffline{ID: id}))
}

// speaksFor says whether a caller may be the one who runs a runner: a login, a token for
// that runner or for any.
func speaksFor(a *fsm.Actor, id string) bool {
	t := a.Token.Signed()
	return t != nil && (t.Kind == fsm.SignedLogin || t.Kind == fsm.SignedRunner && t.Serves(id))
}
