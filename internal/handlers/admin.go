package handlers

import (
	"net/http"
	"strconv"

	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// completenessDays is how far back the completeness page looks: Assure's 30 days and today.
const completenessDays = 31

// completeness compares, per UTC day and status, what Assure counts with what the portal holds.
func (s *Server) completeness(q *request) error {
	days, err := s.Store.Completeness(q.ctx(), completenessDays)
	if err != nil {
		return err
	}
	fresh, err := s.Store.Freshness(q.ctx())
	if err != nil {
		return err
	}
	view := templates.CompletenessPage{Page: s.page(q, "Completeness"), Freshness: freshnessWords(fresh, s.Now()),
		Since: instant(fresh.OldestHeld).Words, CSVHref: "/completeness.csv"}
	for _, d := range days {
		view.Rows = append(view.Rows, completenessRow(d))
	}
	return q.render(http.StatusOK, templates.Completeness(view))
}

func completenessRow(d store.Day) templates.CompletenessRow {
	row := templates.CompletenessRow{Day: d.Day, Status: d.Status, Upstream: "not counted", Held: strconv.Itoa(d.Held), Refused: strconv.Itoa(d.Refused),
		Missing: strconv.Itoa(d.Missing), Erased: strconv.Itoa(d.Erased), Imported: strconv.Itoa(d.Imported)}
	if d.Upstream < 0 {
		return row
	}
	row.Upstream = strconv.Itoa(d.Upstream)
	if d.Missing > 0 {
		row.Bad, row.Why = true, counted(d.Missing, "process", "processes")+" at Assure that the portal does not hold yet"
	}
	return row
}

// admin shows how synchronisation, trail and sessions are; nothing personal but the names of signed-in staff.
func (s *Server) admin(q *request) error {
	sessions, err := s.Auth.Sessions(q.ctx())
	if err != nil {
		return err
	}
	fresh, err := s.Store.Freshness(q.ctx())
	if err != nil {
		return err
	}
	view := templates.AdminPage{Page: s.page(q, "Administration"), Sync: s.syncFacts(fresh), Trail: s.trailStateFacts(),
		Blocked: s.blocked.facts()}
	for _, setting := range s.Settings {
		view.Settings = append(view.Settings, templates.Fact{Label: setting[0], Value: setting[1], Mono: true})
	}
	for _, session := range sessions {
		view.Sessions = append(view.Sessions, templates.SessionRow{ID: session.ID, Name: session.Name, Roles: rolesInWords(session.Roles),
			Since: instant(session.CreatedAt).Words, Seen: instant(session.SeenAt).Words, Confirmed: instant(session.CheckedAt).Words,
			EndAction: "/admin/sessions/" + session.ID + "/end", Own: session.ID == q.session.ID})
	}
	return q.render(http.StatusOK, templates.Admin(view))
}

func (s *Server) syncFacts(fresh store.Freshness) []templates.Fact {
	facts := []templates.Fact{{Label: "Processes held", Value: thousands(fresh.Processes)}, {Label: "Freshness", Value: freshnessWords(fresh, s.Now())}}
	if s.Sync == nil {
		return append(facts, templates.Fact{Label: "Synchronisation", Value: "not configured"})
	}
	state := s.Sync.State()
	facts = append(facts, templates.Fact{Label: "Last run", Value: state.Last.String(), Note: instant(state.LastEnd).Words})
	if state.Running {
		facts = append(facts, templates.Fact{Label: "Now", Value: "a run is under way"})
	}
	if state.Paused != "" {
		facts = append(facts, templates.Fact{Label: "Paused", Value: state.Paused})
	}
	if state.LastError != "" {
		facts = append(facts, templates.Fact{Label: "Last fault", Value: state.LastError})
	}
	return facts
}

func (s *Server) trailStateFacts() []templates.Fact {
	state := s.Trail.State()
	words, _ := trailState(state, s.Now())
	return []templates.Fact{{Label: "State", Value: words}, {Label: "Records", Value: thousands(int(state.Size))},
		{Label: "Newest checkpoint", Value: "size " + thousands(int(state.CheckpointSize)), Note: instant(state.CheckpointTime).Words},
		{Label: "Origin", Value: state.Origin, Mono: true}}
}

// endSession ends somebody's session, or all of that person; the records name the admin.
func (s *Server) endSession(q *request) error {
	end := s.Auth.End
	if q.post("all") == "yes" {
		end = s.Auth.EndPerson
	}
	if err := end(q.ctx(), q.Param("session"), q.session, q.authRequest()); err != nil {
		return err
	}
	q.recorded = true // each end leaves its own record
	return q.Redirect(http.StatusSeeOther, "/admin")
}
