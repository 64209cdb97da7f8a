package auth

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// fixture is a service with a provider that answers, a real database and a clock that stands still.
type fixture struct {
	*Service
	t        *testing.T
	provider *testProvider
	clock    *clock

	mu      sync.Mutex
	events  []audit.Event
	closed  bool   // the trail takes no records
	onEvent func() // runs before a record is kept
}

func start(t *testing.T, change ...func(*Options)) *fixture {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	f := &fixture{t: t, clock: c, provider: newTestProvider(t, c)}
	db, err := sqlitedb.Open(t.Context(), sqlitedb.Options{Path: filepath.Join(t.TempDir(), "portal.db"), Create: true,
		Migrations: sqlitedb.Migrations("portal")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	f.Service = f.open(db, change...)
	return f
}

// open makes a service on the database, as a start of the program does.
func (f *fixture) open(db *sqlitedb.DB, change ...func(*Options)) *Service {
	f.t.Helper()
	o := Options{DB: db, Trail: &audit.Trail{}, Issuer: f.provider.URL, ClientID: testClient, ClientSecret: testSecret,
		BaseURL: "https://portal.example", RoleClaim: "groups",
		RoleMap: map[string]Role{"grp-a": Reviewer, "grp-b": Auditor, "grp-c": Inspector, "grp-d": Admin},
		Idle:    15 * time.Minute, Max: 8 * time.Hour, Purposes: []string{"onboarding", "alert"}, Now: f.clock.Now}
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	s.record = f.keep
	return s
}

// keep stands for the trail: it holds what was recorded, or is closed.
func (f *fixture) keep(_ context.Context, e audit.Event) (audit.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.onEvent != nil {
		f.onEvent()
	}
	if f.closed {
		return audit.Receipt{}, apperr.New(apperr.TrailClosed, "closed", "")
	}
	f.events = append(f.events, e)
	return audit.Receipt{}, nil
}

// records are the records left so far: action, outcome, subject, role and facts.
func (f *fixture) records() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines []string
	for _, e := range f.events {
		var line strings.Builder
		fmt.Fprintf(&line, "%s %s %s %s", e.Action, e.Outcome, e.Actor.Subject, e.Actor.Role)
		for _, fact := range []string{"because", "groups", "before", "roles", "acr"} {
			if value := e.Facts[fact]; value != "" { // the trail leaves out empty ones
				line.WriteString(" " + fact + "=" + value)
			}
		}
		lines = append(lines, strings.Join(strings.Fields(line.String()), " "))
	}
	return lines
}

// rows counts a table.
func (f *fixture) rows(table string) int {
	f.t.Helper()
	var n int
	if err := f.o.DB.Reader.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

var testRequest = Request{Address: "192.0.2.1", RequestID: "request-1"}

// signIn goes the whole good way.
func (f *fixture) signIn() SignIn {
	f.t.Helper()
	address, loginToken, err := f.Begin(f.t.Context(), "/processes?s=1")
	if err != nil {
		f.t.Fatal(err)
	}
	in, err := f.Callback(f.t.Context(), f.provider.visit(f.t, address), loginToken, testRequest)
	if err != nil {
		f.t.Fatal(err)
	}
	return in
}

func TestAGoodSignInGivesASessionAndLeavesOneRecord(t *testing.T) {
	f := start(t)
	in := f.signIn()
	now := f.clock.Now()
	want := Session{ID: in.Session.ID, Issuer: f.provider.URL, Subject: "subject-1", Name: "Rosalind Ekeberg", Roles: []Role{Reviewer},
		Purpose: "onboarding", CreatedAt: now, SeenAt: now, CheckedAt: now, ExpiresAt: now.Add(8 * time.Hour), ACR: "mfa", AuthTime: now.Add(-time.Minute), Address: "192.0.2.1"}
	if !reflect.DeepEqual(in.Session, want) {
		t.Errorf("got  %+v\nwant %+v", in.Session, want)
	}
	if in.ReturnTo != "/processes?s=1" || len(in.Token) != 43 || len(in.Session.ID) != 16 {
		t.Errorf("return %q, token of %d and pseudonym of %d characters", in.ReturnTo, len(in.Token), len(in.Session.ID))
	}
	found, err := f.Lookup(t.Context(), in.Token)
	if err != nil || !reflect.DeepEqual(found, want) {
		t.Errorf("looked up %+v, %v", found, err)
	}
	if got := f.records(); !slices.Equal(got, []string{"sign-in ok subject-1 reviewer roles=reviewer acr=mfa"}) {
		t.Errorf("records %q", got)
	}
	e := f.events[0]
	if e.Actor.Name != "Rosalind Ekeberg" || e.Actor.Address != "192.0.2.1" || e.Actor.Session != in.Session.ID || e.RequestID != "request-1" || e.Purpose != "onboarding" {
		t.Errorf("the record says %+v", e)
	}
}

func TestN04_TokensStandInTheDatabaseAsHashesAlone(t *testing.T) {
	f := start(t)
	_, loginToken, err := f.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	in := f.signIn()
	for token, statement := range map[string]string{
		loginToken: `SELECT count(*) FROM login WHERE token_hash = ? OR CAST(token_hash AS TEXT) = ? OR state = ?2 OR nonce = ?2 OR verifier = ?2`,
		in.Token:   `SELECT count(*) FROM session WHERE token_hash = ? OR id = ? OR CAST(token_hash AS TEXT) = ?2`,
	} {
		var hashed, plain int
		if err := f.o.DB.Reader.QueryRow(statement, hashOf(token), "").Scan(&hashed); err != nil {
			t.Fatal(err)
		}
		if err := f.o.DB.Reader.QueryRow(statement, []byte("none"), token).Scan(&plain); err != nil {
			t.Fatal(err)
		}
		if hashed != 1 || plain != 0 {
			t.Errorf("%d rows by the hash and %d by the token itself", hashed, plain)
		}
	}
}

const signedIn = apperr.Kind(-1)

func TestN01N02N03_TheProvidersAnswerIsCheckedBeforeAnybodyIsSignedIn(t *testing.T) {
	other := func(f *fixture) string { // the login token of another browser
		_, token, err := f.Begin(f.t.Context(), "/")
		if err != nil {
			f.t.Fatal(err)
		}
		return token
	}
	claim := func(name string, value any) func(*fixture) {
		return func(f *fixture) { f.provider.claims[name] = value }
	}
	good := []string{"sign-in ok subject-1 reviewer roles=reviewer acr=mfa"}
	for name, tc := range map[string]struct {
		before  func(*fixture)                        // before the person is sent to the provider
		answer  func(*fixture, url.Values)            // changes what comes back
		login   func(f *fixture, token string) string // changes the cookie
		want    apperr.Kind
		records []string
	}{
		"good": {want: signedIn, records: good},
		"good without iss parameter": {before: func(f *fixture) {
			f.provider.answer["iss"] = ""
			f.provider.metadata = map[string]any{"authorization_response_iss_parameter_supported": nil}
		}, want: signedIn, records: good},
		"good with at_hash":                           {before: claim("at_hash", accessHash()), want: signedIn, records: good},
		"good a minute behind the provider":           {before: func(f *fixture) { f.provider.claims["iat"] = f.clock.Now().Add(time.Minute).Unix() }, want: signedIn, records: good},
		"good with a token that expired a minute ago": {before: func(f *fixture) { f.provider.claims["exp"] = f.clock.Now().Add(-time.Minute).Unix() }, want: signedIn, records: good},
		"good when nearly ten minutes passed": {answer: func(f *fixture, _ url.Values) {
			f.clock.move(10*time.Minute - time.Second)
			f.provider.claims["exp"] = f.clock.Now().Add(time.Minute).Unix()
		}, want: signedIn, records: good},

		"wrong state":                      {answer: func(_ *fixture, q url.Values) { q.Set("state", newToken()) }, want: apperr.BadRequest},
		"missing state":                    {answer: func(_ *fixture, q url.Values) { q.Del("state") }, want: apperr.BadRequest},
		"two states":                       {answer: func(_ *fixture, q url.Values) { q.Add("state", q.Get("state")) }, want: apperr.BadRequest},
		"missing code":                     {answer: func(_ *fixture, q url.Values) { q.Del("code") }, want: apperr.BadRequest},
		"made-up code":                     {answer: func(_ *fixture, q url.Values) { q.Set("code", "made-up") }, want: apperr.BadRequest},
		"no login cookie":                  {login: func(*fixture, string) string { return "" }, want: apperr.BadRequest},
		"made-up login cookie":             {login: func(*fixture, string) string { return newToken() }, want: apperr.BadRequest},
		"another browser's login cookie":   {login: func(f *fixture, _ string) string { return other(f) }, want: apperr.BadRequest},
		"after ten minutes":                {answer: func(f *fixture, _ url.Values) { f.clock.move(10 * time.Minute) }, want: apperr.BadRequest},
		"another provider's iss parameter": {answer: func(_ *fixture, q url.Values) { q.Set("iss", "https://evil.example") }, want: apperr.BadRequest},
		"no iss parameter though promised": {answer: func(_ *fixture, q url.Values) { q.Del("iss") }, want: apperr.BadRequest},
		"the provider refused":             {answer: func(_ *fixture, q url.Values) { q.Del("code"); q.Set("error", "access_denied") }, want: apperr.BadRequest},

		"wrong nonce":               {before: claim("nonce", "another"), want: apperr.BadRequest},
		"no nonce":                  {before: claim("nonce", nil), want: apperr.BadRequest},
		"wrong audience":            {before: claim("aud", "another-client"), want: apperr.BadRequest},
		"two audiences without azp": {before: claim("aud", []string{testClient, "another-client"}), want: apperr.BadRequest},
		"another authorized party":  {before: claim("azp", "another-client"), want: apperr.BadRequest},
		"issuer with a slash":       {before: func(f *fixture) { f.provider.claims["iss"] = f.provider.URL + "/" }, want: apperr.BadRequest},
		"expired":                   {before: func(f *fixture) { f.provider.claims["exp"] = f.clock.Now().Add(-3 * time.Minute).Unix() }, want: apperr.BadRequest},
		"issued in the future":      {before: func(f *fixture) { f.provider.claims["iat"] = f.clock.Now().Add(3 * time.Minute).Unix() }, want: apperr.BadRequest},
		"not valid yet":             {before: func(f *fixture) { f.provider.claims["nbf"] = f.clock.Now().Add(6 * time.Minute).Unix() }, want: apperr.BadRequest},
		"no subject":                {before: claim("sub", nil), want: apperr.BadRequest},
		"subject of 256 characters": {before: claim("sub", strings.Repeat("s", 256)), want: apperr.BadRequest},
		"subject with a line end":   {before: claim("sub", "subject-1\nadmin"), want: apperr.BadRequest},
		"at_hash of another token":  {before: claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), want: apperr.BadRequest},
		"unsigned (alg none)":       {before: func(f *fixture) { f.provider.sign = unsigned }, want: apperr.BadRequest},
		"signed with the client secret (HS256)": {before: func(f *fixture) {
			f.provider.sign = func(c map[string]any) string {
				return f.provider.jwt(jose.HS256, []byte(strings.Repeat(testSecret, 4)), testKeyID, "JWT", c)
			}
		}, want: apperr.BadRequest},
		"signed by an algorithm that was not discovered": {before: func(f *fixture) {
			f.provider.sign = func(c map[string]any) string { return f.provider.jwt(jose.RS512, f.provider.key, testKeyID, "JWT", c) }
		}, want: apperr.BadRequest},
		"signed with an unknown key": {before: func(f *fixture) {
			f.provider.sign = func(c map[string]any) string { return f.provider.jwt(jose.RS256, f.provider.key, "key-2", "JWT", c) }
		}, want: apperr.BadRequest},
		"two signatures": {before: func(f *fixture) {
			f.provider.sign = func(c map[string]any) string {
				head, rest, _ := strings.Cut(f.provider.jwt(jose.RS256, f.provider.key, testKeyID, "JWT", c), ".")
				payload, signature, _ := strings.Cut(rest, ".")
				one := `{"protected":"` + head + `","signature":"` + signature + `"}`
				return `{"payload":"` + payload + `","signatures":[` + one + `,` + one + `]}`
			}
		}, want: apperr.BadRequest},
		"encrypted (five parts)": {before: func(f *fixture) {
			f.provider.sign = func(c map[string]any) string {
				return f.provider.jwt(jose.RS256, f.provider.key, testKeyID, "JWT", c) + ".AAAA.AAAA"
			}
		}, want: apperr.BadRequest},
		"no ID token": {before: func(f *fixture) { f.provider.sign = func(map[string]any) string { return "" } }, want: apperr.BadRequest},

		"groups as one string": {before: claim("groups", "grp-b"), want: signedIn, records: []string{"sign-in ok subject-1 auditor roles=auditor acr=mfa"}},
		"several roles in the order of the table": {before: claim("groups", []string{"grp-d", "grp-b", "grp-c", "grp-a"}), want: signedIn,
			records: []string{"sign-in ok subject-1 reviewer roles=reviewer,inspector,auditor,admin acr=mfa"}},
		"groups at userinfo alone": {before: func(f *fixture) {
			f.provider.claims["groups"] = nil
			f.provider.userinfo = map[string]any{"sub": "subject-1", "groups": []string{"grp-c"}}
		}, want: signedIn, records: []string{"sign-in ok subject-1 inspector roles=inspector acr=mfa"}},
		"userinfo cannot add to signed groups": {before: func(f *fixture) {
			f.provider.claims["name"] = nil
			f.provider.userinfo = map[string]any{"sub": "subject-1", "groups": []string{"grp-d"}}
		}, want: signedIn, records: good},
		"userinfo about somebody else": {before: func(f *fixture) {
			f.provider.claims["groups"] = nil
			f.provider.userinfo = map[string]any{"sub": "subject-2", "groups": []string{"grp-c"}}
		}, want: apperr.BadRequest},
		"userinfo refused when it is needed":      {before: claim("groups", nil), want: apperr.Upstream},
		"userinfo refused when only a name lacks": {before: claim("name", nil), want: signedIn, records: good},

		"no role":        {before: claim("groups", []string{"unrelated", "GRP-A"}), want: apperr.Forbidden, records: []string{"sign-in.refused refused subject-1 because=no-role groups=2"}},
		"no groups":      {before: claim("groups", []string{}), want: apperr.Forbidden, records: []string{"sign-in.refused refused subject-1 because=no-role groups=0"}},
		"odd role claim": {before: claim("groups", 7), want: apperr.Forbidden, records: []string{"sign-in.refused refused subject-1 because=no-role groups=0"}},

		"trail closed":             {before: func(f *fixture) { f.closed = true }, want: apperr.TrailClosed},
		"trail closed and no role": {before: func(f *fixture) { f.closed = true; f.provider.claims["groups"] = "x" }, want: apperr.TrailClosed},
		"token endpoint down": {before: func(f *fixture) {
			f.provider.token = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "canary", http.StatusBadGateway) }
		}, want: apperr.Upstream},
		"token endpoint redirects": {before: func(f *fixture) {
			f.provider.token = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			}
		}, want: apperr.Upstream},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			if tc.before != nil {
				tc.before(f)
			}
			address, token, err := f.Begin(t.Context(), "/")
			if err != nil {
				t.Fatal(err)
			}
			query := f.provider.visit(t, address)
			if tc.answer != nil {
				tc.answer(f, query)
			}
			if tc.login != nil {
				token = tc.login(f, token)
			}
			in, err := f.Callback(t.Context(), query, token, testRequest)
			kind := signedIn
			if err != nil {
				kind = apperr.KindOf(err)
			}
			if kind != tc.want {
				t.Errorf("kind %d, want %d: %v", kind, tc.want, err)
			}
			if got := f.records(); !slices.Equal(got, tc.records) {
				t.Errorf("records %q, want %q", got, tc.records)
			}
			want := 0
			if tc.want == signedIn {
				want = 1
			}
			if got := f.rows("session"); got != want || (in.Token != "") != (want == 1) {
				t.Errorf("%d sessions and token %t, want %d", got, in.Token != "", want)
			}
			if n := f.provider.times("/elsewhere"); n != 0 {
				t.Errorf("a redirect was followed %d times", n)
			}
			if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), testSecret)) {
				t.Errorf("the error holds what it must not: %v", err)
			}
			if _, err := f.Callback(t.Context(), query, token, testRequest); !apperr.Is(err, apperr.BadRequest) {
				t.Errorf("the same answer again: %v", err)
			}
		})
	}
}

func TestTheRecordIsThereBeforeTheSession(t *testing.T) {
	f := start(t)
	f.onEvent = func() {
		if n := f.rows("session"); n != 0 {
			t.Errorf("%d sessions when the sign-in was recorded", n)
		}
	}
	f.signIn()
	if n := f.rows("session"); n != 1 {
		t.Errorf("%d sessions in the end", n)
	}
}

func TestASessionThatCannotBeSavedIsTakenBackInTheTrail(t *testing.T) {
	f := start(t)
	if _, err := f.o.DB.Writer.Exec(`CREATE TRIGGER full BEFORE INSERT ON session BEGIN SELECT RAISE(ABORT, 'disk full'); END`); err != nil {
		t.Fatal(err)
	}
	address, token, err := f.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Callback(t.Context(), f.provider.visit(t, address), token, testRequest); apperr.KindOf(err) != apperr.Internal || err == nil {
		t.Errorf("got %v", err)
	}
	want := []string{"sign-in ok subject-1 reviewer roles=reviewer acr=mfa", "session.ended failed subject-1 reviewer because=not-saved"}
	if got := f.records(); !slices.Equal(got, want) {
		t.Errorf("records %q, want %q", got, want)
	}
}

func TestAFullDiskIsToldAsTheTrailsClosureAndNotAsAFault(t *testing.T) {
	f := start(t)
	session := f.signIn().Token
	var pages int
	if err := f.o.DB.Writer.QueryRowContext(t.Context(), `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := f.o.DB.Writer.ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
		t.Fatal(err)
	}
	var err error
	for range 200 {
		if _, _, err = f.Begin(t.Context(), "/"+strings.Repeat("x", 1000)); err != nil {
			break
		}
	}
	if !apperr.Is(err, apperr.TrailClosed) {
		t.Errorf("a sign-in on a full disk: %v", err)
	}
	if _, err := f.Lookup(t.Context(), session); err != nil {
		t.Errorf("a session that needs no write: %v", err)
	}
}

func TestN03_TheRequestToTheProviderIsBoundToThisSignIn(t *testing.T) {
	f := start(t)
	address, _, err := f.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := f.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(address)
	v, _ := url.Parse(again)
	q := u.Query()
	for name, want := range map[string]string{"client_id": testClient, "response_type": "code", "redirect_uri": "https://portal.example/auth/callback",
		"scope": "openid profile groups", "code_challenge_method": "S256"} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(q.Get(name)) != 43 || q.Get(name) == v.Query().Get(name) {
			t.Errorf("%s is %q, and the next time %q", name, q.Get(name), v.Query().Get(name))
		}
	}
}

func TestAProviderThatWasDownAtTheStartWorksLater(t *testing.T) {
	f := start(t)
	f.provider.down = true
	for range 2 {
		_, _, err := f.Begin(t.Context(), "/")
		if !apperr.Is(err, apperr.Upstream) || !strings.HasPrefix(err.Error(), "The identity provider cannot be reached") {
			t.Errorf("got %v", err)
		}
	}
	f.provider.down = false
	f.signIn()
	f.signIn()
	if n := f.provider.times("/.well-known/openid-configuration"); n != 3 {
		t.Errorf("discovered %d times, want twice in vain and once for good", n)
	}
}

// timed notes the paths that are asked for, and those without a time by which they end.
type timed struct {
	mu             sync.Mutex
	asked, endless []string
}

func (c *timed) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.asked = append(c.asked, r.URL.Path)
	if end, bounded := r.Context().Deadline(); !bounded || time.Until(end) > providerTimeout {
		c.endless = append(c.endless, r.URL.Path)
	}
	c.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

func TestNoRequestToTheProviderLastsLongerThanAPersonWaits(t *testing.T) {
	c := &timed{}
	f := start(t, func(o *Options) { o.HTTPClient = &http.Client{Transport: c} })
	f.provider.claims["groups"] = nil
	f.provider.userinfo = map[string]any{"sub": "subject-1", "groups": []string{"grp-a"}}
	f.signIn()
	if want := []string{"/.well-known/openid-configuration", "/token", "/keys", "/userinfo"}; !slices.Equal(c.asked, want) || len(c.endless) > 0 {
		t.Errorf("asked for %q, want %q; without an end in time %q", c.asked, want, c.endless)
	}
}

func TestN03_DiscoveryThatCannotBeUsed(t *testing.T) {
	for name, metadata := range map[string]map[string]any{
		"another issuer":                {"issuer": "https://evil.example"},
		"only shared-secret algorithms": {"id_token_signing_alg_values_supported": []string{"HS256", "none"}},
		"no key set":                    {"jwks_uri": nil},
		"a document over a mebibyte":    {"padding": strings.Repeat("x", 1<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.provider.metadata = metadata
			if _, _, err := f.Begin(t.Context(), "/"); !apperr.Is(err, apperr.Upstream) {
				t.Errorf("got %v", err)
			}
			if n := f.rows("login"); n != 0 {
				t.Errorf("%d logins are left", n)
			}
		})
	}
}

func TestN02N08_KeysRotateAndAreFetchedAFewTimesThenOnceInTenSeconds(t *testing.T) {
	f := start(t)
	f.signIn()
	for range 20 {
		forged := f.provider.jwt(jose.RS256, f.provider.key, newToken(), "logout+jwt", map[string]any{"iss": f.provider.URL})
		if err := f.BackchannelLogout(t.Context(), forged); !apperr.Is(err, apperr.BadRequest) {
			t.Fatalf("got %v", err)
		}
	}
	if n := f.provider.times("/keys"); n != keyBurst {
		t.Errorf("keys were fetched %d times", n)
	}
	f.provider.keyID = "key-2"
	f.clock.move(keyPause)
	f.signIn()
	if n := f.provider.times("/keys"); n != keyBurst+1 {
		t.Errorf("keys were fetched %d times, want again for the new one", n)
	}
	f.clock.move(keyPause)
	f.provider.down = true
	forged := f.provider.jwt(jose.RS256, f.provider.key, "new", "logout+jwt", map[string]any{"iss": f.provider.URL})
	if err := f.BackchannelLogout(t.Context(), forged); !apperr.Is(err, apperr.Upstream) {
		t.Errorf("with the provider down: %v", err)
	}
}

func TestKeysThatChangeRightAfterTheyWereFetchedAreFoundAtOnce(t *testing.T) {
	f := start(t)
	f.signIn()
	f.provider.keyID = "key-2"
	f.signIn()
}

func TestI07_ReturnAddressesStayInThePortal(t *testing.T) {
	for _, good := range []string{"/", "/processes?s=abc&status=accepted", "/processes/p-1?version=2", "/audit/7"} {
		if got := safeReturn(good); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
	for _, bad := range []string{"", "processes", "//evil.example", "///evil.example", "https://evil.example/", "javascript:alert(1)", `/\evil.example`,
		`\\evil.example`, "/\t/evil.example", "/\n", "/%zz", "/auth/login", "/auth/logout", "/a\x7f", "/" + strings.Repeat("a", maxReturnTo)} {
		if got := safeReturn(bad); got != "/" {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

func TestStartedSignInsAreBoundedAndForgotten(t *testing.T) {
	f := start(t)
	err := f.o.DB.InTx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO login (token_hash, state, nonce, verifier, return_to, expires_at) SELECT randomblob(32), '', '', '', '', ? FROM n`, maxLogins, sqlitedb.Millis(f.clock.Now().Add(loginAge)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Begin(t.Context(), "/"); !apperr.Is(err, apperr.Busy) {
		t.Errorf("got %v", err)
	}
	f.clock.move(loginAge)
	if _, _, err := f.Begin(t.Context(), "/"); err != nil {
		t.Error(err)
	}
	if n := f.rows("login"); n != 1 {
		t.Errorf("%d logins, want the new one alone", n)
	}
}
