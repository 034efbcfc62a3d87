package http

import (
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

func (s *Server) secretMountRoutes() {
	s.handle(route{path: "sys/mounts", folder: true, read: listEngines, about: about{
		read: "Lists the secrets engines where they are mounted, and what is there always.",
	}})
	s.handle(route{
		path:   "sys/mounts/{path:.*}",
		read:   atMount(readEngine, readEngineTuning),
		update: atMount(enableEngine, tuneEngine),
		delete: atMount(disableEngine, nil),
		about: about{
			read:   "Shows a mount, or with /tune at the end its settings.",
			update: "Mounts a secrets engine, or with /tune at the end changes its settings.",
			delete: "Unmounts a secrets engine; its leases end in the same log entry.",
			takes:  enableTakes + " " + tuneTakes + plannedTakes,
		},
	})
	s.handle(route{path: "sys/remount", folder: true, update: remount, about: about{
		update: "Refuses: a mount cannot be moved.", takes: "from to",
	}})
}

func listEngines(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	data := object{}
	for _, m := range builtinMounts {
		data[m.path] = object{
			"type": m.kind, "description": m.description, "local": m.path == "cubbyhole/", "seal_wrap": false, "options": nil,
			"config": object{"default_lease_ttl": 0, "max_lease_ttl": 0},
		}
	}
	for _, m := range view.State.SecretMounts() {
		data[m.Path+"/"] = engineData(m)
	}
	return answer{data: data, flat: true}, nil
}

// engineData is mountData without what only login methods have.
func engineData(m *fsm.Mount) object {
	data := mountData(m)
	delete(data["config"].(object), "token_type")
	data["options"] = nil
	return data
}

func readEngine(c *call, path string) (answer, error) {
	m, err := c.engineMount(fsm.Access{Path: "sys/mounts/" + path, Capability: policy.Read}, path)
	if err != nil {
		return answer{}, err
	}
	return answer{data: engineData(m), flat: true}, nil
}

// engineMount finds a mount for a caller who may do what access says.
func (c *call) engineMount(access fsm.Access, path string) (*fsm.Mount, error) {
	view, _, err := c.read(access)
	if err != nil {
		return nil, err
	}
	m, ok := view.State.SecretMount(path)
	if !ok {
		return nil, invalid("no secrets engine is mounted at %s", quote(path+"/"))
	}
	return m, nil
}

func readEngineTuning(c *call, path string) (answer, error) {
	m, err := c.engineMount(fsm.Access{Path: strings.TrimSuffix(c.path, "/"), Capability: policy.Read}, path)
	if err != nil {
		return answer{}, err
	}
	byDefault, most := m.EffectiveTTLs()
	settings := object{}
	showSettings(settings, &m.Config)
	delete(settings, "token_type")
	data := object{
		"description": m.Description, "options": nil, "force_no_cache": false,
		"default_lease_ttl": int64(byDefault / time.Second), "max_lease_ttl": int64(most / time.Second),
	}
	maps.Copy(data, settings)
	return answer{data: data, flat: true}, nil
}

// engineTypes are other names of secrets engines.
var engineTypes = map[string]string{"postgresql": fsm.MountDatabase}

// enableEngine mounts an engine. Who may not is told before its settings are read.
func enableEngine(c *call, path string) (answer, error) {
	b := &c.body
	cmd := &fsm.SecretEnable{
		Path: path, Type: b.text("type"), Description: b.text("description"),
		Local: b.flag("local", false), SealWrap: b.flag("seal_wrap", false),
	}
	c.need = fsm.Access{Path: "sys/mounts/" + path, Capability: policy.Update}
	if name := b.text("plugin_name"); cmd.Type == "" || cmd.Type == "plugin" {
		cmd.Type = name
	}
	if name, ok := engineTypes[cmd.Type]; ok {
		cmd.Type = name
	}
	b.flag("external_entropy_access", false) // nothing here draws from elsewhere
	cmd.Config = c.enableConfig()
	b.noOptions()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	cmd.Accessor = newMountAccessor("", cmd.Type)
	_, err := c.propose(cmd)
	return answer{}, err
}

func disableEngine(c *call, path string) (answer, error) {
	p := c.plan()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return c.revokeAs(&fsm.SecretDisable{Path: path}, p)
}

func tuneEngine(c *call, path string) (answer, error) {
	cmd := &fsm.SecretTune{Path: path}
	if _, ok := c.body.take("description"); ok {
		cmd.Description = c.body.text("description")
		cmd.Given |= fsm.GivenDescription
	}
	cmd.Given |= c.body.mountSettings(&cmd.Config)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

// remount says what is true: leases, marks and policies hold the path of a mount,
// so that moving it would end in half of them.
func remount(c *call) (answer, error) {
	c.body.text("from")
	c.body.text("to")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if _, _, err := c.read(fsm.Access{Path: "sys/remount", Capability: policy.Update}); err != nil {
		return answer{}, err
	}
	return answer{}, refuse(http.StatusBadRequest, "moving a mount is not supported: mount the engine at the new path and disable the old one")
}
