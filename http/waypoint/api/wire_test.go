package api_test

// wire is what clients of Waypoint 0.11 send and expect, as recorded from its own
// server. It is never to be made from the descriptors that it is there to judge. The
// messages at the end are those that this interface has without their content.
const wire = `
rpc hashicorp.waypoint.Waypoint/GetVersionInfo | Empty -> GetVersionInfoResponse
rpc hashicorp.waypoint.Waypoint/BootstrapToken | Empty -> NewTokenResponse
rpc hashicorp.waypoint.Waypoint/DecodeToken | DecodeTokenRequest -> DecodeTokenResponse
rpc hashicorp.waypoint.Waypoint/GenerateInviteToken | InviteTokenRequest -> NewTokenResponse
rpc hashicorp.waypoint.Waypoint/GenerateLoginToken | LoginTokenRequest -> NewTokenResponse
rpc hashicorp.waypoint.Waypoint/GenerateRunnerToken | GenerateRunnerTokenRequest -> NewTokenResponse
rpc hashicorp.waypoint.Waypoint/ConvertInviteToken | ConvertInviteTokenRequest -> NewTokenResponse
rpc hashicorp.waypoint.Waypoint/RunnerToken | RunnerTokenRequest -> RunnerTokenResponse
rpc hashicorp.waypoint.Waypoint/RunnerConfig | RunnerConfigRequest -> RunnerConfigResponse, client + server
rpc hashicorp.waypoint.Waypoint/RunnerJobStream | RunnerJobStreamRequest -> RunnerJobStreamResponse, client + server
rpc hashicorp.waypoint.Waypoint/GetUser | GetUserRequest -> GetUserResponse
rpc hashicorp.waypoint.Waypoint/ListUsers | Empty -> ListUsersResponse
rpc hashicorp.waypoint.Waypoint/UpdateUser | UpdateUserRequest -> UpdateUserResponse
rpc hashicorp.waypoint.Waypoint/DeleteUser | DeleteUserRequest -> Empty
rpc hashicorp.waypoint.Waypoint/GetRunner | GetRunnerRequest -> Runner
rpc hashicorp.waypoint.Waypoint/ListRunners | ListRunnersRequest -> ListRunnersResponse
rpc hashicorp.waypoint.Waypoint/AdoptRunner | AdoptRunnerRequest -> Empty
rpc hashicorp.waypoint.Waypoint/ForgetRunner | ForgetRunnerRequest -> Empty
rpc hashicorp.waypoint.Waypoint/GetServerConfig | Empty -> GetServerConfigResponse
rpc hashicorp.waypoint.Waypoint/SetServerConfig | SetServerConfigRequest -> Empty
rpc hashicorp.waypoint.Waypoint/CreateSnapshot | Empty -> CreateSnapshotResponse, server
rpc hashicorp.waypoint.Waypoint/RestoreSnapshot | RestoreSnapshotRequest -> Empty, client
rpc hashicorp.waypoint.Waypoint/ListOIDCAuthMethods | Empty -> ListOIDCAuthMethodsResponse
rpc hashicorp.waypoint.Waypoint/GetOIDCAuthURL | GetOIDCAuthURLRequest -> GetOIDCAuthURLResponse
rpc hashicorp.waypoint.Waypoint/CompleteOIDCAuth | CompleteOIDCAuthRequest -> CompleteOIDCAuthResponse
rpc hashicorp.waypoint.Waypoint/UpsertAuthMethod | UpsertAuthMethodRequest -> UpsertAuthMethodResponse
rpc hashicorp.waypoint.Waypoint/GetAuthMethod | GetAuthMethodRequest -> GetAuthMethodResponse
rpc hashicorp.waypoint.Waypoint/ListAuthMethods | Empty -> ListAuthMethodsResponse
rpc hashicorp.waypoint.Waypoint/DeleteAuthMethod | DeleteAuthMethodRequest -> Empty
rpc hashicorp.waypoint.Waypoint/EntrypointConfig | EntrypointConfigRequest -> EntrypointConfigResponse, server
rpc hashicorp.waypoint.Waypoint/RunTrigger | RunTriggerRequest -> RunTriggerResponse
rpc hashicorp.waypoint.Waypoint/NoAuthRunTrigger | RunTriggerRequest -> RunTriggerResponse

VersionInfo | 1 api: VersionInfo.ProtocolVersion; 2 entrypoint: VersionInfo.ProtocolVersion; 3 version: string
VersionInfo.ProtocolVersion | 1 current: uint32; 2 minimum: uint32
ServerFeatures | 1 features: repeated ServerFeatures.feature
GetVersionInfoResponse | 1 info: VersionInfo; 2 server_features: ServerFeatures
NewTokenResponse | 1 token: string
DecodeTokenRequest | 1 token: string
DecodeTokenResponse | 1 token: Token; 2 transport: TokenTransport
InviteTokenRequest | 1 duration: string; 2 unused_entrypoint: Token.Entrypoint; 3 signup: Token.Invite.Signup; 4 login: Token.Login
LoginTokenRequest | 1 duration: string; 2 user: Ref.User; 3 trigger: bool
GenerateRunnerTokenRequest | 1 duration: string; 2 id: string; 3 labels: map<string,string>
ConvertInviteTokenRequest | 1 token: string
TokenTransport | 1 body: bytes; 2 signature: bytes; 3 key_id: string; 4 metadata: map<string,string>; 12 oauth_creds: TokenTransport.OAuthCredentials of external_creds
TokenTransport.OAuthCredentials | 1 url: string; 2 client_id: string; 3 client_secret: string
Token | 1 unused_user: string; 2 accessor_id: bytes; 3 valid_until: Timestamp; 4 unused_login: bool; 5 unused_invite: bool; 6 unused_entrypoint: Token.Entrypoint; 7 issued_time: Timestamp; 8 login: Token.Login of kind; 9 invite: Token.Invite of kind; 10 trigger: Token.Trigger of kind; 11 runner: Token.Runner of kind
Token.Login | 1 user_id: string; 2 entrypoint: Token.Entrypoint
Token.Entrypoint | 1 deployment_id: string
Token.Runner | 1 id: string; 2 label_hash: uint64
Token.Invite | 1 from_user_id: string; 2 login: Token.Login; 3 signup: Token.Invite.Signup
Token.Invite.Signup | 1 initial_username: string
Token.Trigger | 1 from_user_id: string
User | 1 id: string; 2 username: string; 3 display: string; 4 email: string; 5 links: repeated User.Link
User.Link | 1 oidc: User.Link.OIDC of method
User.Link.OIDC | 1 iss: string; 2 sub: string
Ref.User | 1 id: Ref.UserId of ref; 2 username: Ref.UserUsername of ref
Ref.UserId | 1 id: string
Ref.UserUsername | 1 username: string
GetUserRequest | 1 user: Ref.User
GetUserResponse | 1 user: User
ListUsersResponse | 1 users: repeated User
UpdateUserRequest | 1 user: User
UpdateUserResponse | 1 user: User
DeleteUserRequest | 1 user: Ref.User
Runner | 1 id: string; 2 by_id_only: bool; 3 components: repeated Component; 4 deprecated_is_odr: bool of kind; 5 odr: Runner.ODR of kind; 6 local: Runner.Local of kind; 7 remote: Runner.Remote of kind; 8 adoption_state: Runner.AdoptionState; 9 first_seen: Timestamp; 10 last_seen: Timestamp; 11 online: bool; 12 labels: map<string,string>
Runner.ODR | 1 profile_id: string
Runner.Local | (none)
Runner.Remote | (none)
Component | 1 type: Component.Type; 2 name: string
GetRunnerRequest | 1 runner_id: string
ListRunnersRequest | (none)
ListRunnersResponse | 1 runners: repeated Runner
AdoptRunnerRequest | 1 runner_id: string; 2 adopt: bool
ForgetRunnerRequest | 1 runner_id: string
RunnerTokenRequest | 1 runner: Runner
RunnerTokenResponse | 1 token: string
RunnerConfigRequest | 1 open: RunnerConfigRequest.Open of event
RunnerConfigRequest.Open | 1 runner: Runner
RunnerConfigResponse | 2 config: RunnerConfig
RunnerConfig | 1 config_vars: repeated ConfigVar; 2 config_sources: repeated ConfigSource
RunnerJobStreamRequest | 1 request: RunnerJobStreamRequest.Request of event; 2 ack: RunnerJobStreamRequest.Ack of event; 3 complete: RunnerJobStreamRequest.Complete of event; 4 error: RunnerJobStreamRequest.Error of event; 5 terminal: GetJobStreamResponse.Terminal of event; 6 heartbeat: RunnerJobStreamRequest.Heartbeat of event; 7 download: GetJobStreamResponse.Download of event; 8 config_load: RunnerJobStreamRequest.ConfigLoad of event; 9 variable_values_set: RunnerJobStreamRequest.VariableValuesSet of event
RunnerJobStreamRequest.Request | 1 runner_id: string; 2 reattach_job_id: string
ServerConfig | 1 advertise_addrs: repeated ServerConfig.AdvertiseAddr; 2 cookie: string; 4 platform: string
ServerConfig.AdvertiseAddr | 1 addr: string; 2 tls: bool; 3 tls_skip_verify: bool
GetServerConfigResponse | 1 config: ServerConfig
SetServerConfigRequest | 1 config: ServerConfig
CreateSnapshotResponse | 1 open: CreateSnapshotResponse.Open of event; 2 chunk: bytes of event
CreateSnapshotResponse.Open | (none)
RestoreSnapshotRequest | 1 open: RestoreSnapshotRequest.Open of event; 2 chunk: bytes of event
RestoreSnapshotRequest.Open | 1 exit: bool
ListOIDCAuthMethodsResponse | 1 auth_methods: repeated OIDCAuthMethod
OIDCAuthMethod | 1 name: string; 2 display_name: string; 3 kind: OIDCAuthMethod.Kind
GetOIDCAuthURLRequest | 1 auth_method: Ref.AuthMethod; 2 redirect_uri: string; 3 nonce: string
GetOIDCAuthURLResponse | 1 url: string
CompleteOIDCAuthRequest | 1 auth_method: Ref.AuthMethod; 2 redirect_uri: string; 3 state: string; 4 nonce: string; 5 code: string
CompleteOIDCAuthResponse | 1 token: string; 2 user: User; 3 id_claims_json: string; 4 user_claims_json: string
Ref.AuthMethod | 1 name: string
AuthMethod | 1 name: string; 2 display_name: string; 3 description: string; 4 access_selector: string; 20 oidc: AuthMethod.OIDC of method
AuthMethod.OIDC | 1 client_id: string; 2 client_secret: string; 3 scopes: repeated string; 4 auds: repeated string; 5 allowed_redirect_uris: repeated string; 6 discovery_url: string; 7 discovery_ca_pem: repeated string; 8 claim_mappings: map<string,string>; 9 list_claim_mappings: map<string,string>; 11 signing_algs: repeated string
UpsertAuthMethodRequest | 1 auth_method: AuthMethod
UpsertAuthMethodResponse | 1 auth_method: AuthMethod
GetAuthMethodRequest | 1 auth_method: Ref.AuthMethod
GetAuthMethodResponse | 1 auth_method: AuthMethod
ListAuthMethodsResponse | 1 auth_methods: repeated AuthMethod
DeleteAuthMethodRequest | 1 auth_method: Ref.AuthMethod
EntrypointConfigRequest | 1 deployment_id: string; 2 instance_id: string; 3 type: Instance.Type; 4 disable_exec: bool
EntrypointConfigResponse | 2 config: EntrypointConfig
RunTriggerRequest | 1 ref: Ref.Trigger; 2 variable_overrides: repeated Variable
RunTriggerResponse | 1 job_ids: repeated string
Ref.Trigger | 1 id: string
ErrorDetail | 1 key: string; 2 value: string
InlineKeepalive | 100000000 signature: string

enum Runner.AdoptionState | PENDING 0, PREADOPTED 1, ADOPTED 2, REJECTED 3
enum ServerFeatures.feature | FEATURE_UNSPECIFIED 0, FEATURE_INLINE_KEEPALIVES 1
enum Component.Type | UNKNOWN 0, BUILDER 1, REGISTRY 2, PLATFORM 3, RELEASEMANAGER 4
enum OIDCAuthMethod.Kind | UNKNOWN 0, GITHUB 1, GOOGLE 2
enum Instance.Type | LONG_RUNNING 0, ON_DEMAND 1, VIRTUAL 2

Ref | (none)
ConfigVar | (none)
ConfigSource | (none)
EntrypointConfig | (none)
Instance | (none)
Variable | (none)
GetJobStreamResponse | (none)
GetJobStreamResponse.Terminal | (none)
GetJobStreamResponse.Download | (none)
RunnerJobStreamResponse | (none)
RunnerJobStreamRequest.Ack | (none)
RunnerJobStreamRequest.Complete | (none)
RunnerJobStreamRequest.Error | (none)
RunnerJobStreamRequest.Heartbeat | (none)
RunnerJobStreamRequest.ConfigLoad | (none)
RunnerJobStreamRequest.VariableValuesSet | (none)
`
