package postgres

// Role is the body of a role: how accounts are made and ended. An empty list of
// statements means the default where there is one (see statements.go).
type Role struct {
	DBName               string   `json:"db_name"`
	CreationStatements   []string `json:"creation_statements"`
	RevocationStatements []string `json:"revocation_statements,omitempty"`
	RollbackStatements   []string `json:"rollback_statements,omitempty"`
	RenewStatements      []string `json:"renew_statements,omitempty"`
}

// Bounds of the statements of one list. Revocation statements are kept with each
// lease (engine.MaxDataBytes), so they are shorter.
const (
	MaxStatements      = 64
	maxStatementsBytes = 8192
	maxRevocationBytes = 3072
)

// Check wants statements to make accounts with, and all of them bounded.
func (r *Role) Check() error {
	if r.DBName == "" {
		return badField("db_name", "is missing")
	}
	if len(r.CreationStatements) == 0 {
		return badField("creation_statements", "is missing")
	}
	for _, l := range []struct {
		name  string
		texts []string
	}{
		{"creation_statements", r.CreationStatements}, {"revocation_statements", r.RevocationStatements},
		{"rollback_statements", r.RollbackStatements}, {"renew_statements", r.RenewStatements},
	} {
		if err := checkStatements(l.name, l.texts); err != nil {
			return err
		}
	}
	if n := size(r.RevocationStatements); n > maxRevocationBytes {
		return badField("revocation_statements", "has %d bytes, at most %d are allowed: they are kept with each lease", n, maxRevocationBytes)
	}
	return nil
}

func checkStatements(name string, texts []string) error {
	if n := len(texts); n > MaxStatements {
		return badField(name, "has %d items, at most %d are allowed", n, MaxStatements)
	}
	if n := size(texts); n > maxStatementsBytes {
		return badField(name, "has %d bytes, at most %d are allowed", n, maxStatementsBytes)
	}
	for i, s := range texts {
		if mark := unknownMark(s); mark != "" {
			return badField(name, "item %d has {{%s}}; there are {{name}}, {{username}}, {{password}} and {{expiration}}", i+1, mark)
		}
	}
	return nil
}

// size counts a list of statements with some room for what JSON escapes.
func size(texts []string) (n int) {
	for _, s := range texts {
		b, err := marshal(s)
		if err != nil {
			return maxStatementsBytes + 1 // no text fails to be JSON
		}
		n += len(b) + 1
	}
	return n
}

// Marshal is the body as it is stored, and DecodeRole its inverse.
func (r *Role) Marshal() ([]byte, error) { return marshal(r) }

// DecodeRole reads what Marshal wrote.
func DecodeRole(body []byte) (*Role, error) {
	r := new(Role)
	return r, unmarshal(body, r)
}
