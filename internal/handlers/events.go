package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// maxEvent bounds an event in bytes; the published samples have less than 1 KiB.
const maxEvent = 64 << 10

// event is an event of Assure in its published envelope, or in the older form without one. It is only a hint that a
// process changed: of its data the two ids alone are used, and the process is read again.
type event struct {
	ExpiresAt string `json:"expiresAt"`
	Data      hint   `json:"eventData"`
	hint
}

type hint struct {
	DossierID string `json:"dossierId"`
	ProcessID string `json:"processId"`
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
	return http.StatusAccepted, s.take(e)
}

// take hands the hint on, if there is a use for it.
func (s *Server) take(e event) string {
	h := e.Data
	if h.ProcessID == "" {
		h = e.hint
	}
	expires, err := time.Parse(time.RFC3339, e.ExpiresAt)
	switch {
	case err == nil && !s.Now().Before(expires):
		return "expired"
	case !idPattern.MatchString(h.ProcessID) || !idPattern.MatchString(h.DossierID):
		return "no-process"
	case s.Sync == nil:
		return "not-connected"
	}
	s.Sync.Hint(h.DossierID, h.ProcessID)
	return "taken"
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
