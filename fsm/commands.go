package fsm

import "errors"

// Kind is the first byte of a command. Append-only: never reused, never
// reordered.
type Kind uint8

// ErrUnknownKind is a fault: this binary is older than the log it reads.
var ErrUnknownKind = errors.New("unknown command kind")

const (
	kindBootstrap         Kind = 1
	kindSessionOpen       Kind = 2
	kindLevelRaise        Kind = 3
	kindTick              Kind = 4
	kindExpire            Kind = 5
	kindSweep             Kind = 6
	kindTokenCreate       Kind = 7
	kindTokenRenew        Kind = 8
	kindTokenUse          Kind = 9
	kindTokenRevoke       Kind = 10
	kindTokenRevokeOrphan Kind = 11
	kindPrefixRevoke      Kind = 12
	kindRoleSet           Kind = 13
	kindRoleDelete        Kind = 14
	kindPolicySet         Kind = 15
	kindPolicyDelete      Kind = 16
	kindCubbyholeSet      Kind = 17
	kindCubbyholeDelete   Kind = 18
	kindLeaseRevoke       Kind = 19
	kindAuthDisable       Kind = 20
	kindAuthTune          Kind = 21
	kindUserSet           Kind = 22
	kindUserDelete        Kind = 23
	kindUserLogin         Kind = 24
	kindAuthEnable        Kind = 28
	kindLoginFail         Kind = 29
	kindWrap              Kind = 25
	kindUnwrap            Kind = 26
	kindRewrap            Kind = 27
	kindAuditEnable       Kind = 80
	kindAuditDisable      Kind = 81
	kindAuditHeaderSet    Kind = 82
	kindAuditHeaderDelete Kind = 83
	kindKeyRotate         Kind = 30
	kindBatchRevoke       Kind = 32
	kindNotBefore         Kind = 33
	kindKeyRetire         Kind = 34
	kindApproleSet        Kind = 60
	kindApproleDelete     Kind = 61
	kindSecretIDCreate    Kind = 62
	kindSecretIDDestroy   Kind = 63
	kindApproleLogin      Kind = 64
	kindJWTConfigSet      Kind = 70
	kindJWTRoleSet        Kind = 71
	kindJWTRoleDelete     Kind = 72
	kindJWTLogin          Kind = 73
	kindCertSet           Kind = 74
	kindCertDelete        Kind = 75
	kindCertLogin         Kind = 76
	kindCertRenew         Kind = 77
	kindRateQuotaSet      Kind = 85
	kindLeaseQuotaSet     Kind = 86
	kindQuotaDelete       Kind = 87
	kindQuotaConfigSet    Kind = 88
	kindUserUnlock        Kind = 89
	kindSecretEnable      Kind = 40
	kindSecretDisable     Kind = 41
	kindSecretTune        Kind = 42
	kindEngineSet         Kind = 43
	kindEngineDelete      Kind = 44
	kindLeaseIssue        Kind = 45
	kindLeaseConfirm      Kind = 46
	kindLeaseRenew        Kind = 47
	kindLeaseExtend       Kind = 48
	kindLeaseSettle       Kind = 49
	kindPlanned           Kind = 90
	kindWaypointBootstrap Kind = 100
	kindLoginIssue        Kind = 101
	kindInviteIssue       Kind = 102
	kindInviteExchange    Kind = 103
	kindRunnerIssue       Kind = 104
	kindSignedRefresh     Kind = 105
	kindSignedUserSet     Kind = 106
	kindSignedUserDelete  Kind = 107
	kindRunnerRegister    Kind = 108
	kindRunnerOnline      Kind = 109
	kindRunnerClaim       Kind = 110
	kindRunnerAdopt       Kind = 111
	kindRunnerForget      Kind = 112
	kindRunnerOffline     Kind = 113
	kindRunnerImport      Kind = 114
	kindSignedKeyImport   Kind = 115
	kindSignedRevoke      Kind = 116
	kindSignedConfigSet   Kind = 117
	kindDeploymentSet     Kind = 118
	kindDeploymentDelete  Kind = 119
	kindDeploymentLog     Kind = 120
	kindAutopilotSet      Kind = 121
	kindRestoreBegin      Kind = 125
	kindRestorePart       Kind = 126
	kindRestoreCommit     Kind = 127
	kindRestoreAbort      Kind = 128
	kindSealRewrap        Kind = 130
	kindStateCheck        Kind = 131

	kindSnapshotScheduleSet    Kind = 122
	kindSnapshotScheduleDelete Kind = 123
	kindSnapshotTaken          Kind = 124
)

// Command is one change of the state. Each lives in a file of its own: fields,
// shape, rights, effect, result.
type Command interface {
	coded
	kind() Kind
	// Validate checks what can be checked without state. Errors are *Error.
	Validate() error
	// access names what the caller must be allowed to do; the zero Access is
	// for commands that only the cluster itself proposes.
	access(s *State, a *Actor) Access
	// apply makes the change. It returns a verdict (*Error) or nil, and should
	// decide before it writes: nothing of a refused command stays, but for a
	// verdict after a write the whole entry is drawn again (Machine.run).
	apply(tx *Tx, a *Actor) (Result, *Error)
}

type spec struct {
	name    string
	command func() Command
	result  func() Result
}

var specs = map[Kind]spec{
	kindBootstrap:         {"bootstrap", func() Command { return new(Bootstrap) }, done},
	kindSessionOpen:       {"session-open", func() Command { return new(SessionOpen) }, done},
	kindLevelRaise:        {"level-raise", func() Command { return new(LevelRaise) }, done},
	kindTick:              {"tick", func() Command { return new(Tick) }, done},
	kindExpire:            {"expire", func() Command { return new(Expire) }, func() Result { return new(Swept) }},
	kindSweep:             {"sweep", func() Command { return new(Sweep) }, func() Result { return new(Swept) }},
	kindTokenCreate:       {"token-create", func() Command { return new(TokenCreate) }, func() Result { return new(TokenCreated) }},
	kindTokenRenew:        {"token-renew", func() Command { return new(TokenRenew) }, func() Result { return new(TokenRenewed) }},
	kindTokenUse:          {"token-use", func() Command { return new(TokenUse) }, func() Result { return new(TokenUsed) }},
	kindTokenRevoke:       {"token-revoke", func() Command { return new(TokenRevoke) }, func() Result { return new(TokenRevoked) }},
	kindTokenRevokeOrphan: {"token-revoke-orphan", func() Command { return new(TokenRevokeOrphan) }, func() Result { return new(TokenRevoked) }},
	kindPrefixRevoke:      {"prefix-revoke", func() Command { return new(PrefixRevoke) }, done},
	kindRoleSet:           {"role-set", func() Command { return new(RoleSet) }, func() Result { return new(RoleStored) }},
	kindRoleDelete:        {"role-delete", func() Command { return new(RoleDelete) }, done},
	kindPolicySet:         {"policy-set", func() Command { return new(PolicySet) }, func() Result { return new(PolicyStored) }},
	kindPolicyDelete:      {"policy-delete", func() Command { return new(PolicyDelete) }, done},
	kindCubbyholeSet:      {"cubbyhole-set", func() Command { return new(CubbyholeSet) }, done},
	kindCubbyholeDelete:   {"cubbyhole-delete", func() Command { return new(CubbyholeDelete) }, done},
	kindLeaseRevoke:       {"lease-revoke", func() Command { return new(LeaseRevoke) }, func() Result { return new(TokenRevoked) }},
	kindAuthDisable:       {"auth-disable", func() Command { return new(AuthDisable) }, done},
	kindAuthTune:          {"auth-tune", func() Command { return new(AuthTune) }, done},
	kindUserSet:           {"user-set", func() Command { return new(UserSet) }, done},
	kindUserDelete:        {"user-delete", func() Command { return new(UserDelete) }, done},
	kindUserLogin:         {"user-login", func() Command { return new(UserLogin) }, func() Result { return new(TokenCreated) }},
	kindAuthEnable:        {"auth-enable", func() Command { return new(AuthEnable) }, done},
	kindLoginFail:         {"login-fail", func() Command { return new(LoginFail) }, done},
	kindWrap:              {"wrap", func() Command { return new(Wrap) }, func() Result { return new(Wrapped) }},
	kindUnwrap:            {"unwrap", func() Command { return new(Unwrap) }, func() Result { return new(Unwrapped) }},
	kindRewrap:            {"rewrap", func() Command { return new(Rewrap) }, func() Result { return new(Wrapped) }},
	kindKeyRotate:         {"key-rotate", func() Command { return new(KeyRotate) }, done},
	kindBatchRevoke:       {"batch-revoke", func() Command { return new(BatchRevoke) }, func() Result { return new(Fenced) }},
	kindNotBefore:         {"not-before", func() Command { return new(NotBefore) }, func() Result { return new(Fenced) }},
	kindKeyRetire:         {"key-retire", func() Command { return new(KeyRetire) }, done},
	kindApproleSet:        {"approle-set", func() Command { return new(ApproleSet) }, done},
	kindApproleDelete:     {"approle-delete", func() Command { return new(ApproleDelete) }, done},
	kindSecretIDCreate:    {"secret-id-create", func() Command { return new(SecretIDCreate) }, func() Result { return new(SecretIDCreated) }},
	kindSecretIDDestroy:   {"secret-id-destroy", func() Command { return new(SecretIDDestroy) }, done},
	kindApproleLogin:      {"approle-login", func() Command { return new(ApproleLogin) }, func() Result { return new(TokenCreated) }},
	kindAuditEnable:       {"audit-enable", func() Command { return new(AuditEnable) }, done},
	kindAuditDisable:      {"audit-disable", func() Command { return new(AuditDisable) }, done},
	kindAuditHeaderSet:    {"audit-header-set", func() Command { return new(AuditHeaderSet) }, done},
	kindAuditHeaderDelete: {"audit-header-delete", func() Command { return new(AuditHeaderDelete) }, done},
	kindJWTConfigSet:      {"jwt-config-set", func() Command { return new(JWTConfigSet) }, done},
	kindJWTRoleSet:        {"jwt-role-set", func() Command { return new(JWTRoleSet) }, done},
	kindJWTRoleDelete:     {"jwt-role-delete", func() Command { return new(JWTRoleDelete) }, done},
	kindJWTLogin:          {"jwt-login", func() Command { return new(JWTLogin) }, func() Result { return new(TokenCreated) }},
	kindCertSet:           {"cert-set", func() Command { return new(CertSet) }, done},
	kindCertDelete:        {"cert-delete", func() Command { return new(CertDelete) }, done},
	kindCertLogin:         {"cert-login", func() Command { return new(CertLogin) }, func() Result { return new(TokenCreated) }},
	kindCertRenew:         {"cert-renew", func() Command { return new(CertRenew) }, func() Result { return new(TokenRenewed) }},
	kindRateQuotaSet:      {"rate-quota-set", func() Command { return new(RateQuotaSet) }, done},
	kindLeaseQuotaSet:     {"lease-quota-set", func() Command { return new(LeaseQuotaSet) }, done},
	kindQuotaDelete:       {"quota-delete", func() Command { return new(QuotaDelete) }, done},
	kindQuotaConfigSet:    {"quota-config-set", func() Command { return new(QuotaConfigSet) }, done},
	kindUserUnlock:        {"user-unlock", func() Command { return new(UserUnlock) }, done},
	kindSecretEnable:      {"secret-enable", func() Command { return new(SecretEnable) }, done},
	kindSecretDisable:     {"secret-disable", func() Command { return new(SecretDisable) }, done},
	kindSecretTune:        {"secret-tune", func() Command { return new(SecretTune) }, done},
	kindEngineSet:         {"engine-set", func() Command { return new(EngineSet) }, done},
	kindEngineDelete:      {"engine-delete", func() Command { return new(EngineDelete) }, done},
	kindLeaseIssue:        {"lease-issue", func() Command { return new(LeaseIssue) }, func() Result { return new(LeaseGranted) }},
	kindLeaseConfirm:      {"lease-confirm", func() Command { return new(LeaseConfirm) }, func() Result { return new(LeaseStands) }},
	kindLeaseRenew:        {"lease-renew", func() Command { return new(LeaseRenew) }, func() Result { return new(LeaseGranted) }},
	kindLeaseExtend:       {"lease-extend", func() Command { return new(LeaseExtend) }, func() Result { return new(LeaseStands) }},
	kindLeaseSettle:       {"lease-settle", func() Command { return new(LeaseSettle) }, done},
	kindWaypointBootstrap: {"waypoint-bootstrap", func() Command { return new(WaypointBootstrap) }, func() Result { return new(SignedMade) }},
	kindLoginIssue:        {"login-issue", func() Command { return new(LoginIssue) }, func() Result { return new(SignedMade) }},
	kindInviteIssue:       {"invite-issue", func() Command { return new(InviteIssue) }, func() Result { return new(SignedMade) }},
	kindInviteExchange:    {"invite-exchange", func() Command { return new(InviteExchange) }, func() Result { return new(SignedMade) }},
	kindRunnerIssue:       {"runner-issue", func() Command { return new(RunnerIssue) }, func() Result { return new(SignedMade) }},
	kindSignedRefresh:     {"signed-refresh", func() Command { return new(SignedRefresh) }, func() Result { return new(SignedMade) }},
	kindSignedUserSet:     {"signed-user-set", func() Command { return new(SignedUserSet) }, func() Result { return new(SignedUserStored) }},
	kindSignedUserDelete:  {"signed-user-delete", func() Command { return new(SignedUserDelete) }, done},
	kindRunnerRegister:    {"runner-register", func() Command { return new(RunnerRegister) }, func() Result { return new(RunnerStanding) }},
	kindRunnerOnline:      {"runner-online", func() Command { return new(RunnerOnline) }, func() Result { return new(RunnerStanding) }},
	kindRunnerClaim:       {"runner-claim", func() Command { return new(RunnerClaim) }, func() Result { return new(SignedMade) }},
	kindRunnerAdopt:       {"runner-adopt", func() Command { return new(RunnerAdopt) }, done},
	kindRunnerForget:      {"runner-forget", func() Command { return new(RunnerForget) }, done},
	kindRunnerOffline:     {"runner-offline", func() Command { return new(RunnerOffline) }, done},
	kindRunnerImport:      {"runner-import", func() Command { return new(RunnerImport) }, done},
	kindSignedKeyImport:   {"signed-key-import", func() Command { return new(SignedKeyImport) }, done},
	kindSignedRevoke:      {"signed-revoke", func() Command { return new(SignedRevoke) }, func() Result { return new(Fenced) }},
	kindSignedConfigSet:   {"signed-config-set", func() Command { return new(SignedConfigSet) }, done},
	kindDeploymentSet:     {"deployment-set", func() Command { return new(DeploymentSet) }, done},
	kindDeploymentDelete:  {"deployment-delete", func() Command { return new(DeploymentDelete) }, done},
	kindDeploymentLog:     {"deployment-log", func() Command { return new(DeploymentLog) }, done},
	kindAutopilotSet:      {"autopilot-set", func() Command { return new(AutopilotSet) }, done},
	kindRestoreBegin:      {"restore-begin", func() Command { return new(RestoreBegin) }, done},
	kindRestorePart:       {"restore-part", func() Command { return new(RestorePart) }, done},
	kindRestoreCommit:     {"restore-commit", func() Command { return new(RestoreCommit) }, func() Result { return new(RestoreDone) }},
	kindRestoreAbort:      {"restore-abort", func() Command { return new(RestoreAbort) }, done},
	kindSealRewrap:        {"seal-rewrap", func() Command { return new(SealRewrap) }, done},
	kindStateCheck:        {"state-check", func() Command { return new(StateCheck) }, done},
	kindPlanned:           {"planned", func() Command { return new(Planned) }, func() Result { return new(PlanDone) }},

	kindSnapshotScheduleSet:    {"snapshot-schedule-set", func() Command { return new(SnapshotScheduleSet) }, done},
	kindSnapshotScheduleDelete: {"snapshot-schedule-delete", func() Command { return new(SnapshotScheduleDelete) }, done},
	kindSnapshotTaken:          {"snapshot-taken", func() Command { return new(SnapshotTaken) }, done},
}

func done() Result { return new(Done) }

// Name is the command's name in metrics, logs and golden files.
func Name(c Command) string { return specs[c.kind()].name }
