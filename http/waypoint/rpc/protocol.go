package rpc

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Clients say in metadata which versions of the protocol they speak: "1,1" is the
// least and the one they were made for. There are two protocols with a version of
// their own; which of them a call belongs to is told by its name.
const (
	keyAPIProtocol        = "client-api-protocol"
	keyEntrypointProtocol = "client-entrypoint-protocol"
	entrypointPrefix      = "Entrypoint"

	// protocolCurrent and protocolMinimum are ours, of both.
	protocolCurrent = 1
	protocolMinimum = 1
)

// checkProtocol refuses a client that could not understand us, or did not say. It
// comes before anything else, so that such a client learns that and nothing of tokens.
func checkProtocol(ctx context.Context, name string) error {
	if name == "GetVersionInfo" { // by which a client finds out
		return nil
	}
	key := keyAPIProtocol
	if strings.HasPrefix(name, entrypointPrefix) {
		key = keyEntrypointProtocol
	}
	values := metadata.ValueFromIncomingContext(ctx, key)
	if len(values) != 1 {
		return status.Errorf(codes.InvalidArgument, "metadata %s must be given, and once", key)
	}
	minimum, current, ok := parseProtocol(values[0])
	switch {
	case !ok:
		return status.Errorf(codes.InvalidArgument, `metadata %s must be two versions, as in "1,1"`, key)
	case current < protocolMinimum:
		return status.Errorf(codes.InvalidArgument, "the client is too old: its protocol is %d, this server needs %d at least", current, protocolMinimum)
	case minimum > protocolCurrent:
		return status.Errorf(codes.InvalidArgument, "the client is too new: it needs protocol %d at least, this server has %d", minimum, protocolCurrent)
	}
	return nil
}

func parseProtocol(text string) (minimum, current uint64, ok bool) {
	first, second, ok := strings.Cut(text, ",")
	if !ok {
		return 0, 0, false
	}
	minimum, err := strconv.ParseUint(strings.TrimSpace(first), 10, 32)
	if err != nil {
		return 0, 0, false
	}
	current, err = strconv.ParseUint(strings.TrimSpace(second), 10, 32)
	return minimum, current, err == nil
}
