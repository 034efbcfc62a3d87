package main

// schedules is a server with two schedules of snapshots, one of which fails.
var schedules = map[string]answer{
	"PUT /v1/sys/storage/raft/snapshot-auto/config/daily": {204, ""},
	"PUT /v1/sys/storage/raft/snapshot-auto/config/off":   {400, `{"errors":["aws_access_key_id and aws_secret_access_key must be given together, or neither"]}`},
	"LIST /v1/sys/storage/raft/snapshot-auto/config":      {200, `{"data":{"keys":["daily","gone","off"]}}`},
	"GET /v1/sys/storage/raft/snapshot-auto/config/daily": {200, `{"data":{"interval":86400,"retain":7,"retain_age":0,"storage_type":"local","path_prefix":"/var/backups","file_prefix":"vault-snapshot","local_max_space":0}}`},
	"GET /v1/sys/storage/raft/snapshot-auto/status/daily": {200, `{"data":{"last_snapshot_start":"2026-11-25T12:00:00Z","last_snapshot_error":"","snapshot_start":"2026-11-25T12:00:00Z","snapshot_url":"file:///var/backups/vault-snapshot-1795608000-7.snap",
		"consecutive_errors":0,"next_snapshot_start":"2026-11-26T12:00:00Z","overdue":false}}`},
	"GET /v1/sys/storage/raft/snapshot-auto/status/off": {200, `{"data":{"last_snapshot_start":"2026-11-25T12:00:00Z","last_snapshot_error":"the directory or bucket is not there","snapshot_start":"0001-01-01T00:00:00Z","snapshot_url":"",
		"consecutive_errors":3,"next_snapshot_start":"2026-11-25T12:01:00Z","overdue":true},"warnings":["The last good snapshot is older than two intervals, or there is none."]}`},
	"GET /v1/sys/seal-status": {200, sealBody},
	"GET /v1/sys/leader":      {200, leaderBody},
	"GET /v1/sys/health":      {200, `{"initialized":true,"sealed":false,"standby":true,"version":"0.1.0","overdue_snapshots":1}`},
	"DELETE /v1/sys/storage/raft/snapshot-auto/config/off": {204, ""},
}
