package main

import (
	"net/http"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

// certLogin reads the name to log in with, if there is one. The proof is what the
// connection shows, -client-cert and -client-key; without it the server is not asked.
func certLogin(client *api.Client, args []string, fields map[string]any) error {
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok || key != "name" || len(args) > 1 {
			return usagef("expected nothing or name=NAME")
		}
		fields["name"] = value
	}
	t, ok := client.CloneConfig().HttpClient.Transport.(*http.Transport)
	if ok && (t.TLSClientConfig == nil || len(t.TLSClientConfig.Certificates) == 0 && t.TLSClientConfig.GetClientCertificate == nil) {
		return usagef("a certificate is missing: -client-cert and -client-key, or JETON_CLIENT_CERT and JETON_CLIENT_KEY")
	}
	return nil
}
