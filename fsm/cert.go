package fsm

import "strings"

// Cert is the record of one name of a cert mount: which client certificates it
// takes, and what it gives for them. The certificates are PEM that the node which
// took them has parsed; the machine does not look inside.
type Cert struct {
	Mount   uint64 // serial of the mount
	Name    string // in lower case
	Version uint64 // serial of the command that wrote it

	Certificates string // PEM: authorities, or the very certificates that are taken
	DisplayName  string // what follows the mount in a token's display name; empty: the name

	// Patterns of which one has to match, where there are any.
	Names, CommonNames, DNSNames, Emails, URIs, Units []string
	Extensions                                        []string // oid:pattern or hex:oid:pattern; all have to match

	Params TokenParams
}

func (r *Cert) key() certKey { return certKey{r.Mount, r.Name} }

// certKey orders records by mount, then by name.
type certKey = userKey

func (r *Cert) tag() recordTag { return tagCert }

func (r *Cert) fields(c *coder) {
	c.u64(&r.Mount)
	c.string(&r.Name, MaxUserBytes)
	c.u64(&r.Version)
	c.string(&r.Certificates, MaxCertificateBytes)
	c.string(&r.DisplayName, MaxUserBytes)
	for _, l := range r.lists() {
		c.strings(l.to, MaxCertPatterns, MaxCertPatternBytes)
	}
	r.Params.fields(c)
}

// certList is one of a record's lists under the name that the API has for it.
type certList struct {
	name string
	bit  CertFields
	to   *[]string
}

func (r *Cert) lists() [7]certList {
	return [...]certList{
		{"allowed_names", GivenCertNames, &r.Names},
		{"allowed_common_names", GivenCertCommonNames, &r.CommonNames},
		{"allowed_dns_sans", GivenCertDNSNames, &r.DNSNames},
		{"allowed_email_sans", GivenCertEmails, &r.Emails},
		{"allowed_uri_sans", GivenCertURIs, &r.URIs},
		{"allowed_organizational_units", GivenCertUnits, &r.Units},
		{"required_extensions", GivenCertExtensions, &r.Extensions},
	}
}

// Display is what follows the mount in the display name of a token.
func (r *Cert) Display() string {
	if r.DisplayName != "" {
		return r.DisplayName
	}
	return r.Name
}

// check wants every field within its bounds.
func (r *Cert) check() *Error {
	switch {
	case len(r.Certificates) > MaxCertificateBytes:
		return invalid(OutOfRange, "size of certificate", len(r.Certificates), "at most 32768 bytes")
	case len(r.DisplayName) > MaxUserBytes:
		return invalid(OutOfRange, "display_name length", len(r.DisplayName), "at most 120 bytes")
	}
	for _, l := range r.lists() {
		if len(*l.to) > MaxCertPatterns {
			return invalid(OutOfRange, "number of "+l.name, len(*l.to), "at most 64")
		}
		for _, text := range *l.to {
			if text == "" || len(text) > MaxCertPatternBytes {
				return invalid(OutOfRange, "length of an item of "+l.name, len(text), "1 to 512 bytes")
			}
		}
	}
	if err := r.Params.check(); err != nil {
		return err
	}
	return r.checkSize()
}

// checkSize keeps a record below what its lists could hold together.
func (r *Cert) checkSize() *Error {
	if size := len(encode(r)); size > MaxCertRecordBytes {
		return invalid(CertTooLarge, size, MaxCertRecordBytes)
	}
	return nil
}

// fits checks the fields of a whole record against each other.
func (r *Cert) fits() *Error {
	if strings.Trim(r.Certificates, asciiSpace) == "" {
		return invalid(CertMissing)
	}
	if err := r.checkSize(); err != nil {
		return err
	}
	return r.Params.fits()
}

// Cert finds a record of a mount by its name in lower case.
func (s *State) Cert(m *AuthMount, name string) (*Cert, bool) {
	return s.certs.find(certKey{m.Serial, name})
}

// EachCert visits the records of a mount in order of their names.
func (s *State) EachCert(m *AuthMount, f func(*Cert) bool) {
	s.certs.ascend(row[certKey, *Cert]{key: certKey{mount: m.Serial}}, func(it row[certKey, *Cert]) bool {
		if it.key.mount != m.Serial {
			return false
		}
		return f(it.record)
	})
}

// CertNames lists the records of a mount in order.
func (s *State) CertNames(m *AuthMount) (names []string) {
	s.EachCert(m, func(r *Cert) bool {
		names = append(names, r.Name)
		return true
	})
	return names
}

// dropFirstCert is the records' belonging.
func (tx *Tx) dropFirstCert(mount uint64) bool {
	it, ok := tx.st.certs.from(row[certKey, *Cert]{key: certKey{mount: mount}})
	if !ok || it.key.mount != mount {
		return false
	}
	delRecord(tx, &tx.st.certs, it.key)
	return true
}

// CertName is the form in which names are stored.
func CertName(text string) string { return foldName(text) }
