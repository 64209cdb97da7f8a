package handlers

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/web/templates"
)

// Bulk reading is told to auditors and, above an absolute rate, slowed.
const (
	defaultMaxOpens = 120 // a minute
	opensBurst      = 5   // minutes of the rate that may be used at once: going through a list quickly is work

	alertFloor  = 200 // processes in an hour below which nobody is told of
	alertFactor = 4   // times a person's own usual hour

	maxReaders    = 1000   // persons that are remembered
	maxOpenedKept = 30_000 // processes of one person in one hour that are told apart
	keepEvery     = 10     // opened processes after which the count is written down

	alertsShown = 24 * time.Hour
	alertsAge   = time.Minute // how old the number on the pages may be
	maxAlerts   = 100
)

// opens remembers which processes each person opened in the present hour. Safe for concurrent use.
type opens struct {
	now       func() time.Time
	perMinute int

	mu      sync.Mutex
	readers *recent[*reader] // by person
}

// reader is one person.
type reader struct {
	limiter *rate.Limiter
	hour    time.Time
	opened  map[string]bool
	alerted bool      // in this hour
	told    time.Time // when a refusal was last recorded
}

func newOpens(now func() time.Time, perMinute int) *opens {
	if perMinute == 0 {
		perMinute = defaultMaxOpens
	}
	return &opens{now: now, perMinute: perMinute, readers: newRecent[*reader](maxReaders)}
}

// reader finds or makes a person's; o.mu is held.
func (o *opens) reader(sess auth.Session) *reader {
	hour := o.now().UTC().Truncate(time.Hour)
	r := o.readers.get(sess.Issuer+"\n"+sess.Subject, func() *reader {
		return &reader{limiter: rate.NewLimiter(rate.Limit(float64(o.perMinute)/60), o.perMinute*opensBurst)}
	})
	if !r.hour.Equal(hour) {
		r.hour, r.opened, r.alerted = hour, map[string]bool{}, false
	}
	return r
}

// may reports whether the person may open a process now, or how long to wait. One opened in this hour is free. first is
// true when the refusal is the first within a minute.
func (o *opens) may(sess auth.Session, process string) (wait time.Duration, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, now := o.reader(sess), o.now()
	if r.opened[process] {
		return 0, false
	}
	reservation := r.limiter.ReserveN(now, 1)
	if wait = reservation.DelayFrom(now); wait == 0 {
		return 0, false
	}
	reservation.CancelAt(now)
	if first = now.Sub(r.told) >= time.Minute; first {
		r.told = now
	}
	return wait, first
}

// open counts a process and gives the number of this hour; isNew is false for one that was counted before.
func (o *opens) open(sess auth.Session, process string) (n int, hour time.Time, isNew bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.reader(sess)
	if r.opened[process] || len(r.opened) >= maxOpenedKept {
		return len(r.opened), r.hour, false
	}
	r.opened[process] = true
	return len(r.opened), r.hour, true
}

// alert claims the hour's one alert.
func (o *opens) alert(sess auth.Session) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.reader(sess)
	first := !r.alerted
	r.alerted = true
	return first
}

// forget gives the claim back: the alert could not be recorded.
func (o *opens) forget(sess auth.Session) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reader(sess).alerted = false
}

// mayOpen slows somebody who opens processes faster than the configuration allows. The first refusal of each minute is
// recorded: one record for each would let a script fill the trail.
func (s *Server) mayOpen(q *request, r route) error {
	id := q.Param("id")
	if !idPattern.MatchString(id) {
		return nil
	}
	wait, first := s.opens.may(q.session, id)
	if wait == 0 {
		return nil
	}
	q.recorded = true
	if first {
		e := q.event(audit.AccessRefused)
		e.Outcome, e.Facts = audit.Refused, map[string]string{"method": r.method, "route": r.path, "reason": "too-many-opened"}
		if _, err := q.record(s.aboutPath(q, e)); err != nil {
			return err
		}
	}
	return tooMuch("You are opening more processes than this portal allows in a short time, so this one was not opened.",
		"Wait as long as this page says and go on. "+strconv.Itoa(s.opens.perMinute)+" a minute are allowed.", wait)
}

// opened counts a process that a record says was shown, and tells auditors when a person opens far more than usual.
func (s *Server) opened(q *request, process string) error {
	n, hour, isNew := s.opens.open(q.session, process)
	if !isNew {
		return nil
	}
	if n%keepEvery == 0 {
		if err := s.Auth.KeepHour(q.ctx(), q.session, hour, n); err != nil {
			return err
		}
	}
	if n <= alertFloor {
		return nil
	}
	usual, err := s.Auth.UsualHour(q.ctx(), q.session)
	if err != nil || n <= usual*alertFactor || !s.opens.alert(q.session) {
		return err
	}
	return s.tellAuditors(q, n, usual)
}

func (s *Server) tellAuditors(q *request, n, usual int) error {
	e := q.event(audit.AccessAlert)
	e.Facts = map[string]string{"reason": "bulk-reading", "opened": strconv.Itoa(n), "usual": strconv.Itoa(usual)}
	if _, err := s.Trail.Append(q.ctx(), e); err != nil {
		s.opens.forget(q.session)
		return err
	}
	s.alerts.expire()
	return nil
}

// alerts is how many there were of late, remembered for a moment because every page of an auditor shows it.
type alerts struct {
	mu    sync.Mutex
	asked time.Time
	n     int
}

func (a *alerts) expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = time.Time{}
}

// recent counts the alerts of the last day. A trail that does not answer has a note of its own on the page.
func (a *alerts) recent(ctx context.Context, trail *audit.Trail, now time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Sub(a.asked).Abs() < alertsAge {
		return a.n
	}
	page, err := trail.Find(ctx, audit.Filter{Action: string(audit.AccessAlert), From: now.Add(-alertsShown)}, maxAlerts)
	if err != nil {
		return 0
	}
	a.asked, a.n = now, len(page.Seqs)
	return a.n
}

// alertNote leads whoever reads the trail to the alerts.
func (s *Server) alertNote(q *request) *templates.Link {
	if !q.may(auth.ReadTrail) {
		return nil
	}
	n := s.alerts.recent(q.ctx(), s.Trail, s.Now())
	if n == 0 {
		return nil
	}
	return &templates.Link{Label: counted(n, "alert", "alerts") + " of bulk reading in the last 24 hours", Href: "/audit?action=" + string(audit.AccessAlert)}
}
