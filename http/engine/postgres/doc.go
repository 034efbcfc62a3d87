// Package postgres makes a PostgreSQL role for each lease and drops it when the
// lease ends. It follows the plugin postgresql-database-plugin of Vault's database
// engine.
//
// What is done about a role is one transaction on the server. The transaction
// bounds itself (statement_timeout, lock_timeout, idle_in_transaction_session_timeout),
// so that a node which stops in the middle of it leaves nothing behind: the
// server rolls back. The last thing before COMMIT is a look at the clock. That is
// how Issue keeps the promise of engine.Engine: after its deadline, and the grace
// in which one of the time-outs strikes, no role comes to be.
//
// Transactions of this engine in one database take turns (an advisory lock). GRANT
// and REVOKE of two at once on the same table would fail with "tuple concurrently
// updated", and a table is what most roles are given.
//
// Names and passwords are drawn here, from alphabets that need no quoting, and are
// put into statements as they stand: PostgreSQL takes no parameters in CREATE ROLE.
// Everything else in a statement is the operator's own text. No error that leaves
// the package holds a password or a connection string; see failure.
package postgres
