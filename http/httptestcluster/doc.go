// Package httptestcluster is a cluster of one for tests of package http: a real
// fsm.Machine in memory, to which entries are applied directly. What the machine
// decides is therefore what a cluster would decide; only raft, the network and
// their failures are missing, and those can be pretended (Fail).
package httptestcluster
