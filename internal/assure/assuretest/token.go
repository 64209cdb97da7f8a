package assuretest

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// defaultTokenLife is the documented default.
const defaultTokenLife = 10 * time.Minute

// tokens remembers the access tokens given out and when each ends.
type tokens struct {
	mu  sync.Mutex
	end map[string]time.Time
}

func (t *tokens) give(now time.Time, life time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.end == nil {
		t.end = map[string]time.Time{}
	}
	for token, end := range t.end {
		if !now.Before(end) {
			delete(t.end, token)
		}
	}
	token := "sim." + randomHex(24)
	t.end[token] = now.Add(life)
	return token
}

func (t *tokens) good(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	end, ok := t.end[token]
	return ok && now.Before(end)
}

// RevokeTokens makes every token given out so far invalid.
func (s *Simulator) RevokeTokens() {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	clear(s.tokens.end)
}

// giveToken answers as RFC 6749 section 5 says: client credentials in a Basic header, the one scope.
func (s *Simulator) giveToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if !s.knowsClient(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="simulator"`)
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	switch {
	case r.ParseForm() != nil:
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
	case r.PostForm.Get("grant_type") != "client_credentials":
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
	case !slices.Contains(strings.Fields(r.PostForm.Get("scope")), "signicat-api"):
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_scope"})
	default:
		writeJSON(w, http.StatusOK, map[string]any{"access_token": s.tokens.give(s.o.Now(), s.o.TokenLife),
			"expires_in": int(s.o.TokenLife / time.Second), "token_type": "Bearer", "scope": "signicat-api"})
	}
}

func (s *Simulator) knowsClient(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	id, idErr := url.QueryUnescape(id)
	secret, secretErr := url.QueryUnescape(secret)
	return ok && idErr == nil && secretErr == nil && same(id, s.o.ClientID) && same(secret, s.o.ClientSecret)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// authorized lets requests with a living token through.
func (s *Simulator) authorized(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case !bearer || token == "":
			s.problem(w, r, http.StatusUnauthorized, "Malformed Authorization header.", "Please provide a valid Bearer authentication.")
		case !s.tokens.good(token, s.o.Now()):
			s.problem(w, r, http.StatusUnauthorized, "The signature of the JWT could not be validated because the key was not found.", "")
		default:
			next(w, r)
		}
	}
}
