package auth

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/assure-portal/portal/internal/apperr"
)

// logoutToken is a good one with changes laid over its claims; nil removes.
func (f *fixture) logoutToken(changes map[string]any) string {
	return f.provider.jwt(jose.RS256, f.provider.key, testKeyID, "logout+jwt", f.logoutClaims(changes))
}

func (f *fixture) logoutClaims(changes map[string]any) map[string]any {
	now := f.clock.Now()
	return overlay(map[string]any{"iss": f.provider.URL, "aud": testClient, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"jti": newToken(), "sub": "subject-1", "sid": "provider-session", "events": map[string]any{logoutEvent: map[string]any{}}}, changes)
}

func TestN08_BackchannelLogoutEndsExactlyWhatAGoodTokenNames(t *testing.T) {
	// Each case starts with four sessions: two of subject-1 in different provider sessions, one of subject-1 whose
	// provider session is not known, one of subject-2.
	const (
		here, elsewhere, unknown, other = "subject-1 here", "subject-1 elsewhere", "subject-1 unknown", "subject-2"
		ended                           = "session.ended ok system system because=identity-provider"
	)
	all := []string{here, elsewhere, unknown, other}
	changed := func(name string, value any) func(*fixture) string {
		return func(f *fixture) string { return f.logoutToken(map[string]any{name: value}) }
	}
	typed := func(typ string) func(*fixture) string {
		return func(f *fixture) string {
			return f.provider.jwt(jose.RS256, f.provider.key, testKeyID, typ, f.logoutClaims(nil))
		}
	}
	for name, tc := range map[string]struct {
		token func(*fixture) string
		want  apperr.Kind
		left  []string
	}{
		"sid and subject":        {func(f *fixture) string { return f.logoutToken(nil) }, signedIn, []string{elsewhere, other}},
		"sid alone":              {changed("sub", nil), signedIn, []string{elsewhere, unknown, other}},
		"subject alone":          {changed("sid", nil), signedIn, []string{other}},
		"sid of another subject": {changed("sub", "subject-2"), signedIn, all},
		"a sid that nobody has":  {func(f *fixture) string { return f.logoutToken(map[string]any{"sid": "x", "sub": nil}) }, signedIn, all},
		"typ in its long form":   {typed("application/logout+jwt"), signedIn, []string{elsewhere, other}},
		"issued four minutes ago": {func(f *fixture) string {
			return f.logoutToken(map[string]any{"iat": f.clock.Now().Add(-4 * time.Minute).Unix()})
		}, signedIn, []string{elsewhere, other}},
		"typ of an ID token":             {typed("JWT"), apperr.BadRequest, all},
		"no typ":                         {typed(""), apperr.BadRequest, all},
		"with a nonce":                   {changed("nonce", "n"), apperr.BadRequest, all},
		"without events":                 {changed("events", nil), apperr.BadRequest, all},
		"another event":                  {changed("events", map[string]any{"urn:other": map[string]any{}}), apperr.BadRequest, all},
		"an event that is not an object": {changed("events", map[string]any{logoutEvent: true}), apperr.BadRequest, all},
		"without jti":                    {changed("jti", nil), apperr.BadRequest, all},
		"without iat":                    {changed("iat", nil), apperr.BadRequest, all},
		"without exp":                    {changed("exp", nil), apperr.BadRequest, all},
		"issued six minutes ago": {func(f *fixture) string {
			return f.logoutToken(map[string]any{"iat": f.clock.Now().Add(-6 * time.Minute).Unix()})
		}, apperr.BadRequest, all},
		"issued in the future": {func(f *fixture) string {
			return f.logoutToken(map[string]any{"iat": f.clock.Now().Add(3 * time.Minute).Unix()})
		}, apperr.BadRequest, all},
		"expired": {func(f *fixture) string {
			return f.logoutToken(map[string]any{"exp": f.clock.Now().Add(-3 * time.Minute).Unix()})
		}, apperr.BadRequest, all},
		"another audience":                  {changed("aud", "another-client"), apperr.BadRequest, all},
		"another issuer":                    {changed("iss", "https://evil.example"), apperr.BadRequest, all},
		"neither sid nor subject":           {func(f *fixture) string { return f.logoutToken(map[string]any{"sid": nil, "sub": nil}) }, apperr.BadRequest, all},
		"unsigned":                          {func(f *fixture) string { return noneLogout(f) }, apperr.BadRequest, all},
		"nothing":                           {func(*fixture) string { return "" }, apperr.BadRequest, all},
		"not a token":                       {func(*fixture) string { return "a.b.c" }, apperr.BadRequest, all},
		"a token of more than 16 kibibytes": {changed("padding", strings.Repeat("x", maxLogoutToken)), apperr.BadRequest, all},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			sessions := map[string]SignIn{}
			for who, claims := range map[string]map[string]any{
				here: {}, elsewhere: {"sid": "another-session"}, unknown: {"sid": nil}, other: {"sub": "subject-2", "sid": "third-session"},
			} {
				f.provider.claims = claims
				sessions[who] = f.signIn()
			}
			f.events = nil
			token := tc.token(f)
			err := f.BackchannelLogout(t.Context(), token)
			if tc.want == signedIn && err != nil || tc.want != signedIn && (err == nil || apperr.KindOf(err) != tc.want) {
				t.Errorf("got %v", err)
			}
			var left []string
			for who, in := range sessions {
				if _, err := f.Lookup(t.Context(), in.Token); err == nil {
					left = append(left, who)
				}
			}
			slices.Sort(left)
			want := slices.Sorted(slices.Values(tc.left))
			if !slices.Equal(left, want) {
				t.Errorf("left are %q, want %q", left, want)
			}
			if got := f.records(); !slices.Equal(got, slices.Repeat([]string{ended}, len(all)-len(want))) {
				t.Errorf("records %q", got)
			}
			if err := f.BackchannelLogout(t.Context(), token); !apperr.Is(err, apperr.BadRequest) {
				t.Errorf("the same token again: %v", err)
			}
		})
	}
}

func noneLogout(f *fixture) string {
	_, rest, _ := strings.Cut(unsigned(f.logoutClaims(nil)), ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"logout+jwt"}`)) + "." + rest
}

func TestN08_ALogoutTokenIsRememberedForAsLongAsItCouldBeAccepted(t *testing.T) {
	f := start(t)
	long := f.logoutToken(map[string]any{"exp": f.clock.Now().Add(24 * time.Hour).Unix(), "iat": f.clock.Now().Add(clockSkew).Unix()})
	if err := f.BackchannelLogout(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		f.clock.move(time.Minute)
		fresh := f.logoutToken(nil) // forgets old ones
		if err := f.BackchannelLogout(t.Context(), fresh); err != nil {
			t.Fatal(err)
		}
		if err := f.BackchannelLogout(t.Context(), long); !apperr.Is(err, apperr.BadRequest) {
			t.Fatalf("accepted again: %v", err)
		}
	}
	if n := f.rows("logout_token"); n > 15 {
		t.Errorf("%d tokens are remembered", n)
	}
}

func TestN08_ALogoutTokenWhileTheProviderIsDownIsNotUsedUp(t *testing.T) {
	f := start(t)
	f.provider.down = true
	token := f.logoutToken(nil)
	if err := f.BackchannelLogout(t.Context(), token); !apperr.Is(err, apperr.Upstream) {
		t.Errorf("got %v", err)
	}
	f.provider.down = false
	if err := f.BackchannelLogout(t.Context(), token); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}

func TestN08_AThousandMadeUpKeysMakeTheProviderAnswerAFewTimes(t *testing.T) {
	f := start(t)
	f.signIn()
	before := f.provider.times("/keys")
	for i := range 1000 {
		token := f.provider.jwt(jose.RS256, f.provider.key, "made-up-"+strconv.Itoa(i), "logout+jwt", f.logoutClaims(nil))
		if err := f.BackchannelLogout(t.Context(), token); !apperr.Is(err, apperr.BadRequest) {
			t.Fatalf("token %d: %v", i, err)
		}
	}
	if n := f.provider.times("/keys") - before; n > keyBurst {
		t.Errorf("%d fetches of the keys, want %d at most", n, keyBurst)
	}
	if n := f.rows("session"); n != 1 {
		t.Errorf("%d sessions are left, want the one", n)
	}
}
