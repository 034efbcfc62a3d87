// Package keys turns a cluster's secret into everything its nodes need to
// trust each other.
//
// A cluster secret is 32 random bytes, written as one line of base64. The
// secret file may hold several, a line each: the first is used, all are
// accepted. To rotate without a stop, add the new line below the old one on
// every node, then move it to the top on every node, then remove the old one;
// between steps restart the nodes one by one. Whoever holds a cluster secret is
// the cluster: taking a node out that may be hostile means rotating.
//
// From each secret HKDF-SHA-256 derives, one label per use and with the name
// of the cluster in the info string (so that one secret used for two clusters
// by mistake still keeps them apart):
//
//	label       length  use
//	gossip      32      AES-256 key of memberlist
//	authority   32      Ed25519 seed of the certificate authority
//	seal        32      AES-256-GCM key that wraps the signing keyring
//	seal id     8       public name of that key
//
// The salt is "jeton cluster secret v1" and the info string is
// "jeton/<label>/<cluster name>".
//
// No certificate is stored anywhere: each process makes a key of its own and
// signs a certificate that names its raft server id with the authority of the
// first line. Peers verify against the authorities of all lines. The wall
// clock takes no part in that: validity runs from 1970 to 9999 and is judged
// at a fixed instant, since a node whose clock is wrong must still be able to
// reach the others and be told so.
//
// Errors and log lines made here name files, line numbers and key ids, never
// a secret or a part of one.
package keys
