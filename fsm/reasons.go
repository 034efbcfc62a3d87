package fsm

// The reasons, append-only. Wordings follow Vault's where clients show them.
const (
	PermissionDenied   Reason = 1
	BadToken           Reason = 2
	NotInitialized     Reason = 3
	AlreadyInitialized Reason = 4
	SessionUnknown     Reason = 5
	RequestForgotten   Reason = 6
	KeyReused          Reason = 7
	TooManyKeys        Reason = 8
	PolicyMoved        Reason = 9
	OutOfRange         Reason = 10
	TooLong            Reason = 11
	WrapTTLRefused     Reason = 12
	TooManySessions    Reason = 13
	CounterFull        Reason = 14
	EpochMoved         Reason = 15

	TokenUnknown    Reason = 20
	AccessorUnknown Reason = 21
	TokenExists     Reason = 22
	TokenBuried     Reason = 23
	TreeTooDeep     Reason = 24
	SudoRequired    Reason = 25
	TooManyMarks    Reason = 26
	MissingToken    Reason = 27
	MissingAccessor Reason = 28
	AccessorTainted Reason = 29
	PrefixEmpty     Reason = 30
	MissingLease    Reason = 31
	NoParentFound   Reason = 32
	CountedParent   Reason = 33
	RootNeedsRoot   Reason = 34
	ExpiringRoot    Reason = 35
	BatchTokens     Reason = 36
	BadTokenType    Reason = 37
	AliasNeedsRole  Reason = 38
	AliasNotAllowed Reason = 39
	AliasUnknown    Reason = 40
	NotRenewable    Reason = 41
	LeaseUnknown    Reason = 42
	PastMaxTTL      Reason = 43
	RoleUnknown     Reason = 44
	RoleGone        Reason = 45
	RoleNameBad     Reason = 46
	PathSuffixBad   Reason = 47
	BatchRole       Reason = 48
	RoleTooLarge    Reason = 49
	RootRequired    Reason = 50

	PolicyUnknown     Reason = 60
	PolicyImmutable   Reason = 61
	PolicyUndeletable Reason = 62
	PolicyNameBad     Reason = 63
	CubbyholeFull     Reason = 64
	LevelLower        Reason = 65
	LevelUnknown      Reason = 66

	PoliciesNotSubset  Reason = 70
	PoliciesNotAllowed Reason = 71
	PolicyDisallowed   Reason = 72
	PolicyUnassignable Reason = 73

	TTLCapped          Reason = 80
	PeriodCapped       Reason = 81
	LesserExplicitMax  Reason = 82
	LesserPeriod       Reason = 83
	ExplicitMaxTooLong Reason = 84

	MountPathBad      Reason = 100
	MountPathUsed     Reason = 101
	MountTypeMissing  Reason = 102
	MountTypeUnknown  Reason = 103
	TooManyMounts     Reason = 104
	TokenMountSingle  Reason = 105
	TokenMountFixed   Reason = 106
	TokenMountSetting Reason = 107
	NothingMounted    Reason = 108
	NoSuchMount       Reason = 109
	DefaultAboveMax   Reason = 110
	TTLAboveMax       Reason = 111
	RootByLogin       Reason = 112
	UserNameBad       Reason = 113
	UserUnknown       Reason = 114
	TooManyUsers      Reason = 115
	PasswordMissing   Reason = 116
	PasswordHashBad   Reason = 117
	BadLogin          Reason = 118
	UserMoved         Reason = 119
	UserGone          Reason = 120
	UserPoliciesMoved Reason = 121
	WrappingUnknown   Reason = 130
	TooManyDataKeys   Reason = 132
	DataKeyExists     Reason = 133

	BatchCannotHave   Reason = 140
	BatchRoot         Reason = 141
	BatchParent       Reason = 142
	BatchNotRenewable Reason = 143
	BatchNotRevocable Reason = 144
	BatchCubbyhole    Reason = 145
	BatchTooLarge     Reason = 146
	BatchLogin        Reason = 147
	NoBatchKey        Reason = 148
	TooManyFences     Reason = 149
	FenceNameBad      Reason = 150
	KeyNotFound       Reason = 151
	KeyInUse          Reason = 152
	KeyNeeded         Reason = 153

	AuditTypeUnknown    Reason = 260
	AuditPathUsed       Reason = 261
	TooManyAuditDevices Reason = 262
	AuditHeaderBad      Reason = 263
	AuditHeaderSecret   Reason = 264
	TooManyAuditHeaders Reason = 265

	ApproleUnknown        Reason = 200
	ApproleNameBad        Reason = 201
	TooManyApproles       Reason = 202
	RoleIDUsed            Reason = 203
	RoleIDBad             Reason = 204
	ApproleUnbound        Reason = 205
	LocalSecretIDsFixed   Reason = 206
	BadApproleLogin       Reason = 207
	ApproleMoved          Reason = 208
	AddressRefused        Reason = 209
	CIDRsOutsideRole      Reason = 210
	SecretIDUnneeded      Reason = 211
	SecretIDMissing       Reason = 212
	SecretIDExists        Reason = 213
	SecretIDUsesAbove     Reason = 214
	SecretIDTTLAbove      Reason = 215
	TooManySecretIDs      Reason = 216
	TooManySecretIDsRole  Reason = 217
	SecretAccessorUnknown Reason = 218
	ApproleGone           Reason = 219

	JWTSourceBad        Reason = 230
	JWTAlgBad           Reason = 231
	JWTUnconfigured     Reason = 232
	JWTRoleUnknown      Reason = 233
	JWTRoleGone         Reason = 234
	JWTUserClaimMissing Reason = 235
	JWTUnbound          Reason = 236
	JWTMappingReserved  Reason = 237
	JWTMappingTwice     Reason = 238
	JWTGlobNotText      Reason = 239
	TooManyJWTRoles     Reason = 240
	JWTMoved            Reason = 241
	JWTExpired          Reason = 242
	JWTNotYet           Reason = 243
	JWTUserLength       Reason = 244

	CertNameBad  Reason = 245
	CertMissing  Reason = 246
	CertTooLarge Reason = 247
	TooManyCerts Reason = 248
	CertMoved    Reason = 249
	CertNotYet   Reason = 250
	CertExpired  Reason = 251
	CertGone     Reason = 252
	CertUnshown  Reason = 253
	CertOther    Reason = 254

	QuotaNameBad      Reason = 280
	QuotaPathBad      Reason = 281
	QuotaPathUsed     Reason = 282
	QuotaNoMount      Reason = 283
	QuotaNotInherited Reason = 284
	TooManyQuotas     Reason = 285
	LeaseQuotaFull    Reason = 286

	TooManyPolicies Reason = 295
	TooManyRoles    Reason = 296

	MountReserved        Reason = 160
	SecretMountSetting   Reason = 161
	NothingMountedSecret Reason = 162
	NoSecretMount        Reason = 163
	ItemMoved            Reason = 164
	ItemTTLs             Reason = 165
	TooManyItems         Reason = 166
	TooManyLeases        Reason = 167
	LeaseExists          Reason = 168
	LastUseLease         Reason = 169
	LeaseBasisMoved      Reason = 170
	LeaseNotFound        Reason = 171
	LeaseRoleGone        Reason = 172
	TokenLease           Reason = 173
	ConfigInUse          Reason = 174
	PlanChanged          Reason = 300
	PlanMoved            Reason = 301
	PlanUnknown          Reason = 302
	PlanOrphaned         Reason = 303
	PlanRemounted        Reason = 304
	PlanLeaseMade        Reason = 305
)

var reasonTexts = map[Reason]string{
	PermissionDenied:   "permission denied",
	BadToken:           "bad token",
	NotInitialized:     "cluster is not initialized",
	AlreadyInitialized: "cluster is already initialized",
	SessionUnknown:     "request session is not registered",
	RequestForgotten:   "request id may have been answered before and forgotten",
	KeyReused:          "idempotency key was used with another request",
	TooManyKeys:        "too many idempotency keys in use",
	PolicyMoved:        "policies changed while the request was checked",
	OutOfRange:         "{} is {}, expected {}",
	TooLong:            "{} has {}, at most {} are allowed",
	WrapTTLRefused:     "permission denied: response wrapping ttl outside what policy allows",
	TooManySessions:    "too many node sessions",
	CounterFull:        "too many unanswered requests",
	EpochMoved:         "state was restored while the request was on its way",

	TokenUnknown:    "token not found",
	AccessorUnknown: "invalid accessor",
	TokenExists:     "cannot create a token with a duplicate ID",
	TokenBuried:     "cannot create a token with the ID of a token that was revoked",
	TreeTooDeep:     "token tree is {} deep, at most {} are allowed",
	SudoRequired:    "root or sudo privileges required to {}",
	TooManyMarks:    "too many revocations by prefix are still being swept",
	MissingToken:    "missing token",
	MissingAccessor: "missing accessor",
	AccessorTainted: "token of this accessor is already revoked",
	PrefixEmpty:     "prefix is empty",
	MissingLease:    "lease_id must be specified",

	PolicyUnknown:     "policy \"{}\" does not exist",
	PolicyImmutable:   "cannot update \"{}\" policy",
	PolicyUndeletable: "cannot delete \"{}\" policy",
	PolicyNameBad:     "policy name is {}, expected {}",
	CubbyholeFull:     "cubbyhole holds {} values, at most {} are allowed",
	LevelLower:        "level {} is not above the current level {}",
	LevelUnknown:      "level {} is not known",

	NoParentFound:   "parent token lookup failed: no parent found",
	CountedParent:   "restricted use token cannot generate child tokens",
	RootNeedsRoot:   "root tokens may not be created without parent token being root",
	ExpiringRoot:    "expiring root tokens cannot create non-expiring root tokens",
	BatchTokens:     "batch tokens are not supported by this release",
	BadTokenType:    "invalid 'token_type' value",
	AliasNeedsRole:  "'entity_alias' is only allowed in combination with token role",
	AliasNotAllowed: "invalid 'entity_alias' value",
	AliasUnknown:    "entity aliases are not supported by this release",
	NotRenewable:    "lease is not renewable",
	LeaseUnknown:    "invalid lease ID",
	PastMaxTTL:      "past the max TTL, cannot renew",
	RoleUnknown:     "unknown role {}",
	RoleGone:        "original token role \"{}\" could not be found, not renewing",
	RoleNameBad:     "role name must be letters, digits, underscores, dots and dashes, and neither start nor end with a dot or a dash",
	PathSuffixBad:   "role path suffix must be letters, digits, underscores, dots and dashes, without two dots in a row",
	BatchRole:       "'token_type' cannot be 'batch' when role is set to generate {} tokens",
	RootRequired:    "root privileges required to {}",
	RoleTooLarge:    "role has {} bytes, at most {} are allowed",

	PoliciesNotSubset:  "child policies must be subset of parent",
	PoliciesNotAllowed: "token policy \"{}\" is not among the allowed policies of role {}",
	PolicyDisallowed:   "token policy \"{}\" is disallowed by this role",
	PolicyUnassignable: "cannot assign policy \"{}\"",

	TTLCapped:          "TTL of {} exceeded the effective max_ttl of {}; TTL value is capped accordingly",
	PeriodCapped:       "period of {} exceeded the effective max_ttl of {}; period value is capped accordingly",
	LesserExplicitMax:  "explicit max TTL specified both during creation call and in role; using the lesser value of {}",
	LesserPeriod:       "period specified both during creation call and in role; using the lesser value of {}",
	ExplicitMaxTooLong: "explicit max TTL of {} is above the greatest TTL of {}; tokens of this role live no longer than that",

	MountPathBad:      "mount path is {}",
	MountPathUsed:     "path is already in use at {}",
	MountTypeMissing:  "backend type must be specified as a string",
	MountTypeUnknown:  "plugin not found in the catalog: {}",
	TooManyMounts:     "at most {} auth methods and secrets engines can be enabled",
	TokenMountSingle:  "token credential backend cannot be instantiated",
	TokenMountFixed:   "token credential backend cannot be disabled",
	TokenMountSetting: "'token_type' and 'user_lockout_config' cannot be set for the token method",
	NothingMounted:    "no auth method is mounted at {}",
	NoSuchMount:       "no handler for route \"{}\": no auth method is mounted there",
	DefaultAboveMax:   "default lease TTL of {} is greater than the effective max lease TTL of {}",
	TTLAboveMax:       "'token_ttl' cannot be greater than 'token_max_ttl'",
	RootByLogin:       "auth methods cannot create root tokens",
	UserNameBad:       "user name must be letters, digits, underscores, dots, dashes and at signs, at most 120, and start and end with a letter, a digit or an underscore",
	UserUnknown:       "username does not exist",
	TooManyUsers:      "there are {} users, no more are allowed",
	PasswordMissing:   "must provide either password or password_hash",
	PasswordHashBad:   "password_hash is not a bcrypt hash of a cost from {} to {}",
	BadLogin:          "invalid username or password",
	UserMoved:         "user changed while the password was verified",
	UserGone:          "user \"{}\" no longer exists, not renewing",
	UserPoliciesMoved: "policies have changed, not renewing",
	WrappingUnknown:   "wrapping token is not valid or does not exist",
	TooManyDataKeys:   "the keyring holds {} keys, no more are allowed",
	DataKeyExists:     "the keyring already holds a key {}",

	BatchCannotHave:   "batch tokens cannot have \"{}\" set",
	BatchRoot:         "batch tokens cannot be root tokens",
	BatchParent:       "batch tokens cannot create more tokens",
	BatchNotRenewable: "batch tokens cannot be renewed",
	BatchNotRevocable: "batch tokens cannot be revoked",
	BatchCubbyhole:    "cubbyhole operations are only supported by 'service' type tokens",
	BatchTooLarge:     "batch token has {} bytes, at most {} are allowed: give it fewer or shorter policies, metadata or addresses",
	BatchLogin:        "'token_type' cannot be 'batch' or 'default_batch' when set to generate {}",
	NoBatchKey:        "the keyring holds no key for batch tokens",
	TooManyFences:     "{} revocations of batch tokens stand already, no more are allowed until some of those tokens have expired",
	FenceNameBad:      "field \"{}\" is not one that the scope {} takes",
	KeyNotFound:       "the keyring holds no key {}",
	KeyInUse:          "key {} is in use: rotate the keyring first",
	KeyNeeded:         "key {} cannot be retired: stored secrets are sealed with it",

	AuditTypeUnknown:    "unknown audit device type: \"{}\", expected file, syslog or socket",
	AuditPathUsed:       "path already in use",
	TooManyAuditDevices: "at most {} audit devices can be enabled",
	AuditHeaderBad:      "header name must be one to 128 characters that HTTP allows there, letters in lower case",
	AuditHeaderSecret:   "header {} holds secrets and cannot be audited",
	TooManyAuditHeaders: "at most {} headers can be audited",

	ApproleUnknown:        "role \"{}\" does not exist",
	ApproleNameBad:        "role name must be letters, digits, underscores, dots, dashes and at signs, at most 120, and start and end with a letter, a digit or an underscore",
	TooManyApproles:       "there are {} approle roles, no more are allowed",
	RoleIDUsed:            "role_id already in use",
	RoleIDBad:             "role_id must be a text of 1 to {} bytes that neither starts nor ends with white space",
	ApproleUnbound:        "at least one constraint should be enabled on the role: bind_secret_id, secret_id_bound_cidrs or token_bound_cidrs",
	LocalSecretIDsFixed:   "local_secret_ids can only be modified during role creation",
	BadApproleLogin:       "invalid role or secret ID",
	ApproleMoved:          "role_id was given to another role while the login was on its way",
	AddressRefused:        "source address {} unauthorized through CIDR restrictions on the {}",
	CIDRsOutsideRole:      "failed to verify subset relationship between CIDR blocks on the role and CIDR blocks on the secret ID: {} holds {}, which lies in none of the role's",
	SecretIDUnneeded:      "bind_secret_id is not set on the role",
	SecretIDMissing:       "missing secret_id",
	SecretIDExists:        "SecretID is already registered",
	SecretIDUsesAbove:     "num_uses cannot be higher than the role's secret_id_num_uses",
	SecretIDTTLAbove:      "ttl cannot be longer than the role's secret_id_ttl",
	TooManySecretIDs:      "there are {} secret IDs, no more are allowed",
	TooManySecretIDsRole:  "the role has {} secret IDs, no more are allowed",
	SecretAccessorUnknown: "failed to find accessor entry for secret_id_accessor: \"{}\"",
	ApproleGone:           "role \"{}\" does not exist during renewal",

	JWTSourceBad:        "exactly one of 'jwt_validation_pubkeys', 'jwks_url', 'jwks_pairs' or 'oidc_discovery_url' must be set",
	JWTAlgBad:           "'jwt_supported_algs' names {}, expected RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA",
	JWTUnconfigured:     "could not load configuration",
	JWTRoleUnknown:      "role \"{}\" could not be found",
	JWTRoleGone:         "role \"{}\" does not exist during renewal",
	JWTUserClaimMissing: "a user claim must be defined on the role",
	JWTUnbound:          "must have at least one bound constraint when creating/updating a role",
	JWTMappingReserved:  "metadata key \"{}\" is reserved and may not be a mapping destination",
	JWTMappingTwice:     "multiple keys are mapped to metadata key \"{}\"",
	JWTGlobNotText:      "bound claim \"{}\" is not a string or a list of strings, as bound_claims_type glob wants",
	TooManyJWTRoles:     "there are {} roles of jwt mounts, no more are allowed",
	JWTMoved:            "configuration or role changed while the JWT was verified",
	JWTExpired:          "error validating token: invalid expiration time (exp) claim: token is expired",
	JWTNotYet:           "error validating token: invalid not before (nbf) claim: token not yet valid",
	JWTUserLength:       "the user claim has {} bytes, expected 1 to {}",

	CertNameBad:  "certificate name must be letters, digits, underscores, dots and dashes, and neither start nor end with a dot or a dash",
	CertMissing:  "field \"certificate\" is empty, expected one or several certificates in PEM",
	CertTooLarge: "the record would have {} bytes, at most {} are allowed",
	TooManyCerts: "there are {} certificates of cert mounts, no more are allowed",
	CertMoved:    "the record changed while the client's certificate was verified",
	CertNotYet:   "invalid certificate: it, or one of its chain, is not valid yet",
	CertExpired:  "invalid certificate: it, or one of its chain, has expired",
	CertGone:     "certificate \"{}\" does not exist during renewal",
	CertUnshown:  "no client certificate was shown: the token was given for one, and is renewed only over a connection that shows the same",
	CertOther:    "the client certificate is not the one for which the token was given",

	QuotaNameBad:      "quota name must be letters, digits, underscores, dots and dashes, at most 128, and neither start nor end with a dot or a dash",
	QuotaPathBad:      "path {}",
	QuotaPathUsed:     "quota rule with similar properties exists under the name \"{}\"",
	QuotaNoMount:      "invalid mount path \"{}\": nothing is mounted there or above it",
	QuotaNotInherited: "'inheritable' cannot be true with a path: there are no namespaces",
	TooManyQuotas:     "there are {} {} quotas, no more are allowed",
	LeaseQuotaFull:    "lease count quota exceeded: quota \"{}\" allows {} leases",

	TooManyPolicies: "there are {} policies, no more are allowed",
	TooManyRoles:    "there are {} token roles, no more are allowed",

	MountReserved:        "cannot mount \"{}\"",
	SecretMountSetting:   "'token_type' and 'user_lockout_config' cannot be set for a secrets engine",
	NothingMountedSecret: "no secrets engine is mounted at {}",
	NoSecretMount:        "no handler for route \"{}\": no secrets engine is mounted there",
	ItemMoved:            "\"{}\" changed while the request was on its way",
	ItemTTLs:             "'default_ttl' cannot be greater than 'max_ttl'",
	TooManyItems:         "there are {} configurations and roles, no more are allowed",
	TooManyLeases:        "there are {} leases, no more are allowed",
	LeaseExists:          "there is a lease of that id already",
	LastUseLease:         "Secret cannot be returned; token had one use left, so no leased credentials were made",
	LeaseBasisMoved:      "\"{}\" changed while the secret was planned",
	LeaseNotFound:        "lease not found",
	LeaseRoleGone:        "\"{}\" no longer exists, not renewing",
	ConfigInUse:          "\"{}\" stays: the mount has {} leases, which may need it to be revoked. Revoke them (sys/leases/revoke-prefix/{}) and wait until they are gone, or set \"force\" and end by hand what they stand for",
	TokenLease:           "tokens cannot be renewed through this endpoint",
	PlanChanged:          "the plan no longer holds: token {} was made since and would end with what was planned",
	PlanLeaseMade:        "the plan no longer holds: lease {} was made since and would end with what was planned",
	PlanMoved:            "tokens or leases were made while the plan was held against the present ones",
	PlanUnknown:          "the plan was not made in this cluster's present state",
	PlanOrphaned:         "the plan no longer holds: tokens were orphaned since, and {} of the {} planned ones are not there to be revoked",
	PlanRemounted:        "the plan no longer holds: what is mounted at {} was enabled since",

	SignedKeyUnknown:    "the token is signed with a key that is not in the keyring",
	SignedKeyRetired:    "the token is signed with a key that was retired",
	SignedExpired:       "the token has expired: it was valid until {}",
	SignedRevoked:       "the token was revoked",
	SignedUserGone:      "the user of the token does not exist any more",
	SignedInviteShown:   "an invite is no credential: exchange it for a login token",
	SignedTriggerShown:  "a trigger token is good for trigger URLs alone",
	EntrypointOnly:      "an entrypoint token is good for paths under entrypoint/ alone",
	EntrypointOther:     "the entrypoint token is for another deployment",
	RunnerUnknown:       "the runner of the token is not known: it was forgotten, or has never registered",
	RunnerIsRejected:    "the runner was rejected",
	RunnerIsPending:     "the runner has not been adopted yet",
	RunnerRelabelled:    "the labels of the runner are not those for which the token was made",
	RunnerOther:         "the token is for another runner",
	RunnerHasToken:      "the runner is adopted already and got its token then: use that one, or have an operator make another",
	RunnerImpersonated:  "field \"id\": a runner makes tokens for itself alone",
	RunnerIDBad:         "field \"id\": the id of a runner is 1 to 128 letters, digits, dashes and underscores",
	RunnerNotFound:      "there is no such runner",
	TooManyRunners:      "there are {} runners, no more are allowed",
	InviteSpent:         "the invite was exchanged already, or revoked",
	InviterGone:         "who made the invite does not exist any more",
	NotAnInvite:         "field \"token\": is no invite",
	SignedNoUser:        "the caller is no user: a login token of a user is needed, or field \"user\" with a token of Vault's kinds",
	SignedUserMore:      "the user has policies that the caller does not have",
	SignedUserUnknown:   "there is no such user",
	SignedUserExists:    "there is a user of the id \"{}\" already",
	SignedUserLast:      "the last user cannot be deleted: nobody could log in any more",
	SignedNameBad:       "field \"username\": is not 2 to 38 letters, digits, dashes and underscores, a letter or digit first and last",
	SignedNameTaken:     "field \"username\": \"{}\" is taken",
	TooManySignedUsers:  "there are {} users, no more are allowed",
	NoSigningKey:        "the keyring holds no key that signs: bootstrap Waypoint's surface or import a key",
	SignedHoldsNothing:  "a Waypoint token has no record on which anything could hang: use a service token",
	SignedNotRenewable:  "a Waypoint token cannot be renewed: its end is signed; token/refresh makes another",
	SignedOnly:          "only a Waypoint token can be refreshed",
	SignedTermUnknown:   "the token does not say when it was issued, so nobody knows for how long it was made",
	AlreadyBootstrapped: "Waypoint's surface is bootstrapped already",
	SignedOneAddress:    "field \"config.advertiseAddrs\": exactly one is expected",
	DeploymentUnknown:   "there is no such deployment",
	TooManyDeployments:  "there are {} deployments, no more are allowed",

	StagingUnknown: "no such restore is under way: another one was begun, or this one got nothing for ten minutes",
	StagingBusy:    "what an earlier restore has left is being cleared away: try again in a moment",
	PartUnexpected: "part {} of the archive came where part {} has to be",
	PartLength:     "part {} of the archive has {} bytes, expected {}",
	RestorerBad:    "a restore needs a token that has a record, or a Waypoint token, and does not count its uses",
	ArchiveShort:   "{} of {} bytes of the state have come",
	ArchiveBad:     "the archive holds no state that this release can read",
	ArchiveOther:   "the archive does not hold the state that it describes",
	ArchiveBlank:   "the archive was made before its cluster was initialized",
	ArchiveForeign: "the archive is of the cluster {} and this is {}: to restore another cluster's is to replace everything, and has to be forced",
	ArchiveNewer:   "the archive has feature level {}, this cluster has {}",
	RestoreLeases:  "the archive does not have the secrets engine at {}/ as it is mounted now, and {} of its leases could not be revoked any more: revoke them first",

	RestoreForeignLeases: "the cluster has {} leases of secrets engines, and with the state of another cluster it could not revoke them any more: revoke them first",

	SnapshotNameBad:   "the name of a snapshot schedule must be 1 to 64 letters, digits, underscores, dots and dashes, the first a letter, a digit or an underscore",
	SnapshotPathBad:   "path_prefix {}",
	SnapshotPlaceUsed: "schedule \"{}\" saves there under the same file_prefix already",
	SnapshotHalfKey:   "aws_access_key_id and aws_secret_access_key must be given together, or neither",
	TooManySchedules:  "there are {} snapshot schedules, no more are allowed",
}
