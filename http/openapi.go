package http

import (
	"encoding/json"
	"maps"
	"regexp"
	"strings"
	"sync"

	"github.com/jeton-io/jeton/fsm"
)

// The OpenAPI document is made of the route table: what is routed stands in it,
// and nothing else. It is the same for everybody and says nothing about data, so
// it is made once and shown to anyone.

func (s *Server) specRoutes() {
	document := sync.OnceValues(func() ([]byte, error) { return json.Marshal(s.document()) })
	s.handle(route{path: "sys/internal/specs/openapi", folder: true, open: true, read: func(*call) (answer, error) {
		text, err := document()
		return answer{text: text, kind: "application/json"}, err
	}, about: about{
		read: "Shows this document.",
	}})
}

func (s *Server) document() object {
	paths := object{}
	for _, rt := range s.table {
		if rt.resolve == nil {
			paths["/"+template(rt.path)] = pathItem(rt.path, rt)
		}
	}
	for method, routes := range s.methods { // order: each has paths of its own
		mount := "auth/" + method + "/"
		for i := range routes {
			rt := &routes[i].route
			path := strings.Replace(rt.path, "auth/{mount}/", mount, 1)
			paths["/"+template(path)] = pathItem(path, rt)
		}
	}
	s.secretRoutes(func(path string, rt *route) { paths["/"+template(path)] = pathItem(path, rt) })
	return object{
		"openapi": "3.0.3",
		"info": object{
			"title": "Jeton", "version": s.version,
			"description": "Vault's HTTP API for tokens, as this server answers it. POST and PUT are the same. " +
				"What is mounted below auth/ is shown at its default path; it may be mounted at others.",
			"license": object{"name": "MPL-2.0", "url": "https://www.mozilla.org/MPL/2.0/"},
		},
		"servers": []object{{"url": "/v1"}},
		"paths":   paths,
		"components": object{
			"securitySchemes": object{"token": object{"type": "apiKey", "in": "header", "name": headerToken}},
			"schemas":         object{"Errors": errorsSchema},
			"responses": object{"Refusal": object{
				"description": "Refused; the messages say why.",
				"content":     object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Errors"}}},
			}},
		},
	}
}

var errorsSchema = object{
	"type": "object", "required": []string{"errors"},
	"properties": object{"errors": object{"type": "array", "items": object{"type": "string"}}},
}

var variable = regexp.MustCompile(`\{(\w+)(:\.\*)?\}`)

// template is a path as OpenAPI writes it. A variable that takes the rest of the
// path looks like any other there; its description says what it is.
func template(path string) string { return variable.ReplaceAllString(path, "{$1}") }

func pathItem(path string, rt *route) object {
	item := object{}
	if params := pathParameters(path); len(params) > 0 {
		item["parameters"] = params
	}
	if rt.read != nil || rt.list != nil {
		item["get"] = rt.describeGet(path)
	}
	if rt.update != nil {
		item["post"] = rt.describeWrite("post", path, rt.about.update)
	}
	if rt.patch != nil {
		item["patch"] = rt.describeWrite("patch", path, rt.about.patch)
	}
	if rt.delete != nil {
		item["delete"] = rt.describe("delete", path, rt.about.delete)
	}
	return item
}

func pathParameters(path string) (params []object) {
	for _, m := range variable.FindAllStringSubmatch(path, -1) {
		name, rest := m[1], m[2] != ""
		text := variables[name]
		if rest {
			text += " May hold slashes."
		}
		params = append(params, object{
			"name": name, "in": "path", "required": true, "description": text, "schema": object{"type": "string"},
		})
	}
	return params
}

// describe is what all operations have.
func (rt *route) describe(verb, path, text string) object {
	tag, _, _ := strings.Cut(path, "/")
	op := object{
		"operationId": operationID(verb, path),
		"summary":     text,
		"tags":        []string{tag},
		"responses": object{
			"200":     object{"description": "Done."},
			"204":     object{"description": "Done; there is nothing to say."},
			"default": object{"$ref": "#/components/responses/Refusal"},
		},
	}
	if rt.open {
		op["x-vault-unauthenticated"] = true
	} else {
		op["security"] = []object{{"token": []string{}}}
	}
	if fsm.NeedsSudo(template(path)) {
		op["x-vault-sudo"] = true
	}
	if strings.Contains(text, "Deprecated: ") {
		op["deprecated"] = true
	}
	return op
}

// describeGet is for reading and listing, which share a verb: there is none for
// lists in OpenAPI, but every list is also a GET with list=true.
func (rt *route) describeGet(path string) object {
	text := rt.about.read
	if rt.read == nil {
		text = rt.about.list
	} else if rt.list != nil && rt.about.list != rt.about.read {
		text += " With list=true: " + rt.about.list
	}
	op := rt.describe("get", path, text)
	var params []object
	if rt.list != nil {
		params = append(params, object{
			"name": "list", "in": "query", "required": rt.read == nil, "description": "Has to be true for a list.",
			"schema": object{"type": "string", "enum": []string{"true"}},
		})
		if rt.about.asks == "" { // else the list has parts of its own
			params = append(params, object{
				"name": "after", "in": "query", "description": "Lists what comes behind this key.", "schema": object{"type": "string"},
			}, object{
				"name": "limit", "in": "query", "description": "Lists so many keys at most.", "schema": object{"type": "integer"},
			})
		}
	}
	for _, name := range strings.Fields(rt.about.asks) {
		params = append(params, object{
			"name": plain(name), "in": "query", "description": fields[name].text, "schema": fields[name].schema(),
		})
	}
	if len(params) > 0 {
		op["parameters"] = params
	}
	return op
}

// describeWrite is for the verbs that have a body.
func (rt *route) describeWrite(verb, path, text string) object {
	op := rt.describe(verb, path, text)
	properties := object{}
	for _, name := range strings.Fields(rt.about.takes) {
		property := fields[name].schema()
		property["description"] = fields[name].text
		properties[plain(name)] = property
	}
	if rt.raw {
		op["requestBody"] = object{"content": object{"application/gzip": object{"schema": object{"type": "string", "format": "binary"}}}}
		op["parameters"] = []object{{
			"name": "forget_revocations", "in": "query", "description": "What was revoked since comes back too.",
			"schema": object{"type": "boolean"},
		}}
		return op
	}
	schema := object{"type": "object"}
	if len(properties) > 0 {
		schema["properties"] = properties
	}
	op["requestBody"] = object{"content": object{"application/json": object{"schema": schema}}}
	return op
}

// plain is a field's name without what tells it from others of that name.
func plain(name string) string { return name[strings.IndexByte(name, '.')+1:] }

var word = regexp.MustCompile(`[A-Za-z0-9]+`)

// operationID is the verb and the path in one word.
func operationID(verb, path string) string {
	for _, w := range word.FindAllString(template(path), -1) {
		verb += strings.ToUpper(w[:1]) + w[1:]
	}
	return verb
}

func (f field) schema() object { return maps.Clone(fieldKinds[f.kind]) }

// fieldKinds are the types of fields. The server coerces, as Vault does: these
// are the forms that need no coercion.
var fieldKinds = map[fieldKind]object{
	aText:     {"type": "string"},
	aNumber:   {"type": "integer", "minimum": 0},
	aFraction: {"type": "number"},
	aFlag:     {"type": "boolean"},
	aDuration: {"type": "string", "format": "duration"},
	aList:     {"type": "array", "items": object{"type": "string"}},
	anObject:  {"type": "object"},
}
