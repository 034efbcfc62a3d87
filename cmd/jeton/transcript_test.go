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
		"PUT /v1/jeton/not-before":       {200, `{"data":{"marked":false},"warnings":["No batch token is about that this could end"]}`},
		"PUT /v1/sys/leases/revoke/a/b":  {502, `{"errors":["1 leases are revoked here but not outside yet: the webhook said\n\u001b[31mno"]}`},
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
		"PUT /v1/sys/leases/revoke-force/a/b":  {200, plannedBody},
		"PUT /v1/sys/leases/revoke":            {200, leaseImpactBody},
		"DELETE /v1/sys/auth/people":           {200, impactBody},
		"DELETE /v1/sys/mounts/shop/db":        {200, plannedBody},
		"DELETE /v1/sys/mounts/leases":         {200, `{"data":{"planned":0,"revoked":0,"gone":0}}`},
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
			"lease revoke -prefix -dry-run a/b", "lease revoke -prefix -force -plan p1 a/b", "lease revoke -dry-run a/b/c", "auth disable -dry-run -format=json people", "auth disable -plan p1 people",
			"secrets disable -plan p1 shop/db", "secrets disable -plan p2 leases", "secrets disable -dry-run -plan p1 shop/db",
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
			"login -no-store -method=jwt role=build jwt=jts_secret", "login -no-store -method=jwt -field=token", "login -no-store -method=jwt -path=/ci/ -field=token role=build jwt=@testdata/login.jwt",
			"login -method=jwt role=build jwt=@testdata/none", "login -method=jwt jts_secret", "login -method=jwt role=build token=jts_secret", "login -help",
		}},
		{"logical", ok, `{"ttl":5,"list":["a"]}`, []string{
			"read database/creds/reader", "read -format=json /database/creds/reader", "read -field=password database/creds/reader", "read database/creds/other name=jts_secret",
			"write database/config/shop password=jts_secret allowed_roles=a allowed_roles=b statement=@testdata/statement.sql odd=\\@x", "write database/config/shop -",
			"write database/config/shop -force", "write -f -format=json database/config/shop", "write database/roles/reader ttl=-", "write database/roles/reader - max_ttl=9",
			"list database/roles", "list -format=json database/roles", "list nothing", "delete database/roles/reader", "delete nothing",
			"write database/config/shop", "write database/config/shop jts_secret", "write database/config/shop =jts_secret", "write database/config/shop - x=-",
			"write database/config/shop @testdata/statement.sql", "write database/config/shop @testdata/none", "read", "write", "list", "delete a b",
		}},
		{"lease", ok, "", []string{
			"lease lookup a/b/c", "lease lookup -field=phase /a/b/c", "lease renew a/b/c", "lease renew -increment=1h -format=json a/b/c",
			"lease list", "lease list /a/b/", "lease list -format=json a/b", "lease list nothing", "lease list -type=irrevocable", "lease list -type=irrevocable -limit=2 -format=json",
			"lease count", "lease count -type=irrevocable -format=json", "lease count -field=lease_count",
			"lease revoke a/b/c", "lease revoke -sync a/b/d", "lease revoke -prefix a/b", "lease revoke -prefix -sync a/b", "lease revoke -prefix -force /a/b",
			"lease lookup", "lease renew", "lease renew -increment=-1s a", "lease revoke", "lease revoke -force a/b/c", "lease list a b", "lease list -type=live",
			"lease list -limit=2", "lease list -type=irrevocable -limit=-1", "lease list -type=irrevocable a/b", "lease count a", "lease count -type=live",
		}},
		{"keyring", ok, "", []string{
			"keyring list", "keyring list -format=json", "keyring rotate", "keyring retire 6bd0", "keyring retire 5c95", "operator rotate", "operator key-status", "operator key-status -format=json",
			"keyring list x", "keyring rotate x", "keyring retire", "operator key-status x",
		}},
		{"batch", ok, "jtb_jts_secret\n", []string{
			"batch revoke jtb_jts_secret", "batch revoke -", "batch revoke -accessor acc", "batch revoke -role=ci", "batch revoke -path=auth/ci/login -format=json", "batch revoke -key 6bd0", "batch revoke -all",
			"batch marks", "batch marks -format=json", "token revoke jtb_jts_secret", "token revoke -",
			"batch revoke", "batch revoke -accessor", "batch revoke jts_secret jts_secret", "batch revoke -all -role=ci", "batch revoke -role=ci -key=k", "batch revoke -role=ci jts_secret", "batch revoke -all -accessor", "batch marks x",
		}},
		{"keyring_waypoint", onWaypoint, "jts_secret\n", []string{
			"keyring list", "keyring import k1", "keyring import -file=testdata/signing.key k1", "keyring import k2", "keyring import", "keyring import k1 jts_secret", "keyring import -file=testdata/none k1",
			"batch marks",
		}},
		{"user", onWaypoint, "jts_secret\n", []string{
			"user create carol", "user create -display=Carol -email=c@example.org -policy=dev -policy ops -id=01M8K1M1GMRJKHJJ2GS0KV24V5 carol", "user create -field=id carol",
			"user list", "user list -format=json", "user read carol", "user read -format=json carol", "user read nobody",
			"user update -username=caro -display= carol", "user update -no-policies carol", "user update -policy=dev -field=policies carol", "user update -username=carol waypoint", "user delete carol",
			"user create", "user create -policy= carol", "user read", "user update carol", "user update -policy=dev -no-policies carol", "user delete", "user list x",
			"user token", "user token -expires-in=7d carol", "user token -expires-in 0 01m8k1m1gmrjkhjj2gs0kv24v5", "user token -trigger -format=json", "user token -expires-in=soon", "user token a b",
			"user invite", "user invite -username=dora -expires-in=1h", "user invite -user=carol", "user invite -user=01M8K1M1GMRJKHJJ2GS0KV24V5 -entrypoint=web-1", "user invite -entrypoint web-1",
			"user invite -username=dora -entrypoint=web-1", "user invite -user=nobody", "user invite -username=dora -user=carol", "user invite carol",
			"user exchange jts_secret", "user exchange -", "user exchange -format=json -", "user exchange", "user exchange jts_secret jts_secret", "user token -help",
		}},
		{"user_none", noUser, "", []string{"user list", "user invite -entrypoint=web-1", "user token carol", "user exchange -"}},
		{"runner", onWaypoint, `{"id":"R-1","remote":{},"firstSeen":"2023-01-01T00:00:00Z"}`, []string{
			"runner list", "runner list -format=json", "runner read R-1", "runner read -field=kind R-1", "runner read -format=json R-1", "runner read R-9", "runner read R-8",
			"runner adopt R-1", "runner reject R-1", "runner adopt R-9", "runner forget R-1", "runner token", "runner token -id=R-1 -label env=prod -label=zone=a -expires-in=1h", "runner token -format=json",
			"runner import R-1", "runner import -label env=prod -state=rejected -kind=local R-1", "runner import -file testdata/runners.json", "runner import -file=testdata/runners.waypoint", "runner import -file=-",
			"runner import -file=testdata/runners.wrong", "runner import -file=testdata/runners.refused", "runner import -file=testdata/login.jwt", "runner import -file=testdata/none",
			"runner import", "runner import R-1 R-2", "runner import -file=- R-1", "runner import -file=- -state=adopted",
			"runner list x", "runner read", "runner adopt", "runner reject", "runner forget", "runner token jts_secret", "runner token -label=x",
		}},
		{"signed", onWaypoint, "jts_secret\n", []string{
			"signed decode jts_secret", "signed decode -", "signed decode -format=json -", "signed decode -field=deployment_id jts_secret", "signed inspect jts_secret", "signed inspect -", "signed inspect -field=valid -",
			"signed revoke jts_secret", "signed revoke -", "signed revoke -accessor=wpFl0dVFD78eeKsnG8SMhZdh", "signed revoke -format=json -", "signed revoke -all", "signed revoke -user=carol", "signed revoke -key=k1",
			"signed revoke -all -before=2026-11-22T15:00:00Z", "signed revoke -all -format=json",
			"signed decode", "signed inspect", "signed revoke", "signed revoke -accessor=a jts_secret", "signed revoke -all -key=k1", "signed revoke -all jts_secret", "signed revoke -user=carol -accessor=a",
			"signed revoke -before=2026-11-22T15:00:00Z jts_secret", "signed revoke jts_secret jts_secret",
		}},
		{"signed_invite", isInvite, "", []string{"signed decode jts_secret", "signed decode -"}},
		{"signed_runner", isRunner, "", []string{"signed decode jts_secret"}},
		{"signed_expired", isExpired, "", []string{"signed decode jts_secret"}},
		{"signed_unmarked", unmarked, "", []string{"signed revoke jts_secret", "signed revoke -accessor=a -format=json"}},
		{"deployment", onWaypoint, `{"TOKEN":"jts_secret"}`, []string{
			"deployment set web-1 COLOR=blue URL=http://db", "deployment set web-1 STATEMENT=@testdata/statement.sql", "deployment set web-1 -", "deployment read web-1", "deployment read -field=COLOR web-1",
			"deployment read -format=json web-1", "deployment read web-9", "deployment list", "deployment list -format=json", "deployment delete web-1",
			"deployment set web-1", "deployment set", "deployment set web-1 jts_secret", "deployment read", "deployment list x", "deployment delete",
		}},
		{"deployment_none", nil, "", []string{"deployment list"}},
		{"schedule", schedules, "", []string{
			"snapshot schedule set daily interval=24h retain=7 storage_type=local path_prefix=/var/backups", "snapshot schedule set off aws_secret_access_key=jts_secret",
			"snapshot schedule list", "snapshot schedule list -format=json", "snapshot schedule read daily", "snapshot schedule read -field=interval daily", "snapshot schedule read nobody",
			"snapshot schedule status off", "snapshot schedule status -format=json daily", "snapshot schedule delete off",
			"snapshot schedule", "snapshot schedule set daily", "snapshot schedule set", "snapshot schedule read", "snapshot schedule list x", "snapshot schedule delete",
			"status",
		}},
		{"schedule_none", nil, "", []string{"snapshot schedule list", "snapshot schedule status daily"}},
		{"operator", ok, "", []string{
			"operator init", "operator init -format=json", "operator init -field=root_token",
			"operator members", "operator members -format=json", "operator step-down", "operator remove-peer n3-cc",
		}},
		{"autopilot", autopilot, "", []string{
			"operator autopilot", "operator autopilot state", "operator autopilot state -format=json",
			"operator autopilot get-config", "operator autopilot get-config -format=json", "operator autopilot get-config -field=min_quorum",
			"operator autopilot set-config -cleanup-dead-servers -min-quorum=3 -dead-server-last-contact-threshold 1d",
			"operator autopilot set-config -cleanup-dead-servers=false -last-contact-threshold=5s -max-trailing-logs 500 -server-stabilization-time=10",
			"operator autopilot set-config", "operator autopilot set-config -min-quorum=few", "operator autopilot set-config -last-contact-threshold=soon",
			"operator autopilot set-config -cleanup-dead-servers=maybe", "operator autopilot set-config -help",
		}},
		{"autopilot_else", autopilotElse, "", []string{"operator autopilot state", "operator autopilot get-config", "operator autopilot set-config -min-quorum=2"}},
		{"status", ok, "", []string{"status", "status -format=json", "status -wait=1s"}},
		{"refusals", bad, "x", []string{
			"token create", "login jts_secret", "token lookup jts_secret", "policy write web -", "operator init", "status", "operator members", "unwrap jts_secret", "lease revoke -sync a/b", "batch revoke -all",
		}},
		{"usage", ok, "", []string{
			"", "help", "token", "token -help", "help token", "token nonsense", "jts_secret", "token jts_secret",
			"token lookup -help", "help token lookup", "token lookup -nonsense", "token lookup jts_secret jts_secret", "token lookup -accessor",
			"token revoke", "token revoke " + waypointToken, "token revoke -self jts_secret", "token revoke -mode=sideways jts_secret", "token revoke -accessor -mode=path jts_secret",
			"token create -ttl=-1s", "token create -ttl=soon", "token create -metadata=x", "token create -- -ttl",
			"status -format=yaml", "bench sleep", "bench -c none",
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
