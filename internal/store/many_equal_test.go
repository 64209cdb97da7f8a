package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Bounds of the comparison with a plain scan, which looks at every process for every search.
const (
	equalSearches  = 10_000
	equalProcesses = 2_000
)

// printEqual asks what a page can send of a part of the crowd, and compares each answer with a plain scan of the same entries.
func (b *manyBench) printEqual(t *testing.T) {
	small := newHouse(t)
	c := newCrowd(equalProcesses)
	var batch []made
	var entries []entry
	byID := map[string]entry{}
	for i := range equalProcesses {
		m := c.next(i)
		batch, entries = append(batch, m), append(entries, m.entry)
		byID[m.processID] = m.entry
	}
	small.takeCrowd(t, batch)
	part := &manyBench{house: small, size: equalProcesses, sample: batch}
	r := rand.New(rand.NewPCG(11, 13))
	found := 0
	for range equalSearches {
		q := part.mixed(r)
		want, facets := scan(entries, q, noon)
		slices.SortFunc(want, func(a, b string) int { return before(q.Sort, byID[a], byID[b]) })
		got := small.search(t, q)
		if got.Total != len(want) || !slices.Equal(got.IDs, want[:min(len(want), PageSize)]) {
			t.Fatalf("%s finds %d, %v; by scan %d", q.Canonical(), got.Total, got.IDs, len(want))
		}
		compareFacets(t, q, got.Facets, facets)
		if len(want) > 0 {
			found++
		}
	}
	b.title(fmt.Sprintf("%d searches of %d processes are answered as by a plain scan: ids of the page, total, every count; %d of them find something", equalSearches, equalProcesses, found))
}

func compareFacets(t *testing.T, q Query, got map[string][]Facet, want map[string]map[string]int) {
	for name, values := range got {
		counts := map[string]int{}
		for _, f := range values {
			counts[f.Value] = f.Count
		}
		if fmt.Sprint(counts) != fmt.Sprint(want[name]) && len(counts)+len(want[name]) > 0 {
			t.Fatalf("%s\n%s counts %v\nby scan %v", q.Canonical(), name, counts, want[name])
		}
	}
}

// takeCrowd keeps processes with the entries that they were made with.
func (h *house) takeCrowd(t testing.TB, batch []made) {
	t.Helper()
	revision := h.insert(t, batch)
	x, err := h.acquire()
	must(t, err)
	defer x.users.Done()
	ids, entries := make([]string, len(batch)), map[string]*entry{}
	for i := range batch {
		ids[i], entries[batch[i].processID] = batch[i].processID, &batch[i].entry
	}
	h.indexing.Lock()
	defer h.indexing.Unlock()
	must(t, x.take(t.Context(), ids, entries, revision))
}

// fullText is the other way to find names: a full-text table of their words, newest last, with an index of beginnings up to eight letters.
type fullText struct {
	db    *sqlitedb.DB
	words dictionary // expands what is longer
}

// makeFullText fills it with the words of the whole crowd.
func (b *manyBench) makeFullText(t *testing.T) fullText {
	db, err := sqlitedb.Open(context.Background(), sqlitedb.Options{Path: filepath.Join(t.TempDir(), "names.db"), Create: true})
	must(t, err)
	must(t, second(db.Writer.Exec(`CREATE VIRTUAL TABLE name USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii', prefix='2 3 4 5 6 7 8')`)))
	x, err := b.acquire()
	must(t, err)
	defer x.users.Done()
	for last, more := uint32(0), true; more; {
		more = false
		rows, err := x.db.Reader.QueryContext(t.Context(), `SELECT row, words FROM entry WHERE row > ? ORDER BY row LIMIT 10000`, last)
		must(t, err)
		words := map[uint32]string{}
		for rows.Next() {
			var text string
			must(t, rows.Scan(&last, &text))
			words[last], more = text, true
		}
		must(t, rows.Close())
		must(t, db.InTx(t.Context(), func(tx *sql.Tx) error {
			for row, text := range words {
				if _, err := tx.Exec(`INSERT INTO name (rowid, words) VALUES (?, ?)`, row, tokens(text)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return fullText{db, x.memory.words}
}

// tokens sets a letter before every word, so that the index of two letters finds one.
func tokens(words string) string {
	all := strings.Fields(words)
	for i := range all {
		all[i] = "n" + all[i]
	}
	return strings.Join(all, " ")
}

// longestIndexed is how many letters of a word, the one before it included, the table has an index for.
const longestIndexed = 8

// match is the expression for a term: any spelling of each of its words.
func (f fullText) match(term string) string {
	var all []string
	for _, spellings := range nameTerm(term) {
		var any []string
		for _, s := range spellings {
			if begin, _ := shelf(s); len(s) >= longestIndexed && f.words[begin] != nil {
				b := f.words[begin]
				for i, _ := b.find(s); i < len(b.words) && strings.HasPrefix(b.words[i].text, s); i++ {
					any = append(any, `"n`+b.words[i].text+`"`)
				}
			} else {
				any = append(any, `"n`+s+`"*`)
			}
		}
		all = append(all, "("+strings.Join(any, " OR ")+")")
	}
	return strings.Join(all, " AND ")
}

// page asks for the newest page and the bounded total, without facets: the table cannot count them.
func (f fullText) page(t *testing.T, term string) (n int) {
	match := f.match(term)
	if match == "" || strings.Contains(match, "()") {
		return 0
	}
	must(t, readAll(f.db.Reader.QueryContext(t.Context(), `SELECT rowid FROM name WHERE name MATCH ? ORDER BY rowid DESC LIMIT 51`, match)))
	must(t, f.db.Reader.QueryRowContext(t.Context(), `SELECT count(*) FROM (SELECT 1 FROM name WHERE name MATCH ? LIMIT 10001)`, match).Scan(&n))
	return min(n, maxTotal)
}

// bitmapPage asks the bitmaps for the same.
func (x *index) bitmapPage(term string) int {
	c := candidates{limited: true, names: nameTerm(term), as: readName}
	x.memory.mu.RLock()
	defer x.memory.mu.RUnlock()
	found := x.memory.match(Query{}, &c, noon)
	n, _ := total(found.set)
	c.shelves(Query{}, x.memory, found.set).page(c.order(Query{}, x.memory), place{})
	return n
}

// printNames sets both ways beside each other for every shape of name.
func (b *manyBench) printNames(t *testing.T) {
	f := b.makeFullText(t)
	defer f.db.Close()
	x, err := b.acquire()
	must(t, err)
	defer x.users.Done()
	b.title("names by bitmaps and by a full-text table, newest page and bounded total, no facets, CPU ms")
	b.line("term", "bitmaps p50", "p99", "full text p50", "p99", "found")
	for _, s := range b.shapes(t) {
		var terms []string
		for _, q := range s.queries {
			if len(nameTerm(q.Term)) > 0 && len(readings(q.Term)) <= len(idKinds) && q.Canonical() == (Query{Term: q.Term}).Canonical() {
				terms = append(terms, q.Term)
			}
		}
		if len(terms) > 0 {
			b.printName(t, s.name, terms, f, x)
		}
	}
	b.line("bytes a process, on disk", float64(sizeOf(t, filepath.Dir(f.db.Path()), "names.db*"))/float64(b.size))
	b.out.Flush()
}

func (b *manyBench) printName(t *testing.T, name string, terms []string, f fullText, x *index) {
	runtime.LockOSThread() // whose time is counted
	defer runtime.UnlockOSThread()
	var bitmaps, text []time.Duration
	most := 0
	for i := range 3 * max(len(terms), 20) {
		term := terms[i%len(terms)]
		start := cpuTime()
		n := x.bitmapPage(term)
		bitmaps = append(bitmaps, cpuTime()-start)
		start = cpuTime()
		if got := f.page(t, term); got != n {
			t.Errorf("%q: %d by the full-text table, %d by bitmaps", term, got, n)
		}
		text, most = append(text, cpuTime()-start), max(most, n)
	}
	m50, m99, _ := percentiles(bitmaps)
	t50, t99, _ := percentiles(text)
	b.line(name, m50, m99, t50, t99, most)
}
