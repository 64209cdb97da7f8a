package demo

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	// signInFor bounds how long a person may stand before the sign-in page.
	signInFor = 10 * time.Minute
	// accessTokenFor is long enough for the portal to read userinfo once.
	accessTokenFor = 5 * time.Minute
	// maxKept bounds sign-ins and tokens in memory; the demo has a handful of people and, at most, a load test.
	maxKept = 10_000
	// signingBits is the smallest RSA key that RFC 7518 section 3.3 allows.
	signingBits = 2048
)

var (
	errUnknownClient  = errors.New("unknown client or wrong secret")
	errUnknownRequest = errors.New("unknown or expired sign-in request")
	errUnknownToken   = errors.New("unknown or expired token")
	errNotOffered     = errors.New("not offered by the demo identity provider")
)

// providerStore keeps sign-ins and tokens in memory. It implements op.Storage, whose methods it does not need answer
// that they are not offered. Safe for concurrent use.
type providerStore struct {
	client *demoClient
	key    signingKey
	now    func() time.Time

	mu       sync.Mutex
	requests map[string]*signInRequest
	codes    map[string]string // code -> id of the request; a code is used up by its first use
	tokens   map[string]accessToken
	sessions map[string]providerSession // by the value of the browser's cookie
}

type accessToken struct {
	subject string
	expires time.Time
}

func newProviderStore(o ProviderOptions) (*providerStore, error) {
	key, err := rsa.GenerateKey(rand.Reader, signingBits)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	return &providerStore{
		client:   newDemoClient(o),
		key:      signingKey{id: rand.Text(), private: key},
		now:      o.Now,
		requests: map[string]*signInRequest{},
		codes:    map[string]string{},
		tokens:   map[string]accessToken{},
		sessions: map[string]providerSession{},
	}, nil
}

// CreateAuthRequest keeps a request until the person has signed in. PKCE with S256 is required, although the client is
// confidential, because that is what the portal must get right.
func (s *providerStore) CreateAuthRequest(ctx context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if r.CodeChallenge == "" || r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("code_challenge with method S256 is required")
	}
	request := &signInRequest{AuthRequest: *r, id: rand.Text(), created: s.now()}
	if slices.Contains(r.Prompt, oidc.PromptNone) {
		known, ok := ctx.Value(sessionKey{}).(providerSession)
		if !ok {
			return nil, oidc.ErrLoginRequired().WithDescription("nobody is signed in at the demo identity provider")
		}
		request.done, request.silent, request.subject, request.authTime = true, true, known.subject, known.since
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOld()
	if len(s.requests) >= maxKept {
		return nil, oidc.ErrServerError().WithDescription("too many sign-ins at once")
	}
	s.requests[request.id] = request
	return request, nil
}

// forgetOld drops what nobody can use any more. The caller holds the lock.
func (s *providerStore) forgetOld() {
	now := s.now()
	for id, r := range s.requests {
		if now.Sub(r.created) > signInFor {
			delete(s.requests, id)
		}
	}
	for code, id := range s.codes {
		if s.requests[id] == nil {
			delete(s.codes, code)
		}
	}
	for id, t := range s.tokens {
		if now.After(t.expires) {
			delete(s.tokens, id)
		}
	}
	for id, known := range s.sessions {
		if now.Sub(known.since) >= sessionFor {
			delete(s.sessions, id)
		}
	}
}

// signIn marks the request as done by u and reports whether it was still waiting.
func (s *providerStore) signIn(id string, u User) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := s.requests[id]
	if waiting == nil || waiting.done || s.now().Sub(waiting.created) > signInFor {
		return false
	}
	done := *waiting // a copy, because the library may be reading the old one
	done.done, done.subject, done.authTime = true, u.Subject, s.now()
	s.requests[id] = &done
	return true
}

// waits reports whether a person may still sign in to the request.
func (s *providerStore) waits(id string) bool {
	r, err := s.AuthRequestByID(context.Background(), id)
	return err == nil && !r.Done()
}

func (s *providerStore) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r == nil || s.now().Sub(r.created) > signInFor {
		return nil, errUnknownRequest
	}
	return r, nil
}

// AuthRequestByCode uses up the code: a wrong verifier ends the sign-in (RFC 6749 section 4.1.2).
func (s *providerStore) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id, known := s.codes[code]
	delete(s.codes, code)
	s.mu.Unlock()
	if !known {
		return nil, errUnknownRequest
	}
	return s.AuthRequestByID(ctx, id)
}

func (s *providerStore) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

func (s *providerStore) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

func (s *providerStore) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tokens) >= maxKept {
		s.forgetOld()
	}
	id, token := rand.Text(), accessToken{subject: r.GetSubject(), expires: s.now().Add(accessTokenFor)}
	s.tokens[id] = token
	return id, token.expires, nil
}

// TerminateSession ends the tokens of a person; the browser's session has ended before.
func (s *providerStore) TerminateSession(_ context.Context, subject, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, t := range s.tokens {
		if t.subject == subject {
			delete(s.tokens, id)
		}
	}
	return nil
}

func (s *providerStore) RevokeToken(_ context.Context, id, _, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, id)
	return nil
}

func (s *providerStore) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.client.id {
		return nil, errUnknownClient
	}
	return s.client, nil
}

func (s *providerStore) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	sameID := subtle.ConstantTimeCompare([]byte(id), []byte(s.client.id))
	sameSecret := subtle.ConstantTimeCompare([]byte(secret), []byte(s.client.secret))
	if sameID&sameSecret != 1 {
		return errUnknownClient
	}
	return nil
}

// SetUserinfoFromRequest fills the claims of the id_token.
func (s *providerStore) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, _ []string) error {
	return fillClaims(info, r.GetSubject())
}

// SetUserinfoFromToken fills the answer of the userinfo endpoint.
func (s *providerStore) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, tokenID, subject, _ string) error {
	s.mu.Lock()
	token, known := s.tokens[tokenID]
	s.mu.Unlock()
	if !known || token.subject != subject || s.now().After(token.expires) {
		return errUnknownToken
	}
	return fillClaims(info, subject)
}

func fillClaims(info *oidc.UserInfo, subject string) error {
	u, ok := userBySubject(subject)
	if !ok {
		return errUnknownToken
	}
	info.Subject = u.Subject
	info.Name = u.DisplayName
	info.PreferredUsername = u.Name
	if len(u.Groups) > 0 {
		info.AppendClaims("groups", u.Groups)
	}
	return nil
}

func (s *providerStore) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *providerStore) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s *providerStore) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey{s.key}}, nil
}

func (s *providerStore) Health(context.Context) error { return nil }

// What follows belongs to grants that the provider does not offer.

func (s *providerStore) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errNotOffered
}

func (s *providerStore) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, op.ErrInvalidRefreshToken
}

func (s *providerStore) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

func (s *providerStore) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil // the library calls it before SetUserinfoFromRequest and wants it empty
}

func (s *providerStore) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotOffered
}

func (s *providerStore) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (s *providerStore) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotOffered
}

func (s *providerStore) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotOffered
}
