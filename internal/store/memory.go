package store

import (
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// memory holds what filters, counts and sorting need of every entry: a bitmap for each facet value, beginning of a name
// and beginning of a number or id that very many share, whose bits are rows of the index, and by row the sort keys and the values that are counted. It says what the index file says.
type memory struct {
	mu       sync.RWMutex
	all      *roaring.Bitmap
	facets   map[string]map[string]*roaring.Bitmap // by parameter, by value
	words    dictionary
	crowds   crowds
	severity map[int64]*roaring.Bitmap // by severity of the worst finding

	created, updated calendar
	keys             column[sortKeys]
	worst            column[int8]      // severity of the worst finding
	others           map[uint32]string // ids that are no UUIDs
	profiles         [aspects]profiles
}

func newMemory() *memory {
	m := &memory{all: roaring.New(), facets: map[string]map[string]*roaring.Bitmap{}, words: dictionary{}, crowds: newCrowds(), severity: map[int64]*roaring.Bitmap{},
		created: newCalendar(), updated: newCalendar(), others: map[uint32]string{}}
	for a := range m.profiles {
		m.profiles[a] = newProfiles()
	}
	return m
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
}

func (m *memory) add(row uint32, e entry) {
	m.all.Add(row)
	id := keyOf(e.processID)
	m.keys.set(row, sortKeys{id.uuid, e.created, e.updated})
	if id.other != "" {
		m.others[row] = id.other
	}
	m.worst.set(row, int8(e.severity))
	m.created.add(row, e.created)
	m.updated.add(row, e.updated)
	include(m.severity, int64(e.severity), row)
	for a, values := range e.aspects() {
		m.profiles[a].set(row, values)
		for _, v := range values {
			if m.facets[v.name] == nil {
				m.facets[v.name] = map[string]*roaring.Bitmap{}
			}
			include(m.facets[v.name], v.value, row)
		}
	}
	m.words.add(row, e.words)
	m.crowds.add(row, e.keys)
}

func (m *memory) remove(row uint32, e entry) {
	m.forget(row)
	m.all.Remove(row)
	m.created.remove(row, e.created)
	m.updated.remove(row, e.updated)
	exclude(m.severity, int64(e.severity), row)
	for _, values := range e.aspects() {
		for _, v := range values {
			exclude(m.facets[v.name], v.value, row)
		}
	}
	m.words.remove(row, e.words)
	m.crowds.remove(row, e.keys)
}

// forget clears what stands by row.
func (m *memory) forget(row uint32) {
	m.keys.set(row, sortKeys{})
	m.worst.set(row, 0)
	delete(m.others, row)
	for a := range m.profiles {
		m.profiles[a].set(row, nil)
	}
}

// withdraw takes some rows out of everything, whatever they were.
func (m *memory) withdraw(rows *roaring.Bitmap) {
	for it := roaring.And(m.all, rows).Iterator(); it.HasNext(); {
		m.forget(it.Next())
	}
	m.all.AndNot(rows)
	for _, values := range m.facets {
		excludeAll(values, rows)
	}
	excludeAll(m.severity, rows)
	for _, c := range []*calendar{&m.created, &m.updated} {
		excludeAll(c.rows, rows)
		c.sort()
	}
	m.words.withdraw(rows)
	m.crowds.withdraw(rows)
}

// compress lets every bitmap say runs of rows as such, which takes less memory for what came in the order of the rows. Nobody may read
// the memory meanwhile.
func (m *memory) compress() {
	m.eachSet(func(set *roaring.Bitmap) { set.RunOptimize() })
}

// eachSet calls do for every bitmap.
func (m *memory) eachSet(do func(*roaring.Bitmap)) {
	do(m.all)
	for _, values := range m.facets {
		for _, set := range values {
			do(set)
		}
	}
	for _, byNumber := range []map[int64]*roaring.Bitmap{m.severity, m.created.rows, m.updated.rows} {
		for _, set := range byNumber {
			do(set)
		}
	}
	for _, b := range m.words {
		b.rows.each(do)
		for i := range b.words {
			b.words[i].rows.each(do)
		}
	}
	for _, n := range m.crowds.roots {
		n.each(func(n *beginners) { do(n.rows) })
	}
}

// id is the process id of a row, as a key.
func (m *memory) id(row uint32) processKey { return processKey{m.keys.at(row).uuid, m.others[row]} }

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

func excludeAll[K comparable](sets map[K]*roaring.Bitmap, rows *roaring.Bitmap) {
	for value, set := range sets {
		if set.AndNot(rows); set.IsEmpty() {
			delete(sets, value)
		}
	}
}

// named gives the rows whose names have, for every word of the term, a word that begins with one of its spellings.
func (m *memory) named(words [][]string) *roaring.Bitmap {
	var result *roaring.Bitmap
	for _, spellings := range words {
		var sets []*rowSet
		for _, s := range spellings {
			sets = append(sets, m.words.with(s)...)
		}
		found := union(sets)
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
	var sets []*roaring.Bitmap
	for _, v := range values {
		if set := m.facets[name][v]; set != nil {
			sets = append(sets, set)
		}
	}
	return roaring.FastOr(sets...)
}

// between keeps of set what was created and updated in the spans.
func (m *memory) between(set *roaring.Bitmap, created, updated span) *roaring.Bitmap {
	if !created.open() {
		set = roaring.And(set, m.created.within(created, func(row uint32) int64 { return m.keys.at(row).created }))
	}
	if !updated.open() {
		set = roaring.And(set, m.updated.within(updated, func(row uint32) int64 { return m.keys.at(row).updated }))
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
