package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
)

// checkMemory fails unless the bitmaps in memory say what those of a fresh start from the file would say.
func (h *house) checkMemory(t testing.TB) {
	t.Helper()
	x, err := h.acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer x.users.Done()
	x.checkCrowds(t)
	fresh := &index{db: x.db, memory: newMemory()}
	if err := fresh.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := x.memory.describe(), fresh.memory.describe(); got != want {
		t.Errorf("in memory\n%s\nin the file\n%s", got, want)
	}
}

// describe writes out all that a memory says.
func (m *memory) describe() string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out strings.Builder
	fmt.Fprintln(&out, "all", m.all)
	for _, name := range slices.Sorted(maps.Keys(m.facets)) {
		for _, value := range slices.Sorted(maps.Keys(m.facets[name])) {
			fmt.Fprintln(&out, name, value, m.facets[name][value])
		}
	}
	for _, text := range slices.Sorted(maps.Keys(m.words)) {
		fmt.Fprintln(&out, "beginning", text, m.words[text].rows.list())
		for _, w := range m.words[text].words {
			fmt.Fprintln(&out, "word", w.text, w.rows.list())
		}
	}
	for _, c := range []calendar{m.created, m.updated} {
		for _, day := range c.newest {
			fmt.Fprintln(&out, "day", day, c.rows[day])
		}
	}
	for _, severity := range slices.Sorted(maps.Keys(m.severity)) {
		fmt.Fprintln(&out, "severity", severity, m.severity[severity])
	}
	for row := range uint32(len(m.keys.chunks) * chunkRows) {
		if k := m.keys.at(row); k != (sortKeys{}) || m.others[row] != "" {
			fmt.Fprintln(&out, row, k, m.worst.at(row), m.others[row], m.valuesOf(row))
		}
	}
	return out.String()
}

func (s *rowSet) list() []uint32 {
	if s.many != nil {
		return s.many.ToArray()
	}
	return s.few
}

// valuesOf are the values that are counted of a row; their numbers may differ from one memory to another.
func (m *memory) valuesOf(row uint32) (values [aspects][]facetValue) {
	for a := range m.profiles {
		values[a] = m.profiles[a].values[m.profiles[a].of.at(row)]
	}
	return values
}

func TestCompressedBitmapsSayTheSameInLess(t *testing.T) {
	m, same := newMemory(), newMemory()
	for row := range uint32(20_000) {
		e := entry{processID: fmt.Sprint("p-", row), created: noon.UnixMilli() + int64(row), status: "accepted", keys: []key{{keyReference, fmt.Sprint("order ", row)}}, words: []string{"jansen"}}
		m.add(row, e)
		same.add(row, e)
	}
	sizeOf := func() (n uint64) {
		m.eachSet(func(set *roaring.Bitmap) { n += set.GetSizeInBytes() })
		return n
	}
	before := sizeOf()
	m.compress()
	if after := sizeOf(); after > before/10 {
		t.Errorf("%d bytes before, %d after", before, after)
	}
	if m.describe() != same.describe() {
		t.Error("they say something else")
	}
	m.remove(7, entry{processID: "p-7", created: noon.UnixMilli() + 7, status: "accepted", keys: []key{{keyReference, "order 7"}}, words: []string{"jansen"}})
	same.remove(7, entry{processID: "p-7", created: noon.UnixMilli() + 7, status: "accepted", keys: []key{{keyReference, "order 7"}}, words: []string{"jansen"}})
	if m.describe() != same.describe() {
		t.Error("they say something else after a change")
	}
}

func TestATotalIsExactUpToItsBound(t *testing.T) {
	for _, tc := range []struct {
		rows uint64
		n    int
		more bool
	}{{0, 0, false}, {9_999, 9_999, false}, {10_000, 10_000, false}, {10_001, 10_000, true}} {
		set := roaring.New()
		set.AddRange(0, tc.rows)
		if n, more := total(set); n != tc.n || more != tc.more {
			t.Errorf("of %d rows: %d, more: %v", tc.rows, n, more)
		}
	}
}
