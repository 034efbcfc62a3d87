package fsm

// Ends says whether a command can do nothing but end or remove something. A cluster
// whose disks are nearly full takes such commands for longer than others: to revoke a
// token must not have to wait for an operator.
//
// A deletion may grant something, as that of a policy that denies does. That is the
// caller's to judge; what counts here is that the log takes little for it.
func Ends(c Command) bool {
	switch c := c.(type) {
	case *TokenRevoke, *TokenRevokeOrphan, *PrefixRevoke, *LeaseRevoke, *Planned,
		*BatchRevoke, *NotBefore, *KeyRetire, *SignedRevoke, *SignedUserDelete:
		return true
	case *AuthDisable, *RoleDelete, *PolicyDelete, *UserDelete, *ApproleDelete, *SecretIDDestroy, *JWTRoleDelete, *CertDelete:
		return true
	case *SecretDisable, *EngineDelete, *CubbyholeDelete, *QuotaDelete, *AuditDisable, *AuditHeaderDelete:
		return true
	case *RunnerForget, *DeploymentDelete, *SnapshotScheduleDelete, *RestoreAbort:
		return true
	case *RunnerAdopt:
		return !c.Adopt
	case *LeaseConfirm:
		return c.Error != "" // what was begun failed
	}
	return false
}
