package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jeton-io/jeton/http/engine"
)

// What an order waits for behind others of this cluster, and did not get in time.
var (
	errCrowded = errors.New("all connections to the database are in use")
	errNoTurn  = errors.New("other transactions of this cluster are under way there")
)

// SQLSTATEs that are treated by name.
const (
	badPassword     = "28P01"
	badAuth         = "28000"
	undefinedObject = "42704"
	lockTimeout     = "55P03"
)

// stateOf is the SQLSTATE of an error of the server; "" for any other.
func stateOf(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func isBadPassword(err error) bool {
	code := stateOf(err)
	return code == badPassword || code == badAuth
}

// failure words an error for clients and for the lease. Driver and server may quote
// what was sent to them: a statement, with the password of the account in it. So
// what the server says is left out when it has any part of a secret, and what the
// driver says is not repeated at all.
func failure(err error, secrets ...string) error {
	var own *engine.Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	where := "the database"
	var at *statementError
	if errors.As(err, &at) && at.list != "" {
		where = "item " + strconv.Itoa(at.number) + " of " + at.list
	}
	var server *pgconn.PgError
	switch {
	case errors.Is(err, errCrowded), errors.Is(err, errNoTurn):
		return engine.Crowded("%s: %v", where, err)
	case errors.Is(err, errEnded):
		return engine.Refuse("%s ends the transaction that it stands in", where)
	case errors.As(err, &server) && isPassing(server.Code):
		return engine.Unreachable("%s: %s", where, said(server, secrets))
	case errors.As(err, &server):
		return engine.Refuse("%s: %s", where, said(server, secrets))
	}
	return engine.Unreachable("%s: %s", where, reach(err))
}

// said is what the server said, if it can be repeated.
func said(e *pgconn.PgError, secrets []string) string {
	text := "SQLSTATE " + e.Code
	for _, s := range []string{e.Message, e.Detail} {
		if s != "" && !sharesPart(s, secrets) {
			text += ": " + s
		}
	}
	return text
}

// isPassing tells what may go away by itself: trouble with connection, resources,
// locks or the server's own state.
func isPassing(code string) bool {
	for _, class := range []string{"08", "25P03", "40", "53", lockTimeout, "57", "58", "XX"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}

// reach says why the server could not be talked to.
func reach(err error) string {
	var op *net.OpError
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		return "no answer in time"
	case errors.As(err, &cert):
		return "its certificate is not trusted"
	case errors.As(err, &dns):
		return "its host is not known"
	case errors.As(err, &op):
		return op.Op + ": " + op.Err.Error()
	}
	return "the connection failed"
}

// partBytes is how much of a secret makes a part of it.
const partBytes = 4

// sharesPart says whether a text has any part of one of the secrets.
func sharesPart(text string, secrets []string) bool {
	for _, s := range secrets {
		for i := 0; i+partBytes <= len(s); i++ {
			if strings.Contains(text, s[i:i+partBytes]) {
				return true
			}
		}
	}
	return false
}
