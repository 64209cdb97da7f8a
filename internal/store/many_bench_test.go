package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/assure-portal/portal/internal/audit"
)

// Bounds of a measurement, so that a slow shape does not hold up the whole.
const (
	benchPeople  = 40              // whose names and numbers are searched for
	benchSamples = 400             // of each shape of search
	benchTime    = 4 * time.Second // for each shape
	benchMixed   = 2000            // searches drawn from everything that a page can send
	benchCrowd   = 32              // people who search at once
	benchLoad    = 10 * time.Second
	benchArrive  = 100 // snapshots that arrive together, five times a second
	benchSavers  = 8   // reads that a synchronisation has under way at once
)

// TestSearchAmongMany is `make bench-search`: it measures and prints, and judges only what must not happen at any speed.
func TestSearchAmongMany(t *testing.T) {
	size, _ := strconv.Atoi(os.Getenv("PORTAL_BENCH_SIZE"))
	if size == 0 {
		t.Skip("make bench-search runs it: PORTAL_BENCH_SIZE is how many processes, PORTAL_BENCH_DIR where they are kept")
	}
	h, took := openCrowd(t, os.Getenv("PORTAL_BENCH_DIR"), size)
	defer func() { h.close(t) }()
	b := &manyBench{house: h, size: size, random: rand.New(rand.NewPCG(2, 3)), out: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)}
	b.people(t)
	b.strangers = crowdOf(rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1)), size)
	for _, part := range []struct {
		name  string
		print func(t *testing.T)
	}{{"size", func(t *testing.T) { b.printSize(t, took) }}, {"shapes", b.printShapes}, {"mixed", b.printMixed}, {"load", b.printLoad},
		{"names", b.printNames}, {"equal", b.printEqual},
		{"ingest", b.printIngest}, {"export", b.printExport}, {"starts", b.printStarts}} {
		if some := os.Getenv("PORTAL_BENCH_PARTS"); some == "" || slices.Contains(strings.Split(some, ","), part.name) {
			part.print(t)
		}
	}
}

type manyBench struct {
	*house
	size   int
	random *rand.Rand
	sample []made

	strangers *crowd // whom the store does not hold yet
	out       *tabwriter.Writer
}

// people are drawn again as the crowd was made.
func (b *manyBench) people(t *testing.T) {
	c := newCrowd(b.size)
	for i := range min(b.size, 20*benchPeople) {
		if m := c.next(i); i%20 == 0 {
			b.sample = append(b.sample, m)
		}
	}
}

func (b *manyBench) title(text string) { fmt.Printf("\n%s\n", text) }

// line prints cells, parted by tabs; flush aligns what was printed since the last.
func (b *manyBench) line(cells ...any) {
	for _, c := range cells {
		switch c := c.(type) {
		case time.Duration:
			fmt.Fprintf(b.out, "%.3f\t", float64(c.Microseconds())/1000)
		case float64:
			fmt.Fprintf(b.out, "%.2f\t", c)
		default:
			fmt.Fprintf(b.out, "%v\t", c)
		}
	}
	fmt.Fprintln(b.out)
}

func percentiles(times []time.Duration) (p50, p99, worst time.Duration) {
	slices.Sort(times)
	last := len(times) - 1
	return times[last/2], times[last*99/100], times[last]
}

func (b *manyBench) printSize(t *testing.T, took crowdBuild) {
	var after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&after)
	x, err := b.acquire()
	must(t, err)
	defer x.users.Done()
	bitmaps, columns := x.memory.sizes()
	perRow := func(n uint64) float64 { return float64(n) / float64(b.size) }
	b.title(fmt.Sprintf("%d processes, SQLite in the portal beside libsqlite3 of the system, %d processors; bytes a process", b.size, runtime.GOMAXPROCS(0)))
	b.line("bitmaps and lists of rows", perRow(bitmaps))
	b.line("columns (ids, times, values)", perRow(columns))
	b.line("whole heap", perRow(after.HeapAlloc))
	for _, pattern := range []string{"portal.db", "index-*.db", "index-*.bitmaps"} {
		b.line(pattern, perRow(sizeOf(t, b.dir, pattern)))
	}
	if took.entries > 0 {
		b.line("bulk load of snapshots, rows/s", float64(b.size)/took.snapshots.Seconds())
		b.line("bulk load of index entries, rows/s", float64(b.size)/took.entries.Seconds())
	}
	b.out.Flush()
}

func sizeOf(t *testing.T, dir, pattern string) (n uint64) {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	must(t, err)
	for _, f := range files {
		info, err := os.Stat(f)
		must(t, err)
		n += uint64(info.Size())
	}
	return n
}

// sizes are the bytes that the sets of rows take, and those that stand by row.
func (m *memory) sizes() (sets, columns uint64) {
	m.eachSet(func(s *roaring.Bitmap) { sets += s.GetSizeInBytes() })
	for _, b := range m.words {
		sets += b.rows.size()
		for i := range b.words {
			sets += uint64(len(b.words[i].text)) + 16 + b.words[i].rows.size()
		}
	}
	for k := range m.crowds.few {
		sets += uint64(len(k.value)) + 40
	}
	return sets, uint64(len(m.keys.chunks)) * chunkRows * (32 + 1 + 4*aspects)
}

// size is what a set takes beside its bitmap.
func (s *rowSet) size() uint64 { return uint64(32 + 4*cap(s.few)) }

// shape is one kind of search, and several of it.
type shape struct {
	name    string
	queries []Query
}

// each makes a query for each of the sampled people.
func (b *manyBench) each(name string, query func(m made) Query) shape {
	s := shape{name: name}
	for _, m := range b.sample {
		s.queries = append(s.queries, query(m))
	}
	return s
}

func terms(name string, texts ...string) shape {
	s := shape{name: name}
	for _, text := range texts {
		s.queries = append(s.queries, Query{Term: text})
	}
	return s
}

func firstLetters(s string, n int) string { return string([]rune(s)[:min(n, len([]rune(s)))]) }

func (b *manyBench) shapes(t *testing.T) []shape {
	person := func(m made) (first, last string) { return m.entry.line.Person.FirstName, m.entry.line.Person.LastName }
	common, other := word(0), word(3)
	month := Query{From: noon.AddDate(0, -1, 0)}
	all := []shape{
		b.each("a document number", func(m made) Query { return Query{Term: m.entry.line.Person.DocumentNumber} }),
		b.each("a personal number", func(m made) Query { return Query{Term: m.entry.line.Person.PersonalNumber} }),
		b.each("a process id", func(m made) Query { return Query{Term: m.processID} }),
		b.each("8 of a process id", func(m made) Query { return Query{Term: m.processID[:8]} }),
		b.each("4 of a process id", func(m made) Query { return Query{Term: m.processID[:4]} }),
		b.each("4 of a document number", func(m made) Query { return Query{Term: m.entry.line.Person.DocumentNumber[:4]} }),
		b.each("beginning of a reference", func(m made) Query { return Query{Term: m.ExternalReference[:len(m.ExternalReference)-1]} }),
		b.each("a date of birth", func(m made) Query { return Query{Term: m.entry.line.Person.DateOfBirth} }),
		b.each("a last name", func(m made) Query { _, l := person(m); return Query{Term: l} }),
		b.each("first and last name", func(m made) Query { f, l := person(m); return Query{Term: f + " " + l} }),
		b.each("4 of a last name", func(m made) Query { _, l := person(m); return Query{Term: firstLetters(l, 4)} }),
		b.each("first name, 3 of the last", func(m made) Query { f, l := person(m); return Query{Term: f + " " + firstLetters(l, 3)} }),
		terms("a common name", common), terms("two common names", common+" "+other), terms("nobody", "Qqqxyz"), terms("nobody and a common name", "Qqqxyz "+common),
		terms("1 letter", "m", "s", "a"), terms("2 letters", "ma", "sc"), terms("3 letters", "mar", "sch"), terms("4 letters", "kows", "sein"), terms("two of 1 letter", "m s"),
		terms("6 and more letters", "schnei", "schneima", "dijksen"), {"a common name in a month", []Query{{Term: common, From: month.From}}},
		{"a common name, rare status", []Query{{Term: common, Status: []string{"processing"}}}},
		{"name, rare status and provider", []Query{{Term: common, Status: []string{"processing"}, Provider: []string{"connect"}}}},
		{"name, five filters", []Query{{Term: common, Status: []string{"accepted", "rejected"}, Provider: []string{"onfido", "readid"}, Type: []string{"mobile"}, WayIn: []string{"event"}, Relation: []string{"differs"}}}},
		{"all, newest", []Query{{}}}, {"all, by update", []Query{{Sort: "updated"}}}, {"all, attention first", []Query{{Sort: "attention"}}},
		{"status", []Query{{Status: []string{"accepted"}}, {Status: []string{"processing"}}}}, {"status, provider, type", []Query{{Status: []string{"accepted"}, Provider: []string{"onfido"}, Type: []string{"mobile"}}}},
		{"nationality", []Query{{Nationality: []string{"NLD"}}, {Nationality: []string{"SSD"}}}}, {"finding", []Query{{Finding: []string{"document-expired"}}}}, {"differs, attention first", []Query{{Relation: []string{"differs"}, Sort: "attention"}}},
		{"a month", []Query{month}}, {"a month and a status", []Query{{From: month.From, Status: []string{"rejected"}}}}, {"four years", []Query{{From: noon.AddDate(-4, 0, 0)}}}, {"the oldest year", []Query{{To: noon.AddDate(-4, 0, 0)}}},
		{"updated in a year", []Query{{UpdatedFrom: noon.AddDate(-1, 0, 0), Sort: "updated"}}}, {"last 7 days", []Query{{Within: 7 * 24 * time.Hour}}}, {"not final", []Query{{Ending: []string{"open"}}}},
		b.pasted("10 pasted ids", 10), b.pasted("1,000 pasted ids", 1000),
	}
	return append(all, b.deep(t, "all, a page in the middle", Query{To: noon.AddDate(-2, 0, 0)}, Query{}), b.deep(t, "a common name, a page in the middle", Query{Term: common, To: noon.AddDate(-2, 0, 0)}, Query{Term: common}))
}

func (b *manyBench) pasted(name string, n int) shape {
	q := Query{IDs: []string{}}
	for i := range n {
		q.IDs = append(q.IDs, b.sample[i%len(b.sample)].processID)
		if i >= len(b.sample) {
			q.IDs[i] = fmt.Sprintf("order %d", i)
		}
	}
	return shape{name, []Query{q}}
}

// deep is the page of q that begins where the first page of another search of the same order ends.
func (b *manyBench) deep(t *testing.T, name string, at, q Query) shape {
	ids := b.search(t, at).IDs
	x, err := b.acquire()
	must(t, err)
	defer x.users.Done()
	row, err := x.rowOf(t.Context(), ids[len(ids)-1])
	must(t, err)
	q.After = b.cursor(q, candidates{}.order(q, x.memory)(row))
	return shape{name, []Query{q}}
}

// measure asks the queries of a shape in turn, facets and total included.
func (b *manyBench) measure(t *testing.T, s shape) (times, spent []time.Duration, found int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for begin := time.Now(); len(times) < benchSamples && time.Since(begin) < benchTime; {
		q := s.queries[len(times)%len(s.queries)]
		start, cpu := time.Now(), cpuTime()
		f, err := b.Search(t.Context(), q)
		times, spent = append(times, time.Since(start)), append(spent, cpuTime()-cpu)
		must(t, err)
		found = max(found, f.Total)
	}
	return times, spent, found
}

func (b *manyBench) printShapes(t *testing.T) {
	shapes := b.shapes(t)
	statements := b.pageStatements(t, shapes)
	portal, system := b.runHere(t, statements, 40), b.runProbe(t, statements, 40, "each")
	b.title("searches, ms; facets and total included; CPU: without the time that other programs took. SQL: what a page asks the files, the rows of its list included, here and in C, as CPU")
	b.line("search", "p50", "p99", "CPU p50", "p99", "worst", "found", "SQL p50", "p99", "C p50", "p99", "ratio p50", "p99")
	for i, s := range shapes {
		times, spent, found := b.measure(t, s)
		p50, p99, _ := percentiles(times)
		cpu50, cpu99, worst := percentiles(spent)
		cells := []any{s.name, p50, p99, cpu50, cpu99, worst, found}
		if system[i] != nil {
			here50, here99, _ := percentiles(portal[i])
			c50, c99, _ := percentiles(system[i])
			cells = append(cells, here50, here99, c50, c99, float64(here50)/float64(c50), float64(here99)/float64(c99))
		}
		b.line(cells...)
	}
	b.out.Flush()
}

// bound is a statement with its arguments, part of a group that is timed as one.
type bound struct {
	group, db int // 0 portal.db, 1 the index
	text      string
	args      []any
}

// pageStatements are what the page of the first query of each shape asks SQLite, in the words of the source.
func (b *manyBench) pageStatements(t *testing.T, shapes []shape) (all []bound) {
	x, err := b.acquire()
	must(t, err)
	defer x.users.Done()
	lookup, pasted := statementWith(t, "group_concat(l.row)"), statementWith(t, "CROSS JOIN lookup l")
	entries, heads := statementWith(t, "json_each(?) j CROSS JOIN entry e"), statementWith(t, "s.fetch_seq\n\t\tFROM json_each(?) j CROSS JOIN process p")
	for i, s := range shapes {
		q := s.queries[0]
		for some := range slices.Chunk(x.memory.lookUp(readings(strings.TrimSpace(q.Term)), map[string]*roaring.Bitmap{}), readingsAtOnce) {
			args := make([]any, 3*readingsAtOnce)
			for j, r := range some {
				args[3*j] = r.kind
				args[3*j+1], args[3*j+2] = r.begins().span()
			}
			all = append(all, bound{i, 1, lookup, args})
		}
		if q.IDs != nil {
			all = append(all, bound{i, 1, pasted, []any{asJSON(t, q.IDs), asJSON(t, idKinds)}})
		}
		ids := asJSON(t, b.search(t, q).IDs)
		all = append(all, bound{i, 0, heads, []any{ids}}, bound{i, 1, entries, []any{ids}})
	}
	return all
}

func asJSON(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	must(t, err)
	return string(text)
}

func statementWith(t *testing.T, part string) string {
	t.Helper()
	all := statementsOf(t)
	i := slices.IndexFunc(all, func(s string) bool { return strings.Contains(s, part) })
	if i < 0 {
		t.Fatalf("no statement has %q", part)
	}
	return all[i]
}

// runHere runs groups of statements with the portal's engine, and reads every column as bytes.
func (b *manyBench) runHere(t *testing.T, statements []bound, rounds int) map[int][]time.Duration {
	x, err := b.acquire()
	must(t, err)
	defer x.users.Done()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	times := map[int][]time.Duration{}
	for range rounds {
		for group := range slices.Values(slices.Compact(groupsOf(statements))) {
			start := cpuTime()
			for _, s := range statements {
				if s.group == group {
					must(t, readAll([]*sql.DB{b.portal.Reader, x.db.Reader}[s.db].QueryContext(t.Context(), s.text, s.args...)))
				}
			}
			times[group] = append(times[group], cpuTime()-start)
		}
	}
	return times
}

func groupsOf(statements []bound) (groups []int) {
	for _, s := range statements {
		groups = append(groups, s.group)
	}
	return groups
}

func readAll(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	cells, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// runProbe runs the same with the system's library; nil where there is no C compiler or no library.
func (b *manyBench) runProbe(t *testing.T, statements []bound, rounds int, compile string, dbs ...string) map[int][]time.Duration {
	probe := filepath.Join(t.TempDir(), "probe")
	if out, err := exec.Command("cc", "-O2", "-o", probe, "testdata/probe/probe.c", "-l:libsqlite3.so.0").CombinedOutput(); err != nil {
		fmt.Printf("no comparison with C: %v %s\n", err, out)
		return nil
	}
	file := probe + ".statements"
	must(t, os.WriteFile(file, encodeStatements(statements), 0o600))
	if dbs == nil {
		indexes, err := filepath.Glob(filepath.Join(b.dir, "index-*.db"))
		must(t, err)
		dbs = []string{filepath.Join(b.dir, "portal.db"), indexes[0]}
	}
	out, err := exec.Command(probe, append([]string{strconv.Itoa(rounds), compile, file}, dbs...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	times := map[int][]time.Duration{}
	for line := range strings.Lines(string(out)) {
		var group int
		var took time.Duration
		_, err := fmt.Sscan(line, &group, &took)
		must(t, err)
		times[group] = append(times[group], took)
	}
	return times
}

func encodeStatements(statements []bound) (data []byte) {
	number := func(n int) { data = binary.LittleEndian.AppendUint32(data, uint32(n)) }
	value := func(kind byte, text string) {
		data = append(data, kind)
		number(len(text))
		data = append(data, text...)
	}
	for _, s := range statements {
		number(s.group)
		number(s.db)
		number(len(s.args))
		value('t', s.text)
		for _, arg := range s.args {
			switch arg := arg.(type) {
			case nil:
				value('n', "")
			case string:
				value('t', arg)
			case []byte:
				value('b', string(arg))
			default:
				value('i', fmt.Sprintf("%d\x00", arg))
			}
		}
	}
	return data
}

// mixed draws what a page can send: any box with any filters, in any order, on some page.
func (b *manyBench) mixed(r *rand.Rand) Query {
	m := pick(r, b.sample)
	p := m.entry.line.Person
	q := Query{Term: pick(r, []string{"", "", "", p.LastName, p.FirstName, p.FirstName + " " + p.LastName, firstLetters(p.LastName, 1), firstLetters(p.LastName, 3),
		p.DocumentNumber, p.DocumentNumber[:4], p.PersonalNumber, p.DateOfBirth, m.processID, m.processID[:5], m.ExternalReference, "Qqqxyz", "-"}),
		Sort: pick(r, []string{"", "created", "updated", "attention"})}
	for _, f := range []struct {
		into   *[]string
		values []string
	}{{&q.Status, crowdStatus}, {&q.Provider, crowdProviders}, {&q.Type, crowdTypes}, {&q.Nationality, crowdCountries}, {&q.Country, crowdCountries}, {&q.WayIn, waysIn},
		{&q.Ending, endingCodes}, {&q.Relation, []string{"differs", "same", "single"}}, {&q.Finding, []string{"document-expired", "field-differs"}}} {
		for r.IntN(5) == 0 && len(*f.into) < 4 {
			*f.into = append(*f.into, pick(r, f.values))
		}
	}
	ago := func() time.Time { return noon.AddDate(0, 0, -r.IntN(crowdYears*365)) }
	for _, day := range []*time.Time{&q.From, &q.To, &q.UpdatedFrom, &q.UpdatedTo} {
		if r.IntN(8) == 0 {
			*day = ago()
		}
	}
	if r.IntN(8) == 0 {
		q.Within = time.Duration(1+r.IntN(400)) * 24 * time.Hour
	}
	return q
}

func (b *manyBench) printMixed(t *testing.T) {
	type timed struct {
		took time.Duration
		q    Query
	}
	var all []timed
	var times, spent, neighbours []time.Duration
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for range benchMixed {
		q := b.mixed(b.random)
		for page := range 2 {
			start, cpu := time.Now(), cpuTime()
			f, err := b.Search(t.Context(), q)
			times, spent = append(times, time.Since(start)), append(spent, cpuTime()-cpu)
			all = append(all, timed{spent[len(spent)-1], q})
			must(t, err)
			if len(f.IDs) > 0 {
				cpu = cpuTime()
				_, _, err := b.Neighbours(t.Context(), q, f.IDs[len(f.IDs)/2])
				neighbours = append(neighbours, cpuTime()-cpu)
				must(t, err)
			}
			if q.After = f.Next; page > 0 || q.After == "" {
				break
			}
		}
	}
	p50, p99, worst := percentiles(times)
	b.title("any box with any filters, any order, first and second page, ms")
	b.line("", "p50", "p99", "worst")
	b.line(fmt.Sprintf("%d searches", len(times)), p50, p99, worst)
	p50, p99, worst = percentiles(spent)
	b.line("the same, CPU", p50, p99, worst)
	p50, p99, worst = percentiles(neighbours)
	b.line("place in the list, and neighbours, CPU", p50, p99, worst)
	b.out.Flush()
	slices.SortFunc(all, func(a, b timed) int { return int(b.took - a.took) })
	for _, slow := range all[:5] {
		fmt.Printf("  slowest: %v %s\n", slow.took, slow.q.Canonical())
	}
}

// printLoad lets people search while snapshots arrive through the door by which a synchronisation brings them.
func (b *manyBench) printLoad(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), benchLoad)
	defer stop()
	var mu sync.Mutex
	var times []time.Duration
	var busy sync.WaitGroup
	slowest := make([]time.Duration, benchCrowd)
	for i := range benchCrowd {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		busy.Go(func() {
			for ctx.Err() == nil {
				start := time.Now()
				if _, err := b.Search(t.Context(), b.mixed(r)); err != nil {
					t.Error(err)
				}
				took := time.Since(start)
				slowest[i] = max(slowest[i], took)
				mu.Lock()
				times = append(times, took)
				mu.Unlock()
				time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond) // people read what they found
			}
		})
	}
	var bursts []time.Duration
	for ctx.Err() == nil {
		arrivals := b.newcomers(benchArrive)
		start := time.Now()
		b.arrive(t, arrivals)
		bursts = append(bursts, time.Since(start))
		time.Sleep(max(0, 200*time.Millisecond-time.Since(start)))
	}
	busy.Wait()
	p50, p99, worst := percentiles(times)
	b.title(fmt.Sprintf("%d people search while %d snapshots arrive together every 200 ms or as soon as the ones before are in, for %v, ms", benchCrowd, benchArrive, benchLoad))
	b.line("", "p50", "p99", "worst")
	b.line(fmt.Sprintf("%d searches", len(times)), p50, p99, worst)
	p50, p99, worst = percentiles(bursts)
	b.line(fmt.Sprintf("%d arrivals of %d, kept and indexed", len(bursts), benchArrive), p50, p99, worst)
	b.line("slowest search of the person who waited least", slices.Min(slowest), "", "")
	b.out.Flush()
}

// newcomers are people whom the crowd does not know, with the names that people have.
func (b *manyBench) newcomers(n int) (all []made) {
	for range n {
		all = append(all, b.strangers.next(b.random.IntN(b.size)))
	}
	return all
}

func (b *manyBench) arrive(t *testing.T, all []made) {
	var busy sync.WaitGroup
	for worker := range benchSavers {
		busy.Go(func() {
			for i := worker; i < len(all); i += benchSavers {
				if _, err := b.Save(t.Context(), all[i].Envelope, all[i].body, noon); err != nil {
					t.Error(err)
				}
			}
		})
	}
	busy.Wait()
}

// printIngest fills two empty files of the index's schema with the same statements, here and in C; and indexes real bodies.
func (b *manyBench) printIngest(t *testing.T) {
	n := min(b.size, 20_000)
	statements := ingestStatements(t, newCrowd(b.size), n)
	here := b.emptyIndex(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := cpuTime()
	runOnce(t, here, statements)
	portal := cpuTime() - begin
	must(t, here.close())
	b.title("ingest, rows a second; of SQL alone, a second of CPU")
	b.line("entries by the thousand into an empty index, SQL alone", float64(n)/portal.Seconds())
	empty := b.emptyIndex(t)
	path := empty.db.Path()
	must(t, empty.close())
	var system time.Duration
	for _, took := range b.runProbe(t, statements, 1, "once", path) {
		system += took[0]
	}
	if system > 0 {
		b.line("the same in C", float64(n)/system.Seconds())
		b.line("ratio", system.Seconds()/portal.Seconds())
	}
	b.line("reindex of real bodies, evidence read", b.reindexRate(t))
	b.out.Flush()
	b.lockTimes(t)
}

func (b *manyBench) emptyIndex(t *testing.T) *index {
	x, err := openIndexFile(context.Background(), filepath.Join(t.TempDir(), "index-1.db"), 1, true, b.log)
	must(t, err)
	return x
}

func ingestStatements(t *testing.T, c *crowd, n int) (all []bound) {
	entry, lookup, line := statementWith(t, "INSERT INTO entry"), statementWith(t, "INSERT INTO lookup"), statementWith(t, "INSERT INTO csv_line")
	for i := range n {
		group := i / 1000
		if i%1000 == 0 {
			all = append(all, bound{group, 0, "BEGIN IMMEDIATE", nil})
		}
		m := c.next(i)
		columns, err := m.entry.columns()
		must(t, err)
		all = append(all, bound{group, 0, entry, append([]any{i + 1}, columns...)})
		kept, err := m.entry.keptLine()
		must(t, err)
		all = append(all, bound{group, 0, line, []any{i + 1, 1, kept.encode()}})
		for some := range slices.Chunk(m.entry.keys, keysAtOnce) {
			all = append(all, bound{group, 0, lookup, keyArgs(uint32(i+1), some)})
		}
		if i%1000 == 999 || i == n-1 {
			all = append(all, bound{group, 0, "COMMIT", nil})
		}
	}
	return all
}

// runOnce runs statements on the writer, as the index does.
func runOnce(t *testing.T, x *index, statements []bound) {
	for group := range slices.Values(slices.Compact(groupsOf(statements))) {
		must(t, x.db.InTx(t.Context(), func(tx *sql.Tx) error {
			w := entryWriter{tx}
			for _, s := range statements {
				if s.group != group || s.args == nil {
					continue
				}
				if err := w.exec(t.Context(), s.text, s.args...); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func (b *manyBench) reindexRate(t *testing.T) float64 {
	n := min(b.size, 5_000)
	h := newHouse(t)
	c := newCrowd(n)
	var batch []made
	for i := range n {
		batch = append(batch, c.next(i))
	}
	h.insert(t, batch)
	start := time.Now()
	must(t, h.Reindex(t.Context(), func(int, int) {}))
	return float64(n) / time.Since(start).Seconds()
}

// lockTimes tells how long the index's write lock is held for an arrival, among all of the crowd.
func (b *manyBench) lockTimes(t *testing.T) {
	x, err := b.acquire()
	must(t, err)
	defer x.users.Done()
	c := newCrowd(b.size)
	var times []time.Duration
	for range 30 {
		ids, entries := make([]string, benchArrive), map[string]*entry{}
		for i := range ids { // known ones, as read again
			m := c.next(i)
			m.processID = fmt.Sprintf("%08x-0000-4000-a000-%012x", b.random.Uint32(), i)
			m.entry.processID = m.processID
			ids[i], entries[m.processID] = m.processID, &m.entry
		}
		b.indexing.Lock()
		start := time.Now()
		err := x.take(t.Context(), ids, entries, 0)
		times = append(times, time.Since(start))
		err = errors.Join(err, x.take(t.Context(), ids, map[string]*entry{}, 0))
		b.indexing.Unlock()
		must(t, err)
	}
	p50, p99, worst := percentiles(times)
	b.title("the write lock of the index for 100 entries, ms")
	b.line("", "p50", "p99", "worst")
	b.line("held", p50, p99, worst)
	b.out.Flush()
}

// printExport sends every row of the widest search over HTTP on this machine, with its hash, beside the shell of SQLite with the same
// columns.
func (b *manyBench) printExport(t *testing.T) {
	b.title("export of every row over HTTP; the growth of memory is that of what is still in use after a collection")
	b.line("", "rows/s", "MiB/s", "heap before, MiB", "growth, MiB")
	rows := min(b.size, 1_000_000)
	kept := b.exportRate(t, "as a reader without names gets them", rows, LineForm{})
	b.exportRate(t, "the same with semicolons", rows, LineForm{Semicolons: true})
	b.exportRate(t, "with names", rows, LineForm{Shown: func(_, value string) string { return value }})
	if shell := b.shellRate(t, rows); shell > 0 {
		b.line("sqlite3 -csv of the same columns", shell)
		b.line("ratio", kept/shell)
	}
	b.out.Flush()
}

var errEnough = errors.New("enough rows")

func (b *manyBench) exportRate(t *testing.T, name string, limit int, form LineForm) float64 {
	before := heapInUse()
	grown, rows := uint64(0), 0
	r := receipt(t, newTrail(t), audit.Event{Action: audit.ProcessExport, Query: Query{}.Canonical()})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		out := bufio.NewWriterSize(io.MultiWriter(w, sha256.New()), 64<<10)
		err := b.Export(t.Context(), r, Query{}, form, func(text []byte, n int) error {
			if _, err := out.Write(text); err != nil {
				return err
			}
			if rows/250_000 != (rows+n)/250_000 {
				grown = max(grown, heapInUse()-before)
			}
			if rows += n; rows >= limit {
				return errEnough
			}
			return nil
		})
		if err = errors.Join(err, out.Flush()); err != nil && !errors.Is(err, errEnough) {
			t.Error(err)
		}
	}))
	defer server.Close()
	start := time.Now()
	response, err := http.Get(server.URL)
	must(t, err)
	defer response.Body.Close()
	bytes, err := io.Copy(io.Discard, response.Body)
	must(t, err)
	took := time.Since(start).Seconds()
	b.line(name, float64(rows)/took, float64(bytes>>20)/took, before>>20, grown>>20)
	return float64(rows) / took
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (b *manyBench) shellRate(t *testing.T, rows int) float64 {
	indexes, err := filepath.Glob(filepath.Join(b.dir, "index-*.db"))
	must(t, err)
	var fields strings.Builder
	for _, name := range []string{"firstName", "lastName", "lastNameSecondLine", "dateOfBirth", "placeOfBirth", "gender", "nationality", "documentType", "documentNumber",
		"issuingCountry", "dateOfIssue", "dateOfExpiry", "personalIdentificationNumber", "similarityScore", "livenessDetected"} {
		fmt.Fprintf(&fields, ", json_extract(e.line, '$.Fields.%s')", name)
	}
	statement := fmt.Sprintf(`ATTACH '%s' AS i; SELECT p.process_id, p.dossier_id, p.external_reference, p.external_id, s.provider, s.process_type, s.status, p.created_at, p.updated_at,
		p.first_seen_at, s.received_at, p.last_seen_at, p.way_in, s.fetch_seq, s.version, hex(s.sha256), e.mapping_version%s, e.relations, e.findings
		FROM process p INDEXED BY process_created JOIN snapshot s ON s.process_id = p.process_id AND s.version = p.newest JOIN i.entry e ON e.process_id = p.process_id
		ORDER BY p.created_at DESC LIMIT %d`, indexes[0], fields.String(), rows)
	start := time.Now()
	shell := exec.Command("sqlite3", "-csv", "-readonly", filepath.Join(b.dir, "portal.db"), statement)
	var told bytes.Buffer
	shell.Stderr = &told
	if err := shell.Run(); err != nil {
		fmt.Printf("no comparison with the shell: %v %s\n", err, told.String())
		return 0
	}
	return float64(rows) / time.Since(start).Seconds()
}

// printStarts times a start to its first page: as a stop left the files, after a kill, and without the copy of the bitmaps.
func (b *manyBench) printStarts(t *testing.T) {
	b.title("start with the index there, to its first page, s")
	first := func() float64 {
		runtime.GC()
		start := time.Now()
		b.open(t)
		b.search(t, Query{})
		return time.Since(start).Seconds()
	}
	start := time.Now()
	b.close(t)
	b.line("a stop, the copy of the bitmaps included", time.Since(start).Seconds())
	b.line("after a stop", first())
	b.arrive(t, b.newcomers(benchArrive))
	b.kill(t)
	b.line("after a kill, with 100 entries that came after the copy", first())
	b.checkMemory(t)
	x, err := b.acquire()
	must(t, err)
	late := max(copyEvery, b.size/copyShare)
	must(t, second(x.db.Writer.Exec(`INSERT INTO touched (row) SELECT row FROM entry ORDER BY row LIMIT ? ON CONFLICT (row) DO NOTHING`, late)))
	x.users.Done()
	b.kill(t)
	b.line(fmt.Sprintf("after a kill just before the next copy, with %d entries", late), first())
	b.close(t)
	for _, file := range b.copies(t) {
		must(t, os.Remove(file))
	}
	b.line("without the copy", first())
	b.out.Flush()
}
