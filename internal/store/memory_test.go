package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// checkMemory fails unless the bitmaps in memory say what those of a fresh start from the file would say.
func (h *house) checkMemory(t testing.TB) {
	t.Helper()
	x, err := h.acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer x.users.Done()
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
	var text strings.Builder
	fmt.Fprintln(&text, "all", m.all)
	for _, name := range slices.Sorted(maps.Keys(m.facets)) {
		for _, value := range slices.Sorted(maps.Keys(m.facets[name])) {
			fmt.Fprintln(&text, name, value, m.facets[name][value])
		}
	}
	for _, word := range m.words.sorted {
		fmt.Fprintln(&text, word, m.words.rows[word])
	}
	for _, beginning := range slices.Sorted(maps.Keys(m.words.short)) {
		fmt.Fprintln(&text, "beginning", beginning, m.words.short[beginning])
	}
	for _, c := range []calendar{m.created, m.updated} {
		for _, day := range c.newest {
			fmt.Fprintln(&text, "day", day, c.rows[day])
		}
	}
	for _, severity := range slices.Sorted(maps.Keys(m.severity)) {
		fmt.Fprintln(&text, "severity", severity, m.severity[severity])
	}
	for row, k := range m.rows {
		if k != (sortKeys{}) {
			fmt.Fprintln(&text, row, k)
		}
	}
	return text.String()
}
