package http

import (
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// waypointRoutes are the paths of Waypoint's REST surface, of its gateway where that
// has one for a call.
func (s *Server) waypointRoutes() {
	open := func(rt route) { rt.open = true; s.gateway(rt) }
	open(route{path: "version", read: versionInfo, about: about{read: "Shows the version of Waypoint's protocol."}})
	open(route{path: "token/bootstrap", update: bootstrapWaypoint, about: about{update: "Makes the first user and its login token, once."}})
	open(route{path: "token/decode", update: decodeToken, about: about{update: "Shows what a Waypoint token says.", takes: "token"}})
	open(route{path: "token/exchange", update: exchangeInvite, about: about{update: "Exchanges an invite for a login token.", takes: "token"}})
	open(route{path: "oidc/methods", read: noAuthMethods, about: about{read: "Lists OIDC methods, of which there are none."}})
	open(route{path: "runner/{id}/token", update: awaitAdoption, about: about{update: "Waits until a runner is adopted, and gives it its token.", takes: "wp.runner wp.ticket"}})
	open(route{path: "runner/{id}/offline", update: runnerOffline, about: about{update: "Says that a runner has gone away."}})
	open(route{path: "trigger/{id}", read: runTrigger, about: about{read: "Answers that there is no such trigger, to who may ask.", asks: "wp.token"}})

	s.gateway(route{path: "token/login", update: issueLogin, about: about{update: "Makes a login token, or one for triggers.", takes: "wp.duration wp.user wp.trigger"}})
	s.gateway(route{path: "token/invite", update: issueInvite, about: about{update: "Makes an invite.", takes: "wp.duration wp.login wp.signup"}})
	s.gateway(route{path: "token/runner", update: issueRunner, about: about{update: "Makes a token for a runner.", takes: "wp.duration wp.id wp.labels"}})
	s.gateway(route{path: "token/refresh", update: refreshSigned, about: about{update: "Makes a token like the caller's own."}})

	s.gateway(route{path: "user", read: readCallersUser, about: about{read: "Shows the caller's user."}})
	s.gateway(route{path: "users", read: listSignedUsers, about: about{read: "Lists the users."}})
	s.gateway(route{path: "user/by-id/{id}", read: readSignedUser(fsm.UserByID), delete: deleteSignedUser(fsm.UserByID), about: about{
		read: "Shows a user.", delete: "Removes a user, and so ends its tokens.",
	}})
	s.gateway(route{path: "user/by-username/{id}", read: readSignedUser(fsm.UserByName), delete: deleteSignedUser(fsm.UserByName), about: about{
		read: "Shows a user.", delete: "Removes a user, and so ends its tokens.",
	}})
	s.gateway(route{path: "user/{id}", update: updateSignedUser, about: about{update: "Changes the names of a user.", takes: "wp.user"}})

	s.gateway(route{path: "runners", read: listRunners, about: about{read: "Lists the runners."}})
	s.gateway(route{path: "runner/{id}", read: readRunner, about: about{read: "Shows a runner."}})
	s.gateway(route{path: "runner/{id}/adopt", update: adoptRunner, about: about{update: "Adopts a runner, or rejects it.", takes: "wp.adopt"}})
	s.gateway(route{path: "runner/{id}/forget", update: forgetRunner, about: about{update: "Removes a runner."}})
	s.gateway(route{path: "runner/{id}/online", update: runnerOnline, about: about{update: "Says that a runner works.", takes: "wp.runner"}})

	s.gateway(route{path: "server/config", read: readServerConfig, update: setServerConfig, about: about{
		read: "Shows the server's cookie and addresses.", update: "Sets the server's address.", takes: "wp.config",
	}})
	s.gateway(route{path: "auth-methods", read: noAuthMethods, about: about{read: "Lists authentication methods of Waypoint's, of which there are none."}})
	s.gateway(route{path: "entrypoint/config/{id}", read: entrypointConfig, about: about{read: "Shows a deployment its configuration."}})
	s.gateway(route{path: "entrypoint/logs/{id}", update: entrypointLogs, about: about{update: "Takes lines that a deployment logs.", takes: "wp.lines"}})
}

// gateway adds a route that speaks as Waypoint's gateway does.
func (s *Server) gateway(rt route) {
	rt.gateway = true
	s.handle(rt)
}

func versionInfo(c *call) (answer, error) {
	protocol := &api.VersionInfo_ProtocolVersion{Current: 1, Minimum: 1}
	return said(&api.GetVersionInfoResponse{
		Info:           &api.VersionInfo{Api: protocol, Entrypoint: protocol, Version: c.s.version},
		ServerFeatures: &api.ServerFeatures{},
	})
}

// noAuthMethods lists Waypoint's own login methods. Logins by OIDC go through Jeton's
// method jwt.
func noAuthMethods(c *call) (answer, error) {
	if !c.route.open {
		if _, _, err := c.read(c.access()); err != nil {
			return answer{}, err
		}
	}
	return said(&api.ListOIDCAuthMethodsResponse{})
}
