package auth

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
)

func TestN06_ASessionEnds(t *testing.T) {
	type step struct {
		after time.Duration
		live  bool
	}
	for name, steps := range map[string][]step{
		"when idle for 15 minutes":             {{15 * time.Minute, false}},
		"not a second before":                  {{15*time.Minute - time.Second, true}, {15*time.Minute - time.Second, true}},
		"and does not come back":               {{15 * time.Minute, false}, {-10 * time.Minute, true}},
		"looking in the same minute adds none": {{59 * time.Second, true}, {15*time.Minute - 59*time.Second, false}},
		"looking a minute later moves it":      {{time.Minute, true}, {14*time.Minute + 59*time.Second, true}},
		"when the clock goes back far":         {{14 * time.Minute, true}, {-time.Hour, false}},
		"not when the clock goes back little":  {{14 * time.Minute, true}, {-time.Minute, true}},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			token := f.signIn().Token
			for i, s := range steps {
				f.clock.move(s.after)
				_, err := f.Lookup(t.Context(), token)
				if s.live && err != nil || !s.live && !apperr.Is(err, apperr.Unauthenticated) {
					t.Errorf("step %d: %v", i, err)
				}
			}
		})
	}
}

func TestN06_ASessionInUseEndsAfterEightHours(t *testing.T) {
	f := start(t)
	token := f.signIn().Token
	for range 8*6 - 1 {
		f.clock.move(10 * time.Minute)
		if _, err := f.Lookup(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	f.clock.move(10*time.Minute - time.Second)
	if _, err := f.Lookup(t.Context(), token); err != nil {
		t.Errorf("a second before: %v", err)
	}
	f.clock.move(time.Second)
	if _, err := f.Lookup(t.Context(), token); !apperr.Is(err, apperr.Unauthenticated) {
		t.Errorf("at eight hours: %v", err)
	}
}

func TestASessionWritesThatItWasSeenAtMostOnceAMinute(t *testing.T) {
	f := start(t)
	token := f.signIn().Token
	if _, err := f.o.DB.Writer.Exec(`CREATE TABLE written (at INTEGER);
		CREATE TRIGGER seen AFTER UPDATE ON session BEGIN INSERT INTO written VALUES (new.seen_at); END`); err != nil {
		t.Fatal(err)
	}
	for range 120 {
		f.clock.move(time.Second)
		if _, err := f.Lookup(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.rows("written"); n != 2 {
		t.Errorf("%d writes in two minutes", n)
	}
}

func TestNobodyHasASessionWithoutItsToken(t *testing.T) {
	f := start(t)
	in := f.signIn()
	for _, token := range []string{"", in.Session.ID, in.Token + "x", newToken(), string(hashOf(in.Token)), "' OR 1=1 --"} {
		if sess, err := f.Lookup(t.Context(), token); !apperr.Is(err, apperr.Unauthenticated) || sess.ID != "" {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestSessionsOutliveARestartButNotAChangeOfTheRoleMap(t *testing.T) {
	f := start(t)
	in := f.signIn()
	if _, err := f.open(f.o.DB).Lookup(t.Context(), in.Token); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	changed := f.open(f.o.DB, func(o *Options) { o.RoleMap = map[string]Role{"grp-b": Auditor} })
	if _, err := changed.Lookup(t.Context(), in.Token); !apperr.Is(err, apperr.Unauthenticated) {
		t.Errorf("after the group lost its role: %v", err)
	}
	if list, err := changed.Sessions(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("it is still listed: %v, %v", list, err)
	}
}

func TestPurposeAndCase(t *testing.T) {
	for name, tc := range map[string]struct {
		purpose, caseRef string
		want             string // purpose and case afterwards
		kind             apperr.Kind
	}{
		"another purpose and a case":     {"alert", " KYC-2026/17 ", "alert KYC-2026/17", signedIn},
		"no case":                        {"alert", "", "alert ", signedIn},
		"a purpose that is not offered":  {"curiosity", "", "onboarding ", apperr.Unprocessable},
		"no purpose":                     {"", "", "onboarding ", apperr.Unprocessable},
		"a case of two lines":            {"alert", "a\nb", "onboarding ", apperr.Unprocessable},
		"a case of 101 characters":       {"alert", strings.Repeat("é", 101), "onboarding ", apperr.Unprocessable},
		"a case of exactly 100":          {"alert", strings.Repeat("é", 100), "alert " + strings.Repeat("é", 100), signedIn},
		"a case that is not valid UTF-8": {"alert", "a\xff", "onboarding ", apperr.Unprocessable},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			in := f.signIn()
			err := f.SetPurpose(t.Context(), in.Session, tc.purpose, tc.caseRef)
			if tc.kind == signedIn && err != nil || tc.kind != signedIn && apperr.KindOf(err) != tc.kind {
				t.Errorf("got %v", err)
			}
			sess, err := f.Lookup(t.Context(), in.Token)
			if got := sess.Purpose + " " + sess.Case; err != nil || got != tc.want {
				t.Errorf("afterwards %q, %v", got, err)
			}
		})
	}
}

func TestThePurposeForRawHoldsForOneProcessInOneSession(t *testing.T) {
	f := start(t)
	one, other := f.signIn().Session, f.signIn().Session
	for _, purpose := range []string{"onboarding", "alert"} {
		if err := f.GiveRawPurpose(t.Context(), one, "process-1", purpose); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.GiveRawPurpose(t.Context(), one, "process-2", "curiosity"); !apperr.Is(err, apperr.Unprocessable) {
		t.Errorf("a purpose that is not offered: %v", err)
	}
	for _, tc := range []struct {
		sess          Session
		process, want string
	}{{one, "process-1", "alert"}, {one, "process-2", ""}, {other, "process-1", ""}} {
		if got, err := f.RawPurpose(t.Context(), tc.sess, tc.process); err != nil || got != tc.want {
			t.Errorf("%s: %q, want %q: %v", tc.process, got, tc.want, err)
		}
	}
	if _, err := f.SignOut(t.Context(), one, testRequest); err != nil {
		t.Fatal(err)
	}
	if n := f.rows("raw_purpose"); n != 0 {
		t.Errorf("%d purposes outlived their session", n)
	}
	for name, err := range map[string]error{
		"a purpose":         f.SetPurpose(t.Context(), one, "alert", ""),
		"a purpose for raw": f.GiveRawPurpose(t.Context(), one, "process-1", "alert"),
	} {
		if !apperr.Is(err, apperr.Unauthenticated) {
			t.Errorf("%s in a session that has ended: %v", name, err)
		}
	}
}

func TestSignOutEndsThisSessionAndLeavesARecord(t *testing.T) {
	f := start(t)
	one, other := f.signIn(), f.signIn()
	address, err := f.SignOut(t.Context(), one.Session, testRequest)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	want := url.Values{"ui": {"1"}, "client_id": {testClient}, "post_logout_redirect_uri": {"https://portal.example/"}}
	if err != nil || !strings.HasPrefix(address, f.provider.URL+"/end?") || !reflect.DeepEqual(u.Query(), want) {
		t.Errorf("sent to %s", address)
	}
	if _, err := f.Lookup(t.Context(), one.Token); !apperr.Is(err, apperr.Unauthenticated) {
		t.Errorf("the old token: %v", err)
	}
	if _, err := f.Lookup(t.Context(), other.Token); err != nil {
		t.Errorf("the other session: %v", err)
	}
	if got := f.records(); got[len(got)-1] != "sign-out ok subject-1 reviewer" {
		t.Errorf("records %q", got)
	}
}

func TestSignOutWithoutAnEndSessionAddress(t *testing.T) {
	for name, address := range map[string]any{"none": nil, "one that is no web address": "javascript:alert(1)"} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.provider.metadata = map[string]any{"end_session_endpoint": address}
			if got, err := f.SignOut(t.Context(), f.signIn().Session, testRequest); err != nil || got != "" {
				t.Errorf("sent to %q, %v", got, err)
			}
		})
	}
}

func TestAClosedTrailKeepsNoSessionOpen(t *testing.T) {
	f := start(t)
	admin := Session{Subject: "admin-1", Roles: []Role{Admin}}
	for name, end := range map[string]func(SignIn) error{
		"sign-out":     func(in SignIn) error { _, err := f.SignOut(t.Context(), in.Session, testRequest); return err },
		"end by admin": func(in SignIn) error { return f.End(t.Context(), in.Session.ID, admin, testRequest) },
		"logout token": func(SignIn) error { return f.BackchannelLogout(t.Context(), f.logoutToken(nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			f.closed = false
			in := f.signIn()
			f.closed = true
			if err := end(in); !apperr.Is(err, apperr.TrailClosed) {
				t.Errorf("got %v", err)
			}
			if _, err := f.Lookup(t.Context(), in.Token); !apperr.Is(err, apperr.Unauthenticated) {
				t.Errorf("the session is open: %v", err)
			}
		})
	}
}

func TestAnEndThatFailedIsRecordedAsFailed(t *testing.T) {
	f := start(t)
	in := f.signIn()
	if _, err := f.o.DB.Writer.Exec(`CREATE TRIGGER full BEFORE DELETE ON session BEGIN SELECT RAISE(ABORT, 'disk full'); END`); err != nil {
		t.Fatal(err)
	}
	if _, err := f.SignOut(t.Context(), in.Session, testRequest); err == nil {
		t.Error("no error")
	}
	want := []string{"sign-out ok subject-1 reviewer", "sign-out failed subject-1 reviewer"}
	if got := f.records()[1:]; !slices.Equal(got, want) {
		t.Errorf("records %q, want %q", got, want)
	}
}

func TestN09_AnAdminEndsSessions(t *testing.T) {
	f := start(t)
	in := f.signIn()
	for name, tc := range map[string]struct {
		id   string
		by   []Role
		want apperr.Kind
	}{
		"not as another role": {in.Session.ID, []Role{Reviewer, Auditor, Inspector}, apperr.Forbidden},
		"not one unknown":     {"0000000000000000", []Role{Admin}, apperr.NotFound},
		"not by its token":    {in.Token, []Role{Admin}, apperr.NotFound},
	} {
		if err := f.End(t.Context(), tc.id, Session{Subject: "admin-1", Roles: tc.by}, testRequest); apperr.KindOf(err) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := f.records(); len(got) != 1 {
		t.Errorf("records %q", got)
	}
	if err := f.End(t.Context(), in.Session.ID, Session{Subject: "admin-1", Roles: []Role{Reviewer, Admin}}, testRequest); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Lookup(t.Context(), in.Token); !apperr.Is(err, apperr.Unauthenticated) {
		t.Errorf("the session is open: %v", err)
	}
	last := f.events[len(f.events)-1]
	if got := f.records()[1]; got != "session.ended ok admin-1 admin because=admin" || last.Facts["session"] != in.Session.ID {
		t.Errorf("record %q about session %q", got, last.Facts["session"])
	}
}

func TestN09_AnAdminEndsEverySessionOfAPersonAndNobodyElses(t *testing.T) {
	f := start(t)
	first, second := f.signIn(), f.signIn()
	f.provider.claims = map[string]any{"sub": "subject-2"}
	other := f.signIn()
	f.events = nil
	by := Session{Subject: "admin-1", Roles: []Role{Admin}}
	if err := f.EndPerson(t.Context(), first.Session.ID, by, testRequest); err != nil {
		t.Fatal(err)
	}
	for _, in := range []SignIn{first, second} {
		if _, err := f.Lookup(t.Context(), in.Token); !apperr.Is(err, apperr.Unauthenticated) {
			t.Errorf("a session of the person is open: %v", err)
		}
	}
	if _, err := f.Lookup(t.Context(), other.Token); err != nil {
		t.Errorf("somebody else's session: %v", err)
	}
	if got, want := f.records(), slices.Repeat([]string{"session.ended ok admin-1 admin because=admin"}, 2); !slices.Equal(got, want) {
		t.Errorf("records %q, want %q", got, want)
	}
	if err := f.EndPerson(t.Context(), other.Session.ID, Session{Roles: []Role{Reviewer}}, testRequest); !apperr.Is(err, apperr.Forbidden) {
		t.Errorf("as a reviewer: %v", err)
	}
}

func TestTheAdminPageListsLiveSessionsTheLastSeenFirst(t *testing.T) {
	f := start(t)
	first := f.signIn()
	f.clock.move(10 * time.Minute)
	second := f.signIn()
	f.clock.move(time.Minute)
	if _, err := f.Lookup(t.Context(), first.Token); err != nil {
		t.Fatal(err)
	}
	ids := func() (ids []string) {
		list, err := f.Sessions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, sess := range list {
			ids = append(ids, sess.ID)
		}
		return ids
	}
	if got := ids(); !slices.Equal(got, []string{first.Session.ID, second.Session.ID}) {
		t.Errorf("listed %q", got)
	}
	f.clock.move(14 * time.Minute)
	if got := ids(); !slices.Equal(got, []string{first.Session.ID}) {
		t.Errorf("listed %q after the second was idle", got)
	}
	f.clock.move(time.Hour)
	f.signIn()
	if n := f.rows("session"); n != 1 {
		t.Errorf("%d rows: sessions that are over are not forgotten", n)
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	f := start(t)
	for name, change := range map[string]func(*Options){
		"no database":                  func(o *Options) { o.DB = nil },
		"no trail":                     func(o *Options) { o.Trail = nil },
		"no issuer":                    func(o *Options) { o.Issuer = "" },
		"no role map":                  func(o *Options) { o.RoleMap = nil },
		"an unknown role":              func(o *Options) { o.RoleMap = map[string]Role{"g": "owner"} },
		"no purposes":                  func(o *Options) { o.Purposes = nil },
		"an idle time of nothing":      func(o *Options) { o.Idle = 0 },
		"idle longer than the session": func(o *Options) { o.Max = time.Minute },
	} {
		o := f.o
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
