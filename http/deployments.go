package http

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jeton-io/jeton/fsm"
)

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
		return answer{}, fmt.Errorf("configuration of a deployment: %w", err)
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

// deploymentLabel, with the id behind it, is what a configuration is sealed for.
const deploymentLabel = "deployment "

func (s *Server) openConfig(ctx context.Context, d *fsm.Deployment) (map[string]string, error) {
	text, err := s.cluster.Open(ctx, deploymentLabel+d.ID, d.Config)
	if err != nil {
		return nil, err
	}
	config := make(map[string]string)
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("configuration of a deployment: %w", err)
	}
	return config, nil
}
