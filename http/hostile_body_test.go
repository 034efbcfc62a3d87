package http_test

import (
	"fmt"
	"strings"
)

// Hostile bodies: what they hold is wrong in form, kind, size or content.

// post is a hostile body for a path.
func post(path, body string, status int, says string) hostile {
	return hostile{method: "POST", target: "/v1/" + path, body: body, status: status, says: says}
}

func malformedBodies() (rows []hostile) {
	deep := `{"a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`
	many := `{"a":1` + strings.Repeat(`,"a":1`, 2000) + `}`
	for _, path := range []string{
		"auth/token/create", "auth/token/create-orphan", "auth/token/create/role", "auth/token/lookup", "auth/token/lookup-self",
		"auth/token/renew", "auth/token/revoke", "auth/token/roles/r", "cubbyhole/a", "sys/policies/acl/p", "sys/capabilities", "sys/leases/lookup",
	} {
		rows = append(rows,
			post(path, `{"policies":`, 400, "body ends early"),
			post(path, `[1,2]`, 400, "body is a list, expected an object"),
			post(path, `{"a":1} trailing`, 400, "expected nothing after the object"),
			post(path, "{\"a\":\"\xc3\x28\"}", 400, "not valid UTF-8"),
		)
	}
	return append(rows,
		post("auth/token/create", "not json", 400, "expected a value"),
		post("auth/token/create", `"text"`, 400, "body is a string"),
		post("auth/token/create", "policies=default&ttl=1h", 400, "expected a value"),
		post("auth/token/create", "<create/>", 400, "expected a value"),
		post("auth/token/create", deep, 400, "nested deeper than 32"),
		post("cubbyhole/a", deep, 400, "nested deeper than 32"),
		post("auth/token/create", many, 400, "more than 1024 fields"),
		post("auth/token/create", `{"display_name":"\ud800"}`, 400, "unpaired surrogate"),
		post("auth/token/create", "{\"display_name\":\"a\nb\"}", 400, "control character 0x0a"),
		post("auth/token/create", "\xef\xbb\xbf{}", 400, "expected a value"),
		post("auth/token/create", "\xff\xfe{\x00}\x00", 400, "expected a value"),
		post("auth/token/create", `{"num_uses":0x10}`, 400, "after the value"),
		post("auth/token/create", `{"ttl":NaN}`, 400, "expected a value"),
		post("auth/token/create", "\x00", 400, "expected a value"),
	)
}

func wrongTypes() (rows []hostile) {
	field := func(path, body, name, says string) {
		rows = append(rows, post(path, body, 400, `field "`+name+`": ... `+says))
	}
	create := "auth/token/create"
	field(create, `{"policies":{"a":"b"}}`, "policies", "is an object, expected a list of strings")
	field(create, `{"policies":5}`, "policies", "is a number, expected a list of strings")
	field(create, `{"policies":["a",{}]}`, "policies", "item 1 is an object, expected a string")
	field(create, `{"policies":[["a"]]}`, "policies", "item 0 is a list, expected a string")
	field(create, `{"policies":[null]}`, "policies", "item 0 is null, expected a string")
	field(create, `{"display_name":["x"]}`, "display_name", "is a list, expected a string")
	field(create, `{"display_name":{}}`, "display_name", "is an object, expected a string")
	field(create, `{"id":["x"]}`, "id", "is a list, expected a string")
	field(create, `{"no_parent":"perhaps"}`, "no_parent", `is the string "perhaps", expected true or false`)
	field(create, `{"no_parent":[]}`, "no_parent", "is a list, expected true or false")
	field(create, `{"renewable":"maybe"}`, "renewable", "expected true or false")
	field(create, `{"no_default_policy":{}}`, "no_default_policy", "is an object, expected true or false")
	field(create, `{"ttl":["1h"]}`, "ttl", "is a list, expected seconds")
	field(create, `{"ttl":true}`, "ttl", "is a boolean, expected seconds")
	field(create, `{"lease":{}}`, "lease", "is an object, expected seconds")
	field(create, `{"meta":"x"}`, "meta", "is a string, expected an object of strings")
	field(create, `{"meta":["a=b"]}`, "meta", "is a list, expected an object of strings")
	field(create, `{"meta":{"a":{"b":"c"}}}`, "meta", `entry "a" is an object, expected a string`)
	field(create, `{"meta":{"a":[1]}}`, "meta", `entry "a" is a list, expected a string`)
	field(create, `{"meta":{"a":null}}`, "meta", `entry "a" is null, expected a string`)
	field(create, `{"num_uses":[]}`, "num_uses", "is a list, expected a whole number")
	field(create, `{"type":"nonsense"}`, "type", `is "nonsense", expected service or batch`)
	field(create, `{"type":5}`, "type", `is "5", expected service or batch`)
	field("auth/token/lookup", `{"token":["x"]}`, "token", "is a list, expected a string")
	field("auth/token/lookup-accessor", `{"accessor":{}}`, "accessor", "is an object, expected a string")
	field("auth/token/renew", `{"token":{}}`, "token", "is an object, expected a string")
	field("auth/token/renew-self", `{"increment":{}}`, "increment", "is an object, expected seconds")
	field("auth/token/renew-accessor", `{"accessor":["x"]}`, "accessor", "is a list, expected a string")
	field("auth/token/revoke", `{"token":[]}`, "token", "is a list, expected a string")
	field("auth/token/revoke-orphan", `{"token":{}}`, "token", "is an object, expected a string")
	field("auth/token/revoke-accessor", `{"accessor":[]}`, "accessor", "is a list, expected a string")
	field("auth/token/roles/r", `{"allowed_policies":{}}`, "allowed_policies", "is an object, expected a list of strings")
	field("auth/token/roles/r", `{"orphan":"perhaps"}`, "orphan", "expected true or false")
	field("auth/token/roles/r", `{"path_suffix":[]}`, "path_suffix", "is a list, expected a string")
	field("auth/token/roles/r", `{"token_type":"nonsense"}`, "token_type", `is "nonsense", expected service`)
	field("auth/token/roles/r", `{"token_bound_cidrs":["not-a-cidr"]}`, "token_bound_cidrs", `"not-a-cidr" is neither an IP address nor a range`)
	field("auth/token/roles/r", `{"bound_cidrs":"10.0.0.0/99"}`, "bound_cidrs", `"10.0.0.0/99" is neither`)
	field("auth/token/roles/r", `{"token_bound_cidrs":"fe80::1%eth0"}`, "token_bound_cidrs", "is neither")
	field("auth/token/roles/r", `{"token_bound_cidrs":"::ffff:0:0/90"}`, "token_bound_cidrs", "reaches beyond IPv4")
	return rows
}

func wrongDurations() (rows []hostile) {
	for _, f := range []struct{ path, name string }{
		{"auth/token/create", "ttl"}, {"auth/token/create", "lease"}, {"auth/token/create", "explicit_max_ttl"}, {"auth/token/create", "period"},
		{"auth/token/renew-self", "increment"}, {"auth/token/roles/r", "token_period"}, {"auth/token/roles/r", "explicit_max_ttl"},
	} {
		for _, v := range []struct{ value, says string }{
			{`"soon"`, `invalid duration "soon"`},
			{`"-1h"`, `duration "-1h" is negative`},
			{`-5`, `duration "-5" is negative`},
			{`"99999999999999999999h"`, "is too long"},
			{`99999999999999999999`, "is too long"},
			{`1e30`, `invalid duration "1e30"`},
			{`"500ms"`, "is shorter than a second"},
		} {
			rows = append(rows, post(f.path, `{"`+f.name+`":`+v.value+`}`, 400, `field "`+f.name+`": ... `+v.says))
		}
	}
	return rows
}

func wrongNumbers() (rows []hostile) {
	for _, f := range []struct{ path, name string }{{"auth/token/create", "num_uses"}, {"auth/token/roles/r", "token_num_uses"}} {
		for _, v := range []struct{ value, says string }{
			{`-1`, "cannot be negative"},
			{`"-3"`, "cannot be negative"},
			{`-99999999999999999999`, "cannot be negative"},
			{`1.5`, `is "1.5", expected a whole number`},
			{`"many"`, `is "many", expected a whole number`},
			{`99999999999999999999`, "is too large"},
			{`2147483649`, "at most 2147483648 is allowed"},
		} {
			rows = append(rows, post(f.path, `{"`+f.name+`":`+v.value+`}`, 400, `field "`+f.name+`": ... `+v.says))
		}
	}
	return rows
}

func wrongNames() []hostile {
	long := func(n int) string { return strings.Repeat("x", n) }
	list := func(n int, item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	pairs := make([]string, 65)
	for i := range pairs {
		pairs[i] = fmt.Sprintf(`"k%d":"v"`, i)
	}
	return []hostile{
		post("auth/token/create", `{"id":"two words"}`, 400, "without white space"),
		post("auth/token/create", `{"id":"a.b"}`, 400, "cannot contain '.' or '/'"),
		post("auth/token/create", `{"id":"jts_mine"}`, 400, `cannot start with "jts_"`),
		post("auth/token/create", `{"id":"\u202egnp"}`, 400, "printable ASCII"),
		post("auth/token/create", `{"id":"`+long(257)+`"}`, 400, `field "id": has 257 bytes`),
		post("auth/token/create", `{"id":"root"}`, 400, "duplicate ID"),
		post("auth/token/create", `{"policies":`+list(65, `"p"`)+`}`, 400, `field "policies": has 65 items, at most 64`),
		post("auth/token/create", `{"policies":["`+long(257)+`"]}`, 400, "policy name"),
		post("auth/token/create", `{"policies":["response-wrapping"]}`, 400, "response-wrapping"),
		post("auth/token/create", `{"display_name":"`+long(300)+`"}`, 400, "display_name"),
		post("auth/token/create", `{"meta":{`+strings.Join(pairs, ",")+`}}`, 400, `field "meta": has 65 entries`),
		post("auth/token/create", `{"meta":{"a":"`+long(5000)+`"}}`, 400, "meta"),
		post("auth/token/create", `{"entity_alias":"x"}`, 400, "entity_alias"),
		post("auth/token/create/no-such-role", `{}`, 400, "unknown role no-such-role"),
		post("auth/token/roles/-dash", `{}`, 400, "role name"),
		post("auth/token/roles/a%20b", `{}`, 400, "role name"),
		post("auth/token/roles/%C3%BC", `{}`, 400, "role name"),
		post("auth/token/roles/"+long(257), `{}`, 400, "role name"),
		post("auth/token/roles/r", `{"path_suffix":"a/b"}`, 400, "path suffix"),
		post("auth/token/roles/r", `{"path_suffix":"a..b"}`, 400, "path suffix"),
		post("auth/token/roles/r", `{"token_type":"batch"}`, 400, "batch"),
		post("auth/token/roles/r", `{"allowed_policies":`+list(257, `"p"`)+`}`, 400, "has 257 items"),
		post("auth/token/roles/r", `{"token_bound_cidrs":`+list(65, `"10.0.0.1"`)+`}`, 400, "has 65 items"),
		post("auth/token/renew", `{}`, 400, "missing token ID"),
		post("auth/token/renew", `{"token":"s.nosuchtoken"}`, 400, "token not found"),
		post("auth/token/renew-accessor", `{}`, 400, "missing accessor"),
		post("auth/token/renew-accessor", `{"accessor":"`+long(257)+`"}`, 400, `field "accessor": has 257 bytes`),
		post("auth/token/renew-self", `{}`, 400, "lease"),
		post("auth/token/revoke", `{"token":""}`, 400, "missing token ID"),
		post("auth/token/revoke", `{"token":"`+long(5000)+`"}`, 400, `field "token": has 5000 bytes`),
		post("auth/token/revoke-orphan", `{}`, 400, "missing token ID"),
		post("auth/token/revoke-orphan", `{"token":"s.nosuchtoken"}`, 400, "not found"),
		post("auth/token/lookup", `{"token":"s.nosuchtoken"}`, 403, "bad token"),
		post("auth/token/lookup-accessor", `{}`, 400, "missing accessor"),
		post("auth/token/lookup-accessor", `{"accessor":"nosuchaccessor"}`, 400, "invalid accessor"),
		post("auth/token/revoke-prefix//", ``, 400, "empty segment"),
	}
}
