package fsm

// recordTag is the first byte of a record's canonical form. Append-only.
type recordTag uint8

const (
	tagHeader    recordTag = 1
	tagToken     recordTag = 2
	tagPolicy    recordTag = 3
	tagRole      recordTag = 4
	tagCubbyhole recordTag = 5
	tagMark      recordTag = 6
	tagTombstone recordTag = 7
	tagSession   recordTag = 8
	tagOutcome   recordTag = 9
	tagKeyed     recordTag = 10
	tagMount     recordTag = 11
	tagUser      recordTag = 12
	tagLockout   recordTag = 13
	tagWrapping  recordTag = 14
	tagDataKey   recordTag = 15
	tagFence     recordTag = 16
	tagApprole   recordTag = 30
	tagSecretID  recordTag = 31
	tagJWTConfig recordTag = 35
	tagJWTRole   recordTag = 36
	tagCert      recordTag = 37
	tagItem      recordTag = 20
	tagLease     recordTag = 21
	tagEstate    recordTag = 22
	tagEnd       recordTag = 255

	tagAuditDevice recordTag = 40
	tagAuditHeader recordTag = 41

	tagRateQuota   recordTag = 43
	tagLeaseQuota  recordTag = 44
	tagQuotaConfig recordTag = 45

	tagSignedUser   recordTag = 50
	tagRunner       recordTag = 51
	tagDeployment   recordTag = 52
	tagSignedConfig recordTag = 53
	tagAutopilot    recordTag = 54

	tagSnapshotSchedule recordTag = 55
	tagSnapshotStatus   recordTag = 56

	tagStaging    recordTag = 60
	tagStagedPart recordTag = 61
)

// eachRecord visits every record in canonical order: by tag, then by key.
func (s *State) eachRecord(f func(record) bool) {
	f(&s.header)
	s.tokens.each(func(t *Token) bool { return f(t) })
	each(&s.policies, f)
	each(&s.roles, f)
	each(&s.cubbyholes, f)
	each(&s.marks, f)
	each(&s.tombstones, f)
	each(&s.sessions, f)
	each(&s.outcomes, f)
	each(&s.keys, f)
	each(&s.mounts, f)
	each(&s.users, f)
	each(&s.lockouts, f)
	each(&s.wrappings, f)
	each(&s.dataKeys, f)
	each(&s.fences, f)
	each(&s.items, f)
	each(&s.leases, f)
	each(&s.estates, f)
	each(&s.approles, f)
	each(&s.secretIDs, f)
	each(&s.jwtConfigs, f)
	each(&s.jwtRoles, f)
	each(&s.certs, f)
	each(&s.auditDevices, f)
	each(&s.auditHeaders, f)
	each(&s.rateQuotas, f)
	each(&s.leaseQuotas, f)
	each(&s.quotaConfig, f)
	each(&s.signedUsers, f)
	each(&s.runners, f)
	each(&s.deployments, f)
	each(&s.signedSettings, f)
	each(&s.autopilot, f)
	each(&s.snapshotSchedules, f)
	each(&s.snapshotStatuses, f)
	each(&s.stagings, f)
	each(&s.stagedParts, f)
}

func each[K any, R record](t *records[K, R], f func(record) bool) {
	t.each(func(r R) bool { return f(r) })
}

// newRecord is an empty record to decode into.
func newRecord(tag recordTag) record {
	switch tag {
	case tagHeader:
		return new(header)
	case tagToken:
		return newToken()
	case tagPolicy:
		return new(Policy)
	case tagRole:
		return new(Role)
	case tagCubbyhole:
		return new(Cubbyhole)
	case tagMark:
		return new(Mark)
	case tagTombstone:
		return new(Tombstone)
	case tagSession:
		return new(session)
	case tagOutcome:
		return new(outcome)
	case tagKeyed:
		return new(keyed)
	case tagMount:
		return new(Mount)
	case tagUser:
		return new(User)
	case tagLockout:
		return new(Lockout)
	case tagWrapping:
		return new(Wrapping)
	case tagDataKey:
		return new(DataKey)
	case tagFence:
		return new(Fence)
	case tagApprole:
		return new(Approle)
	case tagSecretID:
		return new(SecretID)
	case tagItem:
		return new(EngineItem)
	case tagLease:
		return new(Lease)
	case tagEstate:
		return new(Estate)
	case tagAuditDevice:
		return new(AuditDevice)
	case tagAuditHeader:
		return new(AuditHeader)
	case tagJWTConfig:
		return new(JWTConfig)
	case tagJWTRole:
		return new(JWTRole)
	case tagCert:
		return new(Cert)
	case tagRateQuota:
		return new(RateQuota)
	case tagLeaseQuota:
		return new(LeaseQuota)
	case tagQuotaConfig:
		return new(QuotaConfig)
	case tagSignedUser:
		return new(SignedUser)
	case tagRunner:
		return new(Runner)
	case tagDeployment:
		return new(Deployment)
	case tagSignedConfig:
		return new(SignedConfig)
	case tagAutopilot:
		return new(Autopilot)
	case tagSnapshotSchedule:
		return new(SnapshotSchedule)
	case tagSnapshotStatus:
		return new(SnapshotStatus)
	case tagStaging:
		return new(Staging)
	case tagStagedPart:
		return new(StagedPart)
	}
	return nil
}

// enter puts a decoded record into a state under construction, with what is
// derived from it. It refuses one that is not above the last of its kind:
// canonical order is what makes equal states equal bytes.
func (tx *Tx) enter(r record) bool {
	st := &tx.st
	switch r := r.(type) {
	case *header:
		st.header = *r
	case *Policy:
		return enterLast(tx, &st.policies, r.Name, r)
	case *Role:
		return enterLast(tx, &st.roles, r.Name, r)
	case *Cubbyhole:
		return enterLast(tx, &st.cubbyholes, cubbyholeKey{r.Token, r.Path}, r)
	case *Mark:
		return enterLast(tx, &st.marks, r.Prefix, r)
	case *Tombstone:
		if len(r.Accessor) != AccessorBytes {
			return false
		}
		tx.indexStone(r)
		return enterLast(tx, &st.tombstones, r.Serial, r)
	case *session:
		return enterLast(tx, &st.sessions, r.id, r)
	case *outcome:
		return enterLast(tx, &st.outcomes, outcomeKey{r.session, r.seq}, r)
	case *keyed:
		tx.indexKey(r)
		return enterLast(tx, &st.keys, clientKey{r.caller, r.key}, r)
	case *Mount:
		return tx.enterMount(r)
	case *User:
		return enterLast(tx, &st.users, r.key(), r)
	case *Lockout:
		put(tx, &st.pardons, pardonItem{r.Lapse, r.key()})
		return enterLast(tx, &st.lockouts, r.key(), r)
	case *Wrapping:
		return enterLast(tx, &st.wrappings, r.Token, r)
	case *DataKey:
		return enterLast(tx, &st.dataKeys, r.key(), r)
	case *Fence:
		put(tx, &st.fenceEnds, fenceEnd{r.Until, r.key()})
		return enterLast(tx, &st.fences, r.key(), r)
	case *Approle:
		return tx.enterApprole(r)
	case *SecretID:
		return tx.enterSecretID(r)
	case *EngineItem:
		return enterLast(tx, &st.items, r.key(), r)
	case *Lease:
		if !above(&st.leases, r.ID) {
			return false
		}
		tx.putLease(r)
	case *Estate:
		return enterLast(tx, &st.estates, r.Accessor, r)
	case *AuditDevice:
		return enterLast(tx, &st.auditDevices, r.Path, r)
	case *AuditHeader:
		return enterLast(tx, &st.auditHeaders, r.Name, r)
	case *JWTConfig:
		return enterLast(tx, &st.jwtConfigs, r.Mount, r)
	case *JWTRole:
		return enterLast(tx, &st.jwtRoles, r.key(), r)
	case *Cert:
		return enterLast(tx, &st.certs, r.key(), r)
	case *RateQuota:
		return enterLast(tx, &st.rateQuotas, r.Name, r) && tx.enterQuota(r.place())
	case *LeaseQuota:
		return enterLast(tx, &st.leaseQuotas, r.Name, r) && tx.enterQuota(r.place())
	case *QuotaConfig:
		return enterLast(tx, &st.quotaConfig, struct{}{}, r)
	case *SignedUser:
		return tx.enterSignedUser(r)
	case *Runner:
		if !above(&st.runners, r.ID) {
			return false
		}
		tx.putRunner(r)
	case *Deployment:
		return enterLast(tx, &st.deployments, r.ID, r)
	case *SignedConfig:
		return enterLast(tx, &st.signedSettings, struct{}{}, r)
	case *Autopilot:
		return enterLast(tx, &st.autopilot, struct{}{}, r)
	case *SnapshotSchedule:
		return enterLast(tx, &st.snapshotSchedules, r.Name, r)
	case *SnapshotStatus:
		return enterLast(tx, &st.snapshotStatuses, r.Name, r)
	case *Staging:
		return enterLast(tx, &st.stagings, struct{}{}, r)
	case *StagedPart:
		return enterLast(tx, &st.stagedParts, r.key(), r)
	}
	return true
}

func enterLast[K any, R record](tx *Tx, t *records[K, R], key K, r R) bool {
	if !above(t, key) {
		return false
	}
	putRecord(tx, t, key, r)
	return true
}

func above[K any, R record](t *records[K, R], key K) bool {
	last, ok := t.tree.Max()
	return !ok || t.tree.Less(last, row[K, R]{key: key})
}
