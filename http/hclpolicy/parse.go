package hclpolicy

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jeton-io/jeton/fsm/policy"
)

// maxNesting bounds braces and brackets within one another, so that no parser
// recurses deeper. A policy needs a block, an object and a list; the values in
// it may nest policy.MaxValueDepth deep.
const maxNesting = policy.MaxValueDepth + 8

// Error says where a policy text is wrong and what was expected. It quotes
// names from the text, but is never longer than a few lines.
type Error struct {
	Name    string // of the policy
	Line    int    // from 1; 0: the text as a whole
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("failed to parse policy %q: %s", e.Name, e.Message)
	}
	return fmt.Sprintf("failed to parse policy %q: line %d: %s", e.Name, e.Line, e.Message)
}

// Parse turns the text of a policy into its canonical form. The name is only
// used in errors, which are all of type *Error.
func Parse(name, text string) (*policy.Policy, error) {
	p, _, err := ParseWithWarnings(name, text)
	return p, err
}

// ParseWithWarnings is Parse, and tells of rules that were left out.
func ParseWithWarnings(name, text string) (p *policy.Policy, warnings []string, err error) {
	// The inputs that panic hcl v1 are refused before it sees them. This is the
	// last guard against one that nobody knows yet.
	defer func() {
		if recover() != nil {
			p, warnings, err = nil, nil, &Error{Name: name, Message: "the parser gave up on it"}
		}
	}()
	p, warnings, fault := parse(text)
	if fault != nil {
		fault.Name = name
		return nil, nil, fault
	}
	return p, warnings, nil
}

func parse(text string) (*policy.Policy, []string, *Error) {
	if len(text) > policy.MaxTextBytes {
		return nil, nil, errorf(0, "text of %d bytes, at most %d", len(text), policy.MaxTextBytes)
	}
	if line := invalidUTF8(text); line > 0 {
		return nil, nil, errorf(line, "expected UTF-8")
	}
	var root node
	var fault *Error
	isJSON := strings.HasPrefix(strings.TrimSpace(text), "{")
	if isJSON {
		root, fault = parseJSON(text)
	} else {
		root, fault = parseHCL(text)
	}
	if fault != nil {
		return nil, nil, fault
	}
	r := reader{json: isJSON}
	if fault := r.document(root); fault != nil {
		return nil, nil, fault
	}
	p, err := policy.New(r.rules...)
	if err != nil {
		return nil, nil, errorf(0, "%v", err)
	}
	return p, r.warnings, nil
}

// invalidUTF8 is the first line that is not UTF-8; 0 if there is none.
func invalidUTF8(text string) int {
	line := 0
	for part := range strings.Lines(text) {
		if line++; !utf8.ValidString(part) {
			return line
		}
	}
	return 0
}

func errorf(line int, format string, args ...any) *Error {
	return &Error{Line: line, Message: fmt.Sprintf(format, args...)}
}

// quote quotes a name from the text, shortened to a length that fits an error.
func quote(s string) string { return fmt.Sprintf("%q", clip(s)) }

func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
