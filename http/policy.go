package http

import (
	"encoding/base64"
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
	"github.com/jeton-io/jeton/http/hclpolicy"
)

// policyPlace is one of the two places where the API keeps ACL policies. The
// store is the same.
type policyPlace struct {
	path   string // with a slash at the end
	legacy bool
}

var (
	policyACL    = policyPlace{"sys/policies/acl/", false}
	policyLegacy = policyPlace{"sys/policy/", true}
)

func (s *Server) policyRoutes() {
	s.handle(route{path: "sys/policies/acl", folder: true, list: policyACL.list, about: about{
		list: "Lists the ACL policies.",
	}})
	s.handle(route{
		path: "sys/policies/acl/{name:.*}",
		read: policyACL.read, update: policyACL.write, delete: policyACL.remove,
		about: about{read: "Shows an ACL policy.", update: "Writes an ACL policy.", delete: "Deletes an ACL policy.", takes: "policy"},
	})
	s.handle(route{path: "sys/policy", folder: true, read: policyLegacy.list, list: policyLegacy.list, about: about{
		read: "Lists the ACL policies; the older form.", list: "Lists the ACL policies; the older form.",
	}})
	s.handle(route{
		path: "sys/policy/{name:.*}",
		read: policyLegacy.read, update: policyLegacy.write, delete: policyLegacy.remove,
		about: about{read: "Shows an ACL policy; the older form.", update: "Writes an ACL policy; the older form.", delete: "Deletes an ACL policy; the older form.", takes: "policy rules"},
	})
}

func (p policyPlace) list(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	keys := append(view.State.PolicyNames(), policy.RootName) // which is not stored
	if !p.legacy {
		return names(keys)
	}
	return answer{data: object{"keys": keys, "policies": keys}, flat: true}, nil
}

// name is the policy that the path names, in the form in which it is stored. The
// rights looked for are those on that form, so that no rule on a name can be
// evaded by spelling it otherwise.
func (p policyPlace) name(c *call) (string, error) {
	name := fsm.PolicyName(c.variable("name"))
	if len(name) > fsm.MaxNameBytes {
		return "", invalid("policy name has %d bytes, at most %d are allowed", len(name), fsm.MaxNameBytes)
	}
	if name == "" || name[len(name)-1] == '/' {
		return "", invalid("policy name is %s, expected one that does not end in a slash", quote(name))
	}
	return name, nil
}

func (p policyPlace) read(c *call) (answer, error) {
	name, err := p.name(c)
	if err != nil {
		return answer{}, err
	}
	c.need = fsm.Access{Path: p.path + name, Capability: policy.Read}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	text, ok := policyText(view.State, name)
	switch {
	case !ok:
		return answer{}, errNothing
	case p.legacy:
		return answer{data: object{"name": name, "rules": text}, flat: true}, nil
	}
	return answer{data: object{"name": name, "policy": text}}, nil
}

// policyText is what an author wrote. Two policies have no author.
func policyText(st *fsm.State, name string) (text string, ok bool) {
	switch name {
	case policy.RootName:
		return "", true
	case policy.ResponseWrappingName:
		return policy.ResponseWrappingText, true
	}
	p, ok := st.Policy(name)
	if !ok {
		return "", false
	}
	return p.Raw, true
}

func (p policyPlace) write(c *call) (answer, error) {
	name, err := p.name(c)
	if err != nil {
		return answer{}, err
	}
	cmd := &fsm.PolicySet{Name: name, Legacy: p.legacy}
	if err := c.admit(cmd); err != nil {
		return answer{}, err
	}
	if cmd.Raw, err = p.text(c); err != nil {
		return answer{}, err
	}
	if name != c.variable("name") {
		c.warn("policy name was converted to " + name)
	}
	parsed, warnings, err := hclpolicy.ParseWithWarnings(name, cmd.Raw)
	if err != nil {
		return answer{}, unparsable(err)
	}
	c.warnings = append(c.warnings, warnings...)
	cmd.Parsed = policy.Append(nil, parsed)
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, err
	}
	for _, w := range reply.Result.(*fsm.PolicyStored).Warnings {
		c.warn(w.String())
	}
	return answer{}, nil
}

// text is the policy's text as the body gives it: plain, or in base64.
func (p policyPlace) text(c *call) (string, error) {
	text := c.body.text("policy")
	if p.legacy {
		if rules := c.body.text("rules"); text == "" && rules != "" {
			c.warn("'rules' is deprecated, please use 'policy' instead")
			text = rules
		}
	}
	if err := c.decoded(); err != nil {
		return "", err
	}
	if text == "" {
		return "", invalid("'policy' parameter not supplied or empty")
	}
	// No policy that grants anything is made of base64's letters alone.
	if plain, err := base64.StdEncoding.DecodeString(text); err == nil && len(plain) > 0 && utf8.Valid(plain) {
		text = string(plain)
	}
	if len(text) > policy.MaxTextBytes {
		return "", refuse(http.StatusRequestEntityTooLarge, "policy has %d bytes, at most %d are allowed", len(text), policy.MaxTextBytes)
	}
	return text, nil
}

// unparsable shows the author what is wrong with a policy, and where.
func unparsable(err error) error {
	var wrong *hclpolicy.Error
	if !errors.As(err, &wrong) {
		return err
	}
	return invalid("%v", wrong)
}

func (p policyPlace) remove(c *call) (answer, error) {
	name, err := p.name(c)
	if err != nil {
		return answer{}, err
	}
	_, err = c.propose(&fsm.PolicyDelete{Name: name, Legacy: p.legacy})
	return answer{}, err
}
