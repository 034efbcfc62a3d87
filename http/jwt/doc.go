// Package jwt verifies JSON Web Tokens for the login method of that name.
//
// A Verifier answers one question: what does this text say, under this
// configuration and this role of a mount, at this time? The time is the
// cluster's, handed in by the caller; the package looks at a watch only to tell
// how old the keys are that it keeps. What it answers names between which instants
// the token is good, so that the machine can compare them with log time.
//
// Verification is strict where RFC 8725 warns: the algorithms are those that the
// configuration allows and all of them need a public key, a key is used with the
// algorithms of its type only, nothing in a token's header is followed or trusted
// but a key's id to choose among the keys that are there, and a header or claim
// that is given twice, of the wrong type or beyond a bound is a refusal.
//
// Keys that stand at an address are fetched by the node, kept, and fetched again
// in time: see source. A token's text and its claims are in no error.
package jwt
