// Package peer connects the nodes of a cluster: one TCP port for raft and for
// calls from node to node, under mutual TLS from the cluster secret.
//
// It promises that whoever is called is the server that was meant (its
// certificate names the server id, whatever address led there), that a
// caller's server id is what its certificate names, that calls of members and
// of others are told apart for every call, and that a failed call says whether
// it certainly had no effect (NotHandled). It does not retry what may have had
// one.
//
// # Connection
//
// TLS 1.3, both sides with a certificate of package keys. The dialing node
// then sends two bytes, the accepting one answers with one:
//
//	dialer    offset  bytes  meaning
//	          0       1      use: 'R' (0x52) raft, 'P' (0x50) calls
//	          1       1      version of this protocol, 1
//	acceptor  0       1      0 admitted, else the status that says why not;
//	                         then the connection is closed
//
// A raft connection carries hashicorp/raft's network protocol from there on,
// and raft's server addresses are server ids. All that must be over within
// Config.HandshakeTimeout; connections, handshakes and handshakes from one
// remote address are bounded.
//
// # Calls
//
// A connection for calls belongs to the node that dialed it: it sends
// requests, the other answers, in any order. Calls the other way take another
// connection. Both directions are sequences of frames, integers big endian:
//
//	offset  bytes  meaning
//	0       4      length of what follows, 10 to 4 MiB (4194304)
//	4       1      kind of call; 0 is a ping
//	5       1      flags: 1 reply, 2 error (only with reply), 4 cancel (alone)
//	6       8      id of the call, not 0; chosen by the caller, unique among
//	               the calls in flight on the connection
//	14      n      body
//
// and the body is, by the flags,
//
//	0  request  4 bytes: milliseconds until the caller stops waiting, 0 for
//	            never; then the payload
//	1  reply    the payload of the answer
//	3  error    1 byte: status; then text for the log, at most 1024 bytes,
//	            to be matched by nobody
//	4  cancel   nothing: the caller no longer waits for this call
//
// A ping is a request of kind 0 without payload, its answer a reply of kind 0
// without one. A cancel is never answered by itself; the call it names may
// still be. Any other frame ends the connection. Kind and flags of an answer
// repeat the kind of the request.
//
// For example, call 7 of kind 3 with payload "hi" and 1.5 s to go, and its
// answer "ok":
//
//	00 00 00 10  03 00  00 00 00 00 00 00 00 07  00 00 05 dc  68 69
//	00 00 00 0c  03 01  00 00 00 00 00 00 00 07  6f 6b
//
// # Status numbers
//
//	0  admitted (preamble only)    7   no leader
//	1  failed                      8   timed out
//	2  unknown kind                9   outcome unknown
//	3  not a member                10  shutting down
//	4  overloaded                  11  another protocol version
//	5  not ready                   12  payload too large
//	6  not the leader
//
// A number that the reader does not know counts as 1.
package peer
