// Package policy decides what a token's policies allow on a path.
//
// A Policy is a parsed ACL policy in canonical form: rules sorted, equal paths
// merged, nothing left to interpret. New makes one from loose rules, Append and
// Decode are its one spelling in bytes. Text (HCL and JSON) is parsed elsewhere,
// before the log; the state machine only ever sees this form.
//
// Compile makes a Policy ready for matching, once, when it is stored. An ACL is
// the list of the compiled policies of one token, and ACL.Match finds the rule
// that decides a path without allocating. Its answer is the one that Vault gives
// after merging all the policies into one table:
//
//   - A rule whose path is the request's path decides alone.
//   - Otherwise the matching rule of highest precedence decides alone: the one
//     whose first + or final * stands furthest to the right; then one without a
//     final * before one with it; then the one with fewer + segments; then the
//     longer; then the lexicographically greater.
//   - Capabilities of less specific rules are not added.
//   - Rules of the same path in several policies (or blocks) are one rule: deny
//     empties it; else capabilities are united, the lesser of two minimum and the
//     lesser of two maximum wrapping TTLs count, and parameter lists are united.
//     A rule with allowed parameters restricts one without any.
//   - A LIST of "a/" is also decided by the exact rule "a", and by what matches
//     "a" before what matches "a/".
//
// Everything here is a pure function of its arguments: no clock, no randomness,
// and no map order or Unicode table (which grow with Go releases) has a say in a
// verdict. Two spellings follow from that and are narrower than Vault's:
// parameter names are compared without regard to the case of ASCII letters only,
// and numbers are compared as exact decimals (Vault's never match a JSON number).
package policy
