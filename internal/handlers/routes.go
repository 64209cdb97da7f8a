package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/web/static"
)

// route is one line of the table of routes. A request that fails after its permission was granted leaves a record of
// action, if one is named: a person acted.
type route struct {
	method, path string
	permission   auth.Permission
	action       audit.Action
	handle       func(*request) error
}

// routes is the whole HTTP surface. The contract's table of routes is its source.
func (s *Server) routes() []route {
	return append(s.pageRoutes(), s.plainRoutes()...)
}

func (s *Server) pageRoutes() []route {
	return []route{
		{"GET", "/", auth.SignedIn, "", s.home},
		{"GET", "/help", auth.SignedIn, "", s.help},
		{"GET", "/processes", auth.SearchAndRead, audit.ProcessSearch, s.search},
		{"POST", "/processes/search", auth.SearchAndRead, audit.ProcessSearch, s.postSearch},
		{"POST", "/processes/save", auth.SearchAndRead, audit.SettingsChanged, s.saveSearch},
		{"POST", "/processes/saved/:search/delete", auth.SearchAndRead, audit.SettingsChanged, s.deleteSearch},
		{"POST", "/processes/columns", auth.SearchAndRead, "", s.chooseColumns},
		{"POST", "/processes/ask", auth.Refresh, audit.ProcessRefresh, s.ask},
		{"GET", "/processes.csv", auth.ExportProcesses, audit.ProcessExport, s.exportProcesses},
		{"GET", "/processes.csv/progress", auth.ExportProcesses, "", s.exportProgress},
		{"GET", "/processes/:id", auth.SearchAndRead, audit.ProcessView, s.process},
		{"GET", "/processes/:id/changes", auth.SearchAndRead, audit.ProcessView, s.changes},
		{"GET", "/processes/:id/images/:depiction", auth.ReadImages, audit.ProcessImage, s.image},
		{"GET", "/processes/:id/video", auth.ReadImages, audit.ProcessImage, s.video},
		{"GET", "/processes/:id/raw", auth.ReadRaw, audit.ProcessRaw, s.raw},
		{"GET", "/processes/:id/archive", auth.ReadRaw, audit.ProcessRaw, s.archive},
		{"POST", "/processes/:id/reveal", auth.Reveal, audit.FieldReveal, s.reveal},
		{"POST", "/processes/:id/refresh", auth.Refresh, audit.ProcessRefresh, s.refresh},
		{"POST", "/processes/:id/keep", auth.DecideGone, audit.SettingsChanged, s.keepGone},
		{"POST", "/purpose", auth.SearchAndRead, audit.SettingsChanged, s.purpose},
		{"GET", "/completeness", auth.SeeCompleteness, "", s.completeness},
		{"GET", "/completeness.csv", auth.SeeCompleteness, "", s.completenessCSV},
		{"GET", "/audit", auth.ReadTrail, audit.AuditView, s.trail},
		{"GET", "/audit/person", auth.ReadTrail, "", s.whose},
		{"GET", "/audit/people", auth.ReadTrail, audit.AuditView, s.people},
		{"GET", "/audit/exports", auth.ReadTrail, audit.AuditView, s.register},
		{"POST", "/audit/exports", auth.ReadTrail, audit.AuditView, s.checkFile},
		{"GET", "/audit/statement", auth.ReadTrail, audit.AuditView, s.statement},
		{"GET", "/audit/:seq", auth.ReadTrail, audit.AuditView, s.record},
		{"GET", "/audit.csv", auth.ReadTrail, audit.AuditExport, s.exportTrail},
		{"GET", "/audit.zip", auth.ReadTrail, audit.AuditExport, s.exportBundle},
		{"GET", "/audit/checkpoint", auth.ReadTrail, "", s.checkpoint},
		{"GET", "/audit/key", auth.ReadTrail, "", s.verifierKey},
		{"GET", "/admin", auth.Administer, "", s.admin},
		{"POST", "/admin/sessions/:session/end", auth.Administer, audit.SessionEnded, s.endSession},
		{"POST", "/auth/logout", auth.SignedIn, audit.SignOut, s.logout},
	}
}

func (s *Server) plainRoutes() []route {
	return []route{
		{"GET", "/auth/login", auth.Anyone, "", s.login},
		{"GET", "/auth/callback", auth.Anyone, "", s.callback},
		{"POST", "/auth/backchannel-logout", auth.Anyone, "", s.backchannelLogout},
		{"POST", "/events", auth.Anyone, "", s.events},
		{"POST", "/csp-report", auth.Anyone, "", s.cspReport},
		{"GET", "/healthz", auth.Anyone, "", s.healthz},
		{"GET", "/readyz", auth.Anyone, "", s.readyz},
		{"GET", "/static/*", auth.Anyone, "", s.static},
		{"GET", "/robots.txt", auth.Anyone, "", s.robots},
	}
}

// withoutParameters are pages that take none: one in the address is a mistake that would otherwise go unnoticed.
var withoutParameters = map[string]bool{"/help": true, "/completeness": true, "/completeness.csv": true, "/processes.csv/progress": true, "/audit/:seq": true,
	"/audit/checkpoint": true, "/audit/person": true, "/audit/people": true, "/audit/key": true, "/admin": true}

func (s *Server) static(q *request) error {
	if !static.Has(q.Request().URL.Path) {
		return echo.ErrNotFound
	}
	static.Handler().ServeHTTP(q.Response(), q.Request())
	return nil
}

func (s *Server) robots(q *request) error {
	return q.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
}

func (s *Server) healthz(q *request) error { return q.String(http.StatusOK, "ok\n") }

// readyz is 503 while no page with personal data could be shown.
func (s *Server) readyz(q *request) error {
	if err := s.Trail.Ready(); err != nil {
		return q.String(http.StatusServiceUnavailable, "trail closed\n")
	}
	return q.String(http.StatusOK, "ready\n")
}
