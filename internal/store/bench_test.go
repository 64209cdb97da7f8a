package store

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// benchProcesses is how many processes a search is measured among.
const benchProcesses = 10_000

// example people whose names meet as often as real ones do.
var (
	firstNames = []string{"Anna", "Maria", "Jürgen", "Łukasz", "Søren", "Zoë", "Jan", "Piet", "Fatima", "李娜", "Ivan", "Ó"}
	lastNames  = []string{"Müller", "Jansen", "de Vries", "García", "López", "Kowalski", "O'Brien", "Ødegård", "Visser", "Bakker", "Nowak", "Schneider"}
)

func benchPerson(i int) person {
	at := noon.Add(-time.Duration(i) * time.Minute)
	return person{id: fmt.Sprintf("%08x-86d0-11b4-2d00-c04fc964%04x", uint32(i)*2654435761, i%65536), dossier: fmt.Sprintf("dossier-%d", i/2),
		reference: fmt.Sprintf("order %d", i), first: firstNames[i%len(firstNames)], last: fmt.Sprintf("%s %s", lastNames[i/7%len(lastNames)], lastNames[i/91%len(lastNames)]),
		born: fmt.Sprintf("19%02d-%02d-%02d", i%100, i%12+1, i%28+1), document: fmt.Sprintf("NX%07d", i), personal: fmt.Sprintf("%011d", i*7919),
		status:   []string{"accepted", "accepted", "accepted", "rejected", "inconclusive", "canceled", "failed", "pending"}[i%8],
		provider: []string{"onfido", "readid", "webid", "signicatvideoid"}[i%4], nationality: []string{"NLD", "DEU", "POL", "NOR"}[i%4], country: "NLD",
		expiry: "2031-01-01", created: at, updated: at}
}

// BenchmarkSave saves new processes, from one caller and from eight at once, as sync does.
func BenchmarkSave(b *testing.B) {
	for _, savers := range []int{1, 8} {
		b.Run(fmt.Sprintf("from %d", savers), func(b *testing.B) {
			h := newHouse(b)
			b.ResetTimer()
			h.fill(b, b.N, savers)
		})
	}
}

func (h *house) fill(b *testing.B, n, savers int) {
	var next atomic.Int64
	var busy sync.WaitGroup
	for range savers {
		busy.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				p := benchPerson(int(i))
				if _, err := h.Save(b.Context(), p.envelope(), p.body(b), noon); err != nil {
					b.Error(err)
				}
			}
		})
	}
	busy.Wait()
}

// BenchmarkBareInsert is what SQLite itself takes for the same bytes: one row a transaction, no index but the key.
func BenchmarkBareInsert(b *testing.B) {
	h := newHouse(b)
	if _, err := h.portal.Writer.Exec(`CREATE TABLE bare (id TEXT PRIMARY KEY, body BLOB)`); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		p := benchPerson(i)
		if _, err := h.portal.Writer.Exec(`INSERT INTO bare (id, body) VALUES (?, ?)`, p.id, p.body(b)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch asks what a page asks, facets and total included, and reports the median and the 99th percentile.
func BenchmarkSearch(b *testing.B) {
	h := newHouse(b)
	h.fill(b, benchProcesses, 8)
	for _, bench := range []struct {
		name string
		q    Query
	}{
		{"newest of all", Query{}},
		{"one letter", Query{Term: "m"}},
		{"two names", Query{Term: "anna mueller"}},
		{"name and filters", Query{Term: "jan", Status: []string{"accepted"}, Provider: []string{"onfido", "webid"}}},
		{"document number", Query{Term: "NX 0004711"}},
		{"beginning of a reference", Query{Term: "order 12"}},
		{"date of birth", Query{Term: "2.3.1985"}},
		{"nothing", Query{Term: "nobody at all"}},
		{"a month, attention first", Query{From: noon.AddDate(0, -1, 0), Sort: "attention"}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			times := make([]time.Duration, 0, b.N)
			for range b.N {
				start := time.Now()
				if _, err := h.Search(b.Context(), bench.q); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
		})
	}
}
