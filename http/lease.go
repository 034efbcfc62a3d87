package http

func (s *Server) leaseRoutes() {}
