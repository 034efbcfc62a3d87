package cert

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// fits says whether a client's certificate holds what a record demands. A list
// without items demands nothing; of each other one item has to match one value, of
// the required extensions every item.
func fits(c *x509.Certificate, r *fsm.Cert) bool {
	uris := make([]string, 0, len(c.URIs))
	for _, u := range c.URIs {
		uris = append(uris, u.String())
	}
	names := append(append([]string{c.Subject.CommonName}, c.DNSNames...), c.EmailAddresses...)
	for _, demand := range []struct{ patterns, values []string }{
		{r.Names, names},
		{r.CommonNames, []string{c.Subject.CommonName}},
		{r.DNSNames, c.DNSNames},
		{r.Emails, c.EmailAddresses},
		{r.URIs, uris},
		{r.Units, c.Subject.OrganizationalUnit},
	} {
		if len(demand.patterns) > 0 && !anyMatch(demand.patterns, demand.values) {
			return false
		}
	}
	for _, text := range r.Extensions {
		e, err := parseExtension(text)
		if err != nil || !e.in(c) {
			return false
		}
	}
	return true
}

func anyMatch(patterns, values []string) bool {
	for _, p := range patterns {
		for _, v := range values {
			if fsm.GlobMatch(p, v) {
				return true
			}
		}
	}
	return false
}

// extension is a demand on an extension: that its value, a string of ASN.1 or any
// value in hexadecimal, matches a pattern.
type extension struct {
	oid, pattern string
	hex          bool
}

// CheckExtension says what is wrong with an item of required_extensions.
func CheckExtension(text string) error {
	_, err := parseExtension(text)
	return err
}

func parseExtension(text string) (extension, error) {
	var e extension
	text, e.hex = strings.CutPrefix(text, "hex:")
	oid, pattern, ok := strings.Cut(text, ":")
	if !ok || !isOID(oid) {
		return e, fmt.Errorf("is not oid:pattern or hex:oid:pattern")
	}
	e.oid, e.pattern = oid, pattern
	if e.hex {
		e.pattern = strings.ToLower(pattern)
		if strings.Trim(e.pattern, "0123456789abcdef*") != "" {
			return e, fmt.Errorf("has a pattern that is not hexadecimal")
		}
	}
	return e, nil
}

// isOID wants numbers divided by dots, at least two.
func isOID(text string) bool {
	parts := strings.Split(text, ".")
	for _, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return len(parts) > 1
}

func (e extension) in(c *x509.Certificate) bool {
	for _, x := range c.Extensions {
		if x.Id.String() != e.oid {
			continue
		}
		if e.hex {
			return fsm.GlobMatch(e.pattern, hex.EncodeToString(x.Value))
		}
		var text string
		rest, err := asn1.Unmarshal(x.Value, &text)
		return err == nil && len(rest) == 0 && fsm.GlobMatch(e.pattern, text)
	}
	return false
}
