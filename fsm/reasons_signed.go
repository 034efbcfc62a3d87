package fsm

// The reasons of Waypoint's surface, from 400, of restores, from 450, and of scheduled
// snapshots, from 470. Their wording stands with that of the others.
const (
	SignedKeyUnknown    Reason = 400
	SignedKeyRetired    Reason = 401
	SignedExpired       Reason = 402
	SignedRevoked       Reason = 403
	SignedUserGone      Reason = 404
	SignedInviteShown   Reason = 405
	SignedTriggerShown  Reason = 406
	EntrypointOnly      Reason = 407
	EntrypointOther     Reason = 408
	RunnerUnknown       Reason = 409
	RunnerIsRejected    Reason = 410
	RunnerIsPending     Reason = 411
	RunnerRelabelled    Reason = 412
	RunnerOther         Reason = 413
	RunnerHasToken      Reason = 414
	RunnerImpersonated  Reason = 415
	RunnerIDBad         Reason = 416
	RunnerNotFound      Reason = 417
	TooManyRunners      Reason = 418
	InviteSpent         Reason = 419
	InviterGone         Reason = 420
	NotAnInvite         Reason = 421
	SignedNoUser        Reason = 422
	SignedUserMore      Reason = 423
	SignedUserUnknown   Reason = 424
	SignedUserExists    Reason = 425
	SignedUserLast      Reason = 426
	SignedNameBad       Reason = 427
	SignedNameTaken     Reason = 428
	TooManySignedUsers  Reason = 429
	NoSigningKey        Reason = 430
	SignedHoldsNothing  Reason = 431
	SignedNotRenewable  Reason = 432
	SignedOnly          Reason = 433
	SignedTermUnknown   Reason = 434
	AlreadyBootstrapped Reason = 435
	SignedOneAddress    Reason = 436
	DeploymentUnknown   Reason = 437
	TooManyDeployments  Reason = 438

	StagingUnknown Reason = 450
	StagingBusy    Reason = 451
	PartUnexpected Reason = 452
	PartLength     Reason = 453
	RestorerBad    Reason = 454
	ArchiveShort   Reason = 455
	ArchiveBad     Reason = 456
	ArchiveOther   Reason = 457
	ArchiveBlank   Reason = 458
	ArchiveForeign Reason = 459
	ArchiveNewer   Reason = 460
	RestoreLeases  Reason = 461

	RestoreForeignLeases Reason = 462

	SnapshotNameBad   Reason = 470
	SnapshotPathBad   Reason = 471
	SnapshotPlaceUsed Reason = 472
	SnapshotHalfKey   Reason = 473
	TooManySchedules  Reason = 474
)
