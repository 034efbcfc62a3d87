package http

import (
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// cubbyholeMount is where every token has a storage of its own.
const cubbyholeMount = "cubbyhole/"

func (s *Server) cubbyholeRoutes() {
	s.handle(route{path: "cubbyhole", folder: true, list: listCubbyhole, about: about{
		list: "Lists the values of the calling token at the top.",
	}})
	s.handle(route{
		path: "cubbyhole/{path:.*}",
		read: readCubbyhole, list: listCubbyhole, update: writeCubbyhole, delete: deleteCubbyhole,
		about: about{read: "Shows a value of the calling token.", list: "Lists values of the calling token.", update: "Keeps a value for the calling token: the whole body.", delete: "Deletes a value of the calling token."},
	})
}

// errBatchCubbyhole is what the machine says to writes.
var errBatchCubbyhole = &fsm.Error{Code: fsm.Invalid, Reason: fsm.BatchCubbyhole}

// within is the request's path inside the cubbyhole.
func within(c *call) string { return strings.TrimPrefix(c.path, cubbyholeMount) }

func readCubbyhole(c *call) (answer, error) {
	view, actor, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	if held, ok := view.State.WrappedBy(actor.Token.Digest); ok {
		return c.readWrapped(actor.Token, held)
	}
	if actor.Token.IsBatch() {
		return answer{}, errBatchCubbyhole
	}
	sealed, ok := view.State.CubbyholeValue(actor.Token.Digest, within(c))
	if !ok {
		return answer{}, errNothing
	}
	box, err := newCubbyholeBox(c.secret, c.s.cluster.Digest)
	if err != nil {
		return answer{}, err
	}
	value, err := box.open(within(c), sealed)
	if err != nil {
		return answer{}, err
	}
	return answer{data: object(value)}, nil
}

func listCubbyhole(c *call) (answer, error) {
	view, actor, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	if actor.Token.IsBatch() {
		return answer{}, errBatchCubbyhole
	}
	return names(view.State.CubbyholeKeys(actor.Token.Digest, within(c)))
}

func writeCubbyhole(c *call) (answer, error) {
	cmd := &fsm.CubbyholeSet{Path: within(c)}
	if err := c.admit(cmd); err != nil {
		return answer{}, err
	}
	value, err := c.body.parameters()
	if err != nil {
		return answer{}, err
	}
	if len(value) == 0 {
		return answer{}, invalid("missing data fields")
	}
	box, err := newCubbyholeBox(c.secret, c.s.cluster.Digest)
	if err != nil {
		return answer{}, err
	}
	if cmd.Value, err = box.seal(cmd.Path, value); err != nil {
		return answer{}, err
	}
	_, err = c.propose(cmd)
	return answer{}, err
}

func deleteCubbyhole(c *call) (answer, error) {
	_, err := c.propose(&fsm.CubbyholeDelete{Path: within(c)})
	return answer{}, err
}
