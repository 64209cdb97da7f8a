package handlers

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/web/templates"
)

// allowance is how much somebody may do: burst at once, then so many a second.
type allowance struct {
	perSecond rate.Limit
	burst     int
}

// Allowances of one address before anybody is signed in. A whole company may come from one address, so they bound floods
// and not people; the first stays below the started sign-ins that the portal keeps.
var addressAllowances = map[string]allowance{
	"/auth/login": {4, 240}, "/auth/callback": {4, 240}, "/auth/backchannel-logout": {20, 200}, "/events": {50, 500}, "/csp-report": {1, 30},
}

// strangers is the allowance of an address for pages that need a session, asked for without one.
var strangers = allowance{20, 600}

const (
	maxLimiters   = 10_000 // addresses and persons that are remembered; the one not seen for longest goes
	maxPerSession = 32     // requests of one session at a time; a page and its images are five
	maxPerAddress = 64     // of strangers of one address at a time: whoever sends slowly must not fill the places of all
	maxInFlight   = 512    // requests at a time; more would only wait for the same two writers
)

// refusal is a failure that says when to come again, or where to go next.
type refusal struct {
	fault  *apperr.Error
	status int // 0: by kind
	after  time.Duration
	next   *templates.Link
}

func (r *refusal) Error() string { return r.fault.Error() }

// Unwrap gives the kind.
func (r *refusal) Unwrap() error { return r.fault }

func tooMuch(what, hint string, after time.Duration) error {
	return &refusal{fault: apperr.New(apperr.Busy, what, hint), after: after}
}

// limiters keeps a limiter a key, those used last. Safe for concurrent use.
type limiters struct {
	now func() time.Time

	mu    sync.Mutex
	byKey *recent[*rate.Limiter]
}

func newLimiters(now func() time.Time) *limiters {
	return &limiters{now: now, byKey: newRecent[*rate.Limiter](maxLimiters)}
}

// take uses up one of the key's allowance, or says how long to wait.
func (l *limiters) take(key string, a allowance) (wait time.Duration, ok bool) {
	now := l.now()
	reservation := l.limiter(key, a).ReserveN(now, 1)
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
	}
	return wait, wait == 0
}

func (l *limiters) limiter(key string, a allowance) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byKey.get(key, func() *rate.Limiter { return rate.NewLimiter(a.perSecond, a.burst) })
}

// network is what counts as one address: of IPv6 the network that one customer gets (RFC 6177).
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}

// limitAddress counts a request of somebody who is not signed in.
func (s *Server) limitAddress(q *request, name string, a allowance) error {
	wait, ok := s.limits.take(name+" "+network(q.RealIP()), a)
	if ok {
		return nil
	}
	return tooMuch("Too many requests come from your address, so this one was not looked at.", "Wait a little and try again.", wait)
}

// crowd bounds what runs at a time. Safe for concurrent use.
type crowd struct {
	mu     sync.Mutex
	all    int
	shares map[string]int
}

// enter counts a request in, if there is room; leave counts it out.
func (c *crowd) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= maxInFlight {
		return false
	}
	c.all++
	return true
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
}

// enterShare is enter for one session or address, of whose requests there may be so many.
func (c *crowd) enterShare(whose string, most int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shares[whose] >= most {
		return false
	}
	c.shares[whose]++
	return true
}

func (c *crowd) leaveShare(whose string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shares[whose]--; c.shares[whose] == 0 {
		delete(c.shares, whose)
	}
}

// takeShare bounds the requests of one person, or of strangers of one address, that are under way at once.
func (s *Server) takeShare(q *request) (leave func(), err error) {
	whose, most := "session "+q.session.ID, maxPerSession
	switch {
	case q.session.ID != "":
	case always(q.Request().URL.Path):
		return func() {}, nil
	default:
		whose, most = "address "+network(q.RealIP()), maxPerAddress
	}
	if !s.crowd.enterShare(whose, most) {
		return nil, tooMuch("Too many of your requests are under way at once, so this one was not looked at.", "Wait for the others to end.", time.Second)
	}
	return func() { s.crowd.leaveShare(whose) }, nil
}

// always are the paths that answer however busy the portal is: whoever watches it must see that it lives.
func always(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/robots.txt" || strings.HasPrefix(path, "/static/")
}

// limitCrowd refuses what comes while too much is under way, rather than let all of it become slow.
func (s *Server) limitCrowd(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if always(c.Request().URL.Path) {
			return next(c)
		}
		if !s.crowd.enter() {
			return &refusal{status: http.StatusServiceUnavailable, after: time.Second,
				fault: apperr.New(apperr.Busy, "The portal has more to do than it can at the moment.", "Try again in a few seconds.")}
		}
		defer s.crowd.leave()
		return next(c)
	}
}

// explain sets what a refusal says beside its words.
func explain(view *templates.ErrorPage, err error) {
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		return
	}
	if r.next != nil {
		view.Next = r.next
	}
	if r.status == http.StatusServiceUnavailable {
		view.Heading = "The portal is busy"
	}
}
