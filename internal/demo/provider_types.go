package demo

import (
	"crypto/rsa"
	"net/url"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// signInRequest is one authorization request on its way to a code. It is not changed once it is stored.
type signInRequest struct {
	oidc.AuthRequest
	id       string
	created  time.Time
	done     bool
	silent   bool // prompt=none
	subject  string
	authTime time.Time
}

func (r *signInRequest) GetID() string          { return r.id }
func (r *signInRequest) GetAMR() []string       { return nil } // no factor was asked for, so none is claimed
func (r *signInRequest) GetAudience() []string  { return []string{r.ClientID} }
func (r *signInRequest) GetAuthTime() time.Time { return r.authTime }
func (r *signInRequest) GetClientID() string    { return r.ClientID }
func (r *signInRequest) GetNonce() string       { return r.Nonce }
func (r *signInRequest) GetRedirectURI() string { return r.RedirectURI }
func (r *signInRequest) GetScopes() []string    { return r.Scopes }
func (r *signInRequest) GetState() string       { return r.State }
func (r *signInRequest) GetSubject() string     { return r.subject }
func (r *signInRequest) Done() bool             { return r.done }

// GetACR claims whatever class was asked for, so that a step-up can be tried; nobody proves anything in a demo.
func (r *signInRequest) GetACR() string {
	if len(r.ACRValues) == 0 {
		return ""
	}
	return r.ACRValues[0]
}

func (r *signInRequest) GetResponseType() oidc.ResponseType { return r.ResponseType }
func (r *signInRequest) GetResponseMode() oidc.ResponseMode { return r.ResponseMode }

func (r *signInRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.CodeChallenge, Method: r.CodeChallengeMethod}
}

// demoClient is the portal as the provider knows it.
type demoClient struct {
	id, secret  string
	redirectURI string
	afterLogout []string
}

// newDemoClient registers the portal's base address after sign-out with and without the closing slash, because both
// are the same page and an exact comparison (RFC 9700 section 4.1) tells them apart.
func newDemoClient(o ProviderOptions) *demoClient {
	base := strings.TrimSuffix(o.AfterLogout, "/")
	return &demoClient{
		id:          o.ClientID,
		secret:      o.ClientSecret,
		redirectURI: o.RedirectURI,
		afterLogout: []string{base, base + "/", base + "/auth/login"},
	}
}

func (c *demoClient) GetID() string                       { return c.id }
func (c *demoClient) RedirectURIs() []string              { return []string{c.redirectURI} }
func (c *demoClient) PostLogoutRedirectURIs() []string    { return c.afterLogout }
func (c *demoClient) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c *demoClient) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodBasic }
func (c *demoClient) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *demoClient) GrantTypes() []oidc.GrantType         { return []oidc.GrantType{oidc.GrantTypeCode} }
func (c *demoClient) LoginURL(id string) string            { return signInPath + "?id=" + url.QueryEscape(id) }
func (c *demoClient) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c *demoClient) IDTokenLifetime() time.Duration       { return 10 * time.Minute }
func (c *demoClient) IsScopeAllowed(scope string) bool     { return scope == "groups" }
func (c *demoClient) IDTokenUserinfoClaimsAssertion() bool { return true }
func (c *demoClient) ClockSkew() time.Duration             { return 0 }

// DevMode allows redirects to http, which a demo on loopback needs.
func (c *demoClient) DevMode() bool { return true }

func (c *demoClient) RestrictAdditionalIdTokenScopes() func([]string) []string     { return sameScopes }
func (c *demoClient) RestrictAdditionalAccessTokenScopes() func([]string) []string { return sameScopes }

func sameScopes(scopes []string) []string { return scopes }

// signingKey signs tokens; publicKey is what the key set shows of it.
type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) Key() any                                    { return k.private }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

type publicKey struct{ of signingKey }

func (k publicKey) ID() string                         { return k.of.id }
func (k publicKey) Key() any                           { return &k.of.private.PublicKey }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
