package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/internal/sync"
	"github.com/assure-portal/portal/web/templates"
)

// Bounds of the completeness page: Assure's 30 days and today, and how many of what is gone is listed.
const (
	completenessDays = 31
	goneListed       = 200
)

// completeness compares, per UTC day and status, what Assure counts with what the portal holds, and lists what Assure no
// longer has.
func (s *Server) completeness(q *request) error {
	days, err := s.Store.Completeness(q.ctx(), completenessDays)
	if err != nil {
		return err
	}
	fresh, err := s.Store.Freshness(q.ctx())
	if err != nil {
		return err
	}
	gone, err := s.Store.Gone(q.ctx(), goneListed)
	if err != nil {
		return err
	}
	view := templates.CompletenessPage{Page: s.page(q, "Completeness"), Freshness: freshnessWords(fresh, s.Now()),
		Since: instant(fresh.OldestHeld).Words, CSVHref: "/completeness.csv"}
	for _, d := range days {
		view.Rows = append(view.Rows, completenessRow(d))
	}
	for _, g := range gone {
		view.Gone = append(view.Gone, q.goneRow(g))
	}
	if len(gone) == goneListed {
		view.GoneMore = "Those found gone last; there are more."
	}
	return q.render(http.StatusOK, templates.Completeness(view))
}

func (q *request) goneRow(g store.Gone) templates.GoneRow {
	row := templates.GoneRow{ProcessID: g.ProcessID, Status: g.Status, LastSeen: columnInstant(g.LastSeen), FoundAt: columnInstant(g.FoundAt)}
	if q.may(auth.SearchAndRead) {
		row.Href = "/processes/" + g.ProcessID
	}
	if q.may(auth.DecideGone) {
		row.KeepHref = "/processes/" + g.ProcessID + "/keep"
	}
	if g.LastSeen.IsZero() {
		row.LastSeen.Words = "never, imported"
	}
	return row
}

// keepGone notes the decision to keep a process that Assure no longer has.
func (s *Server) keepGone(q *request) error {
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	err = q.change(about(q.event(audit.SettingsChanged), head), "gone", "kept", func() error { return s.Store.KeepGone(q.ctx(), head.ProcessID, s.Now()) })
	if err != nil {
		return err
	}
	return q.Redirect(http.StatusSeeOther, "/completeness")
}

func completenessRow(d store.Day) templates.CompletenessRow {
	row := templates.CompletenessRow{Day: d.Day, Status: d.Status, Upstream: "not counted", Held: strconv.Itoa(d.Held), Refused: strconv.Itoa(d.Refused),
		Missing: strconv.Itoa(d.Missing), Erased: strconv.Itoa(d.Erased), Imported: strconv.Itoa(d.Imported)}
	if d.Upstream >= 0 {
		row.Upstream = strconv.Itoa(d.Upstream)
	}
	row.Bad, row.Why = dayWhy(d)
	return row
}

// dayWhy says whether a day needs somebody's eye, and what its numbers come from.
func dayWhy(d store.Day) (bad bool, why string) {
	var reasons []string
	for _, r := range []struct {
		n              int
		one, many, end string
		bad            bool
	}{
		{d.Missing, "process", "processes", " at Assure that the portal does not hold yet", true},
		{d.Refused, "answer", "answers", " that the portal refused: " + d.RefusedWhy, true},
		{d.Unlisted, "process", "processes", " held that Assure does not count", true},
		{d.Gone, "process", "processes", " gone from Assure and kept here", false},
	} {
		if r.n > 0 {
			bad, reasons = bad || r.bad, append(reasons, counted(r.n, r.one, r.many)+r.end)
		}
	}
	return bad, strings.Join(reasons, "; ")
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
	backlog, err := s.Store.Backlog(q.ctx())
	if err != nil {
		return err
	}
	view := templates.AdminPage{Page: s.page(q, "Administration"), Sync: s.syncFacts(fresh, backlog), Trail: s.trailStateFacts(),
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

// syncFacts say how new the store is, what is still to come, and what goes wrong.
func (s *Server) syncFacts(fresh store.Freshness, backlog store.Backlog) []templates.Fact {
	facts := []templates.Fact{{Label: "Processes held", Value: thousands(fresh.Processes)}, {Label: "Freshness", Value: freshnessWords(fresh, s.Now())}}
	if s.Sync == nil {
		return append(facts, templates.Fact{Label: "Synchronisation", Value: "not configured"})
	}
	state := s.Sync.State()
	facts = append(facts, runFacts(state, s.Now())...)
	facts = append(facts, lagFact(state.Lag))
	facts = append(facts, backlogFacts(backlog)...)
	facts = append(facts, countsFacts(state)...)
	if s.Assure != nil {
		facts = append(facts, connectionFacts(s.Assure.State(), s.Now())...)
	}
	return append(facts, s.diskFact()...)
}

func runFacts(state sync.State, now time.Time) []templates.Fact {
	facts := []templates.Fact{{Label: "Last run", Value: state.Last.String(), Note: instant(state.LastEnd).Words}}
	if state.Running {
		facts = append(facts, templates.Fact{Label: "Now", Value: "a run is under way" + progressWords(state.Progress, now)})
	}
	if state.Paused != "" {
		facts = append(facts, templates.Fact{Label: "Paused", Value: state.Paused})
	}
	if state.LastError != "" {
		facts = append(facts, templates.Fact{Label: "Last fault", Value: state.LastError})
	}
	return facts
}

// progressWords tell count, rate and time left of a run that has more than a moment's work.
func progressWords(p sync.Progress, now time.Time) string {
	if p.Total == 0 {
		return ""
	}
	words := fmt.Sprintf(": %s of %s", thousands(p.Done()), counted(p.Total, "process", "processes"))
	if rate, left := p.Pace(now); rate > 0 {
		words += fmt.Sprintf(", %.0f a second, %s left", rate, inWords(left))
	}
	return words
}

func lagFact(lag sync.Lag) templates.Fact {
	fact := templates.Fact{Label: "From finished to found here", Value: "not measured yet", Note: "since this start"}
	if lag.Of > 0 {
		fact.Value = inWords(lag.P95) + " or less for 95 of 100"
		fact.Note = "the newest " + counted(lag.Of, "process", "processes") + " that finished while the portal synchronised"
	}
	return fact
}

func backlogFacts(b store.Backlog) []templates.Fact {
	facts := []templates.Fact{{Label: "Still to read", Value: counted(b.Unread, "process", "processes"),
		Note: fmt.Sprintf("%s to be asked for again now; attachments or stated data of %s", thousands(b.Due), thousands(b.Owed))}}
	for _, r := range b.Refused {
		facts = append(facts, templates.Fact{Label: "Answers kept aside", Value: thousands(r.Count), Note: r.Reason})
	}
	if b.Gone > 0 {
		facts = append(facts, templates.Fact{Label: "Gone from Assure", Value: counted(b.Gone, "process", "processes"), Note: "listed on the page Completeness"})
	}
	return facts
}

// failureWords are the kinds of failed reads as a person reads them.
var failureWords = map[string]string{"gone": "gone from Assure", "credentials": "credentials refused", "another-process": "an answer about another process",
	"unusable": "an answer that could not be read", "busy": "Assure was busy", "unreachable": "no answer", "portal": "the portal itself"}

// unknownWords are what an answer had that the documentation has not.
var unknownWords = map[string]string{"provider": "provider", "status": "status", "field": "field"}

func countsFacts(state sync.State) []templates.Fact {
	const since = "since this start"
	facts := []templates.Fact{{Label: "Failed reads", Value: tally(sync.Kinds(), failureWords, state.Failures), Note: since}}
	if len(state.Unknown) > 0 {
		facts = append(facts, templates.Fact{Label: "Arrivals with something unknown", Value: tally(sync.Unknowns(), unknownWords, state.Unknown), Note: since})
	}
	if state.Found > 0 {
		facts = append(facts, templates.Fact{Label: "Found through their dossiers alone", Value: counted(state.Found, "process", "processes"), Note: since})
	}
	return facts
}

// tally says what happened how often; "none" where nothing did.
func tally(kinds []string, words map[string]string, counts map[string]int) string {
	var parts []string
	for _, kind := range kinds {
		if n := counts[kind]; n > 0 {
			parts = append(parts, words[kind]+" "+thousands(n))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// connectionFacts say how access token and upstream are.
func connectionFacts(c assure.State, now time.Time) []templates.Fact {
	token := templates.Fact{Label: "Access token", Value: "none yet"}
	switch {
	case c.TokenRefused:
		token.Value = "refused: the token endpoint does not take the portal's credentials"
	case c.TokenFailed:
		token.Value = "the token endpoint does not answer"
	case !c.TokenUntil.IsZero():
		token.Value = "valid for " + inWords(c.TokenUntil.Sub(now)) + " more"
	}
	facts := []templates.Fact{token}
	if !c.DownUntil.IsZero() {
		facts = append(facts, templates.Fact{Label: "Connection", Value: "Assure stopped answering and is left alone for a moment", Note: "until " + instant(c.DownUntil).Words})
	}
	return facts
}

// diskFact says how much room the data directory has left.
func (s *Server) diskFact() []templates.Fact {
	if s.Disk == nil {
		return nil
	}
	free, err := s.Disk()
	if err != nil {
		s.Log.Warn("how much room is left on the disk", "err", err)
		return []templates.Fact{{Label: "Disk", Value: "not known"}}
	}
	fact := templates.Fact{Label: "Disk", Value: fmt.Sprintf("%.1f GB free", float64(free)/1e9), Note: "where the data files are"}
	if free < littleRoom {
		fact.Note = "where the data files are: make room, because without it nothing is recorded, fetched or shown"
	}
	return []templates.Fact{fact}
}

// littleRoom is when an administrator is asked to make room: the log of a long copy or a rebuilt index needs about that.
const littleRoom = 2_000_000_000

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
