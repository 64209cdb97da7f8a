package audit

import (
	"strings"
	"testing"
)

// forged appends a search whose part has this body. Whoever holds the key can make such a record; the portal makes none.
func (f *fixture) forged(name, body string) (seq int64) {
	f.t.Helper()
	e := search("a term", "p-1")
	e.Case = "KYC-1"
	d, err := newDraft(e, testOrigin, "build-1")
	if err != nil {
		f.t.Fatal(err)
	}
	for i := range d.parts {
		if d.parts[i].name == name {
			d.parts[i].body = []byte(body)
		}
	}
	d.leaf.Commit = commitments(d.parts)
	r, err := f.submit(f.t.Context(), d, true)
	if err != nil {
		f.t.Fatal(err)
	}
	return r.seq
}

// Of a name that stands twice one reader takes the one value and the next the other: both would be proven.
func TestADetailThatCanBeReadInTwoWaysIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		part, body string
		sound      bool
	}{
		"as it is written":               {"term", `{"term":"a term"}`, true},
		"with spaces":                    {"term", ` { "term" : "a term" } `, true},
		"with escapes":                   {"term", `{"\u0074erm":"\u0061 term"}`, true},
		"a name twice":                   {"term", `{"term":"another","term":"a term"}`, false},
		"a name twice, once as escapes":  {"term", `{"term":"another","\u0074erm":"a term"}`, false},
		"a name once more in capitals":   {"term", `{"term":"another","TERM":"a term"}`, false},
		"a name in capitals alone":       {"term", `{"Term":"a term"}`, false},
		"a name more":                    {"term", `{"term":"a term","note":"x"}`, false},
		"no text":                        {"term", `{"term":null}`, false},
		"nothing":                        {"term", ``, false},
		"no object":                      {"term", `null`, false},
		"something behind it":            {"term", `{"term":"a term"}{"term":"another"}`, false},
		"no UTF-8":                       {"term", "{\"term\":\"a \xff\"}", false},
		"a reader with two names":        {"who", `{"name":"Bo Example","name":"Ada Example","address":"192.0.2.1"}`, false},
		"a reader in another order":      {"who", `{"address":"192.0.2.1","name":"Ada Example"}`, true},
		"a reader without a name":        {"who", `{"address":"192.0.2.1"}`, true},
		"a case twice":                   {"purpose", `{"case":"KYC-2","case":"KYC-1"}`, false},
		"a case with a reason":           {"purpose", `{"case":"KYC-1","because":"x"}`, true},
		"a reason alone":                 {"purpose", `{"because":"x"}`, true},
		"a list twice":                   {"shown", `{"shown":["p-2"],"shown":["p-1"]}`, false},
		"a list in which nothing stands": {"shown", `{"shown":[null]}`, false},
		"the list":                       {"shown", `{"shown":["p-1"]}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			bad := f.forged(tc.part, tc.body)
			files := map[string]string{"the file": f.o.Path}
			if x, err := f.BeginExport(t.Context(), Event{Actor: ada}, ExportOptions{Identity: true}); err == nil {
				var bundle strings.Builder
				if err := x.WriteBundle(t.Context(), &bundle); err == nil { // what cannot be read at all is not exported
					files["a bundle"] = save(t, []byte(bundle.String()))
				}
			}
			want := exitMismatch
			if tc.sound {
				want, bad = exitSound, -1
			}
			for what, file := range files {
				if v := Verify(t.Context(), VerifyOptions{File: file, Key: f.VerifierKey()}); v.Exit != want || v.FirstBad != bad {
					t.Errorf("%s: %+v", what, v)
				}
			}
			if len(files) < 2 && (tc.sound || strings.Contains(name, "twice")) {
				t.Error("there is no bundle of it")
			}
		})
	}
}
