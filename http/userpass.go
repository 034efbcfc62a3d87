package http

import (
	"net/http"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// userpassRoutes are what a userpass mount answers, the login first.
func userpassRoutes() []mountRoute {
	return []mountRoute{
		below("login/{name}", route{open: true, login: true, update: loginUser, about: about{
			update: "Makes a token of a user's password.", takes: "password",
		}}),
		below("users", route{folder: true, list: listUsers, about: about{
			list: "Lists the users.",
		}}),
		below("users/{name}", route{read: readUser, update: writeUser, delete: deleteUser, about: about{
			read: "Shows a user.", update: "Makes a user or changes what is named of one.", delete: "Deletes a user.", takes: "password password_hash " + paramTakes + " " + olderTakes,
		}}),
		below("users/{name}/password", route{update: writePassword, about: about{
			update: "Changes a user's password.", takes: "password password_hash",
		}}),
		below("users/{name}/policies", route{update: writeUserPolicies, about: about{
			update: "Changes a user's policies.", takes: "policies token_policies",
		}}),
	}
}

// userAccess is the right to a user. It is looked for on the name as it is
// stored, so that no rule on a name can be evaded by spelling it otherwise.
func (c *call) userAccess(need policy.Capability) fsm.Access {
	return fsm.Access{Path: "auth/" + c.place.mount + "/users/" + fsm.UserName(c.place.name), Capability: need}
}

// mountIn finds the request's mount in the view that the answer comes from.
func (c *call) mountIn(st *fsm.State) (*fsm.AuthMount, error) {
	m, ok := st.AuthMount(c.place.mount)
	if !ok || m.Type != c.place.method {
		return nil, refuse(http.StatusNotFound, "no handler for route %s. route entry not found.", quote(c.path))
	}
	return m, nil
}

func listUsers(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return answer{}, err
	}
	return names(view.State.UserNames(m))
}

func readUser(c *call) (answer, error) {
	view, _, err := c.read(c.userAccess(policy.Read))
	if err != nil {
		return answer{}, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return answer{}, err
	}
	u, ok := view.State.User(m, fsm.UserName(c.place.name))
	if !ok {
		return answer{}, errNothing
	}
	return answer{data: paramData(&u.Params)}, nil
}

func deleteUser(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.UserDelete{Mount: c.place.mount, Name: fsm.UserName(c.place.name)})
	return answer{}, err
}

// writeUser makes a user or changes what the request names of one.
func writeUser(c *call) (answer, error) {
	cmd := c.userSet(fsm.UserWhole)
	if err := c.admit(cmd); err != nil { // hashing is dear
		return answer{}, err
	}
	cmd.Given = c.body.tokenParams(&cmd.Params, olderParams)
	return c.setUser(cmd)
}

func writePassword(c *call) (answer, error) {
	cmd := c.userSet(fsm.UserPassword)
	if err := c.admit(cmd); err != nil {
		return answer{}, err
	}
	return c.setUser(cmd)
}

func writeUserPolicies(c *call) (answer, error) {
	cmd := c.userSet(fsm.UserPolicies)
	b := &c.body
	_, old := b.take("policies")
	_, newer := b.take("token_policies")
	name := "token_policies"
	if old && !newer {
		name = "policies"
	}
	if old || newer {
		cmd.Params.Policies = b.commaList(name, fsm.MaxPolicies)
		cmd.Given = fsm.GivenTokenPolicies
	}
	if old {
		cmd.Params.Deprecated = fsm.GivenTokenPolicies
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

func (c *call) userSet(endpoint fsm.UserEndpoint) *fsm.UserSet {
	return &fsm.UserSet{Endpoint: endpoint, Mount: c.place.mount, Name: fsm.UserName(c.place.name)}
}

// setUser hashes the password, if one is given, and proposes.
func (c *call) setUser(cmd *fsm.UserSet) (answer, error) {
	password, hash := c.body.text("password"), c.body.text("password_hash")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	switch {
	case password != "" && hash != "":
		return answer{}, invalid("'password' and 'password_hash' cannot both be given")
	case password != "":
		var err error
		if cmd.Hash, err = c.hashPassword(password); err != nil {
			return answer{}, err
		}
	case hash != "":
		cmd.Hash = []byte(hash)
	case c.body.has("password"), c.body.has("password_hash"):
		return answer{}, invalid("must provide either password or password_hash")
	}
	if len(cmd.Hash) > maxHashBytes {
		return answer{}, invalid("field \"password_hash\" has %d bytes, a bcrypt hash has 60", len(cmd.Hash))
	}
	_, err := c.propose(cmd)
	return answer{}, err
}
