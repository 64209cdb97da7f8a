// Package auth signs people in with OpenID Connect, keeps their sessions in a small table, and holds who may do what
// as one table. It never shows a page and never decides what a person sees inside a page they may open.
package auth

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Role of a person; a person may hold several.
type Role string

// Roles.
const (
	Reviewer  Role = "reviewer"
	Auditor   Role = "auditor"
	Inspector Role = "inspector"
	Admin     Role = "admin"
)

// Permission is one thing a role may do. Routes name theirs.
type Permission string

// Permissions.
const (
	Anyone          Permission = "anyone"           // no session needed
	SignedIn        Permission = "signed-in"        // any role
	SearchAndRead   Permission = "search-and-read"  // reviewer, auditor, inspector
	ReadImages      Permission = "read-images"      // reviewer, inspector
	ReadRaw         Permission = "read-raw"         // reviewer, inspector
	Reveal          Permission = "reveal"           // reviewer, inspector
	Refresh         Permission = "refresh"          // reviewer
	ExportProcesses Permission = "export-processes" // auditor, inspector
	ReadTrail       Permission = "read-trail"       // auditor, inspector
	SeeCompleteness Permission = "see-completeness" // reviewer, auditor, inspector, admin
	Administer      Permission = "administer"       // admin
)

// Allowed returns the role of roles that gives the permission; ok false when none does.
// With several, the one first in the permission's row of the table.
func Allowed(roles []Role, p Permission) (Role, bool) { panic("todo") }

// Session is one signed-in person in one browser.
type Session struct {
	ID                string // pseudonym for records and the admin page, not the token
	Issuer, Subject   string
	Name              string
	Roles             []Role
	Purpose, Case     string
	CreatedAt, SeenAt time.Time
	ExpiresAt         time.Time
	ACR               string
	AuthTime          time.Time
	Address           string
}

// Has reports whether the person holds the role.
func (s Session) Has(r Role) bool { panic("todo") }

// Options configures the service.
type Options struct {
	DB           *sqlitedb.DB // portal.db
	Trail        *audit.Trail
	Issuer       string
	ClientID     string
	ClientSecret string
	BaseURL      string // of the portal; callback is BaseURL + /auth/callback
	RoleClaim    string
	RoleMap      map[string]Role // group -> role
	Idle, Max    time.Duration
	Purposes     []string // the first is every new session's
	Now          func() time.Time
	HTTPClient   *http.Client // to the identity provider; nil: own, bounded
}

// Service signs in and looks up. Safe for concurrent use.
type Service struct{}

// New prepares the service; the identity provider is discovered when first needed and again after failures.
func New(o Options) (*Service, error) { panic("todo") }

// Request is what a sign-in step needs of the HTTP request.
type Request struct {
	Address, RequestID string
}

// Begin makes a single-use login row (10 minutes) and the provider's address. loginToken goes into a short-lived cookie.
// returnTo is a path of this portal, or "/".
func (s *Service) Begin(ctx context.Context, returnTo string) (redirectTo, loginToken string, err error) {
	panic("todo")
}

// SignIn is the end of a good callback.
type SignIn struct {
	Session  Session
	Token    string // for the session cookie
	ReturnTo string
}

// Callback checks the provider's answer, records sign-in or sign-in.refused, and makes the session after the record.
// Errors: apperr.BadRequest (state, nonce, single use), apperr.Forbidden (no role at all), apperr.TrailClosed, apperr.Upstream.
func (s *Service) Callback(ctx context.Context, query url.Values, loginToken string, r Request) (SignIn, error) {
	panic("todo")
}

// Lookup finds the session of a token and moves its idle end at most once a minute. Kind apperr.Unauthenticated when none.
func (s *Service) Lookup(ctx context.Context, token string) (Session, error) { panic("todo") }

// SetPurpose changes the working purpose and case of a session. Kind apperr.Unprocessable for a purpose not configured.
func (s *Service) SetPurpose(ctx context.Context, sess Session, purpose, caseRef string) error {
	panic("todo")
}

// Purposes are the configured working purposes.
func (s *Service) Purposes() []string { panic("todo") }

// GiveRawPurpose remembers that this session gave a purpose for raw on this process.
func (s *Service) GiveRawPurpose(ctx context.Context, sess Session, processID, purpose string) error {
	panic("todo")
}

// RawPurpose tells the purpose given for raw on this process in this session; "" if none.
func (s *Service) RawPurpose(ctx context.Context, sess Session, processID string) (string, error) {
	panic("todo")
}

// SignOut ends the session, records it, and gives the provider's end-session address ("" if it has none).
func (s *Service) SignOut(ctx context.Context, sess Session, r Request) (endSessionURL string, err error) {
	panic("todo")
}

// BackchannelLogout checks a logout token and ends the sessions it names.
func (s *Service) BackchannelLogout(ctx context.Context, logoutToken string) error { panic("todo") }

// Sessions lists live sessions for the admin page.
func (s *Service) Sessions(ctx context.Context) ([]Session, error) { panic("todo") }

// End ends one session by its pseudonym, recorded as session.ended by the admin.
func (s *Service) End(ctx context.Context, sessionID string, by Session, r Request) error {
	panic("todo")
}

// Actor is the record's actor for a session acting in a role.
func (s Session) Actor(role Role, address string) audit.Actor { panic("todo") }
