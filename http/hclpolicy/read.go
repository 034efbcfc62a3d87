package hclpolicy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// reader collects the rules of a document.
type reader struct {
	json     bool
	rules    []policy.Rule
	blocks   int
	warnings []string
}

const capabilityWords = "create, delete, deny, list, patch, read, scan, sudo or update"

// unsupported are the attributes that other servers know.
var unsupported = []string{
	"control_group", "expiration", "list_scan_response_keys_filter_path", "mfa_methods", "pagination_limit",
}

// document reads the top level: blocks path "…" { … }, in JSON "path": {"…": {…}},
// and a name, which says nothing.
func (r *reader) document(root node) *Error {
	for _, f := range root.fields {
		switch f.keys[0] {
		case "name":
			if len(f.keys) > 1 || f.value.kind != kindString {
				return f.value.expected("name", "a string")
			}
		case "path":
			if fault := r.path(f); fault != nil {
				return fault
			}
		default:
			return errorf(f.line, `invalid key %s: expected path "…" { … }`, quote(f.keys[0]))
		}
	}
	return nil
}

func (r *reader) path(f field) *Error {
	if !r.json {
		if len(f.keys) != 2 {
			return errorf(f.line, `expected path "…" { … } with one path, found %d`, len(f.keys)-1)
		}
		return r.blocksOf(f.line, f.keys[1], f.value)
	}
	objects, fault := f.value.objects("path", true)
	if fault != nil {
		return fault
	}
	for _, object := range objects {
		for _, entry := range object.fields {
			if fault := r.blocksOf(entry.line, entry.keys[0], entry.value); fault != nil {
				return fault
			}
		}
	}
	return nil
}

func (r *reader) blocksOf(line int, path string, value node) *Error {
	blocks, fault := value.objects("path "+quote(path), r.json)
	if fault != nil {
		return fault
	}
	for _, b := range blocks {
		if r.blocks++; r.blocks > policy.MaxRules {
			return errorf(line, "more than %d path blocks", policy.MaxRules)
		}
		if fault := r.block(line, path, b); fault != nil {
			fault.Message = "path " + quote(path) + ": " + fault.Message
			return fault
		}
	}
	return nil
}

// block reads what stands between the braces. The rule is checked here, where
// its line is known, though rules of the same path are only united later.
func (r *reader) block(line int, path string, block node) *Error {
	templated, fault := isTemplate(line, path)
	if fault != nil {
		return fault
	}
	var rule policy.Rule
	var err error
	if rule.Path, rule.Prefix, err = policy.SplitPath(path); err != nil {
		return errorf(line, "%v", err)
	}
	seen := make(map[string]int, len(block.fields))
	for _, f := range block.fields {
		key := f.keys[0]
		if first, twice := seen[key]; twice {
			return errorf(f.line, "%s was already given on line %d: expected it once", quote(key), first)
		}
		seen[key] = f.line
		if len(f.keys) > 1 {
			return errorf(f.line, "%s: expected one key, found %d", quote(key), len(f.keys))
		}
		if fault := r.attribute(&rule, f); fault != nil {
			return fault
		}
	}
	if rule.Capabilities&policy.Deny == 0 && rule.MaxWrappingTTL > 0 && rule.MaxWrappingTTL < rule.MinWrappingTTL {
		return errorf(line, "max_wrapping_ttl %s is less than min_wrapping_ttl %s", rule.MaxWrappingTTL, rule.MinWrappingTTL)
	}
	if err := rule.Check(); err != nil {
		return errorf(line, "%v", err)
	}
	if templated {
		r.warnings = append(r.warnings, fmt.Sprintf(
			"line %d: path %s has an identity template and grants nothing: there is no identity store", line, quote(path)))
		return nil
	}
	r.rules = append(r.rules, rule)
	return nil
}

func (r *reader) attribute(rule *policy.Rule, f field) (fault *Error) {
	switch key := f.keys[0]; key {
	case "comment":
		if f.value.kind != kindString {
			return f.value.expected(key, "a string")
		}
	case "capabilities":
		return addCapabilities(rule, f.value)
	case "policy":
		return addLegacy(rule, f.value)
	case "allowed_parameters":
		rule.Parameters.Allowed, fault = r.parameters(key, f.value)
	case "denied_parameters":
		rule.Parameters.Denied, fault = r.parameters(key, f.value)
	case "required_parameters":
		rule.Parameters.Required, fault = f.value.strings(key)
	case "min_wrapping_ttl":
		rule.MinWrappingTTL, fault = duration(key, f.value)
	case "max_wrapping_ttl":
		rule.MaxWrappingTTL, fault = duration(key, f.value)
	default:
		if slices.Contains(unsupported, key) {
			return errorf(f.line, "%s is not supported", key)
		}
		return errorf(f.line, "invalid key %s: expected capabilities, policy, allowed_parameters, denied_parameters, "+
			"required_parameters, min_wrapping_ttl, max_wrapping_ttl or comment", quote(key))
	}
	return fault
}

func addCapabilities(rule *policy.Rule, value node) *Error {
	names, fault := value.strings("capabilities")
	if fault != nil {
		return fault
	}
	for i, name := range names {
		c, ok := policy.ParseCapability(name)
		if !ok {
			return errorf(value.items[i].line, "invalid capability %s: expected %s", quote(name), capabilityWords)
		}
		rule.Capabilities |= c
	}
	return nil
}

// addLegacy reads the words that came before capabilities.
func addLegacy(rule *policy.Rule, value node) *Error {
	const write = policy.Create | policy.Read | policy.Update | policy.Delete | policy.List
	if value.kind != kindString {
		return value.expected("policy", "a string")
	}
	switch value.text {
	case "deny":
		rule.Capabilities |= policy.Deny
	case "read":
		rule.Capabilities |= policy.Read | policy.List
	case "write":
		rule.Capabilities |= write
	case "sudo":
		rule.Capabilities |= write | policy.Sudo
	default:
		return errorf(value.line, "invalid policy %s: expected read, write, sudo or deny", quote(value.text))
	}
	return nil
}

// parameters reads { "name" = [values…], … }.
func (r *reader) parameters(key string, value node) ([]policy.Parameter, *Error) {
	objects, fault := value.objects(key, r.json)
	if fault != nil {
		return nil, fault
	}
	var list []policy.Parameter
	seen := make(map[string]bool)
	for _, object := range objects {
		for _, f := range object.fields {
			what := key + ": parameter " + quote(f.keys[0])
			name := strings.ToLower(f.keys[0])
			if seen[name] {
				return nil, errorf(f.line, "%s was already given: expected it once", what)
			}
			seen[name] = true
			if len(f.keys) > 1 || f.value.kind != kindList {
				return nil, f.value.expected(what, "a list of values")
			}
			param := policy.Parameter{Name: f.keys[0]}
			for i := range f.value.items {
				v, err := parameterValue(&f.value.items[i])
				if err != nil {
					return nil, errorf(f.value.items[i].line, "%s: %v", what, err)
				}
				param.Values = append(param.Values, v)
			}
			list = append(list, param)
		}
	}
	return list, nil
}

func parameterValue(n *node) (policy.Value, error) {
	plain, err := n.plain()
	if err != nil {
		return "", err
	}
	return policy.NewValue(plain)
}

// isTemplate says whether a path holds {{ … }}, which have to be balanced.
func isTemplate(line int, path string) (bool, *Error) {
	head, rest, found := strings.Cut(path, "{{")
	if strings.Contains(head, "}}") {
		return false, errorf(line, "expected {{ before }}")
	}
	for piece := range strings.SplitSeq(rest, "{{") {
		if found && strings.Count(piece, "}}") != 1 {
			return false, errorf(line, "expected one }} after each {{")
		}
	}
	return found, nil
}
