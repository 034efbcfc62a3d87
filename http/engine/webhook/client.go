package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/jeton-io/jeton/http/dialer"
)

// newClient makes a client for one configuration. It follows no redirect, asks no
// proxy, and connects only where package dialer does.
func newClient(c *Config) (*http.Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, errors.New("webhook: a stored url cannot be read")
	}
	d := dialer.New(time.Duration(c.Timeout)*time.Second, u.Scheme == "http")
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CACert != "" {
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AppendCertsFromPEM([]byte(c.CACert))
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: d.DialContext, TLSClientConfig: trust, ForceAttemptHTTP2: true,
			MaxConnsPerHost: maxCalls, MaxIdleConnsPerHost: maxCalls, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
		},
	}, nil
}
