package auth

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	testClient = "portal"
	testSecret = "made-up secret"
	testKeyID  = "key-1"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// testProvider is an identity provider that insists on client authentication, PKCE S256 and single use of codes.
// What a test changes, it changes before requests are made.
type testProvider struct {
	*httptest.Server
	t     *testing.T
	clock *clock
	key   *rsa.PrivateKey
	keyID string

	down     bool                               // answers 503 to everything
	metadata map[string]any                     // laid over the discovery document
	claims   map[string]any                     // laid over the ID token's claims; nil removes one
	sign     func(claims map[string]any) string // how ID tokens are signed
	userinfo map[string]any                     // nil: 403
	answer   map[string]string                  // laid over the redirect's parameters; empty removes one
	token    http.HandlerFunc                   // instead of the token endpoint

	mu    sync.Mutex
	codes map[string]url.Values // authorisation request of each code that is not used yet
	asked map[string]int        // requests by path
}

// signingKey is one for all tests, because making one is slow.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newTestProvider(t *testing.T, c *clock) *testProvider {
	p := &testProvider{t: t, clock: c, key: signingKey(), keyID: testKeyID, codes: map[string]url.Values{}, asked: map[string]int{},
		claims: map[string]any{}, answer: map[string]string{}}
	p.sign = func(claims map[string]any) string { return p.jwt(jose.RS256, p.key, p.keyID, "JWT", claims) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.exchange)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /userinfo", p.user)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		p.mu.Unlock()
		if p.down {
			http.Error(w, "page of a proxy", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *testProvider) times(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

func (p *testProvider) discovery(w http.ResponseWriter, _ *http.Request) {
	document := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"userinfo_endpoint": p.URL + "/userinfo", "end_session_endpoint": p.URL + "/end?ui=1",
		"id_token_signing_alg_values_supported":          []string{"RS256", "HS256", "none"},
		"authorization_response_iss_parameter_supported": true,
		"scopes_supported":                               []string{"openid", "profile", "groups"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic"},
	}
	p.json(w, overlay(document, p.metadata))
}

// overlay copies changes over base; nil removes.
func overlay(base, changes map[string]any) map[string]any {
	result := maps.Clone(base)
	for name, value := range changes {
		result[name] = value
		if value == nil {
			delete(result, name)
		}
	}
	return result
}

func (p *testProvider) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// authorize signs the person in without asking.
func (p *testProvider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != testClient || q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	code := newToken()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	back := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}
	for name, value := range p.answer {
		back.Set(name, value)
		if value == "" {
			back.Del(name)
		}
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (p *testProvider) exchange(w http.ResponseWriter, r *http.Request) {
	if p.token != nil {
		p.token(w, r)
		return
	}
	id, secret, _ := r.BasicAuth()
	p.mu.Lock()
	asked, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case id != testClient || secret != url.QueryEscape(testSecret):
		w.WriteHeader(http.StatusUnauthorized)
		p.json(w, map[string]string{"error": "invalid_client"})
		return
	case !ok || challenge != asked.Get("code_challenge") || r.FormValue("redirect_uri") != asked.Get("redirect_uri"):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		p.json(w, map[string]string{"error": "invalid_grant"})
		return
	}
	now := p.clock.Now()
	claims := overlay(map[string]any{"iss": p.URL, "sub": "subject-1", "aud": testClient, "exp": now.Add(5 * time.Minute).Unix(),
		"iat": now.Unix(), "auth_time": now.Add(-time.Minute).Unix(), "nonce": asked.Get("nonce"), "name": "Rosalind Ekeberg",
		"groups": []string{"grp-a", "unrelated"}, "sid": "provider-session", "acr": "mfa"}, p.claims)
	p.json(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": p.sign(claims)})
}

func (p *testProvider) keys(w http.ResponseWriter, _ *http.Request) {
	p.json(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: p.keyID, Algorithm: "RS256", Use: "sig"}}})
}

func (p *testProvider) user(w http.ResponseWriter, r *http.Request) {
	if p.userinfo == nil || r.Header.Get("Authorization") != "Bearer access" {
		http.Error(w, "canary of a person", http.StatusForbidden)
		return
	}
	p.json(w, p.userinfo)
}

// jwt signs claims with a header of the test's choice.
func (p *testProvider) jwt(alg jose.SignatureAlgorithm, key any, keyID, typ string, claims map[string]any) string {
	p.t.Helper()
	options := (&jose.SignerOptions{}).WithHeader("kid", keyID)
	if typ != "" {
		options = options.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		p.t.Error(err)
	}
	return compact
}

// unsigned is a token of alg none.
func unsigned(claims map[string]any) string {
	payload, _ := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + "."
}

// visit is what a browser does: it follows the portal's redirect to the provider and reads where that sends it back.
func (p *testProvider) visit(t *testing.T, address string) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	location, err := response.Location()
	if err != nil {
		t.Fatalf("the provider answered %d without a redirect", response.StatusCode)
	}
	if !strings.HasPrefix(location.String(), "https://portal.example/auth/callback?") {
		t.Fatalf("sent back to %s", location)
	}
	return location.Query()
}

// accessHash is the at_hash of the provider's access token.
func accessHash() string {
	sum := crypto.SHA256.New()
	sum.Write([]byte("access"))
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:16])
}
