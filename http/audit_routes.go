package http

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
	"github.com/jeton-io/jeton/http/audit"
)

// auditMount is where devices are.
const auditMount = "sys/audit/"

func (s *Server) auditRoutes() {
	s.handle(route{path: "sys/audit", folder: true, read: listDevices, about: about{read: "Lists the audit devices."}})
	s.handle(route{path: "sys/audit/{path:.*}", update: enableDevice, delete: disableDevice, about: about{
		update: "Enables an audit device.", delete: "Disables an audit device.", takes: "type description local audit.options",
	}})
	s.handle(route{path: "sys/audit-hash/{path:.*}", update: hashForDevice, about: about{
		update: "Says how a text appears in the entries of an audit device.", takes: "input",
	}})
	s.handle(route{path: "sys/config/auditing/request-headers", folder: true, read: listHeaders, about: about{
		read: "Lists the headers of requests that audit entries show.",
	}})
	s.handle(route{
		path: "sys/config/auditing/request-headers/{name}", read: readHeader, update: setHeader, delete: deleteHeader,
		about: about{
			read: "Shows how audit entries show a header.", update: "Has audit entries show a header.",
			delete: "Has audit entries show a header no more.", takes: "hmac",
		},
	})
}

// devicePath is the device that the request names.
func (c *call) devicePath() string { return strings.TrimSuffix(c.variable("path"), "/") }

func listDevices(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	data := object{}
	for _, d := range view.State.AuditDevices() {
		options := object{
			"required": strconv.FormatBool(d.Required), "queue": strconv.Itoa(int(d.Queue)), "write_timeout": d.Deadline.String(),
		}
		for _, o := range d.Options {
			options[o.Key] = o.Value
		}
		data[d.Path+"/"] = object{
			"path": d.Path + "/", "type": d.Type, "description": d.Description, "local": d.Local, "options": options,
		}
	}
	return answer{data: data, flat: true}, nil
}

// enableDevice checks what only a node can check, up to a test entry, and then
// has the device logged. A node that cannot write to it later is told apart by
// its metrics and its health.
func enableDevice(c *call) (answer, error) {
	d := fsm.AuditDevice{
		Path: c.devicePath(), Type: c.body.text("type"), Description: c.body.text("description"),
		Local: c.body.flag("local", false), Options: c.body.pairs("options", fsm.MaxMetaPairs),
	}
	c.need = fsm.Access{Path: auditMount + d.Path, Capability: policy.Update}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if err := takeBehaviour(&d); err != nil {
		return answer{}, err
	}
	cmd := &fsm.AuditEnable{Device: d}
	if err := c.seal(cmd); err != nil {
		return answer{}, err
	}
	if err := c.probe(cmd); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

// takeBehaviour takes the options that every device has.
func takeBehaviour(d *fsm.AuditDevice) error {
	d.Required, d.Queue, d.Deadline = true, audit.DefaultQueue, audit.DefaultDeadline
	own := map[string]func(string) error{
		"required": func(v string) (err error) { d.Required, err = strconv.ParseBool(v); return err },
		"queue": func(v string) error {
			n, err := strconv.ParseUint(v, 10, 32)
			d.Queue = uint32(n)
			return err
		},
		"write_timeout": func(v string) (err error) {
			if n, bad := strconv.ParseUint(v, 10, 16); bad == nil {
				v = strconv.FormatUint(n, 10) + "s"
			}
			d.Deadline, err = time.ParseDuration(v)
			return err
		},
	}
	expected := map[string]string{
		"required": "true or false", "queue": "a number of entries, 1 to 65536", "write_timeout": "a duration from 10ms to 1m",
	}
	rest := d.Options[:0]
	for _, o := range d.Options {
		take, ok := own[o.Key]
		if !ok {
			rest = append(rest, o)
			continue
		}
		if err := take(o.Value); err != nil {
			return invalid("option %q: expected %s", ourWord(o.Key), ourWord(expected[o.Key]))
		}
	}
	d.Options = slices.Clip(rest)
	return nil
}

// seal draws the device's salt.
func (c *call) seal(cmd *fsm.AuditEnable) (err error) {
	var salt [32]byte
	rand.Read(salt[:])
	cmd.Device.Salt, err = c.s.cluster.Seal(saltLabel(cmd.Device.Path), salt[:])
	clear(salt[:])
	return err
}

// probe writes a test entry, for a caller who may enable the device: what stands
// behind it is the machine's that this node runs on.
func (c *call) probe(cmd *fsm.AuditEnable) error {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return err
	}
	if a, no := c.foresee(view.State, cmd); no != nil {
		return c.deny(a, no)
	}
	if err := cmd.Validate(); err != nil {
		return err
	}
	settings, err := audit.SettingsOf(&cmd.Device)
	if err != nil {
		return invalid("%v", err)
	}
	if _, there := view.State.AuditDevice(cmd.Device.Path); there || settings.SkipTest {
		return nil // the machine will say so
	}
	if err := audit.Probe(c.s.cluster.Status().NodeID, settings); err != nil {
		return invalid("the device does not work on this node: %v", err)
	}
	return nil
}

func disableDevice(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.AuditDisable{Path: c.devicePath()})
	return answer{}, err
}

// hashForDevice is for who looks for a text in a device's entries.
func hashForDevice(c *call) (answer, error) {
	path := c.devicePath()
	input, given := c.body.text("input"), c.body.has("input")
	c.need = fsm.Access{Path: "sys/audit-hash/" + path, Capability: policy.Update}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, _, err := c.read(c.need)
	if err != nil {
		return answer{}, err
	}
	if !given || input == "" {
		return answer{}, invalid("the \"input\" parameter is empty")
	}
	d, ok := c.s.audit.set(view.State).device(path)
	switch {
	case !ok:
		return answer{}, invalid("unknown audit backend %s", quote(path+"/"))
	case d.Broken:
		return answer{}, cluster.ErrNotReady
	}
	return answer{data: object{"hash": d.Hasher.Hash(input)}, flat: true}, nil
}
