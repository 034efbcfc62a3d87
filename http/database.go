package http

import (
	"context"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/postgres"
)

// databasePlugin is the one kind of database there is, by Vault's name for it.
const databasePlugin = "postgresql-database-plugin"

// databaseEngine is what the routes of a database mount need of its engine beyond
// making secrets; *postgres.Engine is one.
type databaseEngine interface {
	// Verify connects once, with a configuration that may not be stored yet.
	Verify(ctx context.Context, config *engine.Item) error
	// Reset hangs up the connections of this node.
	Reset(mount uint64, path string)
	// Rotate sets the manager's next password on the server.
	Rotate(ctx context.Context, config *engine.Item) error
}

func (s *Server) database() (databaseEngine, error) {
	e, ok := s.engines[fsm.MountDatabase].(databaseEngine)
	if !ok {
		return nil, engine.Refuse("this server has no engine for databases")
	}
	return e, nil
}

// databaseRoutes are what a database mount answers besides creds.
func databaseRoutes() []mountRoute {
	const configTakes = "db.plugin_name connection_url username db.password allowed_roles verify_connection max_open_connections password_authentication root_rotation_statements tls_ca force"
	return []mountRoute{
		credsRoute(),
		belowSecret("config", route{folder: true, list: listConfigs, about: about{
			list: "Lists the databases.",
		}}),
		belowSecret("config/{name}", route{read: readDatabase, update: writeDatabase, delete: deleteDatabase, about: about{
			read: "Shows a database, without its password.", update: "Adds a database or changes what is named of one.", delete: "Removes a database; force=true also while the mount has leases, which are then not revoked outside.", takes: configTakes,
		}}),
		belowSecret("reset/{name}", route{update: resetDatabase, about: about{
			update: "Closes the connections to a database on all nodes.",
		}}),
		belowSecret("rotate-root/{name}", route{update: rotateDatabase, about: about{
			update: "Gives the manager of a database a password that only the cluster knows.",
		}}),
		belowSecret("roles", route{folder: true, list: listEngineRoles, about: about{
			list: "Lists the roles.",
		}}),
		belowSecret("roles/{name}", route{read: readDatabaseRole, update: writeDatabaseRole, delete: deleteEngineRole, about: about{
			read: "Shows a role.", update: "Makes a role or changes what is named of one.", delete: "Deletes a role; accounts made by it stay.",
			takes: "db_name creation_statements revocation_statements rollback_statements renew_statements engine.default_ttl engine.max_ttl credential_type",
		}}),
	}
}

func listConfigs(c *call) (answer, error)      { return c.listItems("config/") }
func listEngineRoles(c *call) (answer, error)  { return c.listItems("roles/") }
func deleteEngineRole(c *call) (answer, error) { return c.deleteItem(c.itemNamed("roles/")) }

func deleteDatabase(c *call) (answer, error) {
	ans, err := c.deleteItem(c.itemNamed("config/"))
	if err == nil {
		c.hangUp(c.itemNamed("config/"))
	}
	return ans, err
}

// hangUp closes this node's connections of a configuration. Other nodes close theirs
// when they have been idle for a while, or meet a newer version.
func (c *call) hangUp(path string) {
	e, err := c.s.database()
	m, ok := c.s.cluster.Local().SecretMount(c.place.mount)
	if err == nil && ok {
		e.Reset(m.Serial, path)
	}
}

func readDatabase(c *call) (answer, error) {
	return c.readItem(c.itemNamed("config/"), func(item *fsm.EngineItem) (object, error) {
		cfg, err := postgres.DecodeConfig(item.Body)
		if err != nil {
			return nil, err
		}
		details := object{"connection_url": cfg.ConnectionURL, "username": cfg.Username, "max_open_connections": cfg.MaxOpenConnections,
			"password_authentication": cfg.PasswordAuthentication}
		if cfg.TLSCA != "" {
			details["tls_ca"] = cfg.TLSCA
		}
		return object{
			"plugin_name": databasePlugin, "plugin_version": "", "password_policy": "",
			"allowed_roles": listed(cfg.AllowedRoles), "connection_details": details, "verify_connection": cfg.VerifyConnection,
			"root_credentials_rotate_statements": listed(cfg.RootRotationStatements),
		}, nil
	})
}

// writeDatabase adds a database or changes one, after connecting to it.
func writeDatabase(c *call) (answer, error) {
	path, change := c.itemNamed("config/"), c.databaseFields()
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return answer{}, c.writeItem(fsm.EngineSet{Path: path}, func(old *fsm.EngineItem) (*itemDraft, error) {
		cfg := &postgres.Config{MaxOpenConnections: postgres.DefaultOpenConnections, VerifyConnection: true, PasswordAuthentication: postgres.PasswordPlain}
		secret := new(postgres.Credentials)
		var before *postgres.Config
		if old != nil {
			var err error
			if cfg, secret, err = c.openDatabase(old); err != nil {
				return nil, err
			}
			if secret.Password != "" && !c.body.has("password") {
				copied := *cfg
				before = &copied
			}
		}
		change(cfg, secret)
		if err := cfg.Check(secret); err != nil {
			return nil, err
		}
		if before != nil {
			if err := cfg.MovedFrom(before); err != nil {
				return nil, err
			}
		}
		d, err := databaseDraft(cfg, secret)
		if err != nil || !cfg.VerifyConnection {
			return d, err
		}
		return d, c.verifyDatabase(&engine.Item{Path: path, Body: d.body, Secret: d.secret})
	})
}

// databaseFields is what the request names of a database.
func (c *call) databaseFields() func(*postgres.Config, *postgres.Credentials) {
	b := &c.body
	if name := b.text("plugin_name"); b.has("plugin_name") && name != databasePlugin {
		b.fail("plugin_name", "expected %s", databasePlugin)
	}
	password := b.text("password")
	connectionURL, username := b.text("connection_url"), b.text("username")
	allowed := b.commaList("allowed_roles", postgres.MaxAllowedRoles)
	verify := b.flag("verify_connection", true)
	open := int(b.whole("max_open_connections", postgres.MaxOpenConnections))
	form := b.text("password_authentication")
	rotation := b.list("root_rotation_statements", postgres.MaxStatements)
	ca := b.text("tls_ca")
	return func(cfg *postgres.Config, secret *postgres.Credentials) {
		if b.has("password") {
			*secret = postgres.Credentials{Password: password}
		}
		given(b, "connection_url", &cfg.ConnectionURL, connectionURL)
		given(b, "username", &cfg.Username, username)
		given(b, "allowed_roles", &cfg.AllowedRoles, allowed)
		given(b, "verify_connection", &cfg.VerifyConnection, verify)
		given(b, "max_open_connections", &cfg.MaxOpenConnections, open)
		given(b, "password_authentication", &cfg.PasswordAuthentication, form)
		given(b, "root_rotation_statements", &cfg.RootRotationStatements, rotation)
		given(b, "tls_ca", &cfg.TLSCA, ca)
	}
}

// given sets what the request names.
func given[T any](b *body, name string, to *T, value T) {
	if b.has(name) {
		*to = value
	}
}

// openDatabase is what is stored of a database.
func (c *call) openDatabase(item *fsm.EngineItem) (*postgres.Config, *postgres.Credentials, error) {
	open, err := c.openItem(item)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := postgres.DecodeConfig(open.Body)
	if err != nil {
		return nil, nil, err
	}
	secret, err := postgres.DecodeCredentials(open.Secret)
	return cfg, secret, err
}

func databaseDraft(cfg *postgres.Config, secret *postgres.Credentials) (*itemDraft, error) {
	body, err := cfg.Marshal()
	if err != nil {
		return nil, err
	}
	text, err := secret.Marshal()
	return &itemDraft{body: body, secret: text}, err
}

// verifyDatabase refuses a configuration that cannot be connected with, as Vault does.
func (c *call) verifyDatabase(config *engine.Item) error {
	e, err := c.s.database()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.ctx, engine.RevokeTime)
	defer cancel()
	if err := e.Verify(ctx, config); err != nil {
		return engine.Refuse("error verifying connection: %v; verify_connection=false stores the configuration all the same", err)
	}
	return nil
}

func readDatabaseRole(c *call) (answer, error) {
	return c.readItem(c.itemNamed("roles/"), func(item *fsm.EngineItem) (object, error) {
		r, err := postgres.DecodeRole(item.Body)
		if err != nil {
			return nil, err
		}
		data := engineRoleData(item)
		data["db_name"], data["credential_type"] = r.DBName, credentialType
		data["creation_statements"], data["revocation_statements"] = listed(r.CreationStatements), listed(r.RevocationStatements)
		data["rollback_statements"], data["renew_statements"] = listed(r.RollbackStatements), listed(r.RenewStatements)
		return data, nil
	})
}

// credentialType is the one kind of credentials there is.
const credentialType = "password"

func writeDatabaseRole(c *call) (answer, error) {
	b := &c.body
	if kind := b.text("credential_type"); b.has("credential_type") && kind != credentialType {
		b.fail("credential_type", "expected %s", credentialType)
	}
	ttls, db := c.roleTTLs(), b.text("db_name")
	create, revoke := b.list("creation_statements", postgres.MaxStatements), b.list("revocation_statements", postgres.MaxStatements)
	rollback, renew := b.list("rollback_statements", postgres.MaxStatements), b.list("renew_statements", postgres.MaxStatements)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if len(rollback) > 0 {
		c.warn("rollback_statements are kept and never run: what creates an account is one transaction")
	}
	return answer{}, c.writeItem(fsm.EngineSet{Path: c.itemNamed("roles/")}, func(old *fsm.EngineItem) (*itemDraft, error) {
		r, d := new(postgres.Role), new(itemDraft)
		var err error
		if old != nil {
			if r, err = postgres.DecodeRole(old.Body); err != nil {
				return nil, err
			}
		}
		given(b, "db_name", &r.DBName, db)
		given(b, "creation_statements", &r.CreationStatements, create)
		given(b, "revocation_statements", &r.RevocationStatements, revoke)
		given(b, "rollback_statements", &r.RollbackStatements, rollback)
		given(b, "renew_statements", &r.RenewStatements, renew)
		ttls(old, d)
		if err := r.Check(); err != nil {
			return nil, err
		}
		d.body, err = r.Marshal()
		return d, err
	})
}
