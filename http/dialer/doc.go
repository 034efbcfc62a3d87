// Package dialer connects to services whose addresses stand in configurations that
// callers write: webhooks, and where the keys of JWT issuers are.
//
// It looks at every address that it is about to connect to, after the name was
// resolved, so that a name cannot lead elsewhere than it did when it was checked. It
// refuses addresses that no service has and those at which clouds tell a machine its
// credentials. Private addresses are not among them: that is where services are.
package dialer
