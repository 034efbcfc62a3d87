package http

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint/rpc"
)

// The paths of Waypoint's REST surface take and give the JSON form of its messages,
// as its gateway does, and so do the calls of its gRPC interface, each of which is a
// request to one of these paths (package rpc). Errors have the gateway's shape and
// Vault's in one.

// message reads the body into a request message. Names may be spelled as in the
// message or in camel case; what the message does not know is ignored.
func (c *call) message(m proto.Message) error {
	if len(c.body.raw) == 0 {
		return nil
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(c.body.raw, m); err != nil {
		return invalid("%s", messageFault(err))
	}
	return nil
}

// faultyField finds the field in the library's errors, whose text may hold the value.
var faultyField = regexp.MustCompile(`invalid value for (\w+) (?:type|field) ([\w.]+)|(?:duplicate field|error parsing) "([\w.]+)"`)

func messageFault(err error) string {
	text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
	switch m := faultyField.FindStringSubmatch(text); {
	case m == nil:
		return "body does not have the form of the message"
	case m[3] != "":
		return "field \"" + m[3] + "\": is given twice or does not parse"
	default:
		return "field \"" + m[2] + "\": expected " + m[1]
	}
}

// protoAnswer is a message as the answer, with what we say besides.
type protoAnswer struct {
	proto.Message
	more object
}

func (p protoAnswer) appendJSON(b []byte) []byte {
	text, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(p.Message)
	if err != nil {
		panic("http: answer does not encode: " + err.Error())
	}
	var compact bytes.Buffer // the library's spacing changes by design
	if err := json.Compact(&compact, text); err != nil {
		panic("http: answer does not encode: " + err.Error())
	}
	if len(p.more) == 0 {
		return append(b, compact.Bytes()...)
	}
	more := p.more.appendJSON(nil)
	b = append(b, compact.Bytes()[:compact.Len()-1]...)
	if compact.Len() > len("{}") {
		b = append(b, ',')
	}
	return append(b, more[1:]...)
}

func said(m proto.Message) (answer, error) { return answer{bare: protoAnswer{Message: m}}, nil }

// detail says what an error is about, for clients that tell errors apart.
type detail struct{ key, value string }

// appendFault is an error in the gateway's shape, with Vault's beside it.
func appendFault(b []byte, code codes.Code, messages []string, d detail) []byte {
	text := code.String()
	if len(messages) > 0 {
		text = messages[0]
	}
	details := []object{}
	if d.key != "" {
		details = append(details, object{
			"@type": "type.googleapis.com/hashicorp.waypoint.ErrorDetail", "key": d.key, "value": d.value,
		})
	}
	b = object{"code": code, "message": text, "details": details, "errors": messages}.appendJSON(b)
	return append(b, '\n')
}

// preconditions are the verdicts that are about the state and not about the request,
// for which gRPC has a word of its own and HTTP, as the gateway does it, has not.
var preconditions = map[fsm.Reason]bool{fsm.SignedUserLast: true, fsm.SignedOneAddress: true}

// faultCode is the gRPC code of an error.
func faultCode(err error, status int) codes.Code {
	var no *refusal
	if errors.As(err, &no) && no.cause != nil {
		err = no.cause
	}
	var v *fsm.Error
	switch {
	case !errors.As(err, &v):
	case preconditions[v.Reason]:
		return codes.FailedPrecondition
	case v.Code == fsm.Exists:
		return codes.AlreadyExists
	}
	return rpc.CodeOf(status)
}
