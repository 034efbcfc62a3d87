package http

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"

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
		if old, failed := c.signingKey(id); failed == nil && bytes.Equal(old.Raw(), key) {
			return answer{}, nil
		}
	}
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
	r.Labels = slices.DeleteFunc(r.Labels, func(l fsm.MetaPair) bool { return l.Key == waypoint.HashLabel }) // is none of its own
	labels := make(map[string]string, len(r.Labels))
	for _, l := range r.Labels {
		labels[l.Key] = l.Value
	}
	r.LabelHash = waypoint.LabelHash(labels)
	_, err := c.propose(&fsm.RunnerImport{Runner: r})
	return answer{}, err
}
