package http

import (
	"github.com/jeton-io/jeton/fsm"
)

func (s *Server) createChild(c *call) (answer, error) {
	return c.create(&fsm.TokenCreate{Endpoint: fsm.CreateChild})
}

func (s *Server) createOrphan(c *call) (answer, error) {
	return c.create(&fsm.TokenCreate{Endpoint: fsm.CreateOrphan})
}

func (s *Server) createByRole(c *call) (answer, error) {
	return c.create(&fsm.TokenCreate{Endpoint: fsm.CreateByRole, Role: c.variable("role")})
}

// create makes a token. Its secret and accessor are drawn here; the secret stays
// in this request's memory and only its digest goes into the command.
func (c *call) create(cmd *fsm.TokenCreate) (answer, error) {
	chosen := c.createFields(cmd)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	c.created = chosen
	if chosen == "" {
		c.created = newServiceToken()
	} else if err := chosenID(chosen); err != nil {
		return answer{}, err
	}
	var err error
	if cmd.Token, err = c.s.cluster.Digest(c.created); err != nil {
		return answer{}, err
	}
	cmd.ChosenID = chosen != ""
	cmd.Accessor = newAccessor()
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, err
	}
	return c.handOver(reply.Result.(*fsm.TokenCreated))
}

const createTakes = "id policies meta no_parent no_default_policy renewable explicit_max_ttl period" +
	" display_name num_uses entity_alias ttl lease type"

// createFields takes the fields of a create request and returns the id that the
// client chose, if it did.
func (c *call) createFields(cmd *fsm.TokenCreate) (id string) {
	b := &c.body
	id = b.text("id")
	cmd.Policies = b.list("policies", fsm.MaxPolicies)
	cmd.Meta = b.pairs("meta", fsm.MaxMetaPairs)
	cmd.NoParent = b.flag("no_parent", false)
	cmd.NoDefaultPolicy = b.flag("no_default_policy", false)
	cmd.NotRenewable = !b.flag("renewable", true)
	cmd.ExplicitMaxTTL = b.duration("explicit_max_ttl")
	cmd.Period = b.duration("period")
	cmd.DisplayName = b.text("display_name")
	cmd.NumUses = uint32(b.whole("num_uses", fsm.MaxUses))
	cmd.EntityAlias = b.text("entity_alias")
	cmd.TTL = b.duration("ttl")
	if lease := b.duration("lease"); b.has("lease") {
		c.warn("Field \"lease\" is deprecated, use \"ttl\" instead")
		if cmd.TTL == 0 {
			cmd.TTL = lease
		}
	}
	switch kind := b.text("type"); kind {
	case "":
	case "service":
		cmd.Type = fsm.TypeService
	case "batch":
		cmd.Type = fsm.TypeBatch
	default:
		b.fail("type", "is %s, expected service or batch", quote(kind))
	}
	return id
}
