package postgres

import (
	"strings"
	"time"
)

// marks are what the {{…}} of statements stand for.
type marks struct {
	name, password string
	deadline       time.Time
}

// slack is what an account's own end lies behind the lease's, so that a server
// whose clock is ahead does not end it first.
const slack = 5 * time.Second

// fill puts the marks into a statement. They hold nothing that would need quoting.
func (m *marks) fill(statement string) string {
	return strings.NewReplacer(
		"{{name}}", m.name, "{{username}}", m.name,
		"{{password}}", m.password,
		"{{expiration}}", m.deadline.Add(slack).UTC().Format("2006-01-02 15:04:05-0700"),
	).Replace(statement)
}

// unknownMark finds a mark that fill does not know.
func unknownMark(statement string) string {
	for rest := statement; ; {
		_, after, found := strings.Cut(rest, "{{")
		if !found {
			return ""
		}
		mark, tail, closed := strings.Cut(after, "}}")
		if !closed {
			return ""
		}
		switch mark {
		case "name", "username", "password", "expiration":
		default:
			return mark
		}
		rest = tail
	}
}

// What is done when a role has no statements of its own. Names stand in double
// quotes: that keeps their capitals.
var (
	defaultRenewal  = []string{`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`}
	defaultRotation = []string{`ALTER ROLE "{{username}}" WITH PASSWORD '{{password}}'`}
)

// disarm is the first half of the default revocation, in a transaction of its own:
// nobody logs in any more, and whoever is in is thrown out. Being a member of the
// role is what allows a manager who is no superuser to do so.
var disarm = []string{
	`ALTER ROLE "{{name}}" NOLOGIN`,
	`GRANT "{{name}}" TO CURRENT_USER`,
}

const expel = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}'`

// drop is the second half: everything that was granted to the role in this database
// is taken back, then it goes. A role that owns something, or has rights in another
// database, stays, and the error says what holds it: that wants revocation
// statements, since what is to become of the things is not ours to decide.
var drop = []string{`
DO $jeton$
DECLARE held record;
BEGIN
	FOR held IN
		SELECT DISTINCT i.identity, CASE
			WHEN i.type IN ('view', 'materialized view', 'foreign table', 'table column') THEN 'TABLE'
			WHEN i.type IN ('function', 'procedure', 'aggregate') THEN 'ROUTINE'
			WHEN i.type = 'server' THEN 'FOREIGN SERVER'
			ELSE upper(i.type) END AS kind
		FROM pg_shdepend d, LATERAL pg_identify_object(d.classid, d.objid, 0) i
		WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = '"{{name}}"'::regrole AND d.deptype = 'a'
			AND (d.dbid = 0 OR d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
			AND i.type <> 'default acl'
	LOOP
		EXECUTE format('REVOKE ALL ON %s %s FROM "{{name}}"', held.kind, held.identity);
	END LOOP;
END $jeton$`,
	`DROP ROLE IF EXISTS "{{name}}"`,
}
