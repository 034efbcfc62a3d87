package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// Deployment is what an entrypoint finds here: the configuration that an operator
// wrote for it, and the last lines that it logged.
type Deployment struct {
	ID     string
	Config Sealed // a JSON object of texts, sealed with the keyring's storage key
	Lines  []LogLine
}

// LogLine is a line that a deployment logged.
type LogLine struct {
	At   Instant // when it was committed
	Text string
}

const entrypointFolder = "entrypoint/"

func (d *Deployment) tag() recordTag { return tagDeployment }

func (d *Deployment) fields(c *coder) {
	c.string(&d.ID, MaxSignedIDBytes)
	d.Config.fields(c)
	list(c, &d.Lines, MaxLogLines, func(c *coder, l *LogLine) {
		c.instant(&l.At)
		c.string(&l.Text, MaxLogLineBytes)
	})
}

// Deployment finds a deployment.
func (s *State) Deployment(id string) (*Deployment, bool) { return s.deployments.find(id) }

// DeploymentIDs lists them in order.
func (s *State) DeploymentIDs() (ids []string) {
	s.deployments.each(func(d *Deployment) bool {
		ids = append(ids, d.ID)
		return true
	})
	return ids
}

func deploymentPath(id string) string { return "jeton/deployments/" + id }

// DeploymentSet writes the configuration of a deployment.
type DeploymentSet struct {
	ID     string
	Config Sealed
}

func (*DeploymentSet) kind() Kind { return kindDeploymentSet }

func (d *DeploymentSet) fields(c *coder) {
	c.string(&d.ID, MaxSignedIDBytes)
	d.Config.fields(c)
}

// Validate checks shape and bounds.
func (d *DeploymentSet) Validate() error {
	if err := validDeployment(d.ID); err != nil {
		return err
	}
	if len(d.Config.Box) == 0 || len(d.Config.Box) > maxSealedBytes || len(d.Config.KeyID) > maxKeyIDBytes {
		return invalid(OutOfRange, "length of the sealed configuration", len(d.Config.Box), "1 to 4096 bytes")
	}
	return nil
}

func validDeployment(id string) error {
	if len(id) > MaxSignedIDBytes || !isWord(id) {
		return invalid(OutOfRange, "id of a deployment", id, "1 to 128 letters, digits, dashes, dots and underscores")
	}
	return nil
}

func (d *DeploymentSet) access(*State, *Actor) Access {
	return Access{Path: deploymentPath(d.ID), Capability: policy.Update}
}

func (d *DeploymentSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	next := &Deployment{ID: d.ID, Config: d.Config}
	if old, there := tx.st.Deployment(d.ID); there {
		next.Lines = old.Lines
	} else if tx.st.deployments.len() >= MaxDeployments {
		return nil, verdict(Limit, TooManyDeployments, MaxDeployments)
	}
	putRecord(tx, &tx.st.deployments, next.ID, next)
	return &Done{}, nil
}

// DeploymentDelete removes a deployment with its lines.
type DeploymentDelete struct{ ID string }

func (*DeploymentDelete) kind() Kind        { return kindDeploymentDelete }
func (d *DeploymentDelete) fields(c *coder) { c.string(&d.ID, MaxSignedIDBytes) }

// Validate wants an id.
func (d *DeploymentDelete) Validate() error { return validDeployment(d.ID) }

func (d *DeploymentDelete) access(*State, *Actor) Access {
	return Access{Path: deploymentPath(d.ID), Capability: policy.Delete}
}

func (d *DeploymentDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if _, there := tx.st.Deployment(d.ID); there {
		delRecord(tx, &tx.st.deployments, d.ID)
	}
	return &Done{}, nil
}

// DeploymentLog adds lines that a deployment logs; the last MaxLogLines are kept.
type DeploymentLog struct {
	ID    string
	Lines []string
}

func (*DeploymentLog) kind() Kind { return kindDeploymentLog }

func (d *DeploymentLog) fields(c *coder) {
	c.string(&d.ID, MaxSignedIDBytes)
	c.strings(&d.Lines, MaxLogLines, MaxLogLineBytes)
}

// Validate checks shape and bounds.
func (d *DeploymentLog) Validate() error {
	if len(d.Lines) == 0 || len(d.Lines) > MaxLogLines {
		return invalid(OutOfRange, "number of lines", len(d.Lines), "1 to 64")
	}
	for _, l := range d.Lines {
		if len(l) > MaxLogLineBytes {
			return invalid(OutOfRange, "length of a line", len(l), "at most 1024 bytes")
		}
	}
	return validDeployment(d.ID)
}

func (d *DeploymentLog) access(*State, *Actor) Access {
	return Access{Path: entrypointFolder + "logs/" + d.ID, Capability: policy.Update}
}

func (d *DeploymentLog) apply(tx *Tx, _ *Actor) (Result, *Error) {
	old, ok := tx.st.Deployment(d.ID)
	if !ok {
		return nil, verdict(NotFound, DeploymentUnknown)
	}
	lines := append([]LogLine(nil), old.Lines...)
	for _, l := range d.Lines {
		lines = append(lines, LogLine{tx.clock(), l})
	}
	lines = lines[max(0, len(lines)-MaxLogLines):]
	putRecord(tx, &tx.st.deployments, d.ID, &Deployment{ID: d.ID, Config: old.Config, Lines: lines})
	return &Done{}, nil
}
