// Package hclpolicy parses the text of ACL policies, HCL or JSON, into the
// canonical form that the log carries.
//
//	path "secret/+/app*" {
//	  capabilities        = ["create", "read", "update", "delete", "list", "patch", "scan", "sudo"]
//	  allowed_parameters  = { "color" = ["red", "blue*"], "size" = [] }
//	  denied_parameters   = { "debug" = [] }
//	  required_parameters = ["color"]
//	  min_wrapping_ttl    = "1m"
//	  max_wrapping_ttl    = 600
//	}
//	path "secret/old" { policy = "write" } # also read, sudo, deny
//
// Parse accepts what Vault accepts, with these differences, all on the strict
// side:
//
//   - Text is bounded in size and nesting before a parser sees it, and what it
//     says by the bounds of package policy after.
//   - Every error names a line and what was expected there.
//   - JSON is parsed by encoding/json. The JSON parser of hcl v1 takes a text
//     that ends early for complete, ignores what follows one, drops booleans from
//     lists (which turns "only true" into "anything") and stumbles over lists in
//     lists.
//   - An attribute given twice in a block is refused, as by newer Vaults. A path
//     given twice is not: its blocks are united.
//   - control_group, mfa_methods, expiration, pagination_limit and
//     list_scan_response_keys_filter_path are refused: each would restrict, and
//     a restriction must not be dropped in silence.
//
// A path with an identity template ("{{identity.entity.id}}") is checked and
// then left out: there is no identity store, and that is what Vault does for a
// token that belongs to no entity. Warnings tells of it.
package hclpolicy
