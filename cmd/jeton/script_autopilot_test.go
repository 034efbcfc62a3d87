package main

import "strings"

const (
	autopilotStateBody = `{"data":{"healthy":false,"failure_tolerance":1,"optimistic_failure_tolerance":1,"leader":"n2-bb","voters":["n1-aa","n2-bb"],"sealed_by":{"s":3},"servers":{
		"n2-bb":{"id":"n2-bb","name":"n2","address":"10.0.0.2:8201","healthy":true,"last_contact":"0s","last_index":1200,"last_term":3,"node_status":"alive","node_type":"voter","status":"leader","stable_since":"2026-11-22T15:00:00.123456Z","version":"","seal_keys":["s"]},
		"n1-aa":{"id":"n1-aa","name":"n1","address":"10.0.0.1:8201","healthy":true,"last_contact":"312.871µs","last_index":1201,"last_term":3,"node_status":"alive","node_type":"voter","status":"voter","stable_since":"2026-11-22T15:00:01.9Z","version":"","seal_keys":["s"]},
		"n3-cc":{"id":"n3-cc","name":"n3","address":"","healthy":false,"last_contact":"1m2.345678s","last_index":700,"last_term":2,"node_status":"failed","node_type":"non-voter","status":"non-voter","stable_since":"","version":"","seal_keys":null}}}}`
	autopilotConfigBody = `{"data":{"cleanup_dead_servers":false,"dead_server_last_contact_threshold":"24h0m0s","disable_upgrade_migration":false,"last_contact_threshold":"10s","max_trailing_logs":1000,"min_quorum":0,"server_stabilization_time":"3s"}}`
)

// autopilot is a leader that looks after its servers.
var autopilot = map[string]answer{
	"GET /v1/sys/storage/raft/autopilot/state":         {200, autopilotStateBody},
	"GET /v1/sys/storage/raft/autopilot/configuration": {200, autopilotConfigBody},
	"PUT /v1/sys/storage/raft/autopilot/configuration": {204, ""},
}

// autopilotElse is one that knows versions, and refuses.
var autopilotElse = map[string]answer{
	"GET /v1/sys/storage/raft/autopilot/state":         {200, strings.Replace(autopilotStateBody, `"version":""`, `"version":"2.6.2"`, 1)},
	"PUT /v1/sys/storage/raft/autopilot/configuration": {400, `{"errors":["min_quorum: is 2, expected at least 3 where dead servers are removed"]}`},
}
