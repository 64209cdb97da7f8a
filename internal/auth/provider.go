package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/assure-portal/portal/internal/apperr"
)

// clockSkew is by how much the provider's clock may differ from ours.
const clockSkew = 2 * time.Minute

// algorithms by which tokens may be signed: public-key ones alone, never none or a shared secret.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512,
	oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// provider is the identity provider as discovered. Never changed after it was made.
type provider struct {
	oidc        *oidc.Provider
	oauth       *oauth2.Config
	keys        oidc.KeySet
	verify      oidc.Config
	endSession  string // "" if it has none
	namesItself bool   // it promises the iss parameter in its answers (RFC 9207)
}

// metadata is what we read of the discovery document beside what go-oidc does.
type metadata struct {
	EndSession  string   `json:"end_session_endpoint"`
	IssuerParam bool     `json:"authorization_response_iss_parameter_supported"`
	Algorithms  []string `json:"id_token_signing_alg_values_supported"`
	Scopes      []string `json:"scopes_supported"`
	TokenAuth   []string `json:"token_endpoint_auth_methods_supported"`
}

// provider gives the discovered provider, discovering it first if need be; callers at the same time share one attempt,
// and a caller who goes away does not spoil it for the others.
func (s *Service) provider(ctx context.Context) (*provider, error) {
	s.mu.Lock()
	p := s.discovered
	s.mu.Unlock()
	if p != nil {
		return p, nil
	}
	attempt := s.discovering.DoChan("", func() (any, error) { return s.discover() })
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-attempt:
		if result.Err != nil {
			return nil, unreachable(fmt.Errorf("discover %s: %w", s.o.Issuer, result.Err))
		}
		return result.Val.(*provider), nil
	}
}

func (s *Service) discover() (*provider, error) {
	// The key set keeps its context for as long as the program runs, so it must not be a request's.
	ctx := oidc.ClientContext(context.Background(), s.client)
	discovered, err := oidc.NewProvider(ctx, s.o.Issuer)
	if err != nil {
		return nil, brief(err)
	}
	var m metadata
	if err := discovered.Claims(&m); err != nil {
		return nil, brief(err)
	}
	accepted, err := acceptedAlgorithms(m.Algorithms)
	if err != nil {
		return nil, err
	}
	p := &provider{oidc: discovered, endSession: absolute(m.EndSession), namesItself: m.IssuerParam,
		oauth: s.oauthConfig(discovered.Endpoint(), m),
		verify: oidc.Config{ClientID: s.o.ClientID, SupportedSigningAlgs: accepted,
			Now: func() time.Time { return s.o.Now().Add(-clockSkew) }}, // for expiry; nbf has five minutes of its own
	}
	if p.keys, err = s.keySet(discovered); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.discovered = p
	s.mu.Unlock()
	return p, nil
}

func (s *Service) keySet(discovered *oidc.Provider) (oidc.KeySet, error) {
	var m struct {
		Keys string `json:"jwks_uri"`
	}
	if err := discovered.Claims(&m); err != nil || absolute(m.Keys) == "" {
		return nil, errors.New("the discovery document names no key set")
	}
	client := *s.client
	client.Transport = newKeyTransport(s.client.Transport, s.o.Now)
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), &client), m.Keys), nil
}

func (s *Service) oauthConfig(endpoint oauth2.Endpoint, m metadata) *oauth2.Config {
	switch post, basic := slices.Contains(m.TokenAuth, "client_secret_post"), slices.Contains(m.TokenAuth, "client_secret_basic"); {
	case post && !basic:
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	case basic && !post, len(m.TokenAuth) == 0: // basic is the default of the specification
		endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{ClientID: s.o.ClientID, ClientSecret: s.o.ClientSecret, Endpoint: endpoint,
		RedirectURL: s.o.BaseURL + "/auth/callback", Scopes: scopes(m.Scopes, s.o.RoleClaim)}
}

// scopes asks for the name, and for the groups where the provider has a scope of the role claim's name. An unknown
// scope would make some providers refuse.
func scopes(offered []string, roleClaim string) []string {
	asked := []string{oidc.ScopeOpenID}
	if len(offered) == 0 || slices.Contains(offered, "profile") {
		asked = append(asked, "profile")
	}
	if slices.Contains(offered, roleClaim) && !slices.Contains(asked, roleClaim) {
		asked = append(asked, roleClaim)
	}
	return asked
}

// acceptedAlgorithms are ours among those offered; RS256 where none are named, as the specification has it.
func acceptedAlgorithms(offered []string) ([]string, error) {
	if len(offered) == 0 {
		return []string{oidc.RS256}, nil
	}
	var accepted []string
	for _, a := range algorithms {
		if slices.Contains(offered, a) {
			accepted = append(accepted, a)
		}
	}
	if len(accepted) == 0 {
		return nil, errors.New("it signs ID tokens by no algorithm that the portal accepts")
	}
	return accepted, nil
}

// absolute gives an address back if a browser can be sent there.
func absolute(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return address
}

// keySetWatch remembers whether a verification failed because the keys could not be fetched.
type keySetWatch struct {
	oidc.KeySet
	err error
}

func (k *keySetWatch) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.KeySet.VerifySignature(ctx, jwt)
	k.err = err
	return payload, err
}

// verifier is for one token. fault says whose fault a refusal is: the token's, or a provider's that cannot be reached.
func (p *provider) verifier(issuer string) (v *oidc.IDTokenVerifier, fault func(error) error) {
	watch, config := &keySetWatch{KeySet: p.keys}, p.verify
	return oidc.NewVerifier(issuer, watch, &config), func(err error) error {
		if _, network := errors.AsType[*url.Error](watch.err); network {
			return unreachable(watch.err)
		}
		return refusedToken(err)
	}
}

// context carries the bounded client to the OAuth and OpenID Connect libraries.
func (s *Service) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, s.client)
}

func unreachable(cause error) error {
	return apperr.Wrap(apperr.Upstream, cause, "The identity provider cannot be reached, so nobody can sign in at the moment.",
		"Try again in a minute. If it stays so, tell whoever runs this portal.")
}

func refusedToken(cause error) error {
	return apperr.Wrap(apperr.BadRequest, brief(cause), "The identity provider's answer could not be trusted, so you were not signed in.",
		"Sign in again. If it happens again, tell whoever runs this portal.")
}

// maxCause bounds what of a library's error goes to the log: it may quote a whole page of the provider.
const maxCause = 200

// brief keeps the first line of a library's error, but network errors as they are.
func brief(err error) error {
	if _, network := errors.AsType[*url.Error](err); network {
		return err
	}
	line, _, cut := strings.Cut(err.Error(), "\n")
	if len(line) > maxCause {
		line, cut = strings.ToValidUTF8(line[:maxCause], ""), true
	}
	if cut {
		line += " …"
	}
	return errors.New(line)
}

// tokenFault says what a failed exchange means. An authorisation code that is refused is a sign-in that has ended;
// anything else, a wrong client secret above all, is for whoever runs the portal.
func tokenFault(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return unreachable(brief(err))
	}
	status := http.StatusText(refused.Response.StatusCode)
	if refused.ErrorCode == "invalid_grant" {
		return staleLogin(errors.New("the token endpoint refused the code"))
	}
	return unreachable(fmt.Errorf("the token endpoint answered %q, error code %.40q", status, refused.ErrorCode))
}
