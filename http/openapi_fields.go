package http

// fieldKind is the type of a field in the OpenAPI document.
type fieldKind uint8

const (
	aText fieldKind = iota
	aNumber
	aFraction
	aFlag
	aDuration
	aList
	anObject
)

// field is what the OpenAPI document says of a field of a request.
type field struct {
	kind fieldKind
	text string
}

// fields are all fields of all requests by name. Where a name means two things,
// one of them has a prefix that ends in a dot, which is not shown.
var fields = map[string]field{
	"accessor":                     {aText, "The accessor of the token."},
	"activecode":                   {aNumber, "The status of a leader; 200."},
	"allowed_entity_aliases":       {aList, "Kept for clients that read back what they set."},
	"allowed_policies":             {aList, "Policies that tokens of the role may have."},
	"allowed_policies_glob":        {aList, "Patterns of policies that tokens of the role may have."},
	"allowed_response_headers":     {aList, "Kept for clients that read back what they set."},
	"audit.options":                {anObject, "What the device writes to and how: texts by name, listed in docs/audit.md."},
	"audit_non_hmac_request_keys":  {aList, "Fields of requests that are audited in the clear."},
	"audit_non_hmac_response_keys": {aList, "Fields of answers that are audited in the clear."},
	"bind_secret_id":               {aFlag, "A login to the role needs a secret-id."},
	"bound_cidr_list":              {aList, "Deprecated: secret_id_bound_cidrs."},
	"bound_cidrs":                  {aList, "Deprecated: token_bound_cidrs."},
	"cidr_list":                    {aList, "Addresses from which alone the secret-id can be used."},
	"config":                       {anObject, "The settings of the new mount, as /tune takes them."},
	"cursor":                       {aText, "Where the page before this one ended."},
	"default_lease_ttl":            {aDuration, "How long what the mount gives out lives; system is the system's."},
	"description":                  {aText, "For people."},
	"disallowed_policies":          {aList, "Policies that tokens of the role may not have."},
	"disallowed_policies_glob":     {aList, "Patterns of policies that tokens of the role may not have."},
	"display_name":                 {aText, "What the token is called in audit logs."},
	"dr_operation_token":           {aText, "Without effect; the official clients send it."},
	"dry_run":                      {aFlag, "Only says what would be revoked, and names the plan for it."},
	"entity_alias":                 {aText, "Not supported; refused where it is given."},
	"expires_before":               {aText, "Only tokens whose deadline is before a time, or before a duration from now."},
	"explicit_max_ttl":             {aDuration, "The age at which the token ends whatever happens."},
	"external_entropy_access":      {aFlag, "Without effect."},
	"filter.display_name":          {aText, "Only tokens of this name."},
	"filter.meta":                  {aList, "Only tokens whose metadata has this key=value."},
	"filter.path":                  {aText, "Only tokens made at this source path or below it."},
	"filter.policy":                {aText, "Only tokens that hold this policy."},
	"filter.role":                  {aText, "Only tokens made by this role."},
	"filter.type":                  {aText, "Only service, batch or wrapping tokens."},
	"force_no_cache":               {aFlag, "Without effect: nothing is cached."},
	"format":                       {aText, "prometheus, or nothing for JSON."},
	"haunhealthycode":              {aNumber, "The status without a quorum; 503."},
	"hmac":                         {aFlag, "Show the header as a hash."},
	"id":                           {aText, "The token's text; root may choose one."},
	"increment":                    {aDuration, "How long it is to live from now on."},
	"input":                        {aText, "The text to look for."},
	"lease":                        {aDuration, "Deprecated: ttl."},
	"lease_id":                     {aText, "The lease."},
	"limit":                        {aNumber, "How many a page has at most, 1 to 1000; 100."},
	"listing_visibility":           {aText, "hidden, or unauth to be shown to those without a token."},
	"local":                        {aFlag, "Kept for clients that read back what they set."},
	"local_secret_ids":             {aFlag, "Kept for clients that read back what they set; for a new role only."},
	"max_lease_ttl":                {aDuration, "How long it lives at most; system is the system's."},
	"max_ttl":                      {aDuration, "Deprecated: token_max_ttl."},
	"meta":                         {anObject, "Pairs of texts that are shown with the token."},
	"metadata":                     {anObject, "Pairs of texts that its tokens get, or the JSON of them in a string."},
	"no_default_policy":            {aFlag, "The token is not to have the policy default."},
	"no_parent":                    {aFlag, "The token is to have no parent; needs sudo."},
	"num_uses":                     {aNumber, "How many requests the token is good for; 0 is no bound."},
	"options":                      {anObject, "Has to be empty: no method has any."},
	"orphan":                       {aFlag, "Tokens of the role have no parent."},
	"parent":                       {aText, "Only children of the token with this accessor."},
	"passthrough_request_headers":  {aList, "Kept for clients that read back what they set."},
	"password":                     {aText, "The password, 1 to 72 bytes."},
	"password_hash":                {aText, "The bcrypt hash of the password, instead of it."},
	"path":                         {aList, "Deprecated: paths."},
	"path_suffix":                  {aText, "What follows the role in the source path of its tokens."},
	"paths":                        {aList, "The paths that are asked about."},
	"perfstandbyok":                {aFlag, "Has no meaning here."},
	"period":                       {aDuration, "What every renewal gives; such a token has no maximum."},
	"pgp_keys":                     {aList, "Not supported; refused where it is given."},
	"plan_id":                      {aText, "Revokes exactly what the dry run of this plan counted, or says what has changed."},
	"plugin_name":                  {aText, "Deprecated: type."},
	"policies":                     {aList, "Names of the policies."},
	"policy":                       {aText, "The rules in HCL, in JSON, or either in base64."},
	"recovery_pgp_keys":            {aList, "Not supported; refused where it is given."},
	"recovery_shares":              {aNumber, "Without effect: there are no key shares."},
	"recovery_threshold":           {aNumber, "Without effect: there are no key shares."},
	"renewable":                    {aFlag, "The token can be renewed."},
	"role_id":                      {aText, "The name by which logins call the role."},
	"root_token_pgp_key":           {aText, "Not supported; refused where it is given."},
	"rules":                        {aText, "Deprecated: policy."},
	"seal_wrap":                    {aFlag, "Kept for clients that read back what they set."},
	"sealedcode":                   {aNumber, "The status without an open keyring; 503."},
	"secret-id.num_uses":           {aNumber, "How many logins the secret-id is good for; 0 is no bound."},
	"secret-id.ttl":                {aDuration, "How long the secret-id lives; 0 is without an end."},
	"secret_id":                    {aText, "The secret-id."},
	"secret_id_accessor":           {aText, "The accessor of the secret-id."},
	"secret_id_bound_cidrs":        {aList, "Addresses from which alone the role can be logged in to."},
	"secret_id_num_uses":           {aNumber, "How many logins a secret-id is good for, and at most; 0 is no bound."},
	"secret_id_ttl":                {aDuration, "How long a secret-id lives, and at most; 0 is without an end."},
	"secret_shares":                {aNumber, "Without effect: there are no key shares."},
	"secret_threshold":             {aNumber, "Without effect: there are no key shares."},
	"server_id":                    {aText, "The server, or a node that only one server has."},
	"standbycode":                  {aNumber, "The status of a follower; 429."},
	"standbyok":                    {aFlag, "A follower answers as if it led."},
	"stored_shares":                {aNumber, "Without effect: there are no key shares."},
	"sync":                         {aFlag, "Has nothing to do: a revocation is done when it is answered."},
	"token":                        {aText, "The token's text; without it the calling token."},
	"token_bound_cidrs":            {aList, "Addresses from which alone the tokens can be got and used."},
	"token_explicit_max_ttl":       {aDuration, "The age at which the tokens end whatever happens."},
	"token_max_ttl":                {aDuration, "How long the tokens live with renewals."},
	"token_no_default_policy":      {aFlag, "The tokens are not to have the policy default."},
	"token_num_uses":               {aNumber, "How many requests the tokens are good for; 0 is no bound."},
	"token_period":                 {aDuration, "What every renewal gives; such tokens have no maximum."},
	"token_policies":               {aList, "Policies of the tokens."},
	"token_ttl":                    {aDuration, "How long the tokens live without renewal."},
	"token_type":                   {aText, "service, batch, default-service or default-batch."},
	"ttl":                          {aDuration, "How long the token lives without renewal."},
	"type":                         {aText, "The type: of a token service or batch; of a mount the name of its method."},
	"uninitcode":                   {aNumber, "The status before initialization; 501."},
	"user_lockout_config":          {anObject, "lockout_threshold, lockout_duration, lockout_counter_reset_duration, lockout_disable."},
}

// variables are the parts of paths that name something.
var variables = map[string]string{
	"accessor": "The accessor of the token.",
	"lease":    "The lease: the path that made it, a slash and its key.",
	"name":     "What the policy, user or role is called.",
	"path":     "The path.",
	"prefix":   "The path under which was made what is meant, by whole segments.",
	"role":     "The name of the role.",
	"token":    "The token's text.",
}
