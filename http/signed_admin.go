package http

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
)

// signedRoutes are for what operators do about Waypoint's users, runners and tokens and
// what its own surface has no word for. They speak as Vault's API does, and policies say
// who may use them.
func (s *Server) signedRoutes() {
	s.handle(route{path: "jeton/users", folder: true, read: listAccounts, list: listAccounts, update: createAccount, about: about{
		read: "Lists Waypoint's users.", list: "Lists Waypoint's users.", update: "Makes a user.", takes: "su.username su.display su.email su.policies su.id",
	}})
	s.handle(route{path: "jeton/users/{ref}", read: readAccount, update: updateAccount, delete: deleteAccount, about: about{
		read: "Shows a user, by id or name.", update: "Changes a user.", delete: "Removes a user, and so ends its tokens.", takes: "su.username su.display su.email su.policies",
	}})
	s.handle(route{path: "jeton/runners/{id}", update: importRunner, about: about{
		update: "Writes a runner, as it was on a Waypoint server.", takes: "su.labels su.state su.kind",
	}})
	s.handle(route{path: "jeton/signed/inspect", update: inspectSigned, about: about{
		update: "Shows what a Waypoint token says and whether it counts.", takes: "token",
	}})
	s.handle(route{path: "jeton/signed/revoke", update: revokeSigned, about: about{
		update: "Ends a Waypoint token.", takes: "token accessor",
	}})
	s.handle(route{path: "jeton/waypoint", read: readWaypoint, update: setWaypoint, about: about{
		read: "Shows the settings of Waypoint's surface.", update: "Changes them.", takes: "su.reusable_invites",
	}})
	s.handle(route{path: "jeton/keyring/waypoint/{id}", update: importKey, about: about{
		update: "Takes over a signing key of a Waypoint server.", takes: "su.key_hex",
	}})
	s.handle(route{path: "jeton/deployments", folder: true, read: listDeployments, list: listDeployments, about: about{
		read: "Lists the deployments.", list: "Lists the deployments.",
	}})
	s.handle(route{path: "jeton/deployments/{id}", read: readDeployment, update: setDeployment, delete: deleteDeployment, about: about{
		read: "Shows a deployment's configuration and the last lines that it logged.", update: "Writes its configuration.", delete: "Removes it.", takes: "su.config",
	}})
}

func listAccounts(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	keys, info := make([]string, 0, view.State.CountSignedUsers()), object{}
	view.State.SignedUsers(func(u *fsm.SignedUser) bool {
		keys = append(keys, u.ID)
		info[u.ID] = object{"username": u.Username}
		return true
	})
	if len(keys) == 0 {
		return answer{}, errNothing
	}
	return answer{data: object{"keys": keys, "key_info": info}}, nil
}

func accountData(u *fsm.SignedUser) object {
	return object{
		"id": u.ID, "username": u.Username, "display": u.Display, "email": u.Email,
		"policies": listOf(u.Policies), "creation_time": u.CreatedAt.Time(),
	}
}

func readAccount(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	u, ok := view.State.SignedUser(fsm.UserRef{By: fsm.UserByAny, Text: c.variable("ref")}, nil)
	if !ok {
		return answer{}, &fsm.Error{Code: fsm.NotFound, Reason: fsm.SignedUserUnknown}
	}
	return answer{data: accountData(u)}, nil
}

// accountFields takes what a request says of a user.
func (c *call) accountFields() (u fsm.SignedUser, given fsm.SignedUserFields) {
	b := &c.body
	u.Username, u.Display, u.Email = b.text("username"), b.text("display"), b.text("email")
	for _, p := range b.commaList("policies", fsm.MaxPolicies) {
		u.Policies = append(u.Policies, strings.ToLower(p))
	}
	slices.Sort(u.Policies)
	u.Policies = slices.Compact(u.Policies)
	for name, f := range map[string]fsm.SignedUserFields{ // order: bits of a set
		"username": fsm.GivenUsername, "display": fsm.GivenDisplay, "email": fsm.GivenEmail, "policies": fsm.GivenUserPolicies,
	} {
		if b.has(name) {
			given |= f
		}
	}
	return u, given
}

// createAccount makes a user. One that comes from a Waypoint server brings its id along,
// which its tokens name.
func createAccount(c *call) (answer, error) {
	u, given := c.accountFields()
	if u.ID = c.body.text("id"); u.ID == "" {
		u.ID = newULID()
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return accountStored(c.propose(&fsm.SignedUserSet{Create: true, Admin: true, New: u, Given: given}))
}

func updateAccount(c *call) (answer, error) {
	u, given := c.accountFields()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	ref := fsm.UserRef{By: fsm.UserByAny, Text: c.variable("ref")}
	return accountStored(c.propose(&fsm.SignedUserSet{Admin: true, User: ref, New: u, Given: given}))
}

func accountStored(reply cluster.Reply, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{data: accountData(reply.Result.(*fsm.SignedUserStored).User)}, nil
}

func deleteAccount(c *call) (answer, error) {
	_, err := c.propose(&fsm.SignedUserDelete{Admin: true, User: fsm.UserRef{By: fsm.UserByAny, Text: c.variable("ref")}})
	return answer{}, err
}

// adoptionStates are the states by their names, in lower case.
var adoptionStates = map[string]fsm.AdoptionState{
	"": fsm.RunnerAdopted, "adopted": fsm.RunnerAdopted, "pending": fsm.RunnerPending,
	"preadopted": fsm.RunnerPreadopted, "rejected": fsm.RunnerRejected,
}

var runnerKinds = map[string]fsm.RunnerKind{
	"": fsm.RunnerRemote, "remote": fsm.RunnerRemote, "local": fsm.RunnerLocal, "odr": fsm.RunnerODR,
}

func importRunner(c *call) (answer, error) {
	r := fsm.Runner{ID: c.variable("id"), Labels: c.body.pairs("labels", fsm.MaxMetaPairs)}
	state, kind := strings.ToLower(c.body.text("state")), strings.ToLower(c.body.text("kind"))
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	var known bool
	if r.State, known = adoptionStates[state]; !known {
		return answer{}, invalid("field \"state\": is %s, expected adopted, preadopted, pending or rejected", quote(state))
	}
	if r.Kind, known = runnerKinds[kind]; !known {
		return answer{}, invalid("field \"kind\": is %s, expected remote, local or odr", quote(kind))
	}
	labels := make(map[string]string, len(r.Labels))
	for _, l := range r.Labels {
		labels[l.Key] = l.Value
	}
	r.LabelHash = waypoint.LabelHash(labels)
	_, err := c.propose(&fsm.RunnerImport{Runner: r})
	return answer{}, err
}

// inspectSigned shows an operator all that is known of a token: what it says, and what
// would be said to who shows it.
func inspectSigned(c *call) (answer, error) {
	text := c.body.text("token")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if text == "" {
		return answer{}, invalid("field \"token\": is empty, expected a Waypoint token")
	}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	s, err := c.openField("token", text)
	if err != nil {
		return answer{}, err
	}
	if view, err = c.s.cluster.ViewPast(c.ctx, view, s.said.Deadline()); err != nil {
		return answer{}, err
	}
	data := signedData(s.said)
	no := view.State.StandingOfSigned(s.said, view.State.Clock)
	data["valid"], data["reason"] = no == nil, ""
	if no != nil {
		data["reason"] = no.Error()
	}
	return answer{data: data}, nil
}

func signedData(s *fsm.SignedToken) object {
	data := object{"kind": s.Kind.String(), "accessor": s.Accessor, "key_id": s.KeyID, "issue_time": nil, "expire_time": nil}
	if s.Issued != 0 {
		data["issue_time"] = s.Issued.Time()
	}
	if s.ValidUntil != fsm.Never {
		data["expire_time"] = s.ValidUntil.Time()
	}
	for name, value := range map[string]string{ // order: fields of an object
		"user_id": s.User, "from_user_id": s.From, "deployment_id": s.Deployment, "signup_username": s.Username, "runner_id": s.Runner,
	} {
		if value != "" {
			data[name] = value
		}
	}
	if s.Kind == fsm.SignedRunner {
		data["label_hash"] = s.LabelHash
	}
	return data
}

// revokeSigned ends one token: the one whose text is shown, or the one of an accessor,
// of which it can not be said whether there is such a token.
func revokeSigned(c *call) (answer, error) {
	text, accessor := c.body.text("token"), c.body.text("accessor")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	cmd := &fsm.SignedRevoke{Accessor: accessor}
	switch {
	case (text == "") == (accessor == ""):
		return answer{}, invalid("either field \"token\" or field \"accessor\" is expected")
	case text != "":
		s, err := c.openField("token", text)
		if err != nil {
			return answer{}, err
		}
		cmd.Accessor, cmd.Until = s.said.Accessor, s.said.Deadline()
	}
	return c.fence(cmd)
}

func readWaypoint(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	return answer{data: object{"reusable_invites": view.State.SignedConfig().ReusableInvites}}, nil
}

func setWaypoint(c *call) (answer, error) {
	if !c.body.has("reusable_invites") {
		return answer{}, invalid("field \"reusable_invites\": is missing, expected true or false")
	}
	reusable := c.body.flag("reusable_invites", false)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	cookie, err := c.sealedCookie()
	if err != nil {
		return answer{}, err
	}
	_, err = c.propose(&fsm.SignedConfigSet{Given: fsm.GivenReusableInvites, Config: fsm.SignedConfig{Cookie: cookie, ReusableInvites: reusable}})
	return answer{}, err
}

// importKey takes a key over; the same key again changes nothing.
func importKey(c *call) (answer, error) {
	text := c.body.text("key_hex")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	key, err := hex.DecodeString(text)
	if err != nil || len(key) == 0 || len(key) > waypoint.MaxKeyBytes {
		return answer{}, invalid("field \"key_hex\": expected 1 to %d bytes in hexadecimal", waypoint.MaxKeyBytes)
	}
	cookie, err := c.sealedCookie()
	if err != nil {
		return answer{}, err
	}
	id := waypoint.FoldKeyID(c.variable("id"))
	fresh := c.s.cluster.DrawKeys(fsm.KeyWaypoint)[0]
	_, err = c.propose(&fsm.SignedKeyImport{Key: c.s.cluster.WrapKey(fsm.KeyWaypoint, id, key), Fresh: fresh, Cookie: cookie})
	if isCode(err, fsm.Exists) {
		if old, failed := c.signingKeys(id); failed == nil && bytes.Equal(old, key) {
			return answer{}, nil
		}
	}
	return answer{}, err
}

func listDeployments(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	return names(view.State.DeploymentIDs())
}

func readDeployment(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	d, ok := view.State.Deployment(c.variable("id"))
	if !ok {
		return answer{}, errNothing
	}
	config, err := c.s.openConfig(c.ctx, d)
	if err != nil {
		return answer{}, err
	}
	lines := make([]object, 0, len(d.Lines))
	for _, l := range d.Lines {
		lines = append(lines, object{"time": l.At.Time(), "text": l.Text})
	}
	return answer{data: object{"config": config, "lines": lines}}, nil
}

// maxConfigBytes is what fits into a sealed value.
const maxConfigBytes = 4000

func setDeployment(c *call) (answer, error) {
	id, pairs := c.variable("id"), c.body.pairs("config", fsm.MaxMetaPairs)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	config := make(map[string]string, len(pairs))
	for _, p := range pairs {
		config[p.Key] = p.Value
	}
	text, err := json.Marshal(config)
	if err != nil {
		return answer{}, errors.Join(errors.New("configuration of a deployment"), err)
	}
	if len(text) > maxConfigBytes {
		return answer{}, invalid("field \"config\": has %d bytes, at most %d are allowed", len(text), maxConfigBytes)
	}
	sealed, err := c.s.cluster.Seal(deploymentLabel+id, text)
	if err != nil {
		return answer{}, err
	}
	_, err = c.propose(&fsm.DeploymentSet{ID: id, Config: sealed})
	return answer{}, err
}

func deleteDeployment(c *call) (answer, error) {
	_, err := c.propose(&fsm.DeploymentDelete{ID: c.variable("id")})
	return answer{}, err
}
