// Package engine says what a secrets engine is: something that makes secrets on
// a system outside the cluster, each for one lease, and ends them.
//
// The life of a lease, as an engine sees it:
//
//	Plan    on the node that took the request; nothing happens outside
//	        the intent is logged, with what Plan returned
//	Issue   on the same node; the secret now exists outside, perhaps even when
//	        Issue failed
//	        the outcome is logged: the lease lives, or is to be revoked
//	Renew   after the later deadline was logged
//	Revoke  on the leader, when the lease has ended for whatever reason, until it
//	        succeeds
//
// An intent that nobody confirms is revoked, so a node may die at any line of
// this. What must not happen is that a node which was stopped for a while issues
// a secret after its intent was revoked: see Engine.Issue.
//
// Engines know neither the log nor the state. They take orders that hold all
// they need, so that they can be tested by themselves; Engines and Revoker make
// the orders of what the state has.
package engine
