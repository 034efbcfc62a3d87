package http

func (s *Server) policyRoutes() {}
