package store

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// checkCrowds fails unless every bitmap of a beginning holds the rows that the file has under it.
func (x *index) checkCrowds(t testing.TB) {
	t.Helper()
	for first, n := range x.memory.crowds.roots {
		n.each(func(n *beginners) {
			sorted, err := x.beginningWith(t.Context(), key{first.kind, n.label})
			must(t, err)
			var rows []uint32
			for _, r := range sorted {
				rows = append(rows, r.row)
			}
			slices.Sort(rows)
			if got := n.rows.ToArray(); !slices.Equal(got, slices.Compact(rows)) {
				t.Errorf("%s %q has %v in memory and %v in the file", first.kind, n.label, got, rows)
			}
		})
	}
}

// modelKeys are the keys of rows, from which everything is found by looking at each.
type modelKeys map[uint32][]key

func (m modelKeys) find(begin key) (rows []uint32) {
	for row, keys := range m {
		if slices.ContainsFunc(keys, func(k key) bool { return k.kind == begin.kind && strings.HasPrefix(k.value+keyEnd, begin.value) }) {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return rows
}

func (m modelKeys) grow(c *crowds) {
	for _, begin := range c.grown {
		var sorted []keyRow
		for _, row := range m.find(begin) {
			for _, k := range m[row] {
				if k.kind == begin.kind && strings.HasPrefix(k.value+keyEnd, begin.value) {
					sorted = append(sorted, keyRow{k.value + keyEnd, row})
				}
			}
		}
		slices.SortFunc(sorted, func(a, b keyRow) int { return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.row, b.row)) })
		if len(sorted) > 0 {
			c.install(begin, c.gather(sorted))
		}
	}
	c.grown = nil
}

func drawKeys(t *rapid.T) (keys []key) {
	for range rapid.IntRange(0, 3).Draw(t, "keys") {
		keys = append(keys, key{rapid.SampledFrom([]string{keyReference, keyProcess, keyBorn}).Draw(t, "kind"),
			rapid.SampledFrom([]string{"ab", "abc", "abcd", "abcde", "abcdef", "abcxyz", "abcü1", "abcü2", "abcúü", "order 1", "order 12", "order 123", "1985-03-02", "1985-03-12", "zz"}).Draw(t, "value")})
	}
	slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.text(), b.text()) })
	return slices.Compact(keys)
}

// TestACrowdIsFoundAsAScanFindsIt puts, changes and drops keys; whatever is found in memory is what looking at every key finds, and
// what is not found there is no crowd.
func TestACrowdIsFoundAsAScanFindsIt(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c, model := newCrowds(), modelKeys{}
		c.sampleBits, c.crowded = 0, rapid.IntRange(1, 4).Draw(r, "crowded")
		for range rapid.IntRange(1, 60).Draw(r, "changes") {
			row := uint32(rapid.IntRange(0, 12).Draw(r, "row"))
			c.remove(row, model[row])
			delete(model, row)
			if keys := drawKeys(r); len(keys) > 0 {
				model[row] = keys
				c.add(row, keys)
			}
			model.grow(&c)
			if rapid.IntRange(0, 9).Draw(r, "copied") == 0 {
				c = copied(t, c)
			}
			compareCrowds(r, &c, model)
		}
	})
}

func compareCrowds(t *rapid.T, c *crowds, model modelKeys) {
	for _, text := range []string{"abcd", "abcde", "abcdef", "abcü", "abcü1", "abcú", "abcq", "orde", "order 1", "order 12", "order 9", "zz", "ab", "abc", "1985-03-02", "1985-03-0"} {
		for _, kind := range []string{keyReference, keyProcess, keyBorn} {
			reading := reading{kind, text, kind != keyBorn && len([]rune(text)) >= minPrefix}
			want := model.find(reading.begins())
			rows, known := c.find(reading.begins())
			var got []uint32
			if rows != nil {
				got = rows.ToArray()
			}
			if known && !slices.Equal(got, want) || !known && len(want) >= c.crowded {
				t.Fatalf("%v is known: %v, found %v, and by scan %v", reading, known, got, want)
			}
		}
	}
}

// copied is what a copy of the bitmaps gives back.
func copied(t *testing.T, c crowds) crowds {
	var out bytes.Buffer
	e := &encoder{to: bufio.NewWriter(&out)}
	c.encode(e)
	must(t, e.to.Flush())
	again := newCrowds()
	again.sampleBits, again.crowded = c.sampleBits, c.crowded
	d := &decoder{from: out.Bytes()}
	again.decode(d)
	if d.err != nil || len(d.from) > 0 || !maps.Equal(again.few, c.few) {
		t.Fatalf("read back with %v, %d bytes left", d.err, len(d.from))
	}
	return again
}

// TestABeginningOfThousandsIsNotReadRowByRow counts the rows that a search reads from the file: none of a crowd, and of everything
// else no more than a crowd begins with, however much is held.
func TestABeginningOfThousandsIsNotReadRowByRow(t *testing.T) {
	const many = 6_000
	h, _ := copying(t)
	c := newCrowd(many)
	entries := map[string]*entry{}
	var ids []string
	var batch []made
	for i := range many {
		m := c.next(i)
		batch, ids = append(batch, m), append(ids, m.processID)
		entries[m.processID] = &m.entry
	}
	revision := h.insert(t, batch)
	x, err := h.acquire()
	must(t, err)
	h.indexing.Lock()
	must(t, x.take(t.Context(), ids, entries, revision))
	h.indexing.Unlock()
	x.users.Done()
	for _, again := range []string{"as it came", "after a stop", "after a kill", "read from the file"} {
		t.Run(again, func(t *testing.T) {
			switch again {
			case "after a stop":
				h.reopen(t)
			case "after a kill":
				h.save(t, person{id: "late", reference: "order 1", last: "Visser"})
				h.kill(t)
				h.open(t)
				must(t, h.Erase(t.Context(), "late", "request", noon))
			case "read from the file":
				h.close(t)
				must(t, wipe(h.copies(t)[0]))
				h.open(t)
			}
			for term, free := range map[string]bool{"orde": true, "order": true, "order 1": false, "order 11": false, "dossier": true, "doss": true, batch[0].processID[:4]: false,
				strings.ToLower(batch[0].entry.line.Person.DocumentNumber[:4]): false} {
				h.checkRead(t, batch, term, free)
			}
			h.checkMemory(t)
		})
	}
}

func (h *house) checkRead(t *testing.T, batch []made, term string, free bool) {
	t.Helper()
	x, err := h.acquire()
	must(t, err)
	defer x.users.Done()
	c, err := x.candidates(t.Context(), Query{Term: term, As: "id"})
	must(t, err)
	if free && c.read > 0 || c.read > 2*crowdedSample<<sampleBits {
		t.Errorf("%q reads %d rows from the file", term, c.read)
	}
	want := 0
	for _, m := range batch {
		if slices.ContainsFunc(m.entry.keys, func(k key) bool { return strings.HasPrefix(k.value, term) && k.kind != keyBorn }) {
			want++
		}
	}
	found := h.search(t, Query{Term: term})
	if got := min(want, maxTotal); found.Total != got || found.More != (want > maxTotal) {
		t.Errorf("%q finds %d, more %v, of %d", term, found.Total, found.More, want)
	}
	if fmt.Sprint(found.Readings) == "[]" {
		t.Errorf("%q has no readings", term)
	}
}
