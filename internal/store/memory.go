package store

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"
)

// memory holds what filters, counts and sorting need of every entry: a bitmap for each facet value and name word, whose
// bits are rows of the index, and the sort keys by row. It says what the index file says, and is built from it.
type memory struct {
	mu     sync.RWMutex
	all    *roaring.Bitmap
	facets map[string]map[string]*roaring.Bitmap // by parameter, by value
	words  dictionary

	created, updated calendar
	severity         map[int]*roaring.Bitmap // by severity of the worst finding
	rows             []sortKeys              // by row
}

// sortKeys are what a process is sorted and cut off by.
type sortKeys struct {
	processID        string
	created, updated int64
	severity         int
}

func newMemory() *memory {
	return &memory{all: roaring.New(), facets: map[string]map[string]*roaring.Bitmap{}, words: newDictionary(),
		created: newCalendar(), updated: newCalendar(), severity: map[int]*roaring.Bitmap{}}
}

// change is one entry that comes, goes, or takes another's place.
type change struct {
	row      uint32
	old, new *entry // nil: none
}

// apply makes changes seen, all at once.
func (m *memory) apply(changes []change) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range changes {
		if c.old != nil {
			m.remove(c.row, *c.old)
		}
		if c.new != nil {
			m.add(c.row, *c.new)
		}
	}
	m.words.sort()
}

func (m *memory) add(row uint32, e entry) {
	m.all.Add(row)
	for int(row) >= len(m.rows) {
		m.rows = append(m.rows, sortKeys{})
	}
	m.rows[row] = sortKeys{e.processID, e.created, e.updated, e.severity}
	m.created.add(row, e.created)
	m.updated.add(row, e.updated)
	include(m.severity, e.severity, row)
	for name, values := range e.facets() {
		if m.facets[name] == nil {
			m.facets[name] = map[string]*roaring.Bitmap{}
		}
		for _, value := range values {
			include(m.facets[name], value, row)
		}
	}
	m.words.add(row, e.words)
}

func (m *memory) remove(row uint32, e entry) {
	m.all.Remove(row)
	m.rows[row] = sortKeys{}
	m.created.remove(row, e.created)
	m.updated.remove(row, e.updated)
	exclude(m.severity, e.severity, row)
	for name, values := range e.facets() {
		for _, value := range values {
			exclude(m.facets[name], value, row)
		}
	}
	m.words.remove(row, e.words)
}

// dictionary finds the rows of words by their beginning. A beginning of few letters is shared by many words, so each of these
// has a bitmap of its own; for a longer one the bitmaps of its words are joined.
type dictionary struct {
	sorted []string // the words; while changes are applied, new ones stand unsorted at the end
	fresh  int      // how many stand there
	rows   map[string]*roaring.Bitmap
	short  map[string]*roaring.Bitmap // by beginning
}

// shortest is the number of letters up to which a beginning counts as short.
const shortest = 4

func newDictionary() dictionary {
	return dictionary{rows: map[string]*roaring.Bitmap{}, short: map[string]*roaring.Bitmap{}}
}

// add takes all words of a row.
func (d *dictionary) add(row uint32, words []string) {
	for _, word := range words {
		if d.rows[word] == nil {
			d.sorted = append(d.sorted, word)
			d.fresh++
		}
		include(d.rows, word, row)
		for beginning := range beginnings(word) {
			include(d.short, beginning, row)
		}
	}
}

// remove takes all words of a row away.
func (d *dictionary) remove(row uint32, words []string) {
	d.sort()
	for _, word := range words {
		exclude(d.rows, word, row)
		for beginning := range beginnings(word) {
			exclude(d.short, beginning, row)
		}
		if i, found := slices.BinarySearch(d.sorted, word); found && d.rows[word] == nil {
			d.sorted = slices.Delete(d.sorted, i, i+1)
		}
	}
}

func (d *dictionary) sort() {
	if d.fresh > 0 {
		slices.Sort(d.sorted)
		d.fresh = 0
	}
}

// beginnings are the short ones of a word.
func beginnings(word string) iter.Seq[string] {
	return func(yield func(string) bool) {
		letters := 0
		for i := range word {
			if i > 0 && !yield(word[:i]) {
				return
			}
			if letters++; letters > shortest {
				return
			}
		}
		yield(word)
	}
}

// beginning gives the sets of rows that have a word with this beginning. The dictionary must be sorted.
func (d *dictionary) beginning(prefix string) []*roaring.Bitmap {
	if utf8.RuneCountInString(prefix) <= shortest {
		if set := d.short[prefix]; set != nil {
			return []*roaring.Bitmap{set}
		}
		return nil
	}
	var sets []*roaring.Bitmap
	for i, _ := slices.BinarySearch(d.sorted, prefix); i < len(d.sorted) && strings.HasPrefix(d.sorted[i], prefix); i++ {
		sets = append(sets, d.rows[d.sorted[i]])
	}
	return sets
}

// include and exclude keep bitmaps by value, none of them empty.
func include[K comparable](sets map[K]*roaring.Bitmap, value K, row uint32) {
	set := sets[value]
	if set == nil {
		set = roaring.New()
		sets[value] = set
	}
	set.Add(row)
}

func exclude[K comparable](sets map[K]*roaring.Bitmap, value K, row uint32) {
	set := sets[value]
	if set == nil {
		return
	}
	if set.Remove(row); set.IsEmpty() {
		delete(sets, value)
	}
}

// named gives the rows whose names have, for every word of the term, a word that begins with one of its spellings.
func (m *memory) named(words [][]string) *roaring.Bitmap {
	var result *roaring.Bitmap
	for _, spellings := range words {
		var sets []*roaring.Bitmap
		for _, s := range spellings {
			sets = append(sets, m.words.beginning(s)...)
		}
		found := roaring.FastOr(sets...)
		if result != nil {
			found.And(result)
		}
		if result = found; result.IsEmpty() {
			break
		}
	}
	return result
}

// filter gives the rows with any of the values; nil if no value is asked for.
func (m *memory) filter(name string, values []string) *roaring.Bitmap {
	if len(values) == 0 {
		return nil
	}
	result := roaring.New()
	for _, v := range values {
		if set := m.facets[name][v]; set != nil {
			result.Or(set)
		}
	}
	return result
}

// between keeps of set what was created and updated in the spans.
func (m *memory) between(set *roaring.Bitmap, created, updated span) *roaring.Bitmap {
	if !created.open() {
		set = roaring.And(set, m.created.within(created, func(row uint32) int64 { return m.rows[row].created }))
	}
	if !updated.open() {
		set = roaring.And(set, m.updated.within(updated, func(row uint32) int64 { return m.rows[row].updated }))
	}
	return set
}

// match is what a query finds: base before any filter of a parameter, chosen what each of these leaves, set all together.
type match struct {
	base, set *roaring.Bitmap
	chosen    map[string]*roaring.Bitmap
}

// narrow applies the filters to base.
func (m *memory) narrow(base *roaring.Bitmap, filters map[string][]string) match {
	f := match{base: base, chosen: map[string]*roaring.Bitmap{}}
	for name, values := range filters {
		if set := m.filter(name, values); set != nil {
			f.chosen[name] = set
		}
	}
	f.set = f.without("")
	return f
}

// without is what all filters but that of one parameter leave.
func (f match) without(name string) *roaring.Bitmap {
	set := f.base
	for other, chosen := range f.chosen {
		if other != name {
			set = roaring.And(set, chosen)
		}
	}
	return set
}

// facetsOf counts every facet: each value of a parameter with all filters but those of the parameter itself, so that the count
// says what choosing it besides would bring.
func (m *memory) facetsOf(f match) map[string][]Facet {
	facets := map[string][]Facet{}
	for name, values := range m.facets {
		set := f.set
		if f.chosen[name] != nil {
			set = f.without(name)
		}
		facets[name] = m.count(set, values)
	}
	return facets
}

// maxFacetValues is how many values of a parameter a page offers: an upstream may send ever new ones.
const maxFacetValues = 250

// count gives the values that occur in set, most frequent first.
func (m *memory) count(set *roaring.Bitmap, values map[string]*roaring.Bitmap) []Facet {
	var facets []Facet
	for value, rows := range values {
		n := rows.GetCardinality()
		if set != m.all {
			n = set.AndCardinality(rows)
		}
		if n > 0 {
			facets = append(facets, Facet{value, int(n)})
		}
	}
	slices.SortFunc(facets, func(a, b Facet) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	return facets[:min(len(facets), maxFacetValues)]
}
