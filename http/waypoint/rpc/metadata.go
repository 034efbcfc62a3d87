package rpc

import (
	"context"
	"net/http"

	"google.golang.org/grpc/metadata"
)

// Metadata of a call, and the headers of a request that mean the same.
const (
	keyToken         = "waypoint-token"
	keyAuthorization = "authorization"
	keyCookie        = "wpcookie"
	keyUserAgent     = "user-agent"
	keyAuthority     = ":authority"

	headerToken  = "Grpc-Metadata-Waypoint-Token"
	headerCookie = "Grpc-Metadata-Wpcookie"
)

// credentialsOf finds token and cookie; either may be empty, which is as good as none.
// The first value of a key counts. A token under its own key, be it an empty one,
// hides authorization, which holds the bare text, too: no scheme stands before it.
func credentialsOf(ctx context.Context) (token, cookie string) {
	values := metadata.ValueFromIncomingContext(ctx, keyToken)
	if len(values) == 0 {
		values = metadata.ValueFromIncomingContext(ctx, keyAuthorization)
	}
	if len(values) > 0 {
		token = values[0]
	}
	return token, firstOf(ctx, keyCookie)
}

func firstOf(ctx context.Context, key string) string {
	if values := metadata.ValueFromIncomingContext(ctx, key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// putCredentials writes them where the REST interface looks for them. The token goes
// into the header that is for Waypoint's alone, also when it came as authorization:
// over REST that header may hold a token of Vault behind a scheme, over gRPC it may not.
func putCredentials(ctx context.Context, h http.Header) {
	token, cookie := credentialsOf(ctx)
	for _, put := range []struct{ name, value string }{
		{headerToken, token}, {headerCookie, cookie}, {"User-Agent", firstOf(ctx, keyUserAgent)},
	} {
		if put.value != "" {
			h.Set(put.name, put.value)
		}
	}
}
