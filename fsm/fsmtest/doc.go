// Package fsmtest holds what tests of the state machine share: a Lab that
// proposes commands without a cluster, a Model that says naively what the
// machine should say, and a Generator of random commands.
package fsmtest
