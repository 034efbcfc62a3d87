package main

const (
	accountBody  = `{"data":{"id":"01M8K1M1GMRJKHJJ2GS0KV24V5","username":"carol","display":"Carol C","email":"","policies":["dev"],"creation_time":"2026-11-22T15:00:00Z"}}`
	accountsBody = `{"data":{"keys":["00000000000000000000000001","01M8K1M1GMRJKHJJ2GS0KV24V5"],
		"key_info":{"00000000000000000000000001":{"username":"waypoint"},"01M8K1M1GMRJKHJJ2GS0KV24V5":{"username":"carol"}}}}`
	carolBody   = `{"user":{"id":"01M8K1M1GMRJKHJJ2GS0KV24V5","username":"carol","display":"Carol C","email":"","links":[]},"policies":["dev"]}`
	runnerBody  = `{"id":"R-1","byIdOnly":false,"components":[],"remote":{},"adoptionState":"ADOPTED","firstSeen":"2026-11-22T15:00:00Z","lastSeen":"2026-11-22T16:00:00Z","online":false,"labels":{"env":"prod","zone":"a\u001b[31m"}}`
	runnersBody = `{"runners":[` + runnerBody + `,{"id":"Q-2","byIdOnly":false,"components":[],"odr":{"profileId":"p"},"adoptionState":"PENDING","firstSeen":"2026-11-22T15:00:00Z","lastSeen":"2026-11-22T15:00:00Z","online":false,"labels":{}},
		{"id":"A-3","byIdOnly":false,"components":[],"adoptionState":"REJECTED","firstSeen":"2026-11-22T15:00:00Z","lastSeen":"2026-11-22T15:00:00Z","online":false,"labels":{}}]}`
	tokenHead      = `"unusedUser":"","accessorId":"t4u9H29IC/DzPw+mb6cDsQ==","validUntil":"2026-12-22T15:00:00Z","unusedLogin":false,"unusedInvite":false,"unusedEntrypoint":null,"issuedTime":"2026-11-22T15:00:00Z",`
	transport      = `"transport":{"body":"EhA=","signature":"Zg0=","keyId":"k1","metadata":{}}}`
	entrypointBody = `{"token":{` + tokenHead + `"login":{"userId":"01M8K1M1GMRJKHJJ2GS0KV24V5","entrypoint":{"deploymentId":"web-1"}}},` + transport
	inviteBody     = `{"token":{` + tokenHead + `"invite":{"fromUserId":"00000000000000000000000001","login":{"userId":"01M8K1M1GMRJKHJJ2GS0KV24V5","entrypoint":null},"signup":{"initialUsername":"dora"}}},` + transport
	runnerSaidBody = `{"token":{` + tokenHead + `"runner":{"id":"R-1","labelHash":"15293914432120812544"}},` + transport
	inspectedBody  = `{"data":{"accessor":"wpFl0dVFD78eeKsnG8SMhZdh","kind":"login","key_id":"k1","issue_time":"2026-11-22T15:00:00Z","expire_time":null,"user_id":"01M8K1M1GMRJKHJJ2GS0KV24V5","valid":false,"reason":"the token was revoked"}}`
	deploymentBody = `{"data":{"config":{"COLOR":"blue","URL":"http://db"},"lines":[{"time":"2026-11-22T15:00:00Z","text":"up\u001b[31m and running"},{"time":"2026-11-22T15:00:01Z","text":""}]}}`
	signingBody    = `{"data":{"keys":[{"id":"k1","purpose":"waypoint","term":1,"install_time":"2026-11-22T15:00:00Z","in_use":true},{"id":"old1","purpose":"waypoint","term":2,"install_time":"2026-11-22T15:00:00Z","in_use":false,"imported":true}]}}`
	signedMarks    = `{"data":{"marks":[{"scope":"signed","time":"2026-11-22T15:00:00Z","until":"2262-04-11T23:47:16Z","actor":"acc"},{"scope":"signed-key","key":"k1","time":"2026-11-22T15:00:00Z","until":"2026-11-22T16:00:00Z","actor":"acc"},
		{"scope":"user","user":"01m8k1m1gmrjkhjj2gs0kv24v5","time":"2026-11-22T15:00:00Z","until":"2026-11-22T16:00:00Z","actor":"acc"}]}}`
	faultBody = `{"code":5,"message":"there is no such runner","details":[{"@type":"type.googleapis.com/hashicorp.waypoint.ErrorDetail","key":"id","value":"R-9"}],"errors":["there is no such runner"]}`

	// A text that is a Waypoint token by its form.
	waypointToken = "BCkP8cw7qjrvCQHVS6xfuHhkZud4zjieRLowxNXfymtu9r1vW4LCjaTmJXxNppzbV9M7woU3bAPNCyg34wtZEmjZjcbgNrboXaGfwefYzdLRsS6wP4puas4a6CQPMTYgGJvNoF5oY3zRrtDvx"
)

// onWaypoint is everything that the commands for Waypoint's users, runners and tokens ask
// for, answered well.
var onWaypoint = map[string]answer{
	"PUT /v1/jeton/users":                {200, accountBody},
	"LIST /v1/jeton/users":               {200, accountsBody},
	"GET /v1/jeton/users/carol":          {200, accountBody},
	"PUT /v1/jeton/users/carol":          {200, accountBody},
	"DELETE /v1/jeton/users/carol":       {204, ""},
	"GET /v1/jeton/users/nobody":         {404, `{"errors":["there is no such user"]}`},
	"PUT /v1/jeton/users/waypoint":       {400, `{"errors":["field \"username\": \"carol\" is taken"]}`},
	"GET /v1/user":                       {200, carolBody},
	"GET /v1/user/by-username/carol":     {200, carolBody},
	"GET /v1/user/by-username/nobody":    {404, `{"code":5,"message":"there is no such user","details":[],"errors":["there is no such user"]}`},
	"PUT /v1/token/login":                {200, `{"token":"jts_signed"}`},
	"PUT /v1/token/invite":               {200, `{"token":"jts_invite"}`},
	"PUT /v1/token/exchange":             {200, `{"token":"jts_signed"}`},
	"PUT /v1/token/runner":               {200, `{"token":"jts_runner"}`},
	"PUT /v1/token/decode":               {200, entrypointBody},
	"GET /v1/runners":                    {200, runnersBody},
	"GET /v1/runner/R-1":                 {200, runnerBody},
	"GET /v1/runner/R-9":                 {404, faultBody},
	"PUT /v1/runner/R-1/adopt":           {200, `{}`},
	"PUT /v1/runner/R-9/adopt":           {404, faultBody},
	"PUT /v1/runner/R-1/forget":          {200, `{}`},
	"PUT /v1/jeton/runners/R-1":          {204, ""},
	"PUT /v1/jeton/runners/R-2":          {204, ""},
	"PUT /v1/jeton/runners/R-9":          {400, `{"errors":["field \"state\": is \"asleep\", expected adopted, preadopted, pending or rejected"]}`},
	"PUT /v1/jeton/signed/inspect":       {200, inspectedBody},
	"PUT /v1/jeton/signed/revoke":        {200, markedBody},
	"PUT /v1/jeton/not-before":           {200, markedBody},
	"GET /v1/jeton/not-before":           {200, signedMarks},
	"GET /v1/jeton/keyring":              {200, signingBody},
	"PUT /v1/jeton/keyring/waypoint/k1":  {204, ""},
	"PUT /v1/jeton/keyring/waypoint/k2":  {400, `{"errors":["field \"key_hex\": expected 1 to 64 bytes in hexadecimal"]}`},
	"PUT /v1/jeton/deployments/web-1":    {204, ""},
	"GET /v1/jeton/deployments/web-1":    {200, deploymentBody},
	"LIST /v1/jeton/deployments":         {200, `{"data":{"keys":["web-1","web-2"]}}`},
	"DELETE /v1/jeton/deployments/web-1": {204, ""},
}

// These answer some of it in another way.
var (
	noUser    = map[string]answer{"GET /v1/user": {200, `{"user":null}`}, "PUT /v1/token/login": {200, `{}`}}
	isInvite  = map[string]answer{"PUT /v1/token/decode": {200, inviteBody}}
	isRunner  = map[string]answer{"PUT /v1/token/decode": {200, runnerSaidBody}}
	unmarked  = map[string]answer{"PUT /v1/jeton/signed/revoke": {200, `{"data":{"marked":false},"warnings":["No token is about that this could end"]}`}}
	isExpired = map[string]answer{"PUT /v1/token/decode": {401, `{"code":16,"message":"the token has expired: it was valid until 2026-11-22T15:00:00Z","details":[],"errors":["the token has expired: it was valid until 2026-11-22T15:00:00Z"]}`}}
)
