package http

import (
	"strings"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
	"github.com/jeton-io/jeton/http/cert"
)

// certRoutes are what a cert mount answers, the login first.
func certRoutes() []mountRoute {
	return []mountRoute{
		below("login", route{folder: true, open: true, login: true, update: loginCert, about: about{
			update: "Makes a token for the client certificate of the connection.", takes: "cert.name",
		}}),
		below("certs", route{folder: true, list: listCerts, about: about{
			list: "Lists the names.",
		}}),
		below("certs/{name}", route{read: readCert, update: writeCert, delete: deleteCert, about: about{
			read: "Shows which certificates a name takes.", update: "Makes a name or changes what is named of one.", delete: "Deletes a name.",
			takes: certTakes + " " + paramTakes + " " + olderTakes + " jwt.period",
		}}),
		below("config", route{read: readCertConfig, update: writeCertConfig, about: about{
			read: "Shows the settings, which are fixed.", update: "Accepts the settings that are in force.",
			takes: "disable_binding enable_identity_alias_metadata",
		}}),
	}
}

const certTakes = "certificate cert.display_name allowed_names allowed_common_names allowed_dns_sans allowed_email_sans allowed_uri_sans" +
	" allowed_organizational_units required_extensions allowed_metadata_extensions ocsp_enabled"

// olderCertParams are the parameters that had names without token_.
const olderCertParams = olderParams | fsm.GivenTokenPeriod

func listCerts(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return answer{}, err
	}
	return names(view.State.CertNames(m))
}

func readCert(c *call) (answer, error) {
	name := fsm.CertName(c.place.name)
	view, _, err := c.read(fsm.Access{Path: "auth/" + c.place.mount + "/certs/" + name, Capability: policy.Read})
	if err != nil {
		return answer{}, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return answer{}, err
	}
	r, ok := view.State.Cert(m, name)
	if !ok {
		return answer{}, errNothing
	}
	return answer{data: certData(r)}, nil
}

func certData(r *fsm.Cert) object {
	data := paramData(&r.Params)
	data["certificate"], data["display_name"] = r.Certificates, r.Display()
	data["allowed_names"], data["allowed_common_names"] = listed(r.Names), listed(r.CommonNames)
	data["allowed_dns_sans"], data["allowed_email_sans"] = listed(r.DNSNames), listed(r.Emails)
	data["allowed_uri_sans"], data["allowed_organizational_units"] = listed(r.URIs), listed(r.Units)
	data["required_extensions"], data["allowed_metadata_extensions"] = listed(r.Extensions), []string{}
	data["ocsp_enabled"] = false
	return data
}

func deleteCert(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.CertDelete{Mount: c.place.mount, Name: fsm.CertName(c.place.name)})
	return answer{}, err
}

// writeCert makes a record or changes what the request names of one. Its PEM is
// parsed after the right to write it was looked at.
func writeCert(c *call) (answer, error) {
	b := &c.body
	cmd := &fsm.CertSet{Mount: c.place.mount, Cert: fsm.Cert{Name: fsm.CertName(c.place.name)}}
	cmd.Given = b.certRecord(&cmd.Cert)
	cmd.GivenParams = b.tokenParams(&cmd.Cert.Params, olderCertParams)
	if err := c.admit(cmd); err != nil {
		return answer{}, err
	}
	if text := cmd.Cert.Certificates; strings.TrimSpace(text) != "" {
		if _, err := cert.Parse(text); err != nil {
			b.fail("certificate", "%v", err)
		}
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

// certRecord takes the fields of a record that are its own, and says which were
// given.
func (b *body) certRecord(r *fsm.Cert) (given fsm.CertFields) {
	for _, f := range []struct {
		name string
		bit  fsm.CertFields
		text *string
		list *[]string
	}{
		{"certificate", fsm.GivenCertificates, &r.Certificates, nil},
		{"display_name", fsm.GivenCertDisplayName, &r.DisplayName, nil},
		{"allowed_names", fsm.GivenCertNames, nil, &r.Names},
		{"allowed_common_names", fsm.GivenCertCommonNames, nil, &r.CommonNames},
		{"allowed_dns_sans", fsm.GivenCertDNSNames, nil, &r.DNSNames},
		{"allowed_email_sans", fsm.GivenCertEmails, nil, &r.Emails},
		{"allowed_uri_sans", fsm.GivenCertURIs, nil, &r.URIs},
		{"allowed_organizational_units", fsm.GivenCertUnits, nil, &r.Units},
		{"required_extensions", fsm.GivenCertExtensions, nil, &r.Extensions},
	} {
		if _, ok := b.take(f.name); !ok {
			continue
		}
		given |= f.bit
		if f.text != nil {
			*f.text = b.text(f.name)
		} else {
			*f.list = b.commaList(f.name, fsm.MaxCertPatterns)
		}
	}
	for i, text := range r.Extensions {
		if err := cert.CheckExtension(text); err != nil {
			b.fail("required_extensions", "item %d %v", i, err)
		}
	}
	b.notSupported("allowed_metadata_extensions", "ocsp_enabled")
	return given
}

// notSupported refuses fields that would change who is let in, or what a token says,
// and are not known here. Clients send them without anything in them.
func (b *body) notSupported(names ...string) {
	for _, name := range names {
		if v, ok := b.take(name); ok && !v.hollow() && b.flag(name, true) {
			b.fail(name, "is not supported")
		}
	}
}

// readCertConfig shows the settings as Vault names them.
func readCertConfig(c *call) (answer, error) {
	if _, _, err := c.read(c.access()); err != nil {
		return answer{}, err
	}
	return answer{data: object{"disable_binding": false, "enable_identity_alias_metadata": false}}, nil
}

// writeCertConfig takes what is in force anyway: a token is bound to its certificate,
// and there are no identity aliases.
func writeCertConfig(c *call) (answer, error) {
	b := &c.body
	if b.flag("disable_binding", false) {
		b.fail("disable_binding", "is true, expected false: a token is always renewed by the certificate that it was given for")
	}
	b.notSupported("enable_identity_alias_metadata")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, _, err := c.read(c.access())
	return answer{}, err
}
