package http

import "strings"

// Described is one operation of the route table as the OpenAPI document has to
// have it.
type Described struct {
	Path, Verb  string // of the document
	About       string // what the table says of it
	Takes, Asks []string
	Route       string // as the table has it
}

// Operations lists what the route table has.
func Operations(s *Server) (all []Described) {
	add := func(path string, rt *route) {
		for _, op := range []struct {
			handler handler
			verb    string
			about   string
		}{
			{rt.read, "get", rt.about.read},
			{rt.list, "list", rt.about.list},
			{rt.update, "post", rt.about.update},
			{rt.patch, "patch", rt.about.patch},
			{rt.delete, "delete", rt.about.delete},
		} {
			if op.handler != nil || op.about != "" {
				if op.handler == nil {
					op.about = "nothing, since there is no such operation"
				}
				all = append(all, Described{
					Path: "/" + template(path), Verb: op.verb, About: op.about, Route: path,
					Takes: strings.Fields(rt.about.takes), Asks: strings.Fields(rt.about.asks),
				})
			}
		}
	}
	for _, rt := range s.table {
		if rt.resolve == nil {
			add(rt.path, rt)
		}
	}
	for method, routes := range s.methods { // order: a test compares sets
		for i := range routes {
			add(strings.Replace(routes[i].route.path, "{mount}", method, 1), &routes[i].route)
		}
	}
	s.secretRoutes(add)
	return all
}

// FieldTexts and VariableTexts are what the document says of fields and of parts
// of paths.
func FieldTexts() map[string]string {
	texts := make(map[string]string)
	for name, f := range fields { // order: each stands alone
		texts[name] = f.text
	}
	return texts
}

func VariableTexts() map[string]string { return variables }

// FolderOperations lists what can be done, other than listing, on paths that mean
// the same with a slash at their end, by callers who are judged.
func FolderOperations(s *Server) (all []Described) {
	for _, rt := range s.table {
		if !rt.folder || rt.open || rt.vital {
			continue
		}
		for verb, h := range map[string]handler{"read": rt.read, "update": rt.update, "delete": rt.delete, "patch": rt.patch} { // order: each stands alone
			if h != nil {
				all = append(all, Described{Route: rt.path, Verb: verb})
			}
		}
	}
	return all
}
