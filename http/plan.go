package http

import (
	"encoding/binary"
	"strconv"

	"github.com/jeton-io/jeton/fsm"
)

// Every revocation that may end more than one token can be asked what it would
// end (dry_run), and be held to the answer (plan_id): it then ends exactly what was
// counted or says what has changed since. How that is made sure of stands with
// fsm.Planned.

// plannedTakes are the fields of that.
const plannedTakes = " dry_run plan_id"

// plan is what a request to revoke says of plans. The fields may stand in the
// query, too: a dry run that is overlooked would revoke.
type plan struct {
	dry bool
	id  string
}

func (p plan) asked() bool { return p.dry || p.id != "" }

func (c *call) plan() (p plan) {
	p.dry, p.id = c.body.flag("dry_run", false), c.body.text("plan_id")
	if c.op == opUpdate {
		for name, values := range c.query { // order: each stands alone
			switch {
			case name != "dry_run" && name != "plan_id":
			case len(values) > 1 || c.body.has(name):
				c.body.fail(name, "is given more than once")
			case name == "plan_id":
				p.id = values[0]
			default:
				dry, err := strconv.ParseBool(values[0])
				if p.dry = dry; err != nil {
					c.body.fail(name, "is %s, expected true or false", quote(values[0]))
				}
			}
		}
	}
	if p.dry && p.id != "" {
		c.body.fail("plan_id", "goes with no dry_run")
	}
	return p
}

// revokeAs does a revocation that has nothing to tell, at once or as the plan says.
func (c *call) revokeAs(cmd fsm.Command, p plan) (answer, error) {
	if p.asked() {
		return c.plannedRevocation(cmd, p)
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

// plannedRevocation foresees a revocation or does it as planned.
func (c *call) plannedRevocation(cmd fsm.Command, p plan) (answer, error) {
	if err := cmd.Validate(); err != nil {
		status, messages := c.show(err)
		return answer{}, &refusal{status: status, messages: messages, judgedFirst: true, cause: err}
	}
	if !c.s.scans.enter() {
		return answer{}, errBusy
	}
	defer c.s.scans.leave()
	if p.dry {
		return c.dryRun(cmd)
	}
	made, err := c.readPlan(p.id, cmd)
	if err != nil {
		return answer{}, err
	}
	return c.doAsPlanned(made)
}

// dryRun counts what a revocation would end. It needs the rights of the
// revocation itself.
func (c *call) dryRun(cmd fsm.Command) (answer, error) {
	view, a, err := c.read(c.s.cluster.Local().AccessOf(nil, cmd))
	if err != nil {
		return answer{}, err
	}
	i, no := view.State.Foresee(a, cmd)
	if no != nil {
		return answer{}, no
	}
	data := object{
		"dry_run": true, "index": view.State.Index(), "plan_id": "", "tokens": i.Tokens, "truncated": i.Cut,
		"leases": i.Leases, "values": i.Values, "orphaned": i.Orphaned, "more_orphaned": i.MoreOrphaned,
	}
	for name, tally := range map[string]*fsm.Tally{"policy": &i.Policies, "path": &i.Paths, "display_name": &i.DisplayNames} { // order: each stands alone
		top, others := tally.Top(planNames)
		counts := make([]object, 0, len(top))
		for _, n := range top {
			counts = append(counts, object{"name": n.Name, "tokens": n.Tokens})
		}
		data["by_"+name], data["other_by_"+name] = counts, others
	}
	if i.Cut {
		c.warn("More than " + strconv.Itoa(fsm.MaxPlanLooks) + " tokens: the counts are of the first, and there is no plan.")
	} else {
		data["plan_id"] = c.planID(cmd, i)
	}
	return answer{data: data}, nil
}

// planNames is how many policies, paths and display names a dry run shows by name.
const planNames = 20

// A plan's id: version (1 byte, 1), then epoch, serial and number of tokens (8 bytes
// each), then a checksum over these and the request, so that it fits no other.
func (c *call) planID(cmd fsm.Command, i *fsm.Impact) string {
	b := []byte{planVersion}
	for _, v := range []uint64{i.Epoch, i.Serial, uint64(i.Tokens)} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	return cursorText.EncodeToString(append(b, checksum(c.planned(cmd), b)...))
}

const (
	planVersion = 1
	planBytes   = 1 + 3*8
)

// planned is a request in one spelling. To revoke oneself means another thing for
// everybody.
func (c *call) planned(cmd fsm.Command) string {
	e := fsm.Envelope{Command: cmd}
	if r, ok := cmd.(*fsm.TokenRevoke); ok && r.Target.By == fsm.BySelf {
		e.Caller.Token = c.caller.Token
	}
	return string(e.Encode())
}

// readPlan is the strict inverse of planID.
func (c *call) readPlan(id string, cmd fsm.Command) (*fsm.Planned, error) {
	b, err := cursorText.DecodeString(id)
	if err != nil || len(b) != planBytes+cursorSumBytes || b[0] != planVersion ||
		string(b[planBytes:]) != string(checksum(c.planned(cmd), b[:planBytes])) {
		return nil, invalid("field validation failed: field \"plan_id\": is none of this request: expected what its dry run answered")
	}
	v := func(i int) uint64 { return binary.BigEndian.Uint64(b[1+8*i:]) }
	return &fsm.Planned{Epoch: v(0), Serial: v(1), Tokens: v(2), Command: cmd}, nil
}
