package demo

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

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
//
// It knows one client, keeps everything in memory, and signs with a key that lives as long as it does. Its session cookie
// serves prompt=none alone: any other request shows the form. The handler may be used by several requests at once. The token library takes the times in tokens from the system clock; Now times sign-ins.
func NewProvider(o ProviderOptions) (http.Handler, error) {
	o, err := o.checked()
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}
	store, err := newProviderStore(o)
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}
	provider, err := op.NewProvider(providerConfig(o), store, op.StaticIssuer(o.Issuer),
		op.WithAllowInsecure(), // the issuer is http on loopback
		op.WithCORSOptions(nil),
	)
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}
	signIn, err := newSignIn(store, o)
	if err != nil {
		return nil, fmt.Errorf("demo identity provider: %w", err)
	}
	mux := http.NewServeMux()
	signIn.register(mux)
	mux.Handle("/", store.withSession(provider))
	return mux, nil
}

func (o ProviderOptions) checked() (ProviderOptions, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Issuer = strings.TrimSuffix(o.Issuer, "/")
	if o.ClientID == "" || o.ClientSecret == "" {
		return o, errors.New("client id and secret are required")
	}
	for name, raw := range map[string]string{"issuer": o.Issuer, "redirect URI": o.RedirectURI, "address after sign-out": o.AfterLogout} {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return o, fmt.Errorf("%s must be an absolute http address", name)
		}
	}
	return o, nil
}

func providerConfig(o ProviderOptions) *op.Config {
	config := &op.Config{
		CryptoKeyId:              "demo",
		DefaultLogoutRedirectURI: o.AfterLogout,
		CodeMethodS256:           true,
		AuthMethodPost:           true,
		SupportedScopes:          []string{"openid", "profile", "email", "groups"},
		SupportedClaims: []string{
			"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "azp", "name", "preferred_username", "groups",
		},
	}
	_, _ = rand.Read(config.CryptoKey[:]) // never fails: crypto/rand ends the program instead
	return config
}
