package handlers_test

import (
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/handlers"
)

// The demo's identity provider names no authentication context class, so every sign-in is weaker than the one asked for.
func TestRevealingNeedsTheConfiguredSignIn(t *testing.T) {
	h := canaryHouseWith(t, func(o *handlers.Options) { o.RevealACR = "mfa" })
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
		row.status = 403
		t.Run(row.name, func(t *testing.T) {
			h.check(t, row)
			got := h.send(row.ask)
			if len(visible(got.body)) > 0 || !strings.Contains(got.body, "Sign out and sign in again") {
				t.Errorf("the page shows %q: %s", visible(got.body), got.body)
			}
		})
	}
	t.Run("the page offers nothing that would be refused", func(t *testing.T) {
		h.check(t, exchange{ask: ask{as: "inspector", path: "/processes/{canary}"}, status: 200, has: []string{"tr[data-field]"},
			lacks: []string{"form[action$='/reveal']", "a[href$='/raw']", "button[form]", "[name=field]"}, records: []string{"process.view ok role=inspector process=canary@1"}})
	})
}

func TestThePageOffersAReadyRevealOfEachMaskedValue(t *testing.T) {
	h := canaryHouse(t)
	h.check(t, exchange{ask: ask{as: "inspector", path: "/processes/{canary}"}, status: 200, records: []string{"process.view ok role=inspector process=canary@1"},
		has: []string{"tr[data-field=firstName] form[action='/processes/{canary}/reveal'] input[name=field][value=firstName]",
			"button[form=reveal-leaf][name=field][value='/providerSpecific/features/wozzle']", "form#reveal-leaf select[name=purpose]"}})
}
