package handlers

import (
	"time"

	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// Routes are method and path of every registered route.
func (s *Server) Routes() []string {
	var all []string
	for _, r := range s.echo.Routes() {
		all = append(all, r.Method+" "+r.Path)
	}
	return all
}

// EventsRemembered is how many events are known when they come again.
const EventsRemembered = eventsRemembered

// NewTold gives what tells the first of events of one name from those that come after it.
func NewTold() func(name string) bool { return new(told).first }

// LocalPath is where a form leads back to.
var LocalPath = localPath

// RawView is the raw body laid out.
var RawView = rawView

// ReviewersPage is the page of a report as a reviewer sees it, with everything that a reviewer may do.
func ReviewersPage(report evidence.Report, now time.Time) templates.ProcessPage {
	roles := []auth.Role{auth.Reviewer}
	head := store.Head{Envelope: store.Envelope{ProcessID: report.ProcessID}, Version: 1, Versions: 1, ReceivedAt: now, CreatedAt: report.Created, UpdatedAt: report.Updated}
	v := processView{head: head, report: report, versions: []store.Head{head}, eyes: eyes{roles: roles}, now: now, reveals: true}
	view := v.page(templates.Page{Title: "Process", SignedIn: true})
	view.RevealHref, view.Purposes = "/processes/"+report.ProcessID+"/reveal", purposeOptions([]string{"onboarding", "alert"}, "alert")
	return view
}
