package main

const (
	createdBody = `{"request_id":"r","lease_id":"","renewable":false,"lease_duration":0,"data":null,"wrap_info":null,
		"warnings":["Policy \"web\" does not exist"],"auth":{"client_token":"jts_new","accessor":"acc","policies":["default","web"],
		"token_policies":["default","web"],"metadata":{"team":"blue"},"lease_duration":3600,"renewable":true,"entity_id":"","token_type":"service","orphan":false,"num_uses":5}}`
	rootBody   = `{"auth":{"client_token":"jts_root2","accessor":"acc","policies":["root"],"token_policies":["root"],"lease_duration":0,"renewable":false}}`
	lookupBody = `{"data":{"accessor":"acc","creation_time":1795363200,"creation_ttl":3600,"display_name":"token","entity_id":"","expire_time":"2026-11-22T16:00:00Z",
		"explicit_max_ttl":0,"id":"jts_new","meta":{"team":"blue"},"num_uses":5,"orphan":false,"path":"auth/token/create","policies":["default","web"],"ttl":3599,"type":"service"}}`
	authBody    = `{"data":{"token/":{"type":"token","accessor":"auth_token_1","description":"token based credentials","config":{}},"corp/people/":{"type":"userpass","accessor":"auth_userpass_2","description":"","config":{}}}}`
	mountsBody  = `{"data":{"cubbyhole/":{"type":"cubbyhole","description":"per-token private secret storage","options":null,"config":{"default_lease_ttl":0,"max_lease_ttl":0}},"shop/db/":{"type":"database","accessor":"database_1","description":"","options":null,"config":{"default_lease_ttl":600,"max_lease_ttl":86400,"listing_visibility":"hidden"}}}}`
	auditBody   = `{"data":{"file/":{"path":"file/","type":"file","description":"","local":false,"options":{"file_path":"/var/log/audit.log","required":"true"}},"eu/trail/":{"path":"eu/trail/","type":"socket","description":"to the collector","local":false,"options":{"address":"10.0.0.1:514"}}}}`
	loginBody   = `{"auth":{"client_token":"jts_new","accessor":"acc","policies":["default","dev"],"token_policies":["default","dev"],"metadata":{"username":"alice"},"lease_duration":600,"renewable":true}}`
	wrappedBody = `{"data":null,"auth":null,"wrap_info":{"token":"jtw_box","accessor":"wacc","ttl":600,"creation_time":"2026-11-22T15:00:00.123Z","creation_path":"auth/token/create","wrapped_accessor":"acc"}}`
	leaseBody   = `{"lease_id":"database/creds/reader/abc","renewable":true,"lease_duration":3600,"data":{"username":"v-token-reader-x","password":"jts_password"},"warnings":["the role's TTL is longer"]}`
	listBody    = `{"data":{"cursor":"","index":7,"tokens":[{"accessor":"acc","display_name":"token-web","path":"auth/token/create","policies":["default","web"],"expire_time":"2026-11-22T16:00:00Z","children":100,"more_children":true},
		{"accessor":"acc2","display_name":"","path":"auth/token/root","policies":["root"],"expire_time":null,"children":0,"more_children":false}]},"warnings":["the index has moved"]}`
	treeBody = `{"data":{"cursor":"more","index":7,"descendants":10000,"more_descendants":true,"tokens":[{"level":0,"accessor":"acc","display_name":"a","path":"p","policies":["x"],"expire_time":null,"children":1},
		{"level":1,"accessor":"acc2","display_name":"b","path":"p","policies":["x"],"expire_time":null,"children":0}]}}`
	whyBody         = `{"data":{"accessor":"acc","alive":false,"path":"auth/token/create","cause":"revoked","reason":"revoked","actor":"acc0","time":"2026-11-22T16:00:00Z","serial":12}}`
	impactBody      = `{"data":{"dry_run":true,"index":7,"plan_id":"p1","tokens":12,"leases":2,"values":1,"orphaned":0,"by_policy":[{"name":"default","tokens":12}],"other_by_policy":3,"by_path":[{"name":"a/b","tokens":12}],"other_by_path":0,"by_display_name":[],"other_by_display_name":0}}`
	leaseImpactBody = `{"data":{"dry_run":true,"index":7,"plan_id":"p2","tokens":0,"leases":1,"values":0,"orphaned":0,"by_policy":[],"other_by_policy":0,"by_path":[],"other_by_path":0,"by_display_name":[],"other_by_display_name":0}}`
	plannedBody     = `{"data":{"planned":12,"revoked":11,"gone":1}}`
	phaseBody       = `{"data":{"id":"database/creds/reader/abc","path":"database/creds/reader","phase":"revoking","failed_attempts":1,"last_error":"refused\u001b[31m by it","ttl":0,"renewable":false}}`
	renewedBody     = `{"lease_id":"database/creds/reader/abc","renewable":true,"lease_duration":1800,"data":null,"warnings":["TTL of \"1h\" exceeded the effective max_ttl of \"30m\"; TTL value is capped accordingly"]}`
	stuckBody       = `{"data":{"lease_count":3,"leases":[{"lease_id":"database/creds/reader/abc","mount_id":"database_1","error":"the server said:\n\u001b[31mno","failed_attempts":7,"next_attempt":"2026-11-23T15:00:00Z"},
		{"lease_id":"hook/creds/ci/x","mount_id":"","error":"","failed_attempts":6,"next_attempt":"2026-11-23T15:00:00Z"}]},"warnings":["There are more leases than are shown; set limit to see them."]}`
	countBody = `{"data":{"lease_count":14,"counts":{"webhook_2":2,"database_1":12}}}`
	keysBody  = `{"data":{"keys":[{"id":"5c95","purpose":"storage","term":1,"install_time":"2026-11-22T15:00:00Z","in_use":true},{"id":"6bd0","purpose":"batch","term":1,"install_time":"2026-11-22T15:00:00Z","in_use":false},
		{"id":"3ed7","purpose":"batch","term":2,"install_time":"2026-11-22T15:00:00Z","in_use":false,"retired_time":"2026-11-22T16:00:00Z","gone_time":"2026-11-22T17:00:00Z"}]}}`
	marksBody  = `{"data":{"marks":[{"scope":"cluster","time":"2026-11-22T15:00:00Z","until":"2026-11-22T16:00:00Z","actor":"acc"},{"scope":"role","role":"ci","time":"2026-11-22T15:00:00Z","until":"2026-11-22T16:00:00Z","actor":"acc"}]}}`
	markedBody = `{"data":{"marked":true,"until":"2026-11-22T16:00:00Z"}}`
	sealBody   = `{"type":"shamir","initialized":true,"sealed":false,"version":"0.1.0","cluster_name":"jeton","cluster_id":"c1","storage_type":"raft","n":1,"t":1}`
	healthBody = `{"initialized":true,"sealed":false,"standby":true,"version":"0.1.0"}`
	leaderBody = `{"ha_enabled":true,"is_self":false,"leader_address":"http://n2:8200","raft_committed_index":12,"raft_applied_index":11}`
	raftBody   = `{"data":{"config":{"index":3,"servers":[{"node_id":"n1-aa","name":"n1","alive":true,"address":"10.0.0.1:8201","leader":false,"voter":true},
		{"node_id":"n2-bb","name":"n2","alive":false,"address":"","leader":true,"voter":true},{"node_id":"n3","address":"10.0.0.3:8201","leader":false,"voter":false}]}}}`
	haBody = `{"nodes":[{"hostname":"n2","api_address":"http://n2:8200","cluster_address":"","active_node":true,"version":"0.1.0"},
		{"hostname":"n1","api_address":"http://n1:8200","cluster_address":"https://10.0.0.1:8201","active_node":false,"last_echo":null,"version":""},
		{"hostname":"three","api_address":"http://n3:8200","cluster_address":"10.0.0.3:8201","active_node":false,"last_echo":"2026-11-22T15:00:00.123Z","version":"2.6.2"},
		{"hostname":"stranger","api_address":"http://x:8200","cluster_address":"10.9.9.9:8201","active_node":false,"version":"0.1.0"}]}`
)

// ok is everything that the commands ask for, answered well.
var ok = map[string]answer{
	"POST /v1/auth/token/create":             {200, createdBody},
	"POST /v1/auth/token/create-orphan":      {200, rootBody},
	"POST /v1/auth/token/create/ci":          {200, createdBody},
	"GET /v1/auth/token/lookup-self":         {200, lookupBody},
	"POST /v1/auth/token/lookup":             {200, lookupBody},
	"POST /v1/auth/token/lookup-accessor":    {200, lookupBody},
	"PUT /v1/auth/token/renew-self":          {200, createdBody},
	"PUT /v1/auth/token/renew":               {200, createdBody},
	"POST /v1/auth/token/renew-accessor":     {200, createdBody},
	"PUT /v1/auth/token/revoke":              {204, ""},
	"PUT /v1/auth/token/revoke-self":         {204, ""},
	"PUT /v1/auth/token/revoke-orphan":       {204, ""},
	"POST /v1/auth/token/revoke-self":        {204, ""}, // bench
	"POST /v1/auth/token/revoke-accessor":    {204, ""},
	"PUT /v1/sys/leases/revoke-prefix/a/b":   {204, ""},
	"PUT /v1/sys/leases/revoke-force/a/b":    {204, ""},
	"PUT /v1/sys/leases/revoke/a/b/c":        {202, ""},
	"PUT /v1/sys/leases/revoke/a/b/d":        {204, ""},
	"PUT /v1/sys/leases/lookup":              {200, phaseBody},
	"PUT /v1/sys/leases/renew":               {200, renewedBody},
	"GET /v1/sys/leases":                     {200, stuckBody},
	"GET /v1/sys/leases/count":               {200, countBody},
	"LIST /v1/sys/leases/lookup":             {200, `{"data":{"keys":["auth/","database/"]}}`},
	"LIST /v1/sys/leases/lookup/a/b":         {200, `{"data":{"keys":["c","d"]}}`},
	"POST /v1/sys/capabilities":              {200, `{"data":{"capabilities":["update","read"]},"capabilities":["update","read"]}`},
	"POST /v1/sys/capabilities-self":         {200, `{"data":{"capabilities":["root"]},"capabilities":["root"]}`},
	"LIST /v1/sys/policies/acl":              {200, `{"data":{"keys":["default","root","web"]}}`},
	"GET /v1/sys/policies/acl/web":           {200, `{"data":{"name":"web","policy":"path \"a\" { policy = \"read\" }\n"}}`},
	"PUT /v1/sys/policies/acl/web":           {204, ""},
	"DELETE /v1/sys/policies/acl/web":        {204, ""},
	"GET /v1/sys/seal-status":                {200, sealBody},
	"GET /v1/sys/health":                     {200, healthBody},
	"GET /v1/sys/leader":                     {200, leaderBody},
	"GET /v1/sys/storage/raft/configuration": {200, raftBody},
	"GET /v1/sys/ha-status":                  {200, haBody},
	"PUT /v1/sys/init":                       {200, `{"keys":[],"keys_base64":[],"root_token":"jts_root"}`},
	"GET /v1/sys/audit":                      {200, auditBody},
	"PUT /v1/sys/audit/file":                 {204, ""},
	"PUT /v1/sys/audit/eu/trail":             {204, ""},
	"DELETE /v1/sys/audit/eu/trail":          {204, ""},
	"GET /v1/sys/auth":                       {200, authBody},
	"POST /v1/sys/auth/userpass":             {204, ""},
	"POST /v1/sys/auth/corp/people":          {204, ""},
	"DELETE /v1/sys/auth/corp/people":        {204, ""},
	"POST /v1/sys/mounts/auth/people/tune":   {204, ""},
	"GET /v1/sys/mounts":                     {200, mountsBody},
	"POST /v1/sys/mounts/webhook":            {204, ""},
	"POST /v1/sys/mounts/shop/db":            {204, ""},
	"DELETE /v1/sys/mounts/shop/db":          {204, ""},
	"POST /v1/sys/mounts/shop/db/tune":       {204, ""},
	"GET /v1/database/creds/reader":          {200, leaseBody},
	"PUT /v1/database/config/shop":           {204, ""},
	"PUT /v1/database/roles/reader":          {200, `{"data":null,"warnings":["Endpoint ignored these unrecognized parameters: [x]"]}`},
	"LIST /v1/database/roles":                {200, `{"data":{"keys":["reader","writer/"]}}`},
	"DELETE /v1/database/roles/reader":       {204, ""},
	"PUT /v1/auth/userpass/login/alice":      {200, loginBody},
	"PUT /v1/auth/jwt/login":                 {200, loginBody},
	"PUT /v1/auth/ci/login":                  {200, loginBody},
	"PUT /v1/auth/approle/login":             {200, loginBody},
	"PUT /v1/auth/corp/people/login/alice":   {200, loginBody},
	"GET /v1/jeton/keyring":                  {200, keysBody},
	"PUT /v1/jeton/keyring/6bd0/retire":      {204, ""},
	"PUT /v1/jeton/keyring/5c95/retire":      {400, `{"errors":["key 5c95 cannot be retired: stored secrets are sealed with it"]}`},
	"PUT /v1/sys/rotate":                     {204, ""},
	"GET /v1/sys/key-status":                 {200, `{"data":{"term":2,"install_time":"2026-11-22T15:00:00.5Z"}}`},
	"PUT /v1/jeton/batch-tokens/revoke":      {200, markedBody},
	"PUT /v1/jeton/not-before":               {200, markedBody},
	"GET /v1/jeton/not-before":               {200, marksBody},
	"PUT /v1/sys/step-down":                  {204, ""},
	"PUT /v1/sys/storage/raft/remove-peer":   {204, ""},
}
