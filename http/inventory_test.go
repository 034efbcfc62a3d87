package http_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// page asks for a page of a listing and returns its tokens and the cursor.
func (s *stand) page(path string, query ...string) (tokens []object, cursor string, r reply) {
	s.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		if query[i+1] != "" {
			v.Add(query[i], query[i+1])
		}
	}
	r = s.must(200, "GET", path+"?"+v.Encode(), root, nil)
	for _, item := range r.data()["tokens"].([]any) {
		tokens = append(tokens, item.(object))
	}
	cursor, _ = r.data()["cursor"].(string)
	return tokens, cursor, r
}

// accessors lists all that a listing has, page by page.
func (s *stand) accessors(query ...string) (all []string) {
	s.t.Helper()
	cursor := ""
	for {
		tokens, next, _ := s.page("jeton/tokens", append(query, "cursor", cursor)...)
		for _, k := range tokens {
			all = append(all, k["accessor"].(string))
		}
		if next == "" {
			slices.Sort(all)
			return all
		}
		cursor = next
	}
}

func TestListTokensByFilter(t *testing.T) {
	s := newStand(t)
	s.must(204, "POST", "auth/token/roles/ci", root, object{"allowed_policies": "default,web"})
	s.policy("db", `path "auth/token/create" { capabilities = ["update"] }`)
	_, a := s.token(object{"policies": []string{"web"}, "ttl": "1h", "display_name": "red", "meta": object{"env": "ci", "team": "red"}})
	text, b := s.token(object{"policies": []string{"web", "db"}, "ttl": "2h", "meta": object{"env": "ci"}})
	child := s.must(200, "POST", "auth/token/create", text, object{"policies": []string{"web"}}).body["auth"].(object)["accessor"].(string)
	role := s.must(200, "POST", "auth/token/create/ci", root, object{"policies": []string{"web"}, "ttl": "48h"}).body["auth"].(object)["accessor"].(string)
	box := s.must(200, "POST", "sys/wrapping/wrap", root, object{"x": 1}, "X-Vault-Wrap-TTL", "10m").body["wrap_info"].(object)["accessor"].(string)
	first := "rootAccessor000000000000"
	for _, tt := range []struct {
		name  string
		query []string
		want  []string
	}{
		{"everything", nil, []string{first, a, b, child, role, box}},
		{"in small pages", []string{"limit", "1"}, []string{first, a, b, child, role, box}},
		{"policy", []string{"policy", "web"}, []string{a, b, child, role}},
		{"policy in other letters", []string{"policy", " WEB "}, []string{a, b, child, role}},
		{"path", []string{"path", "auth/token/create"}, []string{a, b, child, role}},
		{"path of a folder", []string{"path", "auth/token/create/ci/"}, []string{role}},
		{"part of a segment", []string{"path", "auth/token/cre"}, nil},
		{"role", []string{"role", "ci"}, []string{role}},
		{"display name", []string{"display_name", "token-red"}, []string{a}},
		{"meta", []string{"meta", "env=ci"}, []string{a, b}},
		{"two of meta", []string{"meta", "env=ci", "meta", "team=red"}, []string{a}},
		{"service", []string{"type", "service", "policy", "response-wrapping"}, nil},
		{"wrapping", []string{"type", "wrapping"}, []string{box}},
		{"batch", []string{"type", "batch"}, nil},
		{"expires soon", []string{"expires_before", "30m"}, []string{box}},
		{"expires within an hour and a bit", []string{"expires_before", "3601"}, []string{a, box}},
		{"expires before a time", []string{"expires_before", "2200-01-01T00:00:00Z", "role", "ci"}, []string{role}},
		{"parent", []string{"parent", b}, []string{child}},
		{"parent nobody", []string{"parent", "nobody"}, nil},
		{"all", []string{"parent", b, "policy", "web", "path", "auth", "type", "service", "limit", "1"}, []string{child}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			slices.Sort(tt.want)
			if got := s.accessors(tt.query...); !slices.Equal(got, tt.want) {
				t.Errorf("listed %v, want %v", got, tt.want)
			}
		})
	}
	tokens, _, _ := s.page("jeton/tokens", "parent", b)
	for name, want := range map[string]any{
		"accessor": child, "parent_accessor": b, "orphan": false, "depth": 2.0, "type": "service", "path": "auth/token/create",
		"role": "", "display_name": "token", "meta": nil, "renewable": true, "num_uses": 0.0, "period": 0.0, "children": 0.0,
	} {
		if got := tokens[0][name]; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if p := fmt.Sprint(tokens[0]["policies"]); p != "[default web]" {
		t.Errorf("policies are %s", p)
	}
	if got := s.must(200, "LIST", "jeton/tokens", root, nil).data()["tokens"].([]any); len(got) != 6 {
		t.Errorf("LIST shows %d tokens", len(got))
	}
	if r := s.must(200, "GET", "jeton/tokens?type=batch", root, nil); !strings.Contains(fmt.Sprint(r.body["warnings"]), "not stored") {
		t.Errorf("warnings: %v", r.body["warnings"])
	}
}

// Pages of one listing show one index, whatever happens in between.
func TestPagesOfOneIndex(t *testing.T) {
	s := newStand(t)
	var want []string
	for range 9 {
		_, accessor := s.token(object{"policies": []string{"default"}})
		want = append(want, accessor)
	}
	slices.Sort(want)
	var got []string
	cursor, index := "", any(nil)
	for i := 0; ; i++ {
		tokens, next, r := s.page("jeton/tokens", "policy", "default", "limit", "2", "cursor", cursor)
		for _, k := range tokens {
			got = append(got, k["accessor"].(string))
		}
		if index == nil {
			index = r.data()["index"]
		}
		if r.data()["index"] != index || r.body["warnings"] != nil || r.header.Get("X-Jeton-Index") != fmt.Sprint(index) {
			t.Errorf("page %d: index %v, warnings %v", i, r.data()["index"], r.body["warnings"])
		}
		if cursor = next; cursor == "" {
			break
		}
		s.token(object{"policies": []string{"default"}})
		s.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": want[i]})
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("listed %d tokens, want the %d of the first page's index", len(got), len(want))
	}
}

// Another node, or this one after a restart, goes on in the present state behind
// the same place, and says so.
func TestPagesFromAnotherNode(t *testing.T) {
	s := newStand(t)
	for range 6 {
		s.token(object{"policies": []string{"default"}})
	}
	_, cursor, _ := s.page("jeton/tokens", "policy", "default", "limit", "3")
	before := s.accessors("policy", "default")
	other := &stand{t, s.cluster, newServer(t, httpd.Config{Cluster: s.cluster}).Handler()}
	_, late := other.token(object{"policies": []string{"default"}})
	tokens, next, r := other.page("jeton/tokens", "policy", "default", "limit", "3", "cursor", cursor)
	if w := fmt.Sprint(r.body["warnings"]); !strings.Contains(w, "not kept here any more") {
		t.Errorf("warnings: %s", w)
	}
	rest, _, r := other.page("jeton/tokens", "policy", "default", "cursor", next)
	if r.body["warnings"] != nil {
		t.Errorf("the page after that warns, too: %v", r.body["warnings"])
	}
	var got []string
	for _, k := range append(tokens, rest...) {
		got = append(got, k["accessor"].(string))
	}
	if len(got) != 4 || got[3] != late || slices.Contains(before, late) {
		t.Errorf("the other node goes on with %v, want three more and %s", got, late)
	}
}

func TestTree(t *testing.T) {
	s := newStand(t)
	top, topAccessor := s.token(object{"policies": []string{"default", "root"}, "ttl": "10h"})
	child := func(of string) (text, accessor string) {
		a := s.must(200, "POST", "auth/token/create", of, object{"policies": []string{"root"}, "ttl": "1h"}).body["auth"].(object)
		return a["client_token"].(string), a["accessor"].(string)
	}
	a, aAccessor := child(top)
	_, bAccessor := child(a)
	_, cAccessor := child(top)
	want := []string{"0 " + topAccessor, "1 " + aAccessor, "2 " + bAccessor, "1 " + cAccessor}
	for _, limit := range []string{"", "1", "2", "3"} {
		var got []string
		cursor := ""
		for {
			tokens, next, r := s.page("jeton/tokens/"+topAccessor+"/tree", "limit", limit, "cursor", cursor)
			if cursor == "" && (r.data()["descendants"] != 3.0 || r.data()["more_descendants"] != false || tokens[0]["children"] != 2.0) {
				t.Errorf("counts are %v of %v", r.data()["descendants"], tokens[0]["children"])
			}
			for _, k := range tokens {
				got = append(got, fmt.Sprint(k["level"], " ", k["accessor"]))
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("limit %s: tree is %v, want %v", limit, got, want)
		}
	}
	_, cursor, _ := s.page("jeton/tokens/"+topAccessor+"/tree", "limit", "2")
	s.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": aAccessor})
	other := &stand{t, s.cluster, newServer(t, httpd.Config{Cluster: s.cluster}).Handler()}
	tokens, _, r := other.page("jeton/tokens/"+topAccessor+"/tree", "cursor", cursor)
	if len(tokens) != 1 || tokens[0]["accessor"] != cAccessor || r.body["warnings"] == nil {
		t.Errorf("elsewhere the tree goes on with %v", tokens)
	}
	tokens, _, _ = s.page("jeton/tokens/"+topAccessor+"/tree", "cursor", cursor)
	if len(tokens) != 2 || tokens[0]["accessor"] != bAccessor {
		t.Errorf("here the tree goes on with %v", tokens)
	}
}

func TestWhy(t *testing.T) {
	s := newStand(t)
	why := func(accessor string) object {
		t.Helper()
		return s.must(200, "GET", "jeton/tokens/"+accessor+"/why", root, nil).data()
	}
	text, top := s.token(object{"policies": []string{"root"}, "ttl": "1h", "display_name": "boss"})
	a := s.must(200, "POST", "auth/token/create", text, object{"policies": []string{"default"}, "ttl": "2h"}).body["auth"].(object)["accessor"].(string)
	life := why(a)
	above := life["ancestors"].([]any)
	if life["alive"] != true || life["ends_with"] != top || len(above) != 2 || above[0].(object)["display_name"] != "token-boss" {
		t.Errorf("a lives by %v", life)
	}
	if life["ends_at"] == life["expire_time"] {
		t.Error("a is said to end by itself")
	}
	s.must(204, "POST", "auth/token/revoke-accessor", root, object{"accessor": top})
	end := why(a)
	by, _ := end["ancestor"].(object)
	if end["alive"] != false || end["cause"] != "ancestor-died" || end["ancestor_accessor"] != top ||
		by["cause"] != "revoked" || by["actor"] != "rootAccessor000000000000" || by["time"] == nil {
		t.Errorf("a died of %v", end)
	}
	_, b := s.token(object{"policies": []string{"default"}})
	s.must(204, "PUT", "sys/leases/revoke-prefix/auth/token/create", root, nil)
	if end := why(b); end["cause"] != "revoked-prefix" || end["prefix"] != "auth/token/create" || end["path"] != "auth/token/create" {
		t.Errorf("b died of %v", end)
	}
	if end := s.must(404, "GET", "jeton/tokens/nobody/why", root, nil); !strings.Contains(end.errors(), "last 100000 that ended") {
		t.Errorf("nobody: %s", end.text)
	}
}

// Listing needs sudo, tree and why a right to read their paths.
func TestInventoryRights(t *testing.T) {
	s := newStand(t)
	s.policy("reads", `path "jeton/tokens" { capabilities = ["read", "list"] } path "jeton/tokens/+/why" { capabilities = ["read"] }`)
	s.policy("lists", `path "jeton/tokens" { capabilities = ["read", "sudo"] } path "jeton/tokens/+/tree" { capabilities = ["read"] }`)
	plain, accessor := s.token(object{"policies": []string{"default"}})
	reads, _ := s.token(object{"policies": []string{"reads"}})
	lists, _ := s.token(object{"policies": []string{"lists"}})
	tree, why := "jeton/tokens/"+accessor+"/tree", "jeton/tokens/"+accessor+"/why"
	s.run(t, []row{
		{"default may not list", "GET", "jeton/tokens", plain, nil, 403, "permission denied"},
		{"default may not see its own tree", "GET", tree, plain, nil, 403, "permission denied"},
		{"default may not ask why", "GET", why, plain, nil, 403, "permission denied"},
		{"reading is not enough", "GET", "jeton/tokens", reads, nil, 403, "permission denied"},
		{"nor is listing", "LIST", "jeton/tokens", reads, nil, 403, "permission denied"},
		{"sudo is", "GET", "jeton/tokens", lists, nil, 200, ""},
		{"for the verb that is allowed", "LIST", "jeton/tokens", lists, nil, 403, "permission denied"},
		{"why alone", "GET", why, reads, nil, 200, ""},
		{"and no tree", "GET", tree, reads, nil, 403, "permission denied"},
		{"tree alone", "GET", tree, lists, nil, 200, ""},
		{"and no why", "GET", why, lists, nil, 403, "permission denied"},
	})
	// A cursor gives no right that is gone.
	_, cursor, _ := s.page("jeton/tokens", "limit", "1")
	s.must(403, "GET", "jeton/tokens?limit=1&cursor="+cursor, plain, nil)
	s.must(200, "GET", "jeton/tokens?limit=1&cursor="+cursor, lists, nil)
}

// Nothing that would give a token away is in an answer.
func TestInventoryHoldsNoSecrets(t *testing.T) {
	s := newStand(t)
	text, accessor := s.token(object{"policies": []string{"default"}})
	d, err := s.cluster.Digest(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"jeton/tokens", "jeton/tokens/" + accessor + "/tree", "jeton/tokens/" + accessor + "/why"} {
		answer := s.must(200, "GET", path+"?limit=1", root, nil).text
		for _, secret := range []string{text, text[4:20], fmt.Sprintf("%x", d[:])} {
			if strings.Contains(answer, secret) {
				t.Errorf("%s shows %s: %s", path, secret, answer)
			}
		}
	}
}

func TestHostileInventory(t *testing.T) {
	s := newStand(t)
	for range 3 {
		s.token(object{"policies": []string{"default"}})
	}
	const first = "jeton/tokens/rootAccessor000000000000"
	_, cursor, _ := s.page("jeton/tokens", "limit", "1")
	_, treeCursor, _ := s.page(first+"/tree", "limit", "1")
	long := strings.Repeat("x", 7000)
	var rows []row
	add := func(name, path string, status int, says string) {
		rows = append(rows, row{name, "GET", path, root, nil, status, says})
	}
	for _, bad := range []string{"0", "-1", "1001", "99999999999999999999", "many", "1.5", ""} {
		add("limit "+bad, "jeton/tokens?limit="+bad, 400, `"limit"`)
		add("limit of a tree "+bad, first+"/tree?limit="+bad, 400, `"limit"`)
	}
	for name, bad := range map[string]string{ // order: each stands alone
		"made up": "abc", "not base64": "%21%21", "padded": cursor + "%3D%3D", "cut short": cursor[:len(cursor)-4], "longer": cursor + "AAAA",
		"one letter changed": flip(cursor), "too long": strings.Repeat("A", 6145), "of a tree": treeCursor,
		"empty version": strings.Repeat("A", 80), "NUL": "%00",
	} {
		add("cursor: "+name, "jeton/tokens?cursor="+bad, 400, "cursor")
	}
	add("cursor of another filter", "jeton/tokens?policy=default&cursor="+cursor, 400, "same filter")
	add("cursor of another tree", "jeton/tokens/nobody/tree?cursor="+treeCursor, 400, "same filter")
	add("cursor of a listing for a tree", first+"/tree?cursor="+cursor, 400, "same filter")
	add("two cursors", "jeton/tokens?cursor="+cursor+"&cursor="+cursor, 400, `"cursor"`)
	add("type", "jeton/tokens?type=robot", 400, "service, batch, waypoint or wrapping")
	add("type twice", "jeton/tokens?type=service&type=batch", 400, `"type"`)
	add("meta without a value", "jeton/tokens?meta=env", 400, "key=value")
	add("meta without a key", "jeton/tokens?meta==x", 400, "key=value")
	add("many meta", "jeton/tokens?"+strings.Repeat("meta=a=b&", 65), 400, `"meta"`)
	add("expires never", "jeton/tokens?expires_before=never", 400, `"expires_before"`)
	add("expires in the past", "jeton/tokens?expires_before=-1h", 400, `"expires_before"`)
	add("expires at once", "jeton/tokens?expires_before=0", 400, `"expires_before"`)
	add("expires beyond nanoseconds", "jeton/tokens?expires_before=9999-01-01T00:00:00Z", 400, "2261")
	add("expires before nanoseconds", "jeton/tokens?expires_before=0001-01-01T00:00:00Z", 400, "1971")
	add("long filters match nothing", "jeton/tokens?display_name="+long, 200, "")
	add("a path out of the tree", "jeton/tokens?path=../..", 200, "")
	add("query too long", "jeton/tokens?display_name="+long+long, 414, "query")
	add("tree of nobody", "jeton/tokens/nobody/tree", 404, "no live token")
	add("tree of a long name", "jeton/tokens/"+long[:450]+"/tree", 404, "no live token")
	add("why of a long name", "jeton/tokens/"+long[:450]+"/why", 404, "nothing is known")
	add("a token for an accessor", "jeton/tokens/"+long[:3]+"%2f/tree", 400, "slash")
	add("no such page", first+"/who", 404, "")
	rows = append(rows,
		row{"write", "POST", "jeton/tokens", root, object{}, 405, "unsupported operation"},
		row{"delete", "DELETE", first + "/tree", root, nil, 405, "unsupported operation"},
		row{"list a tree", "LIST", first + "/tree", root, nil, 405, ""},
	)
	before := s.cluster.Hash()
	s.run(t, rows)
	if s.cluster.Hash() != before {
		t.Error("something has changed")
	}
}

func FuzzCursor(f *testing.F) {
	c := httptestcluster.New()
	s := &stand{f, c, newServer(f, httpd.Config{Cluster: c}).Handler()}
	for range 5 {
		s.token(object{"policies": []string{"default"}})
	}
	_, cursor, _ := s.page("jeton/tokens", "limit", "2")
	f.Add(cursor)
	f.Add(httpd.CursorOf("", 1, []byte("short")))
	f.Fuzz(func(t *testing.T, text string) {
		s := &stand{t, c, s.handler}
		for _, cursor := range []string{text, httpd.CursorOf(httpd.EverythingQuestion, 1, []byte(text))} {
			r := s.send("GET", "jeton/tokens?limit=2&cursor="+url.QueryEscape(cursor), root, nil)
			if r.status != 200 && r.status != 400 && r.status != 414 {
				t.Fatalf("status %d: %s", r.status, r.text)
			}
		}
		tree := httpd.CursorOf("tree rootAccessor000000000000", 1, []byte(text))
		if r := s.send("GET", "jeton/tokens/rootAccessor000000000000/tree?cursor="+url.QueryEscape(tree), root, nil); r.status != 200 && r.status != 400 && r.status != 414 {
			t.Fatalf("status %d: %s", r.status, r.text)
		}
	})
}
