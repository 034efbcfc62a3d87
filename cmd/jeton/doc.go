// Command jeton is the token server, its client and its tools in one binary.
//
//	jeton server   runs one node of a cluster
//	jeton dev      runs a whole cluster in one process, for trying things out
//	jeton bench    measures any Vault-compatible server
//
// The other commands are clients of the HTTP API and carry the names, flags and
// habits of Vault's command line, so that hands and scripts need not learn new
// ones. `jeton help` lists them; docs/cli.md has them at length.
//
// Exit codes: 0 done, 1 refused or failed, 2 wrong usage or server not reachable.
// `jeton status` says 2 also for a server that is reachable but not in service.
//
// No command prints a token that it was not asked to print, and no error text
// holds one.
package main
