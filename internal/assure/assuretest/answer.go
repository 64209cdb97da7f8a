package assuretest

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// problemBody is the API's error answer. Only the 400 of list, get and create has a timestamp.
type problemBody struct {
	Instance  string `json:"instance"`
	Method    string `json:"method"`
	Status    int    `json:"status"`
	Type      string `json:"type"`
	Title     string `json:"title"`
	Detail    string `json:"detail"`
	Timestamp string `json:"timestamp,omitempty"`
	TraceID   string `json:"traceId"`
}

func (s *Simulator) problem(w http.ResponseWriter, r *http.Request, status int, title, detail string) {
	writeJSON(w, status, s.problemOf(r, status, title, detail))
}

// badRequest is the 400 with a timestamp.
func (s *Simulator) badRequest(w http.ResponseWriter, r *http.Request, detail string) {
	b := s.problemOf(r, http.StatusBadRequest, "Bad Request", detail)
	b.Timestamp = wireTime(s.o.Now())
	writeJSON(w, http.StatusBadRequest, b)
}

func (s *Simulator) problemOf(r *http.Request, status int, title, detail string) problemBody {
	kind := "base:client-problem"
	if status >= 500 {
		kind = "base:server-problem"
	}
	return problemBody{Instance: r.URL.Path, Method: r.Method, Status: status, Type: kind, Title: title, Detail: detail, TraceID: randomHex(16)}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the simulator made an answer that is no JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that went away is no concern of ours
}

func writeBytes(w http.ResponseWriter, contentType string, b []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", fmt.Sprint(len(b)))
	_, _ = w.Write(b)
}

func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// newID is a random UUID, as the API gives them.
func newID() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}
