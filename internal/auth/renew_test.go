package auth

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
)

func TestRolesAreDueAfterHalfAnHour(t *testing.T) {
	for name, tc := range map[string]struct {
		after     time.Duration
		soon, due bool
	}{
		"a fresh session":                    {0, false, false},
		"just before the 25th minute":        {25*time.Minute - time.Second, false, false},
		"from the 25th minute on, for pages": {25 * time.Minute, true, false},
		"from the 30th minute on, for all":   {30 * time.Minute, true, true},
		"a clock that went back a little":    {-time.Minute, false, false},
		"a clock that went back far":         {-time.Hour, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			sess := f.signIn().Session
			f.clock.move(tc.after)
			if soon, due := f.CheckSoon(sess), f.CheckDue(sess); soon != tc.soon || due != tc.due {
				t.Errorf("soon %t, due %t", soon, due)
			}
		})
	}
}

// renewal is one way from a session through the provider and back.
type renewal struct {
	before  func(*fixture)
	answer  func(*fixture, url.Values)
	want    apperr.Kind
	records []string // after those of the sign-in
	roles   []Role   // of the session afterwards; nil: it has ended
	token   string   // "same", "new", or "dead": what became of the browser's token
}

// go through the provider and compare. begin starts the check or the step-up.
func (r renewal) run(t *testing.T, f *fixture, begin func(Session) (string, string, error)) SignIn {
	t.Helper()
	in := f.signIn()
	f.events = nil
	f.clock.move(26 * time.Minute)
	f.keepAlive(in)
	if r.before != nil {
		r.before(f)
	}
	address, loginToken, err := begin(in.Session)
	if err != nil {
		t.Fatal(err)
	}
	query := f.provider.visit(t, address)
	if r.answer != nil {
		r.answer(f, query)
	}
	out, err := f.Callback(t.Context(), query, loginToken, testRequest)
	kind := signedIn
	if err != nil {
		kind = apperr.KindOf(err)
	}
	if kind != r.want {
		t.Errorf("kind %d, want %d: %v", kind, r.want, err)
	}
	if got := f.records(); !slices.Equal(got, r.records) {
		t.Errorf("records %q, want %q", got, r.records)
	}
	r.checkSession(t, f, in, out)
	if _, err := f.Callback(t.Context(), query, loginToken, testRequest); !apperr.Is(err, apperr.BadRequest) {
		t.Errorf("the same answer again: %v", err)
	}
	return out
}

func (r renewal) checkSession(t *testing.T, f *fixture, in, out SignIn) {
	t.Helper()
	old, err := f.Lookup(t.Context(), in.Token)
	if (err == nil) != (r.token == "same") {
		t.Errorf("the old token: %v, want it %s", err, r.token)
	}
	if r.token == "new" {
		if old, err = f.Lookup(t.Context(), out.Token); err != nil {
			t.Fatalf("the new token: %v", err)
		}
	}
	if r.roles == nil {
		if n := f.rows("session"); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
		return
	}
	if !slices.Equal(old.Roles, r.roles) || old.ID != in.Session.ID || old.ExpiresAt != in.Session.ExpiresAt {
		t.Errorf("the session is %+v", old)
	}
	confirmed := r.want == signedIn
	if f.CheckSoon(old) == confirmed {
		t.Errorf("confirmed %t, checked at %s", confirmed, old.CheckedAt)
	}
}

// keepAlive is a request of the session: it must not have been idle for too long.
func (f *fixture) keepAlive(in SignIn) {
	f.t.Helper()
	if _, err := f.o.DB.Writer.Exec(`UPDATE session SET seen_at = seen_at + ? WHERE id = ?`, (15 * time.Minute).Milliseconds(), in.Session.ID); err != nil {
		f.t.Fatal(err)
	}
}

func answers(code string) func(*fixture, url.Values) {
	return func(_ *fixture, q url.Values) { q.Del("code"); q.Set("error", code) }
}

func TestN09_RolesAreAskedForAgainWithoutAskingThePerson(t *testing.T) {
	claim := func(name string, value any) func(*fixture) {
		return func(f *fixture) { f.provider.claims[name] = value }
	}
	const ended = "session.ended ok subject-1 reviewer because="
	for name, r := range map[string]renewal{
		"the same roles leave no record": {want: signedIn, roles: []Role{Reviewer}, token: "same"},
		"another role holds at once and the token is a new one": {before: claim("groups", []string{"grp-c", "grp-a"}), want: signedIn, roles: []Role{Reviewer, Inspector}, token: "new",
			records: []string{"sign-in ok subject-1 reviewer because=role-check before=reviewer roles=reviewer,inspector acr=mfa"}},
		"no role ends the session": {before: claim("groups", []string{"unrelated"}), want: apperr.Forbidden, token: "dead",
			records: []string{ended + "no-role", "sign-in.refused refused subject-1 because=no-role groups=1"}},
		"another person ends the session": {before: claim("sub", "subject-2"), want: apperr.Forbidden, token: "dead",
			records: []string{ended + "another-person"}},
		"a person whom the provider must ask is out": {answer: answers("login_required"), want: signedIn, token: "dead", records: []string{ended + "not-confirmed"}},
		"interaction": {answer: answers("interaction_required"), want: signedIn, token: "dead", records: []string{ended + "not-confirmed"}},
		"consent":     {answer: answers("consent_required"), want: signedIn, token: "dead", records: []string{ended + "not-confirmed"}},
		"another fault of the provider confirms nothing": {answer: answers("server_error"), want: apperr.BadRequest, roles: []Role{Reviewer}, token: "same"},
		"a made-up state confirms nothing":               {answer: func(_ *fixture, q url.Values) { q.Set("state", "x") }, want: apperr.BadRequest, roles: []Role{Reviewer}, token: "same"},
		"a made-up answer that the person must be asked": {answer: func(_ *fixture, q url.Values) { q.Set("error", "login_required"); q.Set("state", "x") },
			want: apperr.BadRequest, roles: []Role{Reviewer}, token: "same"},
		"wrong nonce":  {before: claim("nonce", "another"), want: apperr.BadRequest, roles: []Role{Reviewer}, token: "same"},
		"trail closed": {before: func(f *fixture) { f.closed = true; f.provider.claims["groups"] = []string{"grp-b"} }, want: apperr.TrailClosed, roles: []Role{Reviewer}, token: "same"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			out := r.run(t, f, func(sess Session) (string, string, error) { return f.BeginCheck(t.Context(), sess, "/completeness") })
			if r.want != signedIn {
				return
			}
			if asked := out.Provider != ""; asked != (r.roles == nil) || out.ReturnTo != "/completeness" {
				t.Errorf("leads to %q at %q", out.ReturnTo, out.Provider)
			}
		})
	}
}

func TestN09_WhomTheProviderMustAskSignsInAsUsual(t *testing.T) {
	f := start(t)
	in := f.signIn()
	address, loginToken, err := f.BeginCheck(t.Context(), in.Session, "/completeness")
	if err != nil || !strings.Contains(address, "prompt=none") {
		t.Fatalf("%s, %v", address, err)
	}
	query := f.provider.visit(t, address)
	answers("login_required")(f, query)
	asked, err := f.Callback(t.Context(), query, loginToken, testRequest)
	if err != nil || strings.Contains(asked.Provider, "prompt") {
		t.Fatalf("%+v, %v", asked, err)
	}
	again, err := f.Callback(t.Context(), f.provider.visit(t, asked.Provider), asked.Token, testRequest)
	if err != nil || again.Session.ID == in.Session.ID || again.ReturnTo != "/completeness" {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestN04_ASignInTakesThePlaceOfTheBrowsersSession(t *testing.T) {
	const ended, again = "session.ended ok subject-1 reviewer because=signed-in-again", "sign-in ok subject-1 reviewer roles=reviewer acr=mfa"
	for name, tc := range map[string]struct {
		before  func(*fixture, SignIn)
		want    apperr.Kind
		records []string
		old     bool // the session that was there lives on
	}{
		"the same person": {want: signedIn, records: []string{ended, again}},
		"another person": {before: func(f *fixture, _ SignIn) { f.provider.claims["sub"] = "subject-2" }, want: signedIn,
			records: []string{ended, strings.ReplaceAll(again, "subject-1", "subject-2")}},
		"a person without a role replaces nobody": {before: func(f *fixture, _ SignIn) { f.provider.claims["groups"] = []string{} }, want: apperr.Forbidden, old: true,
			records: []string{"sign-in.refused refused subject-1 because=no-role groups=0"}},
		"an answer that proves nothing replaces nobody": {before: func(f *fixture, _ SignIn) { f.provider.claims["nonce"] = "another" }, want: apperr.BadRequest, old: true},
		"a session that ended meanwhile": {before: func(f *fixture, in SignIn) {
			if _, err := f.SignOut(f.t.Context(), in.Session, testRequest); err != nil {
				f.t.Fatal(err)
			}
			f.events = nil
		}, want: signedIn, records: []string{again}},
		"trail closed": {before: func(f *fixture, _ SignIn) { f.closed = true }, want: apperr.TrailClosed},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			in := f.signIn()
			f.events = nil
			address, token, err := f.BeginAgain(t.Context(), in.Session, "/")
			if err != nil {
				t.Fatal(err)
			}
			if tc.before != nil {
				tc.before(f, in)
			}
			out, err := f.Callback(t.Context(), f.provider.visit(t, address), token, testRequest)
			kind := signedIn
			if err != nil {
				kind = apperr.KindOf(err)
			}
			if kind != tc.want || !slices.Equal(f.records(), tc.records) {
				t.Errorf("kind %d, want %d: %v; records %q, want %q", kind, tc.want, err, f.records(), tc.records)
			}
			if _, err := f.Lookup(t.Context(), in.Token); (err == nil) != tc.old {
				t.Errorf("the old token: %v", err)
			}
			if _, err := f.Lookup(t.Context(), out.Token); (err == nil) != (tc.want == signedIn) {
				t.Errorf("the new token: %v", err)
			}
		})
	}
}

func TestACheckAfterTheSessionEndedSignsNobodyIn(t *testing.T) {
	f := start(t)
	in := f.signIn()
	address, loginToken, err := f.BeginCheck(t.Context(), in.Session, "/")
	if err != nil {
		t.Fatal(err)
	}
	query := f.provider.visit(t, address)
	if _, err := f.SignOut(t.Context(), in.Session, testRequest); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Callback(t.Context(), query, loginToken, testRequest); !apperr.Is(err, apperr.BadRequest) || f.rows("session") != 0 {
		t.Errorf("%v, %d sessions", err, f.rows("session"))
	}
}

func TestN10_RevealingNeedsWhatIsConfigured(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		acr    string
		age    time.Duration
		sess   Session
		strong bool
	}{
		"nothing is asked":                 {"", 0, Session{}, true},
		"the class":                        {"mfa", 0, Session{ACR: "mfa"}, true},
		"another class":                    {"mfa", 0, Session{ACR: "mfa2"}, false},
		"no class":                         {"mfa", 0, Session{}, false},
		"proved just now":                  {"", 10 * time.Minute, Session{AuthTime: now}, true},
		"proved ten minutes ago":           {"", 10 * time.Minute, Session{AuthTime: now.Add(-10 * time.Minute)}, true},
		"proved a second more":             {"", 10 * time.Minute, Session{AuthTime: now.Add(-10*time.Minute - time.Second)}, false},
		"a provider that does not tell":    {"", 10 * time.Minute, Session{}, false},
		"the class, but too long ago":      {"mfa", 10 * time.Minute, Session{ACR: "mfa", AuthTime: now.Add(-time.Hour)}, false},
		"recent, but of another class":     {"mfa", 10 * time.Minute, Session{ACR: "pwd", AuthTime: now}, false},
		"the class, and recent as it must": {"mfa", 10 * time.Minute, Session{ACR: "mfa", AuthTime: now}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Service{o: Options{RevealACR: tc.acr, RevealMaxAge: tc.age, Now: func() time.Time { return now }}}
			if got := s.Strong(tc.sess); got != tc.strong {
				t.Errorf("strong is %t", got)
			}
		})
	}
}

func TestN10_AStepUpIsAskedForAndCheckedOnReturn(t *testing.T) {
	strong := func(f *fixture) {
		f.provider.claims["acr"], f.provider.claims["auth_time"] = "phr", f.clock.Now().Unix()
	}
	refused := []string{"sign-in.refused refused subject-1 reviewer because=weak-sign-in acr=mfa"}
	for name, r := range map[string]renewal{
		"strong enough": {before: strong, want: signedIn, roles: []Role{Reviewer}, token: "new",
			records: []string{"sign-in ok subject-1 reviewer because=step-up roles=reviewer acr=phr"}},
		"a provider that ignores the wish": {want: apperr.Forbidden, roles: []Role{Reviewer}, token: "same", records: refused},
		"a provider that did not ask the person again": {before: func(f *fixture) { strong(f); f.provider.claims["auth_time"] = f.clock.Now().Add(-time.Hour).Unix() }, want: apperr.Forbidden,
			roles: []Role{Reviewer}, token: "same", records: []string{"sign-in.refused refused subject-1 reviewer because=weak-sign-in acr=phr"}},
		"another person": {before: func(f *fixture) { strong(f); f.provider.claims["sub"] = "subject-2" }, want: apperr.Forbidden, token: "dead",
			records: []string{"session.ended ok subject-1 reviewer because=another-person"}},
		"the person went back": {answer: answers("access_denied"), want: apperr.BadRequest, roles: []Role{Reviewer}, token: "same"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, func(o *Options) { o.RevealACR, o.RevealMaxAge = "phr", 10*time.Minute })
			r.run(t, f, func(sess Session) (string, string, error) {
				address, token, err := f.BeginStepUp(t.Context(), sess, "/processes/x")
				for _, want := range []string{"prompt=login", "acr_values=phr", "max_age=600"} {
					if !strings.Contains(address, want) {
						t.Errorf("the request does not ask for %s: %s", want, address)
					}
				}
				return address, token, err
			})
		})
	}
}
