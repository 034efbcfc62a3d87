package cert_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/cert"
	"github.com/jeton-io/jeton/http/cert/certtest"
)

var (
	authority = certtest.Authority("root")
	between   = authority.Authority("between")
	other     = certtest.Authority("root") // the same name, another key
	oid       = asn1.ObjectIdentifier{1, 2, 3, 4}
	client    = authority.Client("web-7.a.example", func(c *x509.Certificate) {
		c.Subject.OrganizationalUnit = []string{"shop", "ops"}
		c.DNSNames = []string{"web-7.a.example", "b.example"}
		c.EmailAddresses = []string{"ann@a.example"}
		c.URIs = []*url.URL{{Scheme: "spiffe", Host: "a.example", Path: "/web"}}
		value, _ := asn1.MarshalWithParams("blue", "utf8")
		c.ExtraExtensions = []pkix.Extension{{Id: oid, Value: value}}
	})
)

func at(t time.Time) fsm.Instant { return fsm.Instant(t.UnixNano()) }

func shown(pairs ...*certtest.Pair) (certs []*x509.Certificate) {
	for _, p := range pairs {
		certs = append(certs, p.Cert)
	}
	return certs
}

func record(name string, pairs ...*certtest.Pair) *fsm.Cert {
	r := &fsm.Cert{Name: name, Version: 7}
	for _, p := range pairs {
		r.Certificates += p.PEM()
	}
	return r
}

func TestMatching(t *testing.T) {
	for name, tt := range map[string]struct {
		demand func(*fsm.Cert)
		fits   bool
	}{
		"nothing":                    {func(*fsm.Cert) {}, true},
		"common name":                {func(r *fsm.Cert) { r.CommonNames = []string{"web-7.a.example"} }, true},
		"common name by pattern":     {func(r *fsm.Cert) { r.CommonNames = []string{"x", "web-*.example"} }, true},
		"another common name":        {func(r *fsm.Cert) { r.CommonNames = []string{"web-8.a.example"} }, false},
		"a DNS name is none":         {func(r *fsm.Cert) { r.CommonNames = []string{"b.example"} }, false},
		"part of a common name":      {func(r *fsm.Cert) { r.CommonNames = []string{"web-7"} }, false},
		"common name in capitals":    {func(r *fsm.Cert) { r.CommonNames = []string{"WEB-7.A.EXAMPLE"} }, false},
		"DNS name":                   {func(r *fsm.Cert) { r.DNSNames = []string{"*.example"} }, true},
		"second DNS name":            {func(r *fsm.Cert) { r.DNSNames = []string{"b.example"} }, true},
		"another DNS name":           {func(r *fsm.Cert) { r.DNSNames = []string{"*.c.example"} }, false},
		"e-mail":                     {func(r *fsm.Cert) { r.Emails = []string{"*@a.example"} }, true},
		"another e-mail":             {func(r *fsm.Cert) { r.Emails = []string{"*@b.example"} }, false},
		"URI":                        {func(r *fsm.Cert) { r.URIs = []string{"spiffe://a.example/*"} }, true},
		"another URI":                {func(r *fsm.Cert) { r.URIs = []string{"spiffe://b.example/*"} }, false},
		"unit":                       {func(r *fsm.Cert) { r.Units = []string{"ops"} }, true},
		"another unit":               {func(r *fsm.Cert) { r.Units = []string{"dev"} }, false},
		"any name: common":           {func(r *fsm.Cert) { r.Names = []string{"web-7*"} }, true},
		"any name: e-mail":           {func(r *fsm.Cert) { r.Names = []string{"ann@*"} }, true},
		"any name: not a URI":        {func(r *fsm.Cert) { r.Names = []string{"spiffe*"} }, false},
		"all of it":                  {func(r *fsm.Cert) { r.CommonNames, r.Emails = []string{"web*"}, []string{"ann*"} }, true},
		"not all of it":              {func(r *fsm.Cert) { r.CommonNames, r.Emails = []string{"web*"}, []string{"bob*"} }, false},
		"extension":                  {func(r *fsm.Cert) { r.Extensions = []string{"1.2.3.4:bl*"} }, true},
		"extension in hexadecimal":   {func(r *fsm.Cert) { r.Extensions = []string{"hex:1.2.3.4:0C04*"} }, true},
		"extension of another value": {func(r *fsm.Cert) { r.Extensions = []string{"1.2.3.4:red"} }, false},
		"extension that is missing":  {func(r *fsm.Cert) { r.Extensions = []string{"1.2.3.4:blue", "1.2.3.5:*"} }, false},
		"extension that is no text":  {func(r *fsm.Cert) { r.Extensions = []string{"2.5.29.15:*"} }, false},
		"extension badly asked for":  {func(r *fsm.Cert) { r.Extensions = []string{"blue"} }, false},
	} {
		r := record("web", authority)
		tt.demand(r)
		_, err := cert.NewVerifier().Verify(shown(client), []*fsm.Cert{r}, at(time.Now()))
		if (err == nil) != tt.fits || err != nil && !errors.Is(err, cert.ErrUnfit) {
			t.Errorf("%s: %v, want fit: %v", name, err, tt.fits)
		}
	}
}

// What is trusted, and what is not.
func TestChains(t *testing.T) {
	below := between.Client("below")
	self := certtest.SelfSigned("self")
	server := authority.Client("server", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	leafSigned := client.Client("signed by a leaf")
	twin := authority.Client("web-7.a.example", func(c *x509.Certificate) { c.SerialNumber = client.Cert.SerialNumber })
	odd := authority.Client("odd", func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: oid, Critical: true, Value: []byte{5, 0}}}
	})
	serverCA := authority.Authority("servers only", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	records := func(r ...*fsm.Cert) []*fsm.Cert { return r }
	for name, tt := range map[string]struct {
		shown   []*x509.Certificate
		records []*fsm.Cert
		want    string // name of the record
		err     error
	}{
		"below an authority":                 {shown(client), records(record("a", authority)), "a", nil},
		"below one of two":                   {shown(client), records(record("a", other, authority)), "a", nil},
		"the second record":                  {shown(client), records(record("a", other), record("b", authority)), "b", nil},
		"the first of two":                   {shown(client), records(record("a", authority), record("b", authority)), "a", nil},
		"an authority of the same name":      {shown(client), records(record("a", other)), "", cert.ErrUntrusted},
		"nothing trusted":                    {shown(client), nil, "", cert.ErrUntrusted},
		"nothing shown":                      {nil, records(record("a", authority)), "", cert.ErrNone},
		"over one between":                   {shown(below, between), records(record("a", authority)), "a", nil},
		"the one between not shown":          {shown(below), records(record("a", authority)), "", cert.ErrUntrusted},
		"the one between trusted":            {shown(below), records(record("a", between)), "a", nil},
		"the root of the trusted one shown":  {shown(client, authority), records(record("a", between)), "", cert.ErrUntrusted},
		"itself":                             {shown(self), records(record("a", self)), "a", nil},
		"itself, issued by another":          {shown(client), records(record("a", client)), "a", nil},
		"itself before an authority":         {shown(client), records(record("a", authority), record("b", client)), "b", nil},
		"another of the same serial":         {shown(twin), records(record("a", client)), "", cert.ErrUntrusted},
		"self-signed, shown as its own root": {shown(self, self), records(record("a", authority)), "", cert.ErrUntrusted},
		"for servers":                        {shown(server), records(record("a", authority)), "", cert.ErrUntrusted},
		"by an authority for servers":        {shown(serverCA.Client("x"), serverCA), records(record("a", authority)), "", cert.ErrUntrusted},
		"signed by a leaf":                   {shown(leafSigned, client), records(record("a", authority)), "", cert.ErrUntrusted},
		"signed by a trusted leaf":           {shown(leafSigned), records(record("a", client)), "", cert.ErrUntrusted},
		"an unknown critical extension":      {shown(odd), records(record("a", authority)), "", cert.ErrUntrusted},
		"too many":                           {slices.Repeat(shown(client), 11), records(record("a", authority)), "", cert.ErrTooLarge},
		"a record that cannot be read":       {shown(client), records(&fsm.Cert{Name: "a", Certificates: "x"}, record("b", authority)), "b", nil},
	} {
		id, err := cert.NewVerifier().Verify(tt.shown, tt.records, at(time.Now()))
		if !errors.Is(err, tt.err) || err == nil && id.Record.Name != tt.want {
			t.Errorf("%s: %v, %v, want %q, %v", name, id.Record, err, tt.want, tt.err)
		}
	}
	large := authority.Client("large", func(c *x509.Certificate) { c.DNSNames = slices.Repeat([]string{strings.Repeat("a", 200)}, 200) })
	if _, err := cert.NewVerifier().Verify(shown(large), records(record("a", authority)), at(time.Now())); !errors.Is(err, cert.ErrTooLarge) {
		t.Errorf("a large certificate: %v", err)
	}
}

// Validity is that of the whole chain at the caller's time.
func TestValidity(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	span := func(from, to time.Time) certtest.Change {
		return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = from, to }
	}
	root := certtest.Authority("r", span(now.Add(-time.Minute), now.Add(time.Hour)))
	leaf := root.Client("x", span(now.Add(-time.Hour), now.Add(time.Minute)))
	v := cert.NewVerifier()
	for _, r := range []*fsm.Cert{record("ca", root), record("pin", leaf)} {
		from, to := now.Add(-time.Minute), now.Add(time.Minute)
		if r.Name == "pin" {
			from = now.Add(-time.Hour)
		}
		for when, good := range map[fsm.Instant]bool{ // order: each stands alone
			at(from): true, at(from) - 1: false, at(to): true, at(to) + 1: false,
		} {
			id, err := v.Verify(shown(leaf), []*fsm.Cert{r}, when)
			if (err == nil) != good || good && (id.Shown.NotBefore != at(from) || id.Shown.NotAfter != at(to)+1) {
				t.Errorf("%s at %s: %v, %+v", r.Name, when.Time(), err, id.Shown)
			}
		}
	}
	long := certtest.SelfSigned("x", span(time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)))
	id, err := v.Verify(shown(long), []*fsm.Cert{record("a", long)}, at(now))
	if err != nil || id.Shown.NotAfter != fsm.Never || id.Shown.NotBefore >= 0 {
		t.Errorf("for ever: %+v, %v", id.Shown, err)
	}
}

func TestIdentity(t *testing.T) {
	id, err := cert.NewVerifier().Verify(shown(client), []*fsm.Cert{record("web", authority)}, at(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	meta := make(map[string]string)
	for _, p := range id.Meta {
		meta[p.Key] = p.Value
	}
	if meta["cert_name"] != "web" || meta["common_name"] != "web-7.a.example" || meta["serial_number"] != client.Cert.SerialNumber.String() ||
		strings.ReplaceAll(meta["authority_key_id"], ":", "") != fmt.Sprintf("%x", client.Cert.AuthorityKeyId) || meta["authority_key_id"] == "" ||
		meta["certificate_sha256"] != id.Shown.Fingerprint || len(meta) != 6 || id.Shown.Version != 7 {
		t.Errorf("%v, %+v", meta, id.Shown)
	}
	login := fsm.CertLogin{Mount: "cert", Shown: id.Shown, Meta: id.Meta, Token: fsm.Digest{1}, Accessor: strings.Repeat("a", fsm.AccessorBytes)}
	if err := login.Validate(); err != nil {
		t.Error(err)
	}
}
