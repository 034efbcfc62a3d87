package http

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

func (s *Server) authRoutes() {
	s.handle(route{path: "sys/auth", folder: true, read: listMounts, about: about{
		read: "Lists the login methods where they are mounted.",
	}})
	s.handle(route{
		path:   "sys/auth/{path:.*}",
		read:   atMount(readMount, readTuning),
		update: atMount(enableMount, tuneMount),
		delete: atMount(disableMount, nil),
		about: about{
			read:   "Shows a mount, or with /tune at the end its settings.",
			update: "Mounts a login method, or with /tune at the end changes its settings.",
			delete: "Unmounts a login method; its tokens end in the same log entry.",
			takes:  enableTakes + " " + tuneTakes,
		},
	})
	s.handle(route{
		path:   "sys/mounts/auth/{path:.*}",
		read:   atMount(nil, readTuning),
		update: atMount(nil, tuneMount),
		about: about{
			read:   "Shows the settings of a login method; the path ends in /tune.",
			update: "Changes the settings of a login method; the path ends in /tune.",
			takes:  tuneTakes,
		},
	})
}

// mountHandler is a handler for the mount at a path below auth/.
type mountHandler func(c *call, path string) (answer, error)

// atMount parts the requests for a mount from those for its settings. A mount's
// path may hold slashes, so only the end of the request's path tells.
func atMount(mount, tuning mountHandler) handler {
	return func(c *call) (answer, error) {
		path := strings.TrimSuffix(c.variable("path"), "/")
		h := mount
		if above, ok := strings.CutSuffix(path, "/tune"); ok {
			h, path = tuning, above
		}
		if h == nil {
			return answer{}, c.unsupportedPath()
		}
		return h(c, path)
	}
}

func listMounts(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	data := object{}
	for _, m := range view.State.AuthMounts() {
		data[m.Path+"/"] = mountData(m)
	}
	return answer{data: data, flat: true}, nil
}

func readMount(c *call, path string) (answer, error) {
	m, err := c.readMount(fsm.Access{Path: "sys/auth/" + path, Capability: policy.Read}, path)
	if err != nil {
		return answer{}, err
	}
	return answer{data: mountData(m), flat: true}, nil
}

// readMount finds a mount for a caller who may do what access says.
func (c *call) readMount(access fsm.Access, path string) (*fsm.AuthMount, error) {
	view, _, err := c.read(access)
	if err != nil {
		return nil, err
	}
	m, ok := view.State.AuthMount(path)
	if !ok {
		return nil, invalid("no auth method is mounted at %s", quote(path+"/"))
	}
	return m, nil
}

func mountData(m *fsm.AuthMount) object {
	config := object{
		"default_lease_ttl": int64(m.Config.DefaultTTL / time.Second),
		"max_lease_ttl":     int64(m.Config.MaxTTL / time.Second),
	}
	showSettings(config, &m.Config)
	if l := lockoutData(&m.Config.Lockout); l != nil {
		config["user_lockout_config"] = l
	}
	return object{
		"type": m.Type, "accessor": m.Accessor, "description": m.Description,
		"local": m.Local, "seal_wrap": m.SealWrap, "config": config,
	}
}

const enableTakes = "type plugin_name local seal_wrap external_entropy_access config"

// enableMount mounts a method. Who may not is told before its settings are read.
func enableMount(c *call, path string) (answer, error) {
	b := &c.body
	cmd := &fsm.AuthEnable{
		Path: path, Type: b.text("type"), Description: b.text("description"),
		Local: b.flag("local", false), SealWrap: b.flag("seal_wrap", false),
	}
	c.need = fsm.Access{Path: "sys/auth/" + path, Capability: policy.Update}
	if name := b.text("plugin_name"); cmd.Type == "" || cmd.Type == "plugin" {
		cmd.Type = name // how clients of old named a method
	}
	b.flag("external_entropy_access", false) // nothing here draws from elsewhere
	cmd.Config = c.enableConfig()
	b.noOptions()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	cmd.Accessor = newMountAccessor("auth_", cmd.Type)
	_, err := c.propose(cmd)
	return answer{}, err
}

// newMountAccessor draws the name by which others may point to a mount. A method
// that does not exist is refused under any name.
func newMountAccessor(class, method string) string {
	if len(method) > 32 {
		method = ""
	}
	var b [8]byte
	rand.Read(b[:])
	return class + method + "_" + hex.EncodeToString(b[:])
}

// noOptions refuses what no method here understands. Clients send the field
// without anything in it.
func (b *body) noOptions() {
	v, ok := b.take("options")
	if ok && (v.kind != jsonObject || len(scanFields(v)) > 0) {
		b.fail("options", "is not supported")
	}
}

func disableMount(c *call, path string) (answer, error) {
	p := c.plan()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return c.revokeAs(&fsm.AuthDisable{Path: path}, p)
}
