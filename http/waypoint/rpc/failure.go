package rpc

import (
	"encoding/json"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

var errInternal = status.Error(codes.Internal, "internal error")

// statusCode are the codes of answers that do not name one themselves, such as those
// that are given before anybody looks at the path.
var statusCode = map[int]codes.Code{
	http.StatusBadRequest:            codes.InvalidArgument,
	http.StatusUnauthorized:          codes.Unauthenticated,
	http.StatusForbidden:             codes.PermissionDenied,
	http.StatusNotFound:              codes.NotFound,
	http.StatusMethodNotAllowed:      codes.Unimplemented,
	http.StatusConflict:              codes.Aborted,
	http.StatusPreconditionFailed:    codes.FailedPrecondition,
	http.StatusRequestEntityTooLarge: codes.InvalidArgument,
	http.StatusUnsupportedMediaType:  codes.InvalidArgument,
	http.StatusTooManyRequests:       codes.ResourceExhausted,
	http.StatusServiceUnavailable:    codes.Unavailable,
}

// CodeOf is the code that a status stands for.
func CodeOf(status int) codes.Code {
	if code, known := statusCode[status]; known {
		return code
	}
	return codes.Internal
}

// maxDetails bounds what is taken over of an answer's details.
const maxDetails = 16

// failure is the error that an answer stands for; nil if it is a good one.
func (a *answer) failure() error {
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	var no struct {
		Code    int               `json:"code"`
		Message string            `json:"message"`
		Details []json.RawMessage `json:"details"`
		Errors  []string          `json:"errors"`
	}
	_ = json.Unmarshal(a.body, &no) // what is no JSON, or of another kind, names nothing
	code := codes.Code(no.Code)
	if no.Code < int(codes.Canceled) || no.Code > int(codes.Unauthenticated) {
		code = CodeOf(a.status)
	}
	message := no.Message
	switch {
	case message != "":
	case len(no.Errors) > 0:
		message = no.Errors[0]
	default:
		message = http.StatusText(a.status)
	}
	return withDetails(status.New(code, message), no.Details[:min(len(no.Details), maxDetails)])
}

// withDetails adds the details whose messages are known here. The others are left out:
// JSON says too little of them to be written as anything else.
func withDetails(st *status.Status, details []json.RawMessage) error {
	for _, text := range details {
		var detail anypb.Any
		if protojson.Unmarshal(text, &detail) != nil {
			continue
		}
		m, err := detail.UnmarshalNew()
		if err != nil {
			continue
		}
		if more, err := st.WithDetails(protoadapt.MessageV1Of(m)); err == nil {
			st = more
		}
	}
	return st.Err()
}

// refuse is an error of this package about the thing that a request names.
func refuse(code codes.Code, key, value, message string) error {
	st := status.New(code, message)
	if more, err := st.WithDetails(&api.ErrorDetail{Key: key, Value: value}); err == nil {
		st = more
	}
	return st.Err()
}
