// Package webhook has a service of the user's make a secret for each lease, and end
// it: by signed calls over HTTPS.
//
// Every call is a POST of a JSON object (see message) with the headers
//
//	Content-Type: application/json
//	Idempotency-Key: 32 hexadecimal digits, the same whenever the same is asked again
//	Jeton-Signature: t=<seconds since 1970>,v1=<64 hexadecimal digits>
//
// The signature is HMAC-SHA-256 under the signing key over the digits of t, a full
// stop and the bytes of the body:
//
//	v1 = HMAC-SHA-256(signing_key, "1795363200" + "." + body)
//
// docs/engines.md tells what is asked of the service: it is what makes revocation at
// least once, and issue at most once, come out as exactly once.
//
// A service is somebody else's program. So its answers are bounded in size and time,
// its redirects are not followed, and what it says is shown to clients only from the
// one field that is meant for them. And since whoever configures a mount chooses
// where the nodes connect to, addresses that lead into a cloud's machinery are
// refused at the time of the connection, whatever name led to them (see dialer).
package webhook
