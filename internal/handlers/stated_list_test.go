package handlers_test

import "testing"

// Who is found by the name that the customer stated is listed under it, with a word of whose it is, and masked like any name.
func TestAListSaysWhenANameIsTheCustomersOwn(t *testing.T) {
	h := build(t)
	all := samples(t)
	for name, dossier := range map[string]string{"onfido-pending": "d-none", "signicatpaper-rejected": "d-married"} {
		h.keep(all[name], dossier)
		if _, err := h.store.SaveUserData(t.Context(), dossier, []byte(`{"userData":{"firstName":"Ottoline","lastName":"Vantongerloo"}}`), h.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	h.saveTerm("term", "vantonger")
	h.saveTerm("read", "sanne")
	const stated = "tr[data-process] [data-stated]"
	for name, tc := range map[string]struct {
		as, term, want string
		rows           int
	}{
		"found by it":                         {"reviewer", "?s={term}", "stated by the customer: Ottoline Vantonger loo", 2},
		"to an auditor it is masked":          {"auditor", "?s={term}", "stated by the customer: •••••••••••••••••••oo", 2},
		"found by the name that was read too": {"reviewer", "?s={read}", "", 0},
		"in a list of all":                    {"reviewer", "", "stated by the customer: Ottoline Vantongerloo", 1},
	} {
		got := h.send(ask{as: tc.as, path: "/processes" + tc.term})
		nodes := find(t, document(t, got.body), stated)
		if len(nodes) != tc.rows {
			t.Errorf("%s: %d rows say so, want %d", name, len(nodes), tc.rows)
		}
		for _, n := range nodes {
			if said := text(n); said != tc.want {
				t.Errorf("%s: %q, want %q", name, said, tc.want)
			}
		}
		if tc.as == "auditor" && containsAny(got.body, "Ottoline", "Vantongerlo") {
			t.Errorf("%s: the name is in the bytes", name)
		}
	}
}
