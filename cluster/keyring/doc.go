// Package keyring opens and uses the keys that the cluster's state holds wrapped.
//
// The state says which keys there are and which one is in use (fsm.DataKey); a
// Ring unwraps them with the seal key when they are first needed and keeps them
// in memory. From each key another is derived for each use (HKDF-SHA-256, RFC
// 5869), so that what was sealed for one use never opens for another. Rotating
// the seal key means wrapping these few keys again; nothing that they sealed has
// to be touched.
//
// All values are safe for concurrent use.
package keyring
