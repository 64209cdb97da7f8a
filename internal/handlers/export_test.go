package handlers

// Routes are method and path of every registered route.
func (s *Server) Routes() []string {
	var all []string
	for _, r := range s.echo.Routes() {
		all = append(all, r.Method+" "+r.Path)
	}
	return all
}

// LocalPath is where a form leads back to.
var LocalPath = localPath
