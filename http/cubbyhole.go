package http

func (s *Server) cubbyholeRoutes() {}
