package http

func (s *Server) metricsRoutes() {}
