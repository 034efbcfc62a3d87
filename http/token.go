package http

func (s *Server) tokenRoutes() {}
