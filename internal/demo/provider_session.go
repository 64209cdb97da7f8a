package demo

import (
	"context"
	"crypto/rand"
	"net/http"
	"time"
)

const (
	// sessionCookie must not be taken for one of the portal's: ports of one host share cookies.
	sessionCookie = "demo_idp_session"
	// sessionFor is how long the provider knows a browser.
	sessionFor = 12 * time.Hour
)

// providerSession is a person whom the provider knows in a browser. It answers prompt=none alone: without that the
// provider always asks, so that whoever plays with the demo can be somebody else.
type providerSession struct {
	subject string
	since   time.Time
}

type sessionKey struct{}

// withSession gives the library's handlers the browser's session, and ends it at sign-out.
func (s *providerStore) withSession(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(sessionCookie)
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		if r.URL.Path == endSessionPath {
			s.forgetSession(cookie.Value)
			http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		}
		if known, ok := s.session(cookie.Value); ok {
			r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, known))
		}
		next.ServeHTTP(w, r)
	})
}

// remember makes a session for the browser that signs in and gives its cookie.
func (s *providerStore) remember(u User) *http.Cookie {
	id := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[id] = providerSession{subject: u.Subject, since: s.now()}
	return &http.Cookie{Name: sessionCookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (s *providerStore) session(id string) (providerSession, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.sessions[id]
	return known, ok && s.now().Sub(known.since) < sessionFor
}

func (s *providerStore) forgetSession(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, id)
}

// silent reports whether a request is one that asks the person nothing and is answered already.
func (s *providerStore) silent(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	return r != nil && r.done && r.silent
}
