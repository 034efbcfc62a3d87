package fsm

import "time"

// Every bound the machine keeps, in one place. A limit that apply consults is
// part of the log's meaning: it may change only together with the level.
const (
	MaxCommandBytes  = 128 << 10 // one encoded command
	MaxEntryCommands = 1024      // commands in one entry; the batcher stays far below
	MaxEntryBytes    = 2 << 20   // one entry

	MaxTTL          = 10 * 365 * 24 * time.Hour // any ttl, period or explicit max ttl
	DefaultTTL      = 768 * time.Hour           // Vault's default lease TTL
	MaxLeaseTTL     = 768 * time.Hour           // Vault's max lease TTL of the token mount
	MaxTreeDepth    = 256                       // generations below an orphan
	MaxPathBytes    = 512                       // API path of a request, source path of a token
	MaxLeaseBytes   = MaxPathBytes + 66         // a source path and what follows it in a lease id
	MaxNameBytes    = 256                       // policy, role and display names
	MaxTokenIDBytes = 256                       // caller-chosen token id, checked where the id is known
	MaxPolicies     = 64                        // policies a token
	MaxMetaBytes    = 4 << 10                   // keys and values of a token's metadata together
	MaxMetaPairs    = 64
	MaxBoundCIDRs   = 64
	MaxUses         = 1 << 31 // num_uses
	MaxRoleGlobs    = 256     // each list of a role
	MaxRoleBytes    = 64 << 10
	MaxSuffixBytes  = 128 // path suffix of a role

	// MaxDisplayNameBytes leaves room for what is put before it.
	MaxDisplayNameBytes = MaxNameBytes - len(displayNamePrefix)

	AccessorBytes = 24 // base62, drawn by the proposer

	MaxCubbyholeValueBytes = 64 << 10 // one sealed value
	MaxCubbyholeEntries    = 128      // values a token

	MaxWrappedBytes = 120 << 10 // one sealed answer; a command and its outcome have to hold it

	MaxDataKeys = 1024 // keys of the keyring, retired ones included

	MaxBatchBytes = 2800    // what a batch token says; its text, which is a header, stays below 4 KiB
	MaxFences     = 100_000 // not-before marks for batch tokens
	FenceReserve  = 4096    // of these, room that marks over single tokens leave to the others

	MaxMarks      = 1024    // source-path marks whose sweep is not done
	MaxTombstones = 100_000 // remembered deaths; the oldest go first

	MaxIdempotencyKeyBytes = 128              // Idempotency-Key header, checked where it is known
	MaxKeysPerCaller       = 1024             // client keys of one caller inside the window
	MaxKeys                = 200_000          // client keys of all callers inside the window
	KeyWindow              = 10 * time.Minute // how long a client key is kept, exactly
	MaxSealedSecretBytes   = 512

	MaxSessions        = 4096      // node sessions
	SessionIdle        = time.Hour // a session without a command for so long is closed
	MaxOutcomesSession = 65_536    // unanswered requests a node may have
	MaxForgotten       = 16        // answered requests that one command forgets

	MaxMounts           = 1024   // login methods and secrets engines, mounted or waiting for the sweep
	MaxMountBytes       = 128    // path, type and accessor of a mount
	MaxDescriptionBytes = 512    // of a mount
	MaxMountListItems   = 64     // each list of a mount's settings
	MaxItems            = 10_000 // configurations and roles of all secrets engines
	MaxItemBytes        = 16 << 10
	MaxItemPathBytes    = 256     // below its mount
	MaxUsers            = 250_000 // users of all mounts
	MaxUserBytes        = 120     // name of a user; with its mount it fits a display name
	MinPasswordCost     = 4       // bcrypt, of a hash that a client brings
	MaxPasswordCost     = 14      // about a second for each login
	MaxLockoutThreshold = 1000

	MaxAuditDevices  = 16
	MaxAuditHeaders  = 64      // headers of requests that audit entries show
	MaxAuditQueue    = 1 << 16 // entries that wait for one device on one node
	MinAuditDeadline = 10 * time.Millisecond
	MaxAuditDeadline = time.Minute

	MaxApproles        = 100_000     // roles of all approle mounts, those included that wait for the sweep
	MaxRoleIDBytes     = 256         // role-id of such a role
	MaxSecretIDs       = 500_000     // secret-ids of all roles
	MaxSecretIDsRole   = 50_000      // of one role
	MaxLeases          = 500_000     // secrets of all engines, ended ones included
	MaxLeaseDataBytes  = 4 << 10     // what an engine keeps of one
	MaxLeaseErrorBytes = 240         // the last error
	MaxLeaseBasis      = 4           // items that an intent rests on
	LeaseSuffixBytes   = 24          // base62, drawn by the proposer
	IssueWindow        = time.Minute // how long an intent waits for its confirmation
	MaxLeaseTries      = 6           // failures that make a lease irrevocable
	MaxRetryPause      = 7 * 24 * time.Hour
	MaxSettled         = 128 // attempts in one LeaseSettle

	MaxJWTRoles       = 20_000 // roles of all jwt mounts
	MaxJWTRoleBytes   = 32 << 10
	MaxJWTBounds      = 64 // audiences and claims of a role
	MaxClaimValues    = 64 // values of a bound claim
	MaxClaimBytes     = 512
	MaxJWTKeys        = 32       // public keys of a jwt mount
	MaxJWTEndpoints   = 8        // addresses of keys of a jwt mount
	MaxJWTConfigBytes = 64 << 10 // its keys, addresses and certificates together
	MaxURLBytes       = 1024     // an address that nodes call, an issuer

	MaxCerts            = 10_000   // records of all cert mounts
	MaxCertificateBytes = 32 << 10 // PEM of one record
	MaxCertRecordBytes  = 64 << 10
	MaxCertPatterns     = 64 // each list of a record
	MaxCertPatternBytes = 512

	MaxQuotas         = 256 // of each kind
	MaxQuotaNameBytes = 128
	MaxQuotaRate      = 1_000_000_000_000_000 // a billion requests in an interval, in millionths
	MaxQuotaLeases    = 1 << 31               // of one quota
	MaxExemptPaths    = 64                    // that no rate quota counts for

	MaxSignedBytes      = 2048 // texts in a Waypoint token together, whose own text has no more
	MaxSignedIDBytes    = 128  // id of a user, runner or deployment that is stored
	MaxSignedUsers      = 100_000
	MaxRunners          = 100_000
	MaxRunnerComponents = 64
	MaxAdvertiseAddrs   = 8
	MaxDeployments      = 10_000
	MaxLogLines         = 64 // that a deployment logged last
	MaxLogLineBytes     = 1024

	MaxStoredPolicies = 25_000
	MaxRoles          = 25_000

	StagedPartBytes = 64 << 10 // of an archive that is restored, in one command
	MaxStagedBytes  = 1 << 30  // of its state
	StagingPatience = 10 * time.Minute

	MaxSnapshotSchedules = 16
	MaxScheduleNameBytes = 64
	MaxFilePrefixBytes   = 64
	MinSnapshotInterval  = 10 * time.Second
	MaxSnapshotsKept     = 10_000 // of one schedule
	MaxBucketBytes       = 63
	MaxRegionBytes       = 64
	MaxEndpointBytes     = 255
	MaxAccessKeyBytes    = 128
	MaxRecipients        = 8
	MaxRecipientBytes    = 2048 // post-quantum ones are long

	MaxSweepRecords = 4096 // records one Sweep or Expire may delete

	PlanWindow   = 1 << 17   // serials behind the present in which new tokens are known by theirs
	PlanLooks    = 8192      // new tokens and ancestors of theirs that doing a plan may look at
	MaxPlanLooks = 1_000_000 // tokens that a plan may count, on one node
	maxTally     = 10_000    // names that a plan counts each by itself
)
