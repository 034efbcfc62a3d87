package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

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
	whyBody     = `{"data":{"accessor":"acc","alive":false,"path":"auth/token/create","cause":"revoked","reason":"revoked","actor":"acc0","time":"2026-11-22T16:00:00Z","serial":12}}`
	impactBody  = `{"data":{"dry_run":true,"index":7,"plan_id":"p1","tokens":12,"leases":2,"values":1,"orphaned":0,"by_policy":[{"name":"default","tokens":12}],"other_by_policy":3,"by_path":[{"name":"a/b","tokens":12}],"other_by_path":0,"by_display_name":[],"other_by_display_name":0}}`
	plannedBody = `{"data":{"planned":12,"revoked":11,"gone":1}}`
	sealBody    = `{"type":"shamir","initialized":true,"sealed":false,"version":"0.1.0","cluster_name":"jeton","cluster_id":"c1","storage_type":"raft","n":1,"t":1}`
	healthBody  = `{"initialized":true,"sealed":false,"standby":true,"version":"0.1.0"}`
	leaderBody  = `{"ha_enabled":true,"is_self":false,"leader_address":"http://n2:8200","raft_committed_index":12,"raft_applied_index":11}`
	raftBody    = `{"data":{"config":{"index":3,"servers":[{"node_id":"n1-aa","name":"n1","alive":true,"address":"10.0.0.1:8201","leader":false,"voter":true},
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
	"PUT /v1/auth/approle/login":             {200, loginBody},
	"PUT /v1/auth/corp/people/login/alice":   {200, loginBody},
	"PUT /v1/sys/step-down":                  {204, ""},
	"PUT /v1/sys/storage/raft/remove-peer":   {204, ""},
}

// TestTranscripts runs every client command against the script and compares what
// was printed, how it ended and what the server was asked with a golden file.
func TestTranscripts(t *testing.T) {
	bad := map[string]answer{
		"POST /v1/auth/token/create":     {403, `{"errors":["permission denied"]}`},
		"GET /v1/auth/token/lookup-self": {403, `{"errors":["permission denied"]}`},
		"POST /v1/auth/token/lookup":     {403, `{"errors":["bad token"]}`},
		"PUT /v1/sys/policies/acl/web":   {400, `{"errors":["failed to parse policy: line 1: no","and more"]}`},
		"PUT /v1/sys/init":               {400, `{"errors":["already initialized"]}`},
		"GET /v1/sys/seal-status":        {200, strings.ReplaceAll(sealBody, `"initialized":true`, `"initialized":false`)},
		"GET /v1/sys/health":             {http.StatusNotImplemented, `{"initialized":false,"sealed":true}`},
		"GET /v1/sys/leader":             {http.StatusServiceUnavailable, `{"errors":["no leader"]}`},
		"POST /v1/auth/token/revoke":     {200, ``},
		"PUT /v1/sys/wrapping/unwrap":    {400, `{"errors":["wrapping token is not valid or does not exist","the wrapping token has been unwrapped already at 2026-11-22T15:00:00Z"]}`},
	}
	wrapping := map[string]answer{
		"POST /v1/auth/token/create":     {200, wrappedBody},
		"GET /v1/auth/token/lookup-self": {200, wrappedBody},
		"PUT /v1/auth/token/renew-self":  {200, wrappedBody},
		"PUT /v1/sys/wrapping/unwrap":    {200, createdBody},
	}
	inventory := map[string]answer{
		"GET /v1/jeton/tokens":                 {200, listBody},
		"GET /v1/jeton/tokens/acc/tree":        {200, treeBody},
		"GET /v1/jeton/tokens/acc/why":         {200, whyBody},
		"PUT /v1/auth/token/revoke-accessor":   {200, impactBody},
		"PUT /v1/auth/token/revoke":            {200, plannedBody},
		"PUT /v1/sys/leases/revoke-prefix/a/b": {200, impactBody},
		"DELETE /v1/sys/auth/people":           {200, impactBody},
		"DELETE /v1/sys/mounts/shop/db":        {200, plannedBody},
	}
	tests := []struct {
		name    string
		answers map[string]answer
		in      string
		lines   []string
	}{
		{"token_create", ok, "", []string{
			"token create -policy=web -policy default -ttl=1h --explicit-max-ttl 2d -period 30 -renewable=false -display-name ci -metadata team=blue -use-limit 5 -no-default-policy",
			"token create -id=mine -type=batch",
			"token create -orphan",
			"token create -role ci -ttl=90s -orphan",
			"token create -format=json",
			"token create -field=token",
			"token create -field token_duration -format json",
			"token create -field=nothing",
		}},
		{"token_lookup", ok, "jts_stdin\n", []string{
			"token lookup", "token lookup jts_other", "token lookup -", "token lookup acc -accessor", "token lookup -field=ttl",
		}},
		{"token_renew", ok, "", []string{
			"token renew", "token renew jts_other -increment 1h", "token renew -accessor acc -increment=30",
		}},
		{"token_revoke", ok, "", []string{
			"token revoke jts_other", "token revoke -self", "token revoke -accessor acc", "token revoke -mode=orphan jts_other",
			"token revoke -mode=path a/b", "token revoke -format=json jts_other",
		}},
		{"wrapping", wrapping, "jtw_stdin\n", []string{
			"token create -wrap-ttl=10m -ttl=1h", "token lookup -wrap-ttl 90", "token renew -wrap-ttl=1d -field=wrapping_token", "token create -wrap-ttl=soon",
			"unwrap jtw_box", "unwrap", "unwrap -", "unwrap -field=token jtw_box", "unwrap -format=json jtw_box", "unwrap jtw_box jts_secret",
		}},
		{"inventory", inventory, "", []string{
			"token list -policy=default -meta team=red -limit 2", "token list -all -format=json", "token list -limit 0", "token list x",
			"token tree -limit=2 acc", "token tree nobody", "token why acc", "token why -field=cause acc", "token why nobody",
			"token revoke -dry-run -accessor acc", "token revoke -plan=p1 jts_secret", "token revoke -dry-run -plan=p1 -self", "token revoke -dry-run -mode=path a/b",
			"lease revoke -prefix -dry-run a/b", "auth disable -dry-run -format=json people", "auth disable -plan p1 people",
			"secrets disable -plan p1 shop/db", "secrets disable -dry-run -plan p1 shop/db",
			"token revoke -dry-run jts_secret",
		}},
		{"token_capabilities", ok, "", []string{
			"token capabilities a/b", "token capabilities jts_other a/b", "token capabilities -format=json jts_other a/b",
		}},
		{"policy", ok, `path "a" { policy = "read" }`, []string{
			"policy list", "policy list -format=json", "policy read web", "policy read -format=json web", "policy read other",
			"policy write WEB -", "policy delete web", "policy fmt -",
		}},
		{"auth", ok, "", []string{
			"auth list", "auth list -detailed", "auth list -format=json", "auth enable userpass", "auth enable -path=/corp/people/ -description=people -default-lease-ttl=10m userpass",
			"auth tune people -max-lease-ttl 1h -description=", "auth disable corp/people/", "auth enable", "auth tune", "auth disable a b",
		}},
		{"secrets", ok, "", []string{
			"secrets list", "secrets list -detailed", "secrets list -format=json", "secrets enable webhook", "secrets enable --path=/shop/db/ -description=shop -max-lease-ttl=1d -listing-visibility=hidden database",
			"secrets tune -default-lease-ttl 600 shop/db/", "secrets disable shop/db/", "secrets disable other", "secrets disable -dry-run shop/db",
			"secrets enable", "secrets enable jts_secret jts_secret", "secrets tune", "secrets tune -max-lease-ttl=soon shop/db", "secrets disable", "secrets list x",
		}},
		{"audit", ok, "", []string{
			"audit list", "audit list -detailed", "audit list -format=json", "audit enable file file_path=/var/log/audit.log required=false",
			"audit enable -path=/eu/trail/ -description=collector socket address=10.0.0.1:514", "audit disable eu/trail/",
			"audit enable", "audit enable file /var/log/audit.log", "audit disable",
		}},
		{"login", ok, " jts_secret in a password \r\nmore", []string{
			"login -no-store -method=userpass username=alice", "login -method=userpass -path=corp/people -field=token username=alice password=jts_secret",
			"login -method=userpass -no-store username=alice password=-", "login -method=userpass", "login -method=userpass password=jts_secret",
			"login -method=userpass jts_secret", "login -method=userpass username=nobody password=jts_secret", "login -method=ldap jts_secret",
			"login -no-store -method=approle role_id=web-id", "login -no-store -method=approle -field=token role_id=web-id secret_id=jts_secret",
			"login -method=approle secret_id=jts_secret", "login -method=approle username=jts_secret",
		}},
		{"logical", ok, `{"ttl":5,"list":["a"]}`, []string{
			"read database/creds/reader", "read -format=json /database/creds/reader", "read -field=password database/creds/reader", "read database/creds/other name=jts_secret",
			"write database/config/shop password=jts_secret allowed_roles=a allowed_roles=b statement=@testdata/statement.sql odd=\\@x", "write database/config/shop -",
			"write database/config/shop -force", "write -f -format=json database/config/shop", "write database/roles/reader ttl=-", "write database/roles/reader - max_ttl=9",
			"list database/roles", "list -format=json database/roles", "list nothing", "delete database/roles/reader", "delete nothing",
			"write database/config/shop", "write database/config/shop jts_secret", "write database/config/shop =jts_secret", "write database/config/shop - x=-",
			"write database/config/shop @testdata/statement.sql", "write database/config/shop @testdata/none", "read", "write", "list", "delete a b",
		}},
		{"lease", ok, "", []string{"lease revoke -prefix a/b", "lease revoke -prefix -sync a/b"}},
		{"operator", ok, "", []string{
			"operator init", "operator init -format=json", "operator init -field=root_token",
			"operator members", "operator members -format=json", "operator step-down", "operator remove-peer n3-cc",
		}},
		{"status", ok, "", []string{"status", "status -format=json", "status -wait=1s"}},
		{"refusals", bad, "x", []string{
			"token create", "login jts_secret", "token lookup jts_secret", "policy write web -", "operator init", "status", "operator members", "unwrap jts_secret",
		}},
		{"usage", ok, "", []string{
			"", "help", "token", "token -help", "help token", "token nonsense", "jts_secret", "token jts_secret",
			"token lookup -help", "help token lookup", "token lookup -nonsense", "token lookup jts_secret jts_secret", "token lookup -accessor",
			"token revoke", "token revoke -self jts_secret", "token revoke -mode=sideways jts_secret", "token revoke -accessor -mode=path jts_secret",
			"token create -ttl=-1s", "token create -ttl=soon", "token create -metadata=x", "token create -- -ttl",
			"lease revoke a/b", "status -format=yaml", "bench sleep", "bench -c none",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newFakeServer(t, tt.answers)
			sh := newShell(t, s.URL)
			sh.env["JETON_TOKEN"] = "jts_mine"
			sh.in = tt.in
			var b strings.Builder
			for _, line := range tt.lines {
				s.asked = nil
				code, out, errs := sh.run(t.Context(), strings.Fields(line)...)
				fmt.Fprintf(&b, "$ jeton %s\n%s", line, out)
				if errs != "" {
					fmt.Fprintf(&b, "--- standard error\n%s", errs)
				}
				for _, a := range s.asked {
					fmt.Fprintf(&b, "--- asked %s\n", a)
				}
				fmt.Fprintf(&b, "--- exit %d\n\n", code)
			}
			// the port is a new one each time
			compareGolden(t, tt.name, strings.ReplaceAll(b.String(), s.URL, "http://server"))
		})
	}
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it); got:\n%s", path, got)
	}
	// what was not asked for must not be shown: these stand for secrets in arguments
	for line := range strings.Lines(got) {
		if strings.Contains(line, "jts_secret") && !strings.HasPrefix(line, "$ ") && !strings.HasPrefix(line, "--- asked ") {
			t.Errorf("a secret in the output: %s", line)
		}
	}
}
