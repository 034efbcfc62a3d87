// Package gossip says who is where. It wraps memberlist: each node spreads a
// small record about itself and learns the others'. What it says is a hint,
// never truth: only raft's configuration decides who votes, and whoever is
// found at an address must still prove its server id with a certificate.
//
// Packets and streams (the same port, UDP and TCP) are encrypted with the
// gossip keys of the cluster's secrets and labelled with the cluster's name.
// Clusters of other names or secrets neither merge nor understand each other.
//
// # Names
//
// A node's memberlist name is its server id, "#" and 16 random hexadecimal
// digits drawn at each start. memberlist ignores a known name that turns up at
// another address until it has declared the old one dead; with a fresh name a
// server that was killed and restarted with a new address is found at once,
// and what is left of its former life dies by itself within seconds.
//
// Until then two names carry one server id. The record's start stamp decides:
// the greater one is the server. It comes from the node's own clock, and a
// node that hears of a stamp for its server id that is not below its own takes
// the next one above it, so a clock that was set back does no harm. Only a
// live process can outbid again; after several rounds the node knows that it
// has a twin (a copied data directory) and says so through Config.OnTwin.
//
// # The record
//
// Memberlist carries at most 512 bytes for each node:
//
//	offset  bytes  meaning
//	0       1      version, 1
//	1       1      flags: 1 wants to vote, 2 has state; others are 0
//	2       8      start stamp, big endian, not 0
//	10      1+n    server id, 1 to 100 bytes, preceded by n
//	        1+n    node id, 1 to 80 bytes
//	        1+n    HTTP address, 0 to 128 bytes
//	        1+n    cluster address, 1 to 128 bytes
//	        1+n    cluster id, 0 to 56 bytes; empty until the cluster is formed
//
// Texts are UTF-8 without control characters. There is one spelling of a
// record: anything after the last field, or another version, is refused. A
// release that needs another field adds a version, and writes the old one
// until the cluster's feature level says that all nodes read the new.
package gossip
