package jwt

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/dialer"
)

const (
	maxAnswerBytes = 256 << 10 // a JWK set, a discovery document
	maxRedirects   = 3
	dialTimeout    = 10 * time.Second
)

// fetchKeys gets the keys of one endpoint.
func fetchKeys(ctx context.Context, source fsm.JWTSource, e fsm.JWTEndpoint) ([]key, error) {
	client, err := clientFor(e)
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	address := e.URL
	if source == fsm.JWTDiscovery {
		if address, err = discover(ctx, client, e.URL); err != nil {
			return nil, err
		}
	}
	data, err := get(ctx, client, address)
	if err != nil {
		return nil, err
	}
	keys, err := parseSet(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown(address), err)
	}
	return keys, nil
}

// discover asks an issuer where its keys are (OpenID Connect Discovery 1.0). The
// document has to be the issuer's own.
func discover(ctx context.Context, client *http.Client, issuer string) (string, error) {
	address := strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
	data, err := get(ctx, client, address)
	if err != nil {
		return "", err
	}
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return "", fmt.Errorf("%s: answer is not a discovery document", shown(address))
	}
	if document.Issuer != issuer {
		return "", fmt.Errorf("%s: the document is of another issuer", shown(address))
	}
	if len(document.Keys) > fsm.MaxURLBytes {
		return "", fmt.Errorf("%s: jwks_uri has more than %d bytes", shown(address), fsm.MaxURLBytes)
	}
	from, _ := url.Parse(issuer)
	if err := checkURL(document.Keys, from); err != nil {
		return "", fmt.Errorf("%s: jwks_uri %w", shown(address), err)
	}
	return document.Keys, nil
}

// clientFor makes a client that trusts the endpoint's authorities and follows few
// redirects, none to where the configuration could not have pointed.
func clientFor(e fsm.JWTEndpoint) (*http.Client, error) {
	if err := checkURL(e.URL, nil); err != nil {
		return nil, fmt.Errorf("address %w", err)
	}
	from, _ := url.Parse(e.URL)
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if e.CA != "" {
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM([]byte(e.CA)) {
			return nil, errors.New("CA certificates are not PEM")
		}
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.New(dialTimeout, false).DialContext, TLSClientConfig: conf, ForceAttemptHTTP2: true,
			DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errRedirects
			}
			return checkURL(next.URL.String(), from)
		},
	}, nil
}

var errRedirects = fmt.Errorf("redirects more than %d times", maxRedirects)

// errAddress is what is wrong with an address.
type errAddress string

func (e errAddress) Error() string { return string(e) }

// checkURL wants an https address, or an http one on this machine. From an https
// address, nil for none, nothing leads to http.
func checkURL(text string, from *url.URL) error {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		return errAddress("is not an https URL")
	case u.User != nil:
		return errAddress("holds a user name or password")
	case u.Scheme == "http" && (!isLoopback(u.Hostname()) || from != nil && from.Scheme == "https"):
		return errAddress("is http, expected https (http is for this machine only)")
	}
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback() || host == "localhost"
}

// get fetches a bounded answer.
func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errAddress("is not an https URL")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", shown(address), failureOf(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d, expected 200", shown(address), resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %s", shown(address), failureOf(err))
	case len(data) > maxAnswerBytes:
		return nil, fmt.Errorf("%s: answer has more than %d bytes", shown(address), maxAnswerBytes)
	}
	return data, nil
}

// failureOf says what kind of failure it was. Its details are for nobody who only
// wants to log in: they name addresses inside the network.
func failureOf(err error) string {
	var address errAddress
	var unknown *tls.CertificateVerificationError
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "no answer in time"
	case errors.Is(err, errRedirects):
		return errRedirects.Error()
	case errors.As(err, &address):
		return "a redirect's address " + address.Error()
	case errors.As(err, &unknown):
		return "its certificate is not trusted"
	case errors.As(err, &dns):
		return "its name does not resolve"
	case errors.Is(err, dialer.ErrRefused):
		return dialer.ErrRefused.Error()
	}
	return "the connection failed"
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// shown is an address without what may be secret in it.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "address"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
