package http

func (s *Server) sysRoutes() {}
