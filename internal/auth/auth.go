// Package auth signs people in with OpenID Connect, keeps their sessions in a small table, and holds who may do what
// as one table. It never shows a page and never decides what a person sees inside a page they may open. It keeps no
// token of the identity provider, and of its own tokens only their SHA-256.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Options configures the service.
type Options struct {
	DB           *sqlitedb.DB // portal.db
	Trail        *audit.Trail
	Issuer       string // as the identity provider writes it, to the letter
	ClientID     string
	ClientSecret string
	BaseURL      string          // of the portal; callback is BaseURL + /auth/callback
	RoleClaim    string          // dots lead into objects
	RoleMap      map[string]Role // group -> role
	Idle, Max    time.Duration
	Purposes     []string      // the first is every new session's
	RevealACR    string        // authentication context class that revealing needs; empty: any
	RevealMaxAge time.Duration // how long ago a person may have proved who they are, to reveal; 0: any time
	Now          func() time.Time
	HTTPClient   *http.Client // to the identity provider; nil: own. Either way bounded in time and size, without redirects
}

// Service signs in and looks up. Safe for concurrent use.
type Service struct {
	o      Options
	record func(context.Context, audit.Event) (audit.Receipt, error) // the trail's Append
	client *http.Client
	policy []byte // what sessions' roles depend on; see policyOf

	discovering singleflight.Group
	mu          sync.Mutex
	discovered  *provider // nil until the identity provider answered once
}

// New prepares the service; the identity provider is discovered when first needed and again after failures.
func New(o Options) (*Service, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("sign-in: %w", err)
	}
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	o.RoleMap, o.Purposes = maps.Clone(o.RoleMap), slices.Clone(o.Purposes)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{o: o, record: o.Trail.Append, client: boundedClient(o.HTTPClient), policy: policyOf(o)}, nil
}

func (o Options) check() error {
	for _, rule := range []struct {
		ok   bool
		what string
	}{
		{o.DB != nil && o.Trail != nil, "the database and the trail must be open"},
		{o.Issuer != "" && o.ClientID != "" && o.BaseURL != "", "issuer, client id and base URL are needed"},
		{o.RoleClaim != "" && len(o.RoleMap) > 0, "a role claim and a role map are needed"},
		{o.RevealMaxAge >= 0, "an age must not be negative"},
		{o.Idle > 0 && o.Max >= o.Idle, "a session must last, and not be idle for longer than it lasts"},
		{len(o.Purposes) > 0, "at least one working purpose is needed"},
	} {
		if !rule.ok {
			return errors.New(rule.what)
		}
	}
	for _, role := range o.RoleMap {
		if !known(role) {
			return fmt.Errorf("the role map names %q, which is no role", role)
		}
	}
	return nil
}

// policyOf is a digest of what the roles in a session depend on. When an operator takes a group out of the role map,
// sessions from before the restart are over at once.
func policyOf(o Options) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q\n", o.Issuer, o.ClientID, o.RoleClaim)
	for _, group := range slices.Sorted(maps.Keys(o.RoleMap)) {
		fmt.Fprintf(h, "%q %q\n", group, o.RoleMap[group])
	}
	return h.Sum(nil)
}

// Purposes are the configured working purposes.
func (s *Service) Purposes() []string { return slices.Clone(s.o.Purposes) }

// Request is what a sign-in step needs of the HTTP request.
type Request struct {
	Address, RequestID string
}

// unsaved wraps a failed write. On a full disk the trail takes no record either, so it is told as the trail's closure.
func unsaved(what string, err error) error {
	err = fmt.Errorf("%s: %w", what, err)
	if sqlitedb.IsFull(err) {
		return apperr.Wrap(apperr.TrailClosed, err, "The portal's disk is full, so nothing can be recorded and nobody can sign in.",
			"Tell whoever runs this portal. It goes on by itself when there is space.")
	}
	return err
}

// newToken is 256 bits of randomness for a cookie or a URL.
func newToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: the program ends instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// newPseudonym names a session in records. It tells nothing about the session's token.
func newPseudonym() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
