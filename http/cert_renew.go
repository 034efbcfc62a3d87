package http

import (
	"errors"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// sendRenewal renews a token. One that was given for a client certificate is renewed
// by the certificate of the connection, which this node verifies and the machine
// compares with the token's; a renewal that says nothing of a certificate is refused
// by the machine, whatever this node believes.
func (c *call) sendRenewal(cmd *fsm.TokenRenew) (cluster.Reply, error) {
	if len(c.shownCerts()) == 0 {
		return c.propose(cmd)
	}
	if err := c.admit(cmd); err != nil { // verifying is dear
		return cluster.Reply{}, err
	}
	for try := 0; ; try++ {
		proven, err := c.proveRenewal(cmd)
		if err != nil {
			return cluster.Reply{}, err
		}
		reply, err := c.propose(proven)
		if !isCertMoved(err) || try == maxRechecks {
			return reply, err
		}
	}
}

// proveRenewal is the renewal with what the connection's certificate proves, or as it
// is when the token wants no certificate. What the node's own state does not have may
// have been made a moment ago.
func (c *call) proveRenewal(cmd *fsm.TokenRenew) (fsm.Command, error) {
	if _, wanted, found := c.s.cluster.Local().CertOf(cmd.Target, c.caller.Token); found && !wanted {
		return cmd, nil
	}
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return nil, err
	}
	record, _, _ := view.State.CertOf(cmd.Target, c.caller.Token)
	if record == nil {
		return cmd, nil // for the machine to say why not
	}
	id, err := c.s.certs.Verify(c.shownCerts(), []*fsm.Cert{record}, view.At)
	if err != nil {
		return nil, invalid("%v", err)
	}
	return &fsm.CertRenew{Renew: *cmd, Shown: id.Shown}, nil
}

// isCertMoved tells that a certificate has to be verified anew.
func isCertMoved(err error) bool {
	var v *fsm.Error
	return err != nil && errors.As(err, &v) && v.Reason == fsm.CertMoved
}
