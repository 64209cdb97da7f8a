// Package demo holds what portal demo embeds beside the portal itself: an OpenID Connect provider, the Assure simulator
// and made-up people. Nothing here is used by portal serve.
package demo

import (
	"net/http"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
)

// User can sign in at the demo provider.
type User struct {
	Name   string // reviewer@demo.test
	Roles  []string
	Groups []string
}

// Users are the people of the demo, in the order in which they are printed.
func Users() []User { panic("todo") }

// ProviderOptions configures the demo's identity provider.
type ProviderOptions struct {
	Issuer       string // http://127.0.0.1:port
	ClientID     string
	ClientSecret string
	RedirectURI  string // portal's /auth/callback
	AfterLogout  string // portal's base URL
	Now          func() time.Time
}

// NewProvider makes an OpenID Connect provider: code flow with PKCE, discovery, JWKS, end session. The sign-in page is
// a plain form with one field "username" and a submit button; no password.
func NewProvider(o ProviderOptions) (http.Handler, error) { panic("todo") }

// Options for made-up processes.
type Options struct {
	Processes int
	Seed      int64
	Now       time.Time // times are relative to midnight UTC of this day
}

// Populate fills the simulator. Ids and values depend on the seed alone.
func Populate(sim *assuretest.Simulator, o Options) error { panic("todo") }
