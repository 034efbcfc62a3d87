package http

import (
	"crypto/x509"
	"net/http"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/cert"
)

// maxTried bounds the records that a login without a name is held against.
const maxTried = 256

// shownCerts is what the client showed in the handshake of this very connection, its
// own certificate first. Headers in which a proxy tells of one are not believed.
func (c *call) shownCerts() []*x509.Certificate {
	if c.req.TLS == nil {
		return nil
	}
	return c.req.TLS.PeerCertificates
}

// loginCert makes a token for the client certificate of the connection.
func loginCert(c *call) (answer, error) {
	name := fsm.CertName(c.body.text("name"))
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if c.clientKey != "" {
		c.warn("The header Idempotency-Key has no effect on a login: each makes a token of its own.")
	}
	switch {
	case c.req.TLS == nil:
		return answer{}, rebuff(http.StatusBadRequest, "tls connection required: a client certificate is shown in the handshake of TLS, and this request came over plain HTTP")
	case len(c.shownCerts()) == 0:
		return answer{}, rebuff(http.StatusBadRequest, "%v", cert.ErrNone)
	case c.s.guesses.spent(c.caller.Addr, time.Now()):
		return answer{}, errGuessing
	}
	reply, err := c.sendCert(name)
	if err != nil {
		return answer{}, err
	}
	c.index = reply.Index
	return c.handOver(reply.Result.(*fsm.TokenCreated))
}

// sendCert verifies the certificate on this node, against a linearizable view, and
// has the machine compare the version of the record that took it. When that moved
// meanwhile the certificate is verified again.
func (c *call) sendCert(name string) (cluster.Reply, error) {
	for try := 0; ; try++ {
		cmd, err := c.verifyCert(name)
		if err != nil {
			return cluster.Reply{}, err
		}
		reply, err := c.s.cluster.Propose(c.ctx, cluster.Proposal{Command: cmd})
		if !isRecheck(err) || try == maxRechecks {
			return reply, err
		}
	}
}

// verifyCert is the command that the certificate is good for. A refusal counts
// against the client's address.
func (c *call) verifyCert(name string) (*fsm.CertLogin, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return nil, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return nil, err
	}
	records, err := candidates(view.State, m, name)
	if err != nil {
		return nil, err
	}
	id, err := c.s.certs.Verify(c.shownCerts(), records, view.At)
	if err != nil {
		c.s.guesses.allow(c.caller.Addr, time.Now())
		return nil, rebuff(http.StatusBadRequest, "%v", err)
	}
	c.created = newServiceToken()
	d, err := c.s.cluster.Digest(c.created)
	if err != nil {
		return nil, err
	}
	return &fsm.CertLogin{
		Mount: m.Path, Shown: id.Shown, Meta: id.Meta, From: c.caller.Addr, Token: d, Accessor: newAccessor(),
	}, nil
}

// candidates are the records that a certificate may be for: the one of a name, or
// all. A name that is none is answered like a certificate that is none.
func candidates(st *fsm.State, m *fsm.AuthMount, name string) (records []*fsm.Cert, err error) {
	if name != "" {
		if r, ok := st.Cert(m, name); ok {
			records = append(records, r)
		}
		return records, nil
	}
	st.EachCert(m, func(r *fsm.Cert) bool {
		records = append(records, r)
		return len(records) <= maxTried
	})
	if len(records) > maxTried {
		return nil, rebuff(http.StatusBadRequest, "field \"name\" is empty: the mount has more than %d certificates, expected the name of the one to log in with", maxTried)
	}
	return records, nil
}
