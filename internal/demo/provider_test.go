package demo

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"
)

// idp is a running provider and a browser before it that follows no redirect by itself.
type idp struct {
	server *httptest.Server
	client *http.Client
	config oauth2.Config
	now    time.Time
}

const (
	testRedirect    = "http://127.0.0.1:1/auth/callback"
	testAfterLogout = "http://127.0.0.1:1"
)

func startProvider(t *testing.T) *idp {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	p := &idp{server: server, now: time.Now()}
	var err error
	handler, err = NewProvider(ProviderOptions{
		Issuer: server.URL, ClientID: "portal", ClientSecret: "s3cret",
		RedirectURI: testRedirect, AfterLogout: testAfterLogout,
		Now: func() time.Time { return p.now },
	})
	if err != nil {
		t.Fatalf("NewProvider: %v", err)
	}
	p.client = server.Client()
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p.config = oauth2.Config{
		ClientID: "portal", ClientSecret: "s3cret", RedirectURL: testRedirect,
		Scopes:   []string{"openid", "profile", "groups"},
		Endpoint: oauth2.Endpoint{AuthURL: server.URL + "/authorize", TokenURL: server.URL + "/oauth/token"},
	}
	return p
}

// do sends a request and gives the answer with its body read.
func (p *idp) do(t *testing.T, req *http.Request, err error) (*http.Response, string) {
	t.Helper()
	if err != nil {
		t.Fatalf("make request: %v", err)
	}
	res, err := p.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("read answer: %v", err)
	}
	return res, string(body)
}

func (p *idp) get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = p.server.URL + address
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	return p.do(t, req, err)
}

func (p *idp) post(t *testing.T, path string, form url.Values, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.server.URL+path, strings.NewReader(form.Encode()))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
	}
	return p.do(t, req, err)
}

// begin asks for authorization and gives the page with the form and the id in it.
func (p *idp) begin(t *testing.T, verifier string) (page, id string) {
	t.Helper()
	res, _ := p.get(t, p.config.AuthCodeURL("state-1", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", "nonce-1")))
	if res.StatusCode != http.StatusFound {
		t.Fatalf("authorize answered %d", res.StatusCode)
	}
	res, page = p.get(t, res.Header.Get("Location"))
	if res.StatusCode != http.StatusOK {
		t.Fatalf("sign-in page answered %d", res.StatusCode)
	}
	match := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if match == nil {
		t.Fatalf("no request id in the form:\n%s", page)
	}
	return page, html.UnescapeString(match[1])
}

// signIn goes the whole way to a code.
func (p *idp) signIn(t *testing.T, verifier, username string) string {
	t.Helper()
	_, id := p.begin(t, verifier)
	res, _ := p.post(t, "/sign-in", url.Values{"id": {id}, "username": {username}})
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in answered %d", res.StatusCode)
	}
	res, _ = p.get(t, res.Header.Get("Location"))
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(back.String(), testRedirect) {
		t.Fatalf("callback went to %q (%v)", res.Header.Get("Location"), err)
	}
	if got := back.Query().Get("state"); got != "state-1" {
		t.Errorf("state = %q", got)
	}
	return back.Query().Get("code")
}

// claims verifies the id_token with the published key set.
func (p *idp) claims(t *testing.T, token *oauth2.Token) map[string]any {
	t.Helper()
	raw, _ := token.Extra("id_token").(string)
	signed, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatalf("parse id_token: %v", err)
	}
	_, body := p.get(t, "/keys")
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(body), &keys); err != nil || len(keys.Keys) != 1 {
		t.Fatalf("key set %q: %v", body, err)
	}
	payload, err := signed.Verify(keys.Keys[0])
	if err != nil {
		t.Fatalf("verify id_token: %v", err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatalf("claims: %v", err)
	}
	return claims
}

func TestDiscoveryNamesEveryEndpointUnderTheIssuer(t *testing.T) {
	p := startProvider(t)
	res, body := p.get(t, "/.well-known/openid-configuration")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("discovery answered %d", res.StatusCode)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if got["issuer"] != p.server.URL {
		t.Errorf("issuer = %v, want %s", got["issuer"], p.server.URL)
	}
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"} {
		if s, _ := got[name].(string); !strings.HasPrefix(s, p.server.URL+"/") {
			t.Errorf("%s = %v", name, got[name])
		}
	}
	if methods, _ := got["code_challenge_methods_supported"].([]any); !slices.Contains(methods, any("S256")) {
		t.Errorf("code_challenge_methods_supported = %v", methods)
	}
}

func TestEveryUserSignsInAndGetsTheGroupsOfTheContract(t *testing.T) {
	p := startProvider(t)
	want := map[string][]any{
		"reviewer@demo.test":  {"reviewer"},
		"auditor@demo.test":   {"auditor"},
		"inspector@demo.test": {"inspector"},
		"admin@demo.test":     {"admin"},
		"both@demo.test":      {"reviewer", "auditor"},
		"nobody@demo.test":    nil,
	}
	if len(Users()) != len(want) {
		t.Fatalf("%d users, want %d", len(Users()), len(want))
	}
	subjects := map[any]bool{}
	for name, groups := range want {
		verifier := oauth2.GenerateVerifier()
		token, err := p.config.Exchange(t.Context(), p.signIn(t, verifier, name), oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatalf("%s: exchange: %v", name, err)
		}
		claims := p.claims(t, token)
		if got, _ := claims["groups"].([]any); !slices.Equal(got, groups) {
			t.Errorf("%s: groups = %v, want %v", name, got, groups)
		}
		if claims["preferred_username"] != name || claims["nonce"] != "nonce-1" || claims["iss"] != p.server.URL {
			t.Errorf("%s: claims = %v", name, claims)
		}
		if sub, _ := claims["sub"].(string); sub == "" || strings.Contains(sub, "@") || subjects[sub] {
			t.Errorf("%s: sub = %q is empty, speaking or not its own", name, sub)
		}
		if shown, _ := claims["name"].(string); shown == "" || shown == name {
			t.Errorf("%s: name = %q", name, shown)
		}
		subjects[claims["sub"]] = true
	}
}

func TestUserinfoAgreesWithTheToken(t *testing.T) {
	p := startProvider(t)
	verifier := oauth2.GenerateVerifier()
	token, err := p.config.Exchange(t.Context(), p.signIn(t, verifier, "both@demo.test"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.server.URL+"/userinfo", nil)
	if err == nil {
		token.SetAuthHeader(req)
	}
	res, body := p.do(t, req, err)
	var info map[string]any
	if err := json.Unmarshal([]byte(body), &info); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("userinfo answered %d %q: %v", res.StatusCode, body, err)
	}
	claims := p.claims(t, token)
	for _, name := range []string{"sub", "name", "preferred_username"} {
		if info[name] != claims[name] {
			t.Errorf("%s: userinfo %v, id_token %v", name, info[name], claims[name])
		}
	}
	if res, _ := p.get(t, "/userinfo"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo without a token answered %d", res.StatusCode)
	}
}

func TestAWrongVerifierIsRefusedAndUsesUpTheCode(t *testing.T) {
	p := startProvider(t)
	verifier := oauth2.GenerateVerifier()
	code := p.signIn(t, verifier, "reviewer@demo.test")
	if _, err := p.config.Exchange(t.Context(), code, oauth2.VerifierOption(oauth2.GenerateVerifier())); err == nil {
		t.Fatal("a wrong verifier got a token")
	}
	if _, err := p.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
		t.Fatal("the code worked after a failed try")
	}
}

func TestACodeWorksOnce(t *testing.T) {
	p := startProvider(t)
	verifier := oauth2.GenerateVerifier()
	code := p.signIn(t, verifier, "reviewer@demo.test")
	if _, err := p.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
		t.Fatal("the code worked twice")
	}
}

func TestAWrongClientSecretIsRefused(t *testing.T) {
	p := startProvider(t)
	verifier := oauth2.GenerateVerifier()
	code := p.signIn(t, verifier, "reviewer@demo.test")
	p.config.ClientSecret = "guess"
	if _, err := p.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
		t.Fatal("a wrong secret got a token")
	}
}

func TestAuthorizationRequestsThatAreRefused(t *testing.T) {
	p := startProvider(t)
	challenge := oauth2.S256ChallengeOption(oauth2.GenerateVerifier())
	for name, tc := range map[string]struct {
		options []oauth2.AuthCodeOption
		want    string
	}{
		"no PKCE":           {nil, "invalid_request"},
		"PKCE by plain":     {[]oauth2.AuthCodeOption{oauth2.SetAuthURLParam("code_challenge", strings.Repeat("a", 43)), oauth2.SetAuthURLParam("code_challenge_method", "plain")}, "invalid_request"},
		"without a session": {[]oauth2.AuthCodeOption{challenge, oauth2.SetAuthURLParam("prompt", "none")}, "login_required"},
	} {
		t.Run(name, func(t *testing.T) {
			res, _ := p.get(t, p.config.AuthCodeURL("state-1", tc.options...))
			back, err := url.Parse(res.Header.Get("Location"))
			if err != nil || back.Query().Get("error") != tc.want {
				t.Errorf("answered %d to %q, want error %s", res.StatusCode, res.Header.Get("Location"), tc.want)
			}
		})
	}
	t.Run("redirect to somebody else", func(t *testing.T) {
		p.config.RedirectURL = "http://127.0.0.1:2/elsewhere"
		if res, _ := p.get(t, p.config.AuthCodeURL("state-1", challenge)); res.StatusCode != http.StatusBadRequest {
			t.Errorf("answered %d to %q", res.StatusCode, res.Header.Get("Location"))
		}
	})
}

func TestWhomItKnowsIsToldWithoutAsking(t *testing.T) {
	p := startProvider(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.client.Jar = jar
	p.signIn(t, oauth2.GenerateVerifier(), "both@demo.test")
	silent := func() (code, fault string, verifier string) {
		verifier = oauth2.GenerateVerifier()
		res, _ := p.get(t, p.config.AuthCodeURL("state-2", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "none")))
		for strings.HasPrefix(res.Header.Get("Location"), "/") {
			res, _ = p.get(t, res.Header.Get("Location"))
		}
		back, err := url.Parse(res.Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		return back.Query().Get("code"), back.Query().Get("error"), verifier
	}
	code, fault, verifier := silent()
	token, err := p.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatalf("error %q, %v", fault, err)
	}
	if both, _ := userByName("both@demo.test"); p.claims(t, token)["sub"] != both.Subject {
		t.Errorf("claims %v", p.claims(t, token))
	}
	p.get(t, "/end_session?client_id=portal")
	if code, fault, _ := silent(); code != "" || fault != "login_required" {
		t.Errorf("after sign-out: code %q, error %q", code, fault)
	}
	p.signIn(t, oauth2.GenerateVerifier(), "both@demo.test")
	p.now = p.now.Add(sessionFor)
	if code, fault, _ := silent(); code != "" || fault != "login_required" {
		t.Errorf("after twelve hours: code %q, error %q", code, fault)
	}
}

func TestSignInPageIsAPlainFormUnderAStrictPolicy(t *testing.T) {
	p := startProvider(t)
	page, id := p.begin(t, oauth2.GenerateVerifier())
	for _, want := range []string{`<label for="username">`, `name="username"`, `list="users"`, "no password", "invented"} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %q", want)
		}
	}
	if n := strings.Count(page, `type="submit"`); n != 1 {
		t.Errorf("%d submit buttons, want 1", n)
	}
	for _, bad := range []string{"<script", "style=", "password\" "} {
		if strings.Contains(page, bad) {
			t.Errorf("page holds %q", bad)
		}
	}
	res, _ := p.get(t, "/sign-in?id="+url.QueryEscape(id))
	csp := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
		t.Errorf("policy = %q", csp)
	}
	for _, c := range res.Cookies() {
		if !strings.HasPrefix(c.Name, "demo_idp_") {
			t.Errorf("cookie %q could be taken for one of the portal's", c.Name)
		}
	}
	if res, body := p.get(t, "/sign-in.css"); res.StatusCode != http.StatusOK || !strings.Contains(body, "body") {
		t.Errorf("style answered %d", res.StatusCode)
	}
}

func TestFormsThatAreGivenBack(t *testing.T) {
	p := startProvider(t)
	for name, tc := range map[string]struct {
		form   url.Values // without an id: that of a waiting sign-in
		header []string
		status int
		words  string
	}{
		"an unknown user gets the form again":       {url.Values{"username": {"stranger@demo.test"}}, nil, 422, "Nobody in this demo has that name"},
		"what was typed comes back escaped":         {url.Values{"username": {`"><b>x`}}, nil, 422, "&lt;b&gt;x"},
		"an unknown request leads back to portal":   {url.Values{"id": {"nonsense"}, "username": {"reviewer@demo.test"}}, nil, 400, `<a href="http://127.0.0.1:1">`},
		"a form of another site is refused":         {url.Values{"username": {"admin@demo.test"}}, []string{"Sec-Fetch-Site", "cross-site"}, 403, ""},
		"a form far too large is refused":           {url.Values{"username": {strings.Repeat("x", 8<<10)}}, nil, 400, "could not be read"},
		"case and spaces around a name do not bind": {url.Values{"username": {" Reviewer@Demo.test "}}, nil, 303, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if _, id := p.begin(t, oauth2.GenerateVerifier()); !tc.form.Has("id") {
				tc.form.Set("id", id)
			}
			res, body := p.post(t, "/sign-in", tc.form, tc.header...)
			if res.StatusCode != tc.status || !strings.Contains(body, tc.words) {
				t.Errorf("answered %d, want %d with %q:\n%s", res.StatusCode, tc.status, tc.words, body)
			}
		})
	}
}

func TestTheProvidersOwnAddressLeadsToThePortal(t *testing.T) {
	p := startProvider(t)
	res, body := p.get(t, "/")
	if res.StatusCode != http.StatusOK || !strings.Contains(body, `<a href="`+testAfterLogout+`">`) || strings.Contains(body, "<form") {
		t.Errorf("answered %d:\n%s", res.StatusCode, body)
	}
	if res, _ := p.get(t, "/elsewhere"); res.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown path answered %d", res.StatusCode)
	}
}

func TestASignInEndsAfterTenMinutes(t *testing.T) {
	p := startProvider(t)
	_, id := p.begin(t, oauth2.GenerateVerifier())
	p.now = p.now.Add(signInFor + time.Second)
	res, body := p.post(t, "/sign-in", url.Values{"id": {id}, "username": {"reviewer@demo.test"}})
	if res.StatusCode != http.StatusBadRequest || !strings.Contains(body, "has ended") {
		t.Errorf("answered %d:\n%s", res.StatusCode, body)
	}
}

func TestSignOutGoesBackToThePortalOnly(t *testing.T) {
	p := startProvider(t)
	for name, tc := range map[string]struct{ to, want string }{
		"the portal":             {testAfterLogout, testAfterLogout},
		"the portal with slash":  {testAfterLogout + "/", testAfterLogout + "/"},
		"nowhere in particular":  {"", testAfterLogout},
		"somebody else's server": {"http://127.0.0.1:2/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := url.Values{"client_id": {"portal"}}
			if tc.to != "" {
				q.Set("post_logout_redirect_uri", tc.to)
			}
			res, _ := p.get(t, "/end_session?"+q.Encode())
			if got := res.Header.Get("Location"); got != tc.want {
				t.Errorf("went to %q with %d, want %q", got, res.StatusCode, tc.want)
			}
		})
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	good := ProviderOptions{Issuer: "http://127.0.0.1:1", ClientID: "portal", ClientSecret: "s", RedirectURI: testRedirect, AfterLogout: testAfterLogout}
	for name, spoil := range map[string]func(*ProviderOptions){
		"no client":           func(o *ProviderOptions) { o.ClientID = "" },
		"no secret":           func(o *ProviderOptions) { o.ClientSecret = "" },
		"an issuer of no use": func(o *ProviderOptions) { o.Issuer = "demo" },
		"a relative callback": func(o *ProviderOptions) { o.RedirectURI = "/auth/callback" },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			spoil(&o)
			if _, err := NewProvider(o); err == nil {
				t.Error("accepted")
			}
		})
	}
}
