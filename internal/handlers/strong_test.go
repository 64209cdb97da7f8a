package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/auth"
)

// strongHouse holds the canaries and reveals after a sign-in of class "mfa" of the last ten minutes alone. The demo's
// identity provider names a class only when it is asked for one.
func strongHouse(t *testing.T) *house {
	t.Helper()
	h := buildWith(t, func(o *auth.Options) { o.RevealACR, o.RevealMaxAge = "mfa", 10*time.Minute })
	h.keep(canaryBody(), "dossier-canary")
	h.names["canary"] = canaryID
	return h
}

func TestN10_RevealingNeedsTheConfiguredSignIn(t *testing.T) {
	h := strongHouse(t)
	for _, row := range []exchange{
		{name: "a field", ask: ask{as: "inspector", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "firstName", "purpose", "audit")},
			records: []string{"access.refused refused role=inspector process=canary@1 method=POST permission=reveal reason=weak-sign-in route=/processes/:id/reveal"}},
		{name: "a field as a fragment", ask: ask{as: "inspector", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "firstName", "purpose", "audit"), header: htmx},
			records: []string{"access.refused refused role=inspector process=canary@1 method=POST permission=reveal reason=weak-sign-in route=/processes/:id/reveal"}},
		{name: "a purpose for raw", ask: ask{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "raw", "purpose", "audit")},
			records: []string{"access.refused refused role=reviewer process=canary@1 method=POST permission=reveal reason=weak-sign-in route=/processes/:id/reveal"}},
		{name: "raw itself", ask: ask{as: "reviewer", path: "/processes/{canary}/raw"},
			records: []string{"access.refused refused role=reviewer process=canary@1 method=GET permission=read-raw reason=weak-sign-in route=/processes/:id/raw"}},
	} {
		row.status, row.has = 403, []string{"a[href^='/auth/login?for=reveal&return=%2Fprocesses%2F']"}
		t.Run(row.name, func(t *testing.T) {
			h.check(t, row)
			if got := h.send(row.ask); len(visible(got.body)) > 0 {
				t.Errorf("the page shows %q", visible(got.body))
			}
		})
	}
}

func TestN10_AStepUpOpensWhatTheSignInDidNot(t *testing.T) {
	h := strongHouse(t)
	browser := h.browser()
	if status, body := h.signInWithBrowser(browser, "/auth/login", "inspector"); status != 200 {
		t.Fatalf("sign-in answered %d: %s", status, body)
	}
	before, weak := h.trail.State().Size, h.cookies(browser)
	reveal := ask{method: "POST", path: "/processes/{canary}/reveal", form: form("field", "firstName", "purpose", "audit")}
	if got := h.exchange(reveal, weak); got.status != 403 {
		t.Fatalf("before the step-up: %d", got.status)
	}
	status, body := h.signInWithBrowser(browser, "/auth/login?for=reveal&return="+url.QueryEscape("/processes/"+canaryID), "inspector")
	if status != 200 || !strings.Contains(body, `href="/processes/`+canaryID+`"`) {
		t.Fatalf("the step-up answered %d: %s", status, body)
	}
	strong := h.cookies(browser)
	if got := h.exchange(reveal, strong); got.status != 200 || len(visible(got.body)) == 0 {
		t.Errorf("after it: %d", got.status)
	}
	if got := h.exchange(reveal, weak); got.status != 401 {
		t.Errorf("the token of before it: %d", got.status)
	}
	h.shift(10*time.Minute + time.Second)
	if got := h.exchange(reveal, strong); got.status != 403 {
		t.Errorf("ten minutes later: %d", got.status)
	}
	want := []string{
		"access.refused refused role=inspector process=canary@1 method=POST permission=reveal reason=weak-sign-in route=/processes/:id/reveal",
		"sign-in ok role=inspector acr=mfa because=step-up roles=inspector",
		"field.reveal ok role=inspector process=canary@1 purpose=audit field=firstName",
		"access.refused refused role=inspector process=canary@1 method=POST permission=reveal reason=weak-sign-in route=/processes/:id/reveal",
	}
	h.sameRecords(t, before, want)
}

func TestThePageOffersAReadyRevealOfEachMaskedValue(t *testing.T) {
	h := canaryHouse(t)
	h.check(t, exchange{ask: ask{as: "inspector", path: "/processes/{canary}"}, status: 200, records: []string{"process.view ok role=inspector process=canary@1"},
		has: []string{"tr[data-field=firstName] form[action='/processes/{canary}/reveal'] input[name=field][value=firstName]",
			"button[form=reveal-leaf][name=field][value='/providerSpecific/features/wozzle']", "form#reveal-leaf select[name=purpose]"}})
}
