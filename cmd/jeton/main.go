package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, commands, systemConsole(), os.Args[1:])
	stop()
	os.Exit(code)
}

// commands is everything that the binary can do, in the order in which help
// lists it.
var commands = []command{
	{"server", "", "run one node", serverCommand},
	{"dev", "", "run a whole cluster in this process, for trying things out", devCommand},

	{"status", "", "tell whether a node is in service", statusCommand},
	{"login", "[TOKEN | NAME=VALUE ...]", "check a token, or get one for a password, a secret-id or a JWT, and keep it for the next commands", loginCommand},

	{"read", "PATH [NAME=VALUE ...]", "read from any path of the API", readCommand},
	{"write", "PATH [NAME=VALUE | NAME=@FILE | @FILE | - ...]", "write to any path of the API", writeCommand},
	{"list", "PATH", "list what is below a path", listCommand},
	{"delete", "PATH", "delete at a path", deleteCommand},

	{"token create", "", "create a token", tokenCreateCommand},
	{"token lookup", "[TOKEN | ACCESSOR]", "show what is known of a token", tokenLookupCommand},
	{"token renew", "[TOKEN | ACCESSOR]", "prolong a token", tokenRenewCommand},
	{"token revoke", "[TOKEN | ACCESSOR | PREFIX]", "end a token and all that descend from it", tokenRevokeCommand},
	{"token list", "", "list live tokens by filter", tokenListCommand},
	{"token tree", "ACCESSOR", "list a token and all that descend from it", tokenTreeCommand},
	{"token why", "ACCESSOR", "say what keeps a token alive, or what ended it", tokenWhyCommand},
	{"token capabilities", "[TOKEN] PATH", "show what a token may do on a path", tokenCapabilitiesCommand},

	{"batch revoke", "[TOKEN | ACCESSOR]", "end a batch token, or all of a role, a path, a key or the cluster", batchRevokeCommand},
	{"batch marks", "", "list what batch and Waypoint tokens are refused for, single ones aside", batchMarksCommand},

	{"user create", "USERNAME", "make a user of Waypoint's", userCreateCommand},
	{"user list", "", "list Waypoint's users", userListCommand},
	{"user read", "USER", "show a user of Waypoint's", userReadCommand},
	{"user update", "USER", "change a user of Waypoint's", userUpdateCommand},
	{"user delete", "USER", "remove a user of Waypoint's, and so end its tokens", userDeleteCommand},
	{"user token", "[USER]", "make a Waypoint token that logs a user in", userTokenCommand},
	{"user invite", "", "make an invite, which is exchanged for a login once", userInviteCommand},
	{"user exchange", "INVITE|-", "exchange an invite for a login token", userExchangeCommand},

	{"runner list", "", "list Waypoint's runners", runnerListCommand},
	{"runner read", "ID", "show a runner", runnerReadCommand},
	{"runner adopt", "ID", "let a runner have a token", runnerAdoptCommand},
	{"runner reject", "ID", "refuse a runner, whatever token it has", runnerRejectCommand},
	{"runner forget", "ID", "remove a runner", runnerForgetCommand},
	{"runner token", "", "make a Waypoint token for a runner, or for any", runnerTokenCommand},
	{"runner import", "ID | -file FILE", "write runners as they were on a Waypoint server", runnerImportCommand},

	{"signed decode", "TOKEN|-", "show what a Waypoint token says", signedDecodeCommand},
	{"signed inspect", "TOKEN|-", "show what a Waypoint token says, and whether it counts", signedInspectCommand},
	{"signed revoke", "[TOKEN|-]", "end a Waypoint token, or all of a user, a key or the cluster", signedRevokeCommand},

	{"deployment set", "ID NAME=VALUE... | ID @FILE | ID -", "write what an entrypoint finds as its deployment's configuration", deploymentSetCommand},
	{"deployment read", "ID", "show a deployment's configuration, and what it logged last", deploymentReadCommand},
	{"deployment list", "", "list the deployments", deploymentListCommand},
	{"deployment delete", "ID", "remove a deployment", deploymentDeleteCommand},

	{"unwrap", "[TOKEN]", "open a wrapping token, once", unwrapCommand},

	{"auth list", "", "list the login methods", loginMounts.listCommand},
	{"auth enable", "TYPE", "mount a login method", loginMounts.enableCommand},
	{"auth tune", "PATH", "change the settings of a login method", loginMounts.tuneCommand},
	{"auth disable", "PATH", "unmount a login method and end every token that it made", loginMounts.disableCommand},

	{"secrets list", "", "list the secrets engines", engineMounts.listCommand},
	{"secrets enable", "TYPE", "mount a secrets engine", engineMounts.enableCommand},
	{"secrets tune", "PATH", "change the settings of a secrets engine", engineMounts.tuneCommand},
	{"secrets disable", "PATH", "unmount a secrets engine and end every lease that it gave", engineMounts.disableCommand},

	{"audit list", "", "list the audit devices", auditListCommand},
	{"audit enable", "TYPE [NAME=VALUE...]", "have every node write its audit entries to a device", auditEnableCommand},
	{"audit disable", "PATH", "end an audit device", auditDisableCommand},

	{"policy list", "", "list the names of all policies", policyListCommand},
	{"policy read", "NAME", "print a policy", policyReadCommand},
	{"policy write", "NAME FILE|-", "store a policy", policyWriteCommand},
	{"policy delete", "NAME", "delete a policy", policyDeleteCommand},
	{"policy fmt", "FILE", "put a policy file into canonical form", policyFmtCommand},

	{"lease lookup", "ID", "show what is known of a lease", leaseLookupCommand},
	{"lease list", "[PREFIX]", "list leases below a path, or those that could not be ended", leaseListCommand},
	{"lease count", "", "count the leases of secrets engines by mount", leaseCountCommand},
	{"lease renew", "ID", "prolong a lease", leaseRenewCommand},
	{"lease revoke", "ID | -prefix PREFIX", "end a lease, or every lease and token made under a path", leaseRevokeCommand},

	{"keyring list", "", "list the keys that seal secrets in records and batch tokens, and sign Waypoint tokens", keyringListCommand},
	{"keyring rotate", "", "make a new key of each purpose", keyringRotateCommand},
	{"keyring retire", "ID", "give up a key that is not in use, and end all tokens that it sealed or signed", keyringRetireCommand},
	{"keyring import", "KEY-ID", "take over a signing key of a Waypoint server", keyringImportCommand},

	{"snapshot save", "FILE", "save all of the cluster's state to a file", snapshotSaveCommand},
	{"snapshot inspect", "FILE", "show what a saved state holds", snapshotInspectCommand},
	{"snapshot verify", "FILE", "read a saved state as a restore would, and say whether it is sound", snapshotVerifyCommand},
	{"snapshot diff", "OLD NEW", "show what is another in a later saved state", snapshotDiffCommand},
	{"snapshot rehearse", "FILE", "start a throw-away node from a saved state, and see that it works", snapshotRehearseCommand},
	{"snapshot restore", "FILE", "put a saved state of this cluster in the place of the present one", snapshotRestoreCommand},
	{"snapshot schedule set", "NAME NAME=VALUE ...", "have the leader save snapshots again and again, or change how", scheduleSetCommand},
	{"snapshot schedule list", "", "list the schedules of snapshots with what they have saved last", scheduleListCommand},
	{"snapshot schedule read", "NAME", "show a schedule of snapshots", scheduleReadCommand},
	{"snapshot schedule status", "NAME", "show what a schedule has saved last, and what went wrong since", scheduleStatusCommand},
	{"snapshot schedule delete", "NAME", "end a schedule of snapshots; what it has saved stays", scheduleDeleteCommand},

	{"operator init", "", "initialize a cluster and print its root token", operatorInitCommand},
	{"operator members", "", "list the nodes of the cluster", operatorMembersCommand},
	{"operator autopilot state", "", "show how the leader finds the servers", autopilotStateCommand},
	{"operator autopilot get-config", "", "show when the leader thinks a server ill or dead, and what it does then", autopilotReadCommand},
	{"operator autopilot set-config", "", "change when the leader thinks a server ill or dead, and what it does then", autopilotSetCommand},
	{"operator step-down", "", "make the leader hand its leadership over", operatorStepDownCommand},
	{"operator remove-peer", "SERVER-ID", "remove a node from the cluster", operatorRemovePeerCommand},
	{"operator recover", "DATA-DIR...", "begin again with what is left, when the quorum is lost for ever", operatorRecoverCommand},
	{"operator compact", "DATA-DIR", "make the files of a stopped node smaller", operatorCompactCommand},
	{"operator key-status", "", "show the number and the age of the present key", operatorKeyStatusCommand},
	{"operator rotate", "", "the same as keyring rotate", keyringRotateCommand},
	{"operator keygen", "", "make a cluster secret", operatorKeygenCommand},

	{"bench", benchArgs(), "measure a server", benchCommand},
	{"version", "", "print the version", versionCommand},
}
