package main

import (
	"context"
	"flag"

	"github.com/openbao/openbao/api/v2"
)

func tokenCreateCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	r.declareWrapTTL(flags)
	request, role, orphan := declareTokenCreate(flags)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		auth := client.Auth().Token()
		var secret *api.Secret
		var err error
		switch {
		case *role != "":
			body := request()
			body.NoParent = *orphan
			secret, err = auth.CreateWithRoleWithContext(ctx, body, *role)
		case *orphan:
			secret, err = auth.CreateOrphanWithContext(ctx, request())
		default:
			secret, err = auth.CreateWithContext(ctx, request())
		}
		if err != nil {
			return apiError("creating a token", err)
		}
		return out.secret(secret)
	})
}

// declareTokenCreate adds the flags that describe the token, and returns what
// makes the request of them.
func declareTokenCreate(flags *flag.FlagSet) (request func() *api.TokenCreateRequest, role *string, orphan *bool) {
	var (
		ttl, explicitMaxTTL, period durationFlag
		policies                    stringsFlag
		metadata                    mapFlag
	)
	id := flags.String("id", "", "`text` of the token itself, instead of a random one; for root only")
	display := flags.String("display-name", "", "`name` that shows in lookups and logs")
	flags.Var(&ttl, "ttl", "`duration` that the token lives unless renewed, such as 30, 90s, 1h30m or 7d")
	flags.Var(&explicitMaxTTL, "explicit-max-ttl", "`duration` that it lives at most, whatever renewals say")
	flags.Var(&period, "period", "`duration` that each renewal gives anew, without an end")
	renewable := flags.Bool("renewable", true, "the token may be renewed; -renewable=false forbids it")
	orphan = flags.Bool("orphan", false, "give it no parent, so that it outlives the caller's token")
	noDefault := flags.Bool("no-default-policy", false, "leave the default policy out")
	uses := flags.Int("use-limit", 0, "`number` of requests it is good for; 0 is any")
	role = flags.String("role", "", "create it by this `role`")
	kind := flags.String("type", "service", "`type` of token: service or batch")
	flags.Var(&metadata, "metadata", "`key=value` to attach; may be given several times")
	flags.Var(&policies, "policy", "`name` of a policy; may be given several times (default: those of the caller's token)")
	return func() *api.TokenCreateRequest {
		return &api.TokenCreateRequest{
			ID:              *id,
			Policies:        policies,
			Metadata:        metadata,
			TTL:             ttl.String(),
			ExplicitMaxTTL:  explicitMaxTTL.String(),
			Period:          period.String(),
			NoDefaultPolicy: *noDefault,
			DisplayName:     *display,
			NumUses:         *uses,
			Renewable:       renewable,
			Type:            *kind,
		}
	}, role, orphan
}
