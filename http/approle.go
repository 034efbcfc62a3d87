package http

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// approleRoutes are what an approle mount answers, the login first.
func approleRoutes() []mountRoute {
	return append([]mountRoute{
		below("login", route{folder: true, open: true, login: true, update: loginApprole, about: about{
			update: "Makes a token of a role-id and a secret-id.", takes: "role_id secret_id",
		}}),
		below("role", route{folder: true, list: listApproles, about: about{
			list: "Lists the roles.",
		}}),
		below("role/{name}", route{folder: true, read: readApprole, update: writeApprole, delete: deleteApprole, about: about{
			read: "Shows a role.", update: "Makes a role or changes what is named of one.", delete: "Deletes a role, and its secret-ids with it.",
			takes: approleTakes + " policies period " + paramTakes,
		}}),
		below("role/{name}/role-id", route{folder: true, read: readRoleField("role_id"), update: writeRoleID, about: about{
			read: "Shows the role-id.", update: "Gives the role another role-id.", takes: "role_id",
		}}),
		below("role/{name}/local-secret-ids", route{folder: true, read: readRoleField("local_secret_ids"), about: about{
			read: "Says what the role was made with.",
		}}),
		below("role/{name}/secret-id", route{folder: true, list: listSecretIDs, update: makeSecretID, about: about{
			list: "Lists the accessors of the secret-ids.", update: "Makes a secret-id.", takes: secretIDTakes,
		}}),
		below("role/{name}/custom-secret-id", route{folder: true, update: chooseSecretID, about: about{
			update: "Makes a secret-id of a text of one's own.", takes: "secret_id " + secretIDTakes,
		}}),
		below("role/{name}/secret-id/lookup", route{folder: true, update: lookupSecretID, about: about{
			update: "Shows what is known of a secret-id.", takes: "secret_id",
		}}),
		below("role/{name}/secret-id/destroy", route{folder: true, update: destroySecretID, delete: destroySecretID, about: about{
			update: "Ends a secret-id.", delete: "Ends a secret-id.", takes: "secret_id",
		}}),
		below("role/{name}/secret-id-accessor/lookup", route{folder: true, update: lookupSecretAccessor, about: about{
			update: "Shows what is known of the secret-id of an accessor.", takes: "secret_id_accessor",
		}}),
		below("role/{name}/secret-id-accessor/destroy", route{folder: true, update: destroySecretAccessor, delete: destroySecretAccessor, about: about{
			update: "Ends the secret-id of an accessor.", delete: "Ends the secret-id of an accessor.", takes: "secret_id_accessor",
		}}),
		below("tidy/secret-id", route{folder: true, update: tidySecretIDs, about: about{
			update: "Has nothing to do: expired secret-ids are cleared away continuously.",
		}}),
	}, approleFieldRoutes()...)
}

// onRole reads the role that the path names, for a caller who may do what the
// request asks. The right is looked for on the name as it is stored.
func (c *call) onRole() (*fsm.State, fsm.Instant, *fsm.Approle, error) {
	view, _, err := c.read(c.roleAccess())
	if err != nil {
		return nil, 0, nil, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return nil, 0, nil, err
	}
	r, ok := view.State.Approle(m, c.roleName())
	if !ok {
		return nil, 0, nil, errNothing
	}
	return view.State, view.At, r, nil
}

// roleName is the name of the role in the path, as it is stored.
func (c *call) roleName() string { return fsm.UserName(c.place.name) }

// roleAccess is what the request needs by its verb and by its path with the name
// as it is stored.
func (c *call) roleAccess() fsm.Access {
	path := strings.TrimSuffix(c.path, "/")
	head := "auth/" + c.place.mount + "/role/"
	return fsm.Access{Path: head + c.roleName() + path[len(head)+len(c.place.name):], Capability: c.op.capability}
}

func listApproles(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return answer{}, err
	}
	return names(view.State.ApproleNames(m))
}

func readApprole(c *call) (answer, error) {
	_, _, r, err := c.onRole()
	if err != nil {
		return answer{}, err
	}
	return answer{data: approleData(r)}, nil
}

func deleteApprole(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.ApproleDelete{Mount: c.place.mount, Name: c.roleName()})
	return answer{}, err
}

// writeApprole makes a role or changes what the request names of one. A new role
// gets a role-id that is drawn here, unless the request has one.
func writeApprole(c *call) (answer, error) {
	cmd := c.approleSet(fsm.ApproleWhole)
	c.approleRules(cmd)
	cmd.GivenParams = c.body.tokenParams(&cmd.Params, fsm.GivenTokenPolicies|fsm.GivenTokenPeriod)
	c.plainType(&cmd.Params)
	cmd.RoleID = c.body.text("role_id")
	if c.body.has("role_id") {
		cmd.Given |= fsm.GivenRoleID
	} else {
		cmd.RoleID = newUUID()
	}
	return c.setApprole(cmd)
}

// plainType: which of its types a mount has by default does not matter to a role
// that names one.
func (c *call) plainType(p *fsm.TokenParams) {
	switch p.Type {
	case fsm.TypeDefaultService:
		p.Type = fsm.TypeService
		c.warn("default-service has no useful meaning; adjusting to service")
	case fsm.TypeDefaultBatch:
		p.Type = fsm.TypeBatch
		c.warn("default-batch has no useful meaning; adjusting to batch")
	}
}

func writeRoleID(c *call) (answer, error) {
	cmd := c.approleSet(fsm.ApproleRoleID)
	cmd.Given, cmd.RoleID = fsm.GivenRoleID, c.body.text("role_id")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if cmd.RoleID == "" {
		return answer{}, invalid("missing role_id")
	}
	return c.setApprole(cmd)
}

func (c *call) approleSet(endpoint fsm.ApproleEndpoint) *fsm.ApproleSet {
	return &fsm.ApproleSet{Endpoint: endpoint, Mount: c.place.mount, Name: c.roleName()}
}

func (c *call) setApprole(cmd *fsm.ApproleSet) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if n := len(cmd.RoleID); n > fsm.MaxRoleIDBytes {
		return answer{}, invalid("field \"role_id\" has %d bytes, at most %d are allowed", n, fsm.MaxRoleIDBytes)
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

func approleData(r *fsm.Approle) object {
	data := paramData(&r.Params)
	data["bind_secret_id"] = r.Rules.Bind
	data["secret_id_bound_cidrs"] = showRanges(r.Rules.CIDRs)
	data["secret_id_num_uses"] = r.Rules.NumUses
	data["secret_id_ttl"] = int64(r.Rules.TTL / time.Second)
	data["local_secret_ids"] = r.Rules.Local
	return data
}

// showRanges spells ranges with their lengths, single addresses too; null when
// there are none. Vault shows these as they were written.
func showRanges(ranges []netip.Prefix) (out []string) {
	for _, p := range ranges {
		out = append(out, p.String())
	}
	return out
}

// tidySecretIDs has nothing to do: the leader clears away what has expired, and
// nothing was accepted after its end anyway.
func tidySecretIDs(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if _, _, err := c.read(fsm.Access{Path: "auth/" + c.place.mount + "/tidy/secret-id", Capability: policy.Update}); err != nil {
		return answer{}, err
	}
	c.warn("Expired secret IDs are cleared away continuously; there was nothing to start.")
	return answer{status: http.StatusAccepted}, nil
}
