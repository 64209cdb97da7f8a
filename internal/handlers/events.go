package handlers

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/assure-portal/portal/internal/assure"
)

// maxEvent bounds an event in bytes; the published samples have less than 1 KiB.
const maxEvent = 64 << 10

// event is what is used of an event of Assure in its published envelope of nine members (reference, section 3), or in the
// older form without one. It is only a hint that a process changed: of its data the two ids alone are used, and the
// process is read again. Timestamp, sender, name, account, organisation and tags decide nothing.
type event struct {
	ID        assure.Text `json:"id"`
	ExpiresAt assure.Text `json:"expiresAt"`
	Data      hint        `json:"eventData"`
	hint
}

type hint struct {
	DossierID assure.Text `json:"dossierId"`
	ProcessID assure.Text `json:"processId"`
}

// events takes an event. Whatever it says, it is answered at once: reading the process comes later, and an event that
// is lost is made good by the next listing.
func (s *Server) events(q *request) error {
	if s.EventsSecret == "" {
		return echo.ErrNotFound
	}
	status, result := s.receive(q)
	s.metrics.events.WithLabelValues(result).Inc()
	return q.NoContent(status)
}

// receive says what an event is answered with and, for the metric, what became of it.
func (s *Server) receive(q *request) (status int, result string) {
	body, err := q.bounded(maxEvent)
	if err != nil {
		return http.StatusRequestEntityTooLarge, "too-large"
	}
	if !signed(body, q.Request().Header.Get(s.EventsHeader), s.EventsSecret) {
		return http.StatusUnauthorized, "unsigned"
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		return http.StatusBadRequest, "unreadable"
	}
	return http.StatusAccepted, s.take(e, cmp.Or(string(e.ID), string(body)))
}

// take hands the hint on, if there is a use for it. name is what tells an event from others: its id, or all of it.
func (s *Server) take(e event, name string) string {
	h := e.Data
	if h.ProcessID == "" {
		h = e.hint
	}
	dossierID, processID := string(h.DossierID), string(h.ProcessID)
	expires, err := time.Parse(time.RFC3339, string(e.ExpiresAt))
	switch {
	case err == nil && !s.Now().Before(expires):
		return "expired"
	case !idPattern.MatchString(processID) || !idPattern.MatchString(dossierID):
		return "no-process"
	case s.Sync == nil:
		return "not-connected"
	case !s.told.first(name):
		return "replayed"
	}
	s.Sync.Hint(dossierID, processID)
	return "taken"
}

// eventsRemembered is how many events are known when they come again: more than a day of a busy account, in half a megabyte.
const eventsRemembered = 8192

// told remembers the newest events, so that one that is sent again, by Assure or by somebody who saw it, costs no read. It
// is memory alone: after a start a replay is one read of a process more, and no event is ever data. Safe for concurrent use.
type told struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]bool
	ring  [][sha256.Size]byte
	next  int
}

// first reports whether an event was not told before.
func (t *told) first(name string) bool {
	key := sha256.Sum256([]byte(name))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known[key] {
		return false
	}
	if t.known == nil {
		t.known = map[[sha256.Size]byte]bool{}
	}
	if len(t.ring) < eventsRemembered {
		t.ring = append(t.ring, key)
	} else {
		delete(t.known, t.ring[t.next])
		t.ring[t.next], t.next = key, (t.next+1)%eventsRemembered
	}
	t.known[key] = true
	return true
}

// signed compares the header with HMAC-SHA256 of the raw body in constant time. Signicat publishes neither header nor
// algorithm; hexadecimal, with or without "sha256=" before it, is what its predecessor product documents.
func signed(body []byte, header, secret string) bool {
	claimed, err := hex.DecodeString(strings.TrimPrefix(strings.TrimSpace(header), "sha256="))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hmac.Equal(claimed, mac.Sum(nil))
}

// bounded reads the whole body; one larger than max bytes is an error.
func (q *request) bounded(max int64) ([]byte, error) {
	sent := q.Request().Body
	body, err := io.ReadAll(http.MaxBytesReader(q.Response(), sent, max))
	if err != nil {
		discard(sent)
	}
	return body, err
}
