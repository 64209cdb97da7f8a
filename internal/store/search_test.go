package store

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
)

func (h *house) search(t testing.TB, q Query) Found {
	t.Helper()
	found, err := h.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return found
}

func TestATermIsUnderstoodAsWhatItLooksLike(t *testing.T) {
	h := newHouse(t)
	h.save(t,
		person{first: "Jürgen", last: "Müller-Lüdenscheidt", born: "1985-03-02", document: "NX-12 34567", personal: "850302-1234", dossier: "dossier-one", external: "ext-0001", reference: "Order 2026/17"},
		person{first: "Maria", last: "García López", born: "1990-12-01", document: "C01X00T47", dossier: "dossier-two", reference: "ORDER 2026/18"},
		person{first: "Jan", last: "Ødegård", born: "1985-03-02", document: "1234567", dossier: "dossier-three"},
		person{id: "6f9619ff-8b86-d011-b42d-00c04fc964ff", first: "李娜", last: "Wang"})
	for _, tc := range []struct{ term, ids, understood string }{
		{"muller", "[p01]", "a name"},
		{"MUELLER ju", "[p01]", "a name"},
		{"lopez maria", "[p02]", "a name"},
		{"j", "[p03 p01]", "a name"},
		{"oedegaard", "[p03]", "a name"},
		{"李", "[6f9619ff-8b86-d011-b42d-00c04fc964ff]", "a name"},
		{"muller maria", "[]", "a name, an id or a reference"},
		{"2.3.1985", "[p03 p01]", "a date of birth"},
		{"1985-03-02", "[p03 p01]", "a date of birth"},
		{"nx1234567", "[p01]", "a document number"},
		{"NX 12-34", "[p01]", "a document number"},
		{"123", "[]", "a document number, a personal number, an id or a reference"},
		{"1234", "[p03]", "a document number"},
		{"850302 1234", "[p01]", "a personal number"},
		{"p02", "[p02]", "an id"},
		{"6F9619FF-8b86", "[6f9619ff-8b86-d011-b42d-00c04fc964ff]", "an id"},
		{"dossier-t", "[p03 p02]", "an id"},
		{"EXT-0001", "[p01]", "an id"},
		{"order 2026", "[p02 p01]", "a reference"},
		{"order 2026/18", "[p02]", "a reference"},
		{"rder", "[]", "a name, an id or a reference"},
		{"''--;", "[]", "something without letters or digits"},
		{"", "[6f9619ff-8b86-d011-b42d-00c04fc964ff p03 p02 p01]", ""},
		{"   ", "[6f9619ff-8b86-d011-b42d-00c04fc964ff p03 p02 p01]", ""},
	} {
		found := h.search(t, Query{Term: tc.term})
		if got := fmt.Sprint(found.IDs); got != tc.ids || found.Understood != tc.understood {
			t.Errorf("%q: %s as %q, want %s as %q", tc.term, got, found.Understood, tc.ids, tc.understood)
		}
		if found.Total != len(found.IDs) || found.More {
			t.Errorf("%q: total %d of %d", tc.term, found.Total, len(found.IDs))
		}
	}
}

func TestATermIsReadAsItIsMeant(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{last: "Order", document: "ab1234"}, person{last: "Jansen", reference: "order 1", personal: "ab1234"})
	for _, tc := range []struct{ term, as, ids, understood, readings string }{
		{"order", "", "[p02 p01]", "a name or a reference", "[{name a name 1} {id an id 0} {reference a reference 1}]"},
		{"order", "name", "[p01]", "a name", "[{name a name 1} {id an id 0} {reference a reference 1}]"},
		{"order", "reference", "[p02]", "a reference", "[{name a name 1} {id an id 0} {reference a reference 1}]"},
		{"order", "born", "[]", "something without letters or digits", "[{name a name 1} {id an id 0} {reference a reference 1}]"},
		{"ab1234", "personal", "[p02]", "a personal number", "[{name a name 0} {document a document number 1} {personal a personal number 1} {id an id 0} {reference a reference 0}]"},
		{"", "name", "[p02 p01]", "", "[]"},
	} {
		found := h.search(t, Query{Term: tc.term, As: tc.as})
		if fmt.Sprint(found.IDs) != tc.ids || found.Understood != tc.understood || fmt.Sprint(found.Readings) != tc.readings {
			t.Errorf("%q as %q: %v as %q, readings %v", tc.term, tc.as, found.IDs, found.Understood, found.Readings)
		}
	}
}

func TestAnyTermIsAnswered(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{first: "Maria", last: "Jansen", document: "X1"}, person{last: "Bakker"})
	for _, term := range []string{"\x00", "a\x00b", "%", "_", "*", `"`, `" OR 1=1 --`, "NEAR(a b)", "last:jansen*", "\xff\xfe", "\ud7ff\ufffe", "\u202emaria",
		strings.Repeat("a ", 5000), strings.Repeat("x", 10<<10), strings.Repeat("9", 10<<10), strings.Repeat("\u0301", 5000), "ß", "-", "99/99/9999", "\U0010FFFF"} {
		if found, err := h.Search(t.Context(), Query{Term: term}); err != nil || len(found.IDs) > 1 {
			t.Errorf("%.20q: %v, %v", term, found.IDs, err)
		}
	}
}

func TestFiltersAreAlternativesWithinAndConditionsBetween(t *testing.T) {
	h := newHouse(t)
	day := func(d, hour int) time.Time { return time.Date(2026, 3, d, hour, 0, 0, 0, time.UTC) }
	h.save(t,
		person{id: "a", status: "accepted", provider: "onfido", nationality: "NLD", country: "NLD", last: "A", created: day(1, 0), updated: day(5, 23)},
		person{id: "b", status: "rejected", provider: "onfido", nationality: "DEU", country: "NLD", last: "B", created: day(2, 23), updated: day(6, 0)},
		person{id: "c", status: "pending", provider: "webid", processType: "attended", created: day(3, 0), updated: day(3, 0), way: ByEvent},
		person{id: "d", status: "canceled", provider: "readid", created: day(10, 1), updated: day(10, 2), way: ByImport},
		person{id: "e", status: "dancing", provider: "acme", created: day(10, 3), updated: day(10, 4)})
	date := func(d int) time.Time { return day(d, 0) }
	for _, tc := range []struct {
		what, ids string
		q         Query
	}{
		{"two statuses", "[b a]", Query{Status: []string{"accepted", "rejected"}}},
		{"status and provider", "[a]", Query{Status: []string{"accepted"}, Provider: []string{"onfido", "webid"}}},
		{"a status that Assure invented and a process has", "[e]", Query{Status: []string{"dancing"}}},
		{"a status that no process has", "[]", Query{Status: []string{"failed"}}},
		{"a provider that no process has", "[]", Query{Provider: []string{"facetec"}}},
		{"a provider that only a process names", "[e]", Query{Provider: []string{"acme"}}},
		{"unspecified nationality", "[]", Query{Nationality: []string{"XXX"}}},
		{"nationality and country", "[b]", Query{Nationality: []string{"DEU"}, Country: []string{"NLD"}}},
		{"type", "[c]", Query{Type: []string{"attended"}}},
		{"way in", "[d c]", Query{WayIn: []string{"event", "import"}}},
		{"not final", "[e c]", Query{Ending: []string{"open"}}},
		{"final without a result", "[d]", Query{Ending: []string{"without-result"}}},
		{"final, or with a result", "[d b a]", Query{Ending: []string{"final", "with-result"}}},
		{"created on the days of both ends", "[c b]", Query{From: date(2), To: date(3)}},
		{"created up to a day", "[b a]", Query{To: date(2)}},
		{"created from after to", "[]", Query{From: date(3), To: date(2)}},
		{"updated between", "[b a]", Query{UpdatedFrom: date(5), UpdatedTo: date(6)}},
		{"within a week", "[e d]", Query{Within: 7 * 24 * time.Hour}},
		{"within 7 days and a half", "[e d c]", Query{Within: 7*24*time.Hour + 12*time.Hour}},
		{"by update", "[e d b a c]", Query{Sort: "updated"}},
	} {
		if got := fmt.Sprint(h.search(t, tc.q).IDs); got != tc.ids {
			t.Errorf("%s: %s, want %s", tc.what, got, tc.ids)
		}
	}
}

func TestParameterValuesThatMeanNothingAreRefused(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{})
	for what, q := range map[string]Query{
		"status": {Status: []string{"accepted", "nonsense"}}, "relation": {Relation: []string{"nearly"}}, "ending": {Ending: []string{"badly"}},
		"finding": {Finding: []string{"odd"}}, "provider": {Provider: []string{"nobody"}}, "type": {Type: []string{"by post"}},
		"nationality": {Nationality: []string{"XYZ"}}, "country": {Country: []string{"QQ"}},
		"sort": {Sort: "name"}, "as": {As: "anything"}, "way in": {WayIn: []string{"window"}}, "within": {Within: -1}, "ids": {IDs: make([]string, MaxIDs+1)},
		"cursor that is none": {After: "!"}, "short cursor": {After: "AAAA"}, "forged cursor": {Before: strings.Repeat("A", 60)}, "both cursors": {After: "a", Before: "b"},
	} {
		if _, err := h.Search(t.Context(), q); !apperr.Is(err, apperr.BadRequest) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// crowd saves n processes, several of each second, and gives their ids in the order of the list.
func (h *house) crowd(t testing.TB, n int) []string {
	t.Helper()
	people := make([]person, n)
	for i := range people {
		people[i] = person{id: fmt.Sprintf("id-%04d", i*7919%n), created: noon.Add(-time.Duration(i/3) * time.Second), updated: noon.Add(-time.Duration(i*31%n) * time.Second)}
		people[i].status = []string{"accepted", "rejected"}[i%2]
	}
	h.save(t, people...)
	slices.SortFunc(people, func(a, b person) int {
		return order(rank{a.created.UnixMilli(), 0, keyOf(a.id)}, rank{b.created.UnixMilli(), 0, keyOf(b.id)})
	})
	var ids []string
	for _, p := range people {
		ids = append(ids, p.id)
	}
	return ids
}

func TestPagesFollowEachOtherBothWays(t *testing.T) {
	h := newHouse(t)
	want := h.crowd(t, 2*PageSize+7)
	var forth, back []string
	q := Query{}
	found := h.search(t, q)
	if found.Prev != "" {
		t.Error("the first page has one before it")
	}
	var last Found
	for pages := 0; ; pages++ {
		forth, last = append(forth, found.IDs...), found
		if found.Next == "" {
			if pages != 2 {
				t.Errorf("%d pages", pages+1)
			}
			break
		}
		found = h.search(t, Query{After: found.Next})
	}
	if !slices.Equal(forth, want) {
		t.Errorf("forth: %v", forth)
	}
	for found = last; ; found = h.search(t, Query{Before: found.Prev}) {
		back = append(slices.Clone(found.IDs), back...)
		if found.Prev == "" {
			break
		}
	}
	if !slices.Equal(back, want) {
		t.Errorf("back: %v", back)
	}
}

func TestPagesStayWhereTheyAreWhileProcessesArriveAndChange(t *testing.T) {
	h := newHouse(t)
	want := h.crowd(t, 2*PageSize)
	first := h.search(t, Query{})
	h.save(t, person{id: "newer", created: noon.Add(time.Hour)}, person{id: first.IDs[3], status: "failed", created: noon})
	if second := h.search(t, Query{After: first.Next}); !slices.Equal(second.IDs, want[PageSize:]) {
		t.Errorf("the second page became %v", second.IDs)
	}
}

func TestACursorBelongsToOneSearch(t *testing.T) {
	h := newHouse(t)
	h.crowd(t, 2*PageSize+1)
	next := h.search(t, Query{}).Next
	raw, err := base64.RawURLEncoding.DecodeString(next)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		changed := slices.Clone(raw)
		changed[i] ^= 1
		if _, err := h.Search(t.Context(), Query{After: base64.RawURLEncoding.EncodeToString(changed)}); !apperr.Is(err, apperr.BadRequest) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	for what, q := range map[string]Query{"another status": {Status: []string{"accepted"}}, "another sort": {Sort: "updated"}, "a term": {Term: "x"}, "a date": {From: noon}, "a period": {Within: time.Hour}} {
		q.After = next
		if _, err := h.Search(t.Context(), q); !apperr.Is(err, apperr.BadRequest) {
			t.Errorf("%s: %v", what, err)
		}
	}
	h.reopen(t)
	if _, err := h.Search(t.Context(), Query{After: next, Sort: "created"}); err != nil {
		t.Errorf("after a restart, with the default written out: %v", err)
	}
}

func TestFacetsCountWithoutTheirOwnFilter(t *testing.T) {
	h := newHouse(t)
	h.save(t,
		person{status: "accepted", provider: "onfido", nationality: "NLD"}, person{status: "accepted", provider: "webid", nationality: "DEU"},
		person{status: "rejected", provider: "onfido", nationality: "NL"}, person{status: "pending", provider: "webid"})
	for _, tc := range []struct {
		q           Query
		name, facet string
	}{
		{Query{}, "status", "[{accepted 2} {pending 1} {rejected 1}]"},
		{Query{Status: []string{"accepted"}}, "status", "[{accepted 2} {pending 1} {rejected 1}]"},
		{Query{Status: []string{"accepted"}}, "provider", "[{onfido 1} {webid 1}]"},
		{Query{Status: []string{"accepted"}, Provider: []string{"webid"}}, "status", "[{accepted 1} {pending 1}]"},
		{Query{Status: []string{"accepted"}, Provider: []string{"webid"}}, "nationality", "[{DEU 1}]"},
		{Query{}, "nationality", "[{NLD 2} {DEU 1}]"},
		{Query{Nationality: []string{"NL"}}, "provider", "[{onfido 2}]"},
		{Query{}, "ending", "[{final 3} {with-result 3} {open 1}]"},
		{Query{}, "way_in", "[{listing 4}]"},
		{Query{Term: "nobody"}, "status", "[]"},
	} {
		if got := fmt.Sprint(h.search(t, tc.q).Facets[tc.name]); got != tc.facet {
			t.Errorf("%+v: %s is %s, want %s", tc.q, tc.name, got, tc.facet)
		}
	}
}

func TestPastedIDsAreFoundInTheirOrder(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "a", dossier: "d1", reference: "Order 1"}, person{id: "b", dossier: "d2", status: "failed"}, person{id: "c", dossier: "d2", external: "x3"})
	for _, tc := range []struct {
		what, ids, missing string
		q                  Query
	}{
		{"process ids", "[c a]", "[]", Query{IDs: []string{"c", "a"}}},
		{"one twice", "[a c]", "[]", Query{IDs: []string{"a", "c", "A"}}},
		{"a dossier with two", "[c b a]", "[]", Query{IDs: []string{"d2", "a"}}},
		{"references and external ids", "[a c]", "[]", Query{IDs: []string{"order 1", "X3"}}},
		{"some not held", "[b]", "[nobody a1]", Query{IDs: []string{"nobody", "b", "a1"}}},
		{"only whole ids", "[]", "[orde]", Query{IDs: []string{"orde"}}},
		{"held, though a filter hides it", "[b]", "[]", Query{IDs: []string{"a", "b"}, Status: []string{"failed"}}},
		{"none", "[]", "[]", Query{IDs: []string{}}},
	} {
		found := h.search(t, tc.q)
		if fmt.Sprint(found.IDs) != tc.ids || fmt.Sprint(found.Missing) != tc.missing {
			t.Errorf("%s: %v, missing %v", tc.what, found.IDs, found.Missing)
		}
	}
}

func TestPastedIDsArePagedInTheirOrder(t *testing.T) {
	h := newHouse(t)
	ids := h.crowd(t, PageSize+20)
	slices.Reverse(ids)
	first := h.search(t, Query{IDs: ids})
	second := h.search(t, Query{IDs: ids, After: first.Next})
	if !slices.Equal(append(first.IDs, second.IDs...), ids) || second.Next != "" || first.Total != len(ids) {
		t.Errorf("first %v, second %v", first.IDs, second.IDs)
	}
}

func TestRowsAndExportsShowWhatTheIndexHolds(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	q := Query{Sort: "updated"}
	want := h.crowd(t, linesChunk+10)
	h.save(t, person{id: "jansen", last: "Jansen", first: "Piet", document: "AB12", created: noon.Add(time.Hour), reference: "order-1"})
	want = append([]string{"jansen"}, want...)
	rows, err := h.exported(t, receipt(t, trail, audit.Event{Action: audit.ProcessExport, Query: q.Canonical()}), q)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r[0])
	}
	if !slices.Equal(got, want) {
		t.Errorf("exported %d in the order %.200v", len(got), got)
	}
	values := rows[0][cellFirstField:]
	if r := rows[0]; values[0] != "Piet" || values[1] != "Jansen" || !slices.Contains(values, "AB12") || r[2] != "order-1" || r[cellFirstField-1] != "true" {
		t.Errorf("the first row is %q", r)
	}
	shown, err := h.Rows(t.Context(), receipt(t, trail, audit.Event{Action: audit.ProcessSearch, Shown: []string{want[2], "jansen", "gone"}}), []string{want[2], "jansen", "gone"})
	if err != nil || len(shown) != 2 || shown[0].ProcessID != want[2] || shown[1].Person.LastName != "Jansen" {
		t.Errorf("shown %+v, %v", shown, err)
	}
}

func TestAnExportStopsWhereItsReceiverDoes(t *testing.T) {
	h, trail := newHouse(t), newTrail(t)
	h.crowd(t, 3*linesChunk)
	r := receipt(t, trail, audit.Event{Action: audit.ProcessExport, Query: Query{}.Canonical()})
	broken, n := fmt.Errorf("the client left"), 0
	err := h.Export(t.Context(), r, Query{}, LineForm{}, func([]byte, int) error {
		if n++; n == 2 {
			return broken
		}
		h.search(t, Query{Term: "x"}) // a query while the export runs finds a free connection
		return nil
	})
	if err != broken || n != 2 {
		t.Errorf("%v after %d stretches", err, n)
	}
}

func TestNeedsAttentionFirst(t *testing.T) {
	h := newHouse(t)
	h.save(t, person{id: "fine", status: "pending"}, person{id: "bad", status: "accepted"}, person{id: "newest", status: "pending"})
	x, err := h.acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer x.users.Done()
	severity := map[string]int{}
	for _, row := range x.memory.all.ToArray() {
		severity[x.memory.id(row).String()] = int(x.memory.worst.at(row))
	}
	ids := h.search(t, Query{Sort: "attention"}).IDs
	if !slices.IsSortedFunc(ids, func(a, b string) int { return severity[b] - severity[a] }) || severity["bad"] <= severity["fine"] {
		t.Errorf("%v with severities %v", ids, severity)
	}
}

func TestTotalsAreExactUpToTheirBound(t *testing.T) {
	for _, tc := range []struct {
		n     uint64
		total int
		more  bool
	}{{0, 0, false}, {9_999, 9_999, false}, {10_000, 10_000, false}, {10_001, 10_000, true}} {
		m := newMemory()
		m.all.AddRange(0, tc.n)
		if n, more := total(m.all); n != tc.total || more != tc.more {
			t.Errorf("%d: %d, more %t", tc.n, n, more)
		}
	}
}

func TestPostedTermsComeBackForThirtyDays(t *testing.T) {
	h := newHouse(t)
	id, err := h.SaveTerm(t.Context(), "Müller\x00 \xff", noon)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := h.SaveTerm(t.Context(), "Müller\x00 \xff", noon)
	if raw, err := base64.RawURLEncoding.DecodeString(id); err != nil || len(raw) != 16 || id == other {
		t.Errorf("ids %q and %q", id, other)
	}
	if term, err := h.Term(t.Context(), id); err != nil || term != "Müller\x00 \xff" {
		t.Errorf("term %q, %v", term, err)
	}
	for _, unknown := range []string{"", "!", id[:21], id + "AA", strings.Repeat("A", 22)} {
		if _, err := h.Term(t.Context(), unknown); !apperr.Is(err, apperr.NotFound) {
			t.Errorf("%q: %v", unknown, err)
		}
	}
	h.clock.set(noon.Add(termLife))
	if _, err := h.Term(t.Context(), id); !apperr.Is(err, apperr.NotFound) {
		t.Errorf("expired: %v", err)
	}
	if _, err := h.SaveTerm(t.Context(), "x", h.clock.now()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := h.portal.Reader.QueryRow(`SELECT count(*) FROM term`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d terms are kept, %v", n, err)
	}
}
