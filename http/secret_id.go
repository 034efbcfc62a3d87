package http

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

const secretIDTakes = "metadata cidr_list token_bound_cidrs secret-id.num_uses secret-id.ttl"

// blanks are cut off a secret-id and a role-id that a login shows, as in Vault.
const blanks = " \t\n\v\f\r"

// secretIDLabel keeps digests of secret-ids apart from those of tokens, whose text
// holds no white space. Neither does a mount's path or a role's name, so no two
// roles have one digest for a text.
const secretIDLabel = "approle secret-id "

// digestSecretID is how a secret-id of a role is known below this package.
func (c *call) digestSecretID(role, text string) (fsm.Digest, error) {
	return c.s.cluster.Digest(secretIDLabel + c.place.mount + " " + role + " " + text)
}

func makeSecretID(c *call) (answer, error) {
	c.created = newUUID()
	return c.createSecretID(&fsm.SecretIDCreate{}, c.created)
}

func chooseSecretID(c *call) (answer, error) {
	text := c.body.text("secret_id")
	if err := c.decodedSecretID(text); err != nil {
		return answer{}, err
	}
	return c.createSecretID(&fsm.SecretIDCreate{Custom: true}, text)
}

// decodedSecretID wants a text that a login can show.
func (c *call) decodedSecretID(text string) error {
	switch {
	case c.body.err != nil:
		return c.body.err
	case text == "":
		return invalid("missing secret_id")
	case len(text) > maxSecretIDBytes:
		return invalid("field \"secret_id\" has %d bytes, at most %d are allowed", len(text), maxSecretIDBytes)
	case strings.Trim(text, blanks) != text:
		return invalid("field \"secret_id\" starts or ends with white space, which a login cuts off")
	}
	return nil
}

// createSecretID makes a secret-id. The text stays in this request's memory; only
// its digest goes into the command.
func (c *call) createSecretID(cmd *fsm.SecretIDCreate, text string) (answer, error) {
	b := &c.body
	cmd.Mount, cmd.Role, cmd.Accessor = c.place.mount, c.roleName(), newAccessor()
	cmd.Meta = b.metadata("metadata")
	cmd.CIDRs = b.cidrs("cidr_list")
	cmd.TokenCIDRs = b.cidrs("token_bound_cidrs")
	_, cmd.HasUses = b.take("num_uses")
	cmd.Uses = uint32(b.whole("num_uses", fsm.MaxUses))
	_, cmd.HasTTL = b.take("ttl")
	cmd.TTL = b.duration("ttl")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	var err error
	if cmd.Digest, err = c.digestSecretID(cmd.Role, text); err != nil {
		return answer{}, err
	}
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, err
	}
	if !cmd.Custom {
		text = c.created // that of the first attempt, if this is a retry
	}
	made := reply.Result.(*fsm.SecretIDCreated)
	return answer{data: object{
		"secret_id": text, "secret_id_accessor": made.Accessor,
		"secret_id_ttl": int64(made.TTL / time.Second), "secret_id_num_uses": made.Uses,
	}}, nil
}

// metadata is an object of strings, or a string that holds one in JSON, as Vault
// has it.
func (b *body) metadata(name string) []fsm.MetaPair {
	v, ok := b.take(name)
	if ok && v.kind == jsonString {
		text := bytes.Trim(unquote(v.text), blanks)
		if len(text) == 0 {
			return nil
		}
		if _, err := scanObject(text, nil); err != nil || text[0] != '{' {
			b.fail(name, "is a string that holds no JSON object of strings")
			return nil
		}
		v = span{jsonObject, text}
	}
	if !ok {
		return nil
	}
	return b.pairsIn(name, v, fsm.MaxMetaPairs)
}

func listSecretIDs(c *call) (answer, error) {
	st, at, r, err := c.onRole()
	if err != nil {
		return answer{}, err
	}
	return names(st.SecretIDAccessors(r, at))
}

func lookupSecretID(c *call) (answer, error) {
	text := c.body.text("secret_id")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if text == "" {
		return answer{}, invalid("missing secret_id")
	}
	st, at, r, err := c.onRole()
	if err != nil {
		return answer{}, c.missingRole(err)
	}
	d, err := c.digestSecretID(r.Name, text)
	if err != nil {
		return answer{}, err
	}
	id, ok := st.SecretID(r, d, at)
	if !ok {
		return answer{}, nil // as Vault says nothing of one that is not there
	}
	return answer{data: secretIDData(id)}, nil
}

func lookupSecretAccessor(c *call) (answer, error) {
	accessor, err := c.secretAccessor()
	if err != nil {
		return answer{}, err
	}
	st, at, r, err := c.onRole()
	if err != nil {
		return answer{}, c.missingRole(err)
	}
	id, ok := st.SecretIDByAccessor(r, accessor, at)
	if !ok {
		return answer{}, refuse(http.StatusNotFound, "failed to find accessor entry for secret_id_accessor: %s", quote(accessor))
	}
	return answer{data: secretIDData(id)}, nil
}

// missingRole names the role that a request about a secret-id did not find.
func (c *call) missingRole(err error) error {
	if err == errNothing {
		return refuse(http.StatusNotFound, "role %s does not exist", quote(c.roleName()))
	}
	return err
}

func destroySecretID(c *call) (answer, error) {
	text := c.body.text("secret_id")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if text == "" {
		return answer{}, invalid("missing secret_id")
	}
	d, err := c.digestSecretID(c.roleName(), text)
	if err != nil {
		return answer{}, err
	}
	return c.destroySecretID(&fsm.SecretIDDestroy{Digest: d})
}

func destroySecretAccessor(c *call) (answer, error) {
	accessor, err := c.secretAccessor()
	if err != nil {
		return answer{}, err
	}
	return c.destroySecretID(&fsm.SecretIDDestroy{Accessor: accessor})
}

func (c *call) destroySecretID(cmd *fsm.SecretIDDestroy) (answer, error) {
	cmd.Mount, cmd.Role, cmd.Delete = c.place.mount, c.roleName(), c.op == opDelete
	_, err := c.propose(cmd)
	return answer{}, err
}

// secretAccessor is the accessor that a request is about.
func (c *call) secretAccessor() (string, error) {
	accessor := c.body.text("secret_id_accessor")
	if err := c.decoded(); err != nil {
		return "", err
	}
	switch {
	case accessor == "":
		return "", invalid("missing secret_id_accessor")
	case len(accessor) > fsm.MaxTokenIDBytes:
		return "", invalid("field \"secret_id_accessor\" has %d bytes, at most %d are allowed", len(accessor), fsm.MaxTokenIDBytes)
	}
	return accessor, nil
}

func secretIDData(id *fsm.SecretID) object {
	meta := make(map[string]string, len(id.Meta))
	for _, p := range id.Meta {
		meta[p.Key] = p.Value
	}
	end := "0001-01-01T00:00:00Z" // Vault's word for never
	if at := id.Deadline(); at != fsm.Never {
		end = showTime(at)
	}
	return object{
		"secret_id_accessor": id.Accessor,
		"secret_id_num_uses": id.Uses,
		"secret_id_ttl":      int64(id.TTL / time.Second),
		"creation_time":      showTime(id.CreatedAt),
		"expiration_time":    end,
		"last_updated_time":  showTime(id.UpdatedAt),
		"metadata":           meta,
		"cidr_list":          listed(showRanges(id.CIDRs)),
		"token_bound_cidrs":  listed(showRanges(id.TokenCIDRs)),
	}
}

func showTime(at fsm.Instant) string { return at.Time().Format(time.RFC3339Nano) }
