package policy

// Names of the policies that exist in every cluster. "root" and
// "response-wrapping" are not stored, hence can be neither written nor deleted.
const (
	RootName             = "root"
	DefaultName          = "default"
	ResponseWrappingName = "response-wrapping"
)

// DefaultText is the text of the policy "default" of a new cluster: what every
// token may do unless it is made without it. It gives what Vault's default
// policy gives to a token that belongs to no entity.
const DefaultText = `# A token may see, renew and give up itself.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}

# It may ask what it is allowed to do.
path "sys/capabilities-self" {
  capabilities = ["update"]
}
path "sys/internal/ui/resultant-acl" {
  capabilities = ["read"]
}

# It may look up and renew a lease of which it knows the id.
path "sys/leases/lookup" {
  capabilities = ["update"]
}
path "sys/leases/renew" {
  capabilities = ["update"]
}
path "sys/renew" {
  capabilities = ["update"]
}

# It has a cubbyhole of its own.
path "cubbyhole/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}

# It may wrap values, and look at and open what was wrapped for it.
path "sys/wrapping/wrap" {
  capabilities = ["update"]
}
path "sys/wrapping/lookup" {
  capabilities = ["update"]
}
path "sys/wrapping/unwrap" {
  capabilities = ["update"]
}

# It may compute digests.
path "sys/tools/hash" {
  capabilities = ["update"]
}
path "sys/tools/hash/*" {
  capabilities = ["update"]
}
`

// ResponseWrappingText is the text of the policy of every wrapping token.
const ResponseWrappingText = `path "cubbyhole/response" {
  capabilities = ["create", "read"]
}
path "sys/wrapping/unwrap" {
  capabilities = ["update"]
}
`

// Default is DefaultText in parsed form.
func Default() *Policy {
	return builtin(
		Rule{Path: "auth/token/lookup-self", Capabilities: Read},
		Rule{Path: "auth/token/renew-self", Capabilities: Update},
		Rule{Path: "auth/token/revoke-self", Capabilities: Update},
		Rule{Path: "sys/capabilities-self", Capabilities: Update},
		Rule{Path: "sys/internal/ui/resultant-acl", Capabilities: Read},
		Rule{Path: "sys/leases/lookup", Capabilities: Update},
		Rule{Path: "sys/leases/renew", Capabilities: Update},
		Rule{Path: "sys/renew", Capabilities: Update},
		Rule{Path: "cubbyhole/", Prefix: true, Capabilities: Create | Read | Update | Delete | List},
		Rule{Path: "sys/wrapping/wrap", Capabilities: Update},
		Rule{Path: "sys/wrapping/lookup", Capabilities: Update},
		Rule{Path: "sys/wrapping/unwrap", Capabilities: Update},
		Rule{Path: "sys/tools/hash", Capabilities: Update},
		Rule{Path: "sys/tools/hash/", Prefix: true, Capabilities: Update},
	)
}

// ResponseWrapping is ResponseWrappingText in parsed form.
func ResponseWrapping() *Policy {
	return builtin(
		Rule{Path: "cubbyhole/response", Capabilities: Create | Read},
		Rule{Path: "sys/wrapping/unwrap", Capabilities: Update},
	)
}

func builtin(rules ...Rule) *Policy {
	p, err := New(rules...)
	if err != nil {
		panic("policy: built-in policy: " + err.Error())
	}
	return p
}
