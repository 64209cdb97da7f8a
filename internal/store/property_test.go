package store

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// scan answers a query the slow way: every entry is looked at, and nothing but the rules as they are told is used.
func scan(entries []entry, q Query, now time.Time) (ids []string, facets map[string]map[string]int) {
	facets = map[string]map[string]int{}
	for _, e := range entries {
		if !termFinds(e, q.Term, q.As) || !inDays(e.created, q.From, q.To) || !inDays(e.updated, q.UpdatedFrom, q.UpdatedTo) ||
			q.Within > 0 && e.created < now.Add(-q.Within).UnixMilli() {
			continue
		}
		var fails []string
		for name, values := range q.filters() {
			if len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(valuesByName(e)[name], v) }) {
				fails = append(fails, name)
			}
		}
		if len(fails) == 0 {
			ids = append(ids, e.processID)
		}
		for name, values := range valuesByName(e) {
			for _, value := range values {
				if len(fails) == 0 || len(fails) == 1 && fails[0] == name {
					if facets[name] == nil {
						facets[name] = map[string]int{}
					}
					facets[name][value]++
				}
			}
		}
	}
	return ids, facets
}

func valuesByName(e entry) map[string][]string {
	byName := map[string][]string{}
	for _, aspect := range e.aspects() {
		for _, v := range aspect {
			byName[v.name] = append(byName[v.name], v.value)
		}
	}
	return byName
}

func inDays(ms int64, from, to time.Time) bool {
	if from.IsZero() && to.IsZero() {
		return true
	}
	day := sqlitedb.Instant(ms).Format(time.DateOnly)
	return ms != 0 && (from.IsZero() || day >= from.Format(time.DateOnly)) && (to.IsZero() || day <= to.Format(time.DateOnly))
}

func termFinds(e entry, term, as string) bool {
	term = strings.TrimSpace(term)
	if term == "" {
		return true
	}
	number, id, dates := compact(term), identifier(term), birthDates(term)
	for _, k := range e.keys {
		var found bool
		if as != "" && as != readingOf[k.kind] {
			continue
		}
		switch k.kind {
		case keyBorn:
			found = slices.Contains(dates, k.value)
		case keyDocument, keyPersonal:
			found = strings.ContainsFunc(number, unicode.IsDigit) && (k.value == number || len([]rune(number)) >= minPrefix && strings.HasPrefix(k.value, number))
		default:
			found = number != "" && (k.value == id || len([]rune(id)) >= minPrefix && strings.HasPrefix(k.value, id))
		}
		if found {
			return true
		}
	}
	return (as == "" || as == readName) && nameFinds(e.words, term)
}

func nameFinds(words []string, term string) bool {
	if !strings.ContainsFunc(term, unicode.IsLetter) || len(split(term)) > maxTermWords {
		return false
	}
	for _, word := range split(term) {
		found := slices.ContainsFunc(spellings(word), func(s string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, s) })
		})
		if !found && len(spellings(word)) > 0 {
			return false
		}
	}
	return true
}

// drawPerson draws invented ones whose values meet often.
func drawPerson(t *rapid.T, i int) person {
	pick := func(values ...string) string { return rapid.SampledFrom(values).Draw(t, "value") }
	p := person{id: fmt.Sprintf("%s-%d", pick("aaaa", "aabb", "b"), i), dossier: pick("", "dossier-1", "dossier-2"), reference: pick("", "Order 1", "ORDER 12"),
		provider: pick("onfido", "webid", "acme"), status: pick("accepted", "rejected", "pending", "canceled", "dancing"), processType: pick("", "document", "high"),
		first: pick("", "Anna", "Annika", "Jürgen", "Juergen", "Ó", "李娜"), last: pick("", "Müller", "MULLER", "de Vries", "O'Brien", "Anna"),
		born: pick("", "1985-03-02", "02.03.1985", "1985-02-03"), document: pick("", "AB-12", "ab123", "12345"), personal: pick("", "12345", "850302-1234"),
		nationality: pick("", "NLD", "NL", "DEU", "Erehwon"), country: pick("", "NLD", "Netherlands"), way: WayIn(pick("listing", "event", "import"))}
	day := func(name string) time.Time {
		return noon.AddDate(0, 0, -rapid.IntRange(0, 6).Draw(t, name)).Add(time.Duration(rapid.IntRange(-12, 11).Draw(t, name)) * time.Hour)
	}
	p.created, p.updated = day("created"), day("updated")
	if rapid.Bool().Draw(t, "differs") {
		p.detail = map[string]any{"documents": []any{map[string]any{"lastName": "Other", "documentNumber": "ZZ99"}}}
	}
	return p
}

func drawQuery(t *rapid.T) Query {
	pick := func(values ...string) string { return rapid.SampledFrom(values).Draw(t, "choice") }
	some := func(values ...string) []string { // few at once, or hardly anything is found
		if rapid.IntRange(0, 7).Draw(t, "filtered") != 5 {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(values), 1, min(2, len(values)), rapid.ID[string]).Draw(t, "filter")
	}
	day := func() time.Time {
		if rapid.IntRange(0, 7).Draw(t, "bounded") != 5 {
			return time.Time{}
		}
		return noon.AddDate(0, 0, -rapid.IntRange(0, 6).Draw(t, "day")).Truncate(24 * time.Hour)
	}
	q := Query{Term: pick("", "", "ann", "anna", "müller", "mueller", "muller", "anna m", "o'brien", "obrien", "o", "vries de", "李", "1985-03-02", "2/3/1985", "12345", "123",
		"AB 12", "ab12", "8503", "order 1", "order", "aaaa", "aa", "dossier-1", "zz99", "-", "850302 1234", "nobody")}
	q.Status, q.Provider, q.Type = some("accepted", "rejected", "pending"), some("onfido", "webid", "facetec"), some("document", "high")
	q.Relation, q.WayIn, q.Ending = some("differs", "single", "absent"), some("event", "import"), some("final", "open", "with-result", "without-result")
	q.Nationality, q.Country = some("NLD", "DEU", "DE"), some("NLD", "NL")
	q.From, q.To, q.UpdatedFrom, q.UpdatedTo = day(), day(), day(), day()
	if rapid.IntRange(0, 3).Draw(t, "within") == 3 {
		q.Within = time.Duration(rapid.IntRange(1, 6).Draw(t, "days")) * 24 * time.Hour
	}
	q.As = pick("", "", "", "name", "born", "document", "personal", "id", "reference")
	q.Sort = pick("", "created", "updated", "attention")
	return q
}

// atMost lowers the number of rapid's checks in a test whose every check opens files, unless -rapid.checks asks for a number.
func atMost(t *testing.T, checks string) {
	t.Helper()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		must(t, f.Value.Set(checks))
		t.Cleanup(func() { must(t, f.Value.Set(f.DefValue)) })
	}
}

// TestSearchFindsWhatAPlainScanFinds saves, changes and erases invented processes, and after that compares queries.
func TestSearchFindsWhatAPlainScanFinds(t *testing.T) {
	atMost(t, "25")
	rapid.Check(t, func(r *rapid.T) {
		h := &house{dir: t.TempDir(), clock: &clock{at: noon}}
		h.open(t)
		defer h.close(t)
		n := rapid.IntRange(1, 25).Draw(r, "processes")
		var made []person
		for i := range n {
			p := drawPerson(r, i)
			made = append(made, p)
			h.save(t, p)
		}
		for range rapid.IntRange(0, 8).Draw(r, "changes") {
			i := rapid.IntRange(0, len(made)-1).Draw(r, "changed")
			if p := drawPerson(r, i); rapid.Bool().Draw(r, "erase") && len(made) > 1 {
				must(t, h.Erase(t.Context(), made[i].id, "request", noon))
				made = slices.Delete(made, i, i+1)
			} else {
				p.id = made[i].id
				h.save(t, p)
			}
		}
		h.checkMemory(t)
		entries := h.entries(t)
		if len(entries) != len(made) {
			r.Fatalf("%d entries of %d processes", len(entries), len(made))
		}
		for range 30 {
			h.compare(t, r, entries, drawQuery(r))
		}
		h.checkMemory(t) // no search changed a bitmap
		h.checkLines(t)
	})
}

// entries derives what every held process should be indexed as.
func (h *house) entries(t *testing.T) (entries []entry) {
	held, err := h.idsAfter(t.Context(), "")
	must(t, err)
	sources, err := h.sources(t.Context(), held)
	must(t, err)
	must(t, h.addEarlier(t.Context(), sources))
	for _, s := range sources {
		entries = append(entries, derive(s, noon))
	}
	for i := range entries {
		entries[i].addOthers(sharers(entries, i))
	}
	return entries
}

// sharers are the other processes with a number of one.
func sharers(entries []entry, i int) []evidence.Other {
	found := others{at: map[string]int{}}
	for _, k := range numbersOf(entries[i].keys) {
		for j, e := range entries {
			if j != i && slices.Contains(numbersOf(e.keys), k) {
				found.add(k, e.processID, e.line.Person)
			}
		}
	}
	return found.list
}

func (h *house) compare(t *testing.T, r *rapid.T, entries []entry, q Query) {
	found := h.search(t, q)
	want, facets := scan(entries, q, noon)
	byID := map[string]entry{}
	for _, e := range entries {
		byID[e.processID] = e
	}
	slices.SortFunc(want, func(a, b string) int { return before(q.Sort, byID[a], byID[b]) })
	if !slices.Equal(found.IDs, want) || found.Total != len(want) {
		r.Fatalf("%+v\nfound   %v\nby scan %v", q, found.IDs, want)
	}
	for id := range byID {
		n, listed, err := h.Neighbours(t.Context(), q, id)
		must(t, err)
		wanted := Neighbours{}
		at := slices.Index(want, id)
		if at >= 0 {
			around := slices.Concat([]string{""}, want, []string{""})
			wanted = Neighbours{Number: at + 1, Total: len(want), Prev: around[at], Next: around[at+2]}
		}
		if listed != (at >= 0) || n != wanted {
			r.Fatalf("%+v\n%s stands %v %+v in %v", q, id, listed, n, want)
		}
	}
	for name := range found.Facets {
		got := map[string]int{}
		for _, f := range found.Facets[name] {
			got[f.Value] = f.Count
		}
		if fmt.Sprint(got) != fmt.Sprint(facets[name]) {
			r.Fatalf("%+v\n%s counts %v\nby scan %v", q, name, got, facets[name])
		}
	}
}

// before is the order of a list, told apart from how the store does it.
func before(sort string, a, b entry) int {
	major := map[string][2]int64{"updated": {a.updated, b.updated}, "attention": {int64(a.severity), int64(b.severity)}}[sort]
	for _, pair := range [][2]int64{major, {a.created, b.created}} {
		if pair[0] != pair[1] {
			return int(max(min(pair[1]-pair[0], 1), -1))
		}
	}
	return strings.Compare(b.processID, a.processID)
}
