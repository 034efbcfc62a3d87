package http

import (
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// keyringRoutes are for what Vault has no word for: ending batch tokens, one by
// one, many at once, or all that one key sealed. Each path needs sudo. Keys are
// rotated by sys/rotate.
func (s *Server) keyringRoutes() {
	s.handle(route{path: "jeton/keyring", folder: true, read: listKeys, list: listKeys, about: about{
		read: "Lists the keys of the keyring.", list: "Lists the keys of the keyring.",
	}})
	s.handle(route{path: "jeton/keyring/{id}/retire", update: retireKey, about: about{
		update: "Ends all batch tokens that a key sealed, or all Waypoint tokens that it signed.",
	}})
	s.handle(route{path: "jeton/batch-tokens/revoke", update: revokeBatch, about: about{
		update: "Ends a batch token.", takes: "token accessor",
	}})
	s.handle(route{path: "jeton/not-before", folder: true, read: listFences, list: listFences, update: setFence, about: about{
		read: "Lists what batch and Waypoint tokens are refused for, single ones aside.", list: "Lists what batch and Waypoint tokens are refused for, single ones aside.",
		update: "Ends all batch tokens of a scope that were made up to now, or all Waypoint tokens that were issued up to a time.", takes: "scope mark.key mark.path mark.role mark.user mark.time",
	}})
}

func listKeys(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	keys := make([]object, 0, 2)
	for _, p := range [...]fsm.KeyPurpose{fsm.KeyStorage, fsm.KeyBatch, fsm.KeyWaypoint} {
		current, _ := view.State.CurrentKey(p)
		for _, k := range view.State.DataKeys(p) {
			item := object{
				"id": k.ID, "purpose": p.String(), "term": k.Term, "install_time": k.InstalledAt.Time(),
				"in_use": k == current,
			}
			if k.RetiredAt != 0 {
				item["retired_time"] = k.RetiredAt.Time()
				if k.Until != fsm.Never {
					item["gone_time"] = k.Until.Time()
				}
			}
			if k.Imported {
				item["imported"] = true
			}
			keys = append(keys, item)
		}
	}
	return answer{data: object{"keys": keys}}, nil
}

func retireKey(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.KeyRetire{ID: c.variable("id")})
	return answer{}, err
}

// revokeBatch ends one batch token: the one whose text is shown, or the one of an
// accessor, of which it can not be said whether there is such a token.
func revokeBatch(c *call) (answer, error) {
	text, accessor := c.body.text("token"), c.body.text("accessor")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	cmd := &fsm.BatchRevoke{Accessor: accessor}
	switch {
	case (text == "") == (accessor == ""):
		return answer{}, invalid("either field \"token\" or field \"accessor\" is expected")
	case text != "":
		b, err := c.openBatch(text)
		if err == errNoBatchToken {
			return answer{}, invalid("field \"token\": is %v", err)
		}
		if err != nil {
			return answer{}, err
		}
		cmd.Accessor, cmd.Until = b.Accessor, b.Deadline()
	}
	return c.fence(cmd)
}

func setFence(c *call) (answer, error) {
	scope := c.body.text("scope")
	names := map[string]string{
		"key": c.body.text("key"), "path": c.body.text("path"), "role": c.body.text("role"), "user": c.body.text("user"),
	}
	names["signed-key"] = names["key"]
	before := c.body.expiry("time")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	s, known := fsm.FenceScopes[scope]
	if !known {
		return answer{}, invalid("field \"scope\": is %s, expected cluster, key, path, role, signed, signed-key or user", quote(scope))
	}
	for _, field := range [...]string{"key", "path", "role", "user"} {
		if (names[field] != "") != (field == strings.TrimPrefix(scope, "signed-")) {
			return answer{}, invalid("field %q: is %s, expected with the scope %s and only there", field, quote(names[field]), field)
		}
	}
	if before.in != 0 {
		return answer{}, invalid("field \"time\": is a duration, expected a time such as 2006-01-02T15:04:05Z")
	}
	return c.fence(&fsm.NotBefore{Scope: s, Name: names[scope], Before: before.at})
}

func (c *call) fence(cmd fsm.Command) (answer, error) {
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, err
	}
	made := reply.Result.(*fsm.Fenced)
	if !made.Marked {
		c.warn("No token is about that this could end")
		return answer{data: object{"marked": false}}, nil
	}
	return answer{data: object{"marked": true, "until": made.Until.Time()}}, nil
}

func listFences(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	marks := make([]object, 0, 4)
	for _, f := range view.State.Fences() {
		item := object{"scope": f.Scope.String(), "time": f.At.Time(), "until": f.Until.Time(), "actor": f.Actor}
		if f.Name != "" {
			item[strings.TrimPrefix(f.Scope.String(), "signed-")] = f.Name
		}
		marks = append(marks, item)
	}
	return answer{data: object{"marks": marks}}, nil
}
