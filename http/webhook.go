package http

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine/webhook"
)

// webhookRoutes are what a webhook mount answers besides creds.
func webhookRoutes() []mountRoute {
	return []mountRoute{
		credsRoute(),
		belowSecret("config", route{read: readWebhook, update: writeWebhook, delete: deleteWebhook, about: about{
			read: "Shows where the service is, without its key.", update: "Says where the service is, or changes what is named of that.", delete: "Forgets the service; force=true also while the mount has leases, which are then not revoked outside.",
			takes: "hook.url signing_key hook.ca_cert hook.timeout max_retries hook.headers force",
		}}),
		belowSecret("roles", route{folder: true, list: listEngineRoles, about: about{
			list: "Lists the roles.",
		}}),
		belowSecret("roles/{name}", route{read: readWebhookRole, update: writeWebhookRole, delete: deleteEngineRole, about: about{
			read: "Shows a role.", update: "Makes a role or changes what is named of one.", delete: "Deletes a role; what was made by it stays.",
			takes: "hook.parameters engine.default_ttl engine.max_ttl",
		}}),
	}
}

const webhookConfig = "config"

func deleteWebhook(c *call) (answer, error) { return c.deleteItem(webhookConfig) }

func readWebhook(c *call) (answer, error) {
	return c.readItem(webhookConfig, func(item *fsm.EngineItem) (object, error) {
		cfg, err := webhook.DecodeConfig(item.Body)
		if err != nil {
			return nil, err
		}
		return object{
			"url": cfg.URL, "ca_cert": cfg.CACert, "timeout": cfg.Timeout, "max_retries": cfg.MaxRetries, "headers": listed(cfg.Headers),
		}, nil
	})
}

func writeWebhook(c *call) (answer, error) {
	b := &c.body
	url, key, ca := b.text("url"), b.text("signing_key"), b.text("ca_cert")
	timeout, retries := b.duration("timeout"), int(b.whole("max_retries", webhook.MaxRetries))
	headers := b.headers("headers")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return answer{}, c.writeItem(fsm.EngineSet{Path: webhookConfig}, func(old *fsm.EngineItem) (*itemDraft, error) {
		cfg, secret := &webhook.Config{Timeout: webhook.DefaultTimeout, MaxRetries: webhook.DefaultRetries}, new(webhook.Secret)
		var before *webhook.Config
		if old != nil {
			var err error
			if cfg, secret, err = c.openWebhook(old); err != nil {
				return nil, err
			}
			copied := *cfg
			before = &copied
		}
		given(b, "url", &cfg.URL, url)
		given(b, "ca_cert", &cfg.CACert, ca)
		given(b, "timeout", &cfg.Timeout, int64(timeout/time.Second))
		given(b, "max_retries", &cfg.MaxRetries, retries)
		given(b, "signing_key", &secret.SigningKey, key)
		given(b, "headers", &secret.Headers, headers)
		cfg.Headers = slices.Sorted(maps.Keys(secret.Headers))
		if err := cfg.Check(secret); err != nil {
			return nil, err
		}
		if before != nil {
			if err := cfg.MovedFrom(before, b.has("signing_key"), b.has("headers")); err != nil {
				return nil, err
			}
		}
		body, err := cfg.Marshal()
		if err != nil {
			return nil, err
		}
		text, err := secret.Marshal()
		return &itemDraft{body: body, secret: text}, err
	})
}

// headers is a field of names and values.
func (b *body) headers(name string) map[string]string {
	pairs := b.pairs(name, webhook.MaxHeaders)
	headers := make(map[string]string, len(pairs))
	for _, p := range pairs {
		headers[p.Key] = p.Value
	}
	return headers
}

func (c *call) openWebhook(item *fsm.EngineItem) (*webhook.Config, *webhook.Secret, error) {
	open, err := c.openItem(item)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := webhook.DecodeConfig(open.Body)
	if err != nil {
		return nil, nil, err
	}
	secret, err := webhook.DecodeSecret(open.Secret)
	return cfg, secret, err
}

func readWebhookRole(c *call) (answer, error) {
	return c.readItem(c.itemNamed("roles/"), func(item *fsm.EngineItem) (object, error) {
		r, err := webhook.DecodeRole(item.Body)
		if err != nil {
			return nil, err
		}
		data := engineRoleData(item)
		data["parameters"] = r.Parameters
		if r.Parameters == nil {
			data["parameters"] = object{}
		}
		return data, nil
	})
}

func writeWebhookRole(c *call) (answer, error) {
	ttls, parameters := c.roleTTLs(), c.body.objectText("parameters")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return answer{}, c.writeItem(fsm.EngineSet{Path: c.itemNamed("roles/")}, func(old *fsm.EngineItem) (*itemDraft, error) {
		r, d := new(webhook.Role), new(itemDraft)
		var err error
		if old != nil {
			if r, err = webhook.DecodeRole(old.Body); err != nil {
				return nil, err
			}
		}
		given(&c.body, "parameters", &r.Parameters, parameters)
		ttls(old, d)
		if err := r.Check(); err != nil {
			return nil, err
		}
		d.body, err = r.Marshal()
		return d, err
	})
}

// objectText is a field that is an object, as JSON without blanks.
func (b *body) objectText(name string) json.RawMessage {
	v, ok := b.take(name)
	if !ok {
		return nil
	}
	if v.kind != jsonObject {
		b.fail(name, "is %s, expected an object", v.kind)
		return nil
	}
	var text bytes.Buffer
	if err := json.Compact(&text, v.text); err != nil {
		b.fail(name, "is no JSON")
		return nil
	}
	return text.Bytes()
}
