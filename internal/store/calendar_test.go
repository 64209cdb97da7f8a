package store

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"
)

// drawMemory draws entries that meet often in days, times and severities; some times could not be read, some lie before 1970.
func drawMemory(t *rapid.T) *memory {
	m := newMemory()
	ms := func(name string) int64 {
		return rapid.SampledFrom([]int64{0, -1, 1, noon.UnixMilli()}).Draw(t, name) + dayLength*rapid.Int64Range(-2, 2).Draw(t, name) + rapid.Int64Range(0, 3).Draw(t, name)
	}
	for i := range rapid.IntRange(0, 300).Draw(t, "entries") {
		m.add(uint32(i), entry{processID: fmt.Sprintf("p%03d", i*7%300), created: ms("created"), updated: ms("updated"), severity: rapid.IntRange(0, 3).Draw(t, "severity")})
	}
	for i := range uint32(m.all.GetCardinality()) {
		if rapid.IntRange(0, 9).Draw(t, "erased") == 0 {
			k := m.keys.at(i)
			m.remove(i, entry{processID: m.id(i).String(), created: k.created, updated: k.updated, severity: int(m.worst.at(i))})
		}
	}
	return m
}

func TestShelvesPageAsOnePassOverAllRowsDoes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := drawMemory(r)
		set := roaring.New()
		for it := m.all.Iterator(); it.HasNext(); {
			if row := it.Next(); rapid.IntRange(0, 3).Draw(r, "found") > 0 {
				set.Add(row)
			}
		}
		for _, sort := range sorts {
			rankOf := candidates{}.order(Query{Sort: sort}, m)
			parted := map[string]shelves{"created": m.created.shelves(set, createdOf), "updated": m.updated.shelves(set, majorOf), "attention": m.bySeverity(set)}[sort]
			for it := set.Iterator(); it.HasNext(); {
				row := it.Next()
				if got, want := parted.neighbours(rankOf, row), oneShelf(set).neighbours(rankOf, row); got != want {
					r.Fatalf("by %s, row %d: %+v, want %+v", sort, row, got, want)
				}
			}
			for name, at := range drawPlaces(r, m, rankOf) {
				if got, want := parted.page(rankOf, at), oneShelf(set).page(rankOf, at); !reflect.DeepEqual(got, want) {
					r.Fatalf("by %s, %s %v:\n%v, want\n%v", sort, name, at, got, want)
				}
			}
		}
	})
}

// drawPlaces are the beginning, and both sides of a row that is there, is not found, or is gone.
func drawPlaces(t *rapid.T, m *memory, rankOf func(uint32) rank) map[string]place {
	places := map[string]place{"from the beginning": {}, "after one that is gone": {at: rank{rapid.Int64Range(-1, 4).Draw(t, "major"), noon.UnixMilli() - dayLength*9, keyOf("p1")}, set: true}}
	if !m.all.IsEmpty() {
		row := rankOf(rapid.Uint32Range(0, m.all.Maximum()).Draw(t, "row"))
		places["after"], places["before"] = place{at: row, set: true}, place{at: row, set: true, before: true}
	}
	return places
}

func TestACalendarHoldsWhatEachTimeSays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := drawMemory(r)
		bound := func(name string) int64 {
			return rapid.SampledFrom([]int64{0, noon.UnixMilli(), noon.Truncate(24 * time.Hour).UnixMilli()}).Draw(r, name) + rapid.Int64Range(-2, 2).Draw(r, name)*dayLength/2
		}
		s := span{bound("from"), bound("to")}
		timeOf := func(row uint32) int64 { return m.keys.at(row).created }
		want := roaring.New()
		for it := m.all.Iterator(); it.HasNext(); {
			if row := it.Next(); s.holds(timeOf(row)) {
				want.Add(row)
			}
		}
		if got := m.created.within(s, timeOf); !got.Equals(want) {
			r.Fatalf("%v: %v, want %v", s, got, want)
		}
	})
}
