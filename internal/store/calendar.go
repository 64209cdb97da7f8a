package store

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// calendar finds rows by the UTC day of a time: a bitmap for each day that a row has. A time that could not be read is 0
// and counts as the day 1970-01-01.
type calendar struct {
	rows   map[int64]*roaring.Bitmap // by day since 1970
	newest []int64                   // the days, newest first
}

func newCalendar() calendar { return calendar{rows: map[int64]*roaring.Bitmap{}} }

const dayLength = int64(24 * time.Hour / time.Millisecond)

func dayOf(ms int64) int64 {
	if ms < 0 {
		return (ms+1)/dayLength - 1
	}
	return ms / dayLength
}

// find is where a day stands among the days, newest first, or would stand.
func (c *calendar) find(day int64) (i int, found bool) {
	return slices.BinarySearchFunc(c.newest, day, func(a, b int64) int { return cmp.Compare(b, a) })
}

func (c *calendar) add(row uint32, ms int64) {
	day := dayOf(ms)
	if i, known := c.find(day); !known {
		c.newest = slices.Insert(c.newest, i, day)
	}
	include(c.rows, day, row)
}

func (c *calendar) remove(row uint32, ms int64) {
	day := dayOf(ms)
	exclude(c.rows, day, row)
	if i, known := c.find(day); known && c.rows[day] == nil {
		c.newest = slices.Delete(c.newest, i, i+1)
	}
}

// sort brings the list of days in step with their bitmaps.
func (c *calendar) sort() {
	c.newest = slices.Sorted(maps.Keys(c.rows))
	slices.Reverse(c.newest)
}

// span is a range of times, from inclusive, to exclusive, in milliseconds. Zero bounds are open.
type span struct{ from, to int64 }

func (s span) open() bool { return s.from == 0 && s.to == 0 }

// holds is false for a time that could not be read, unless the span is open.
func (s span) holds(ms int64) bool {
	return s.open() || ms != 0 && (s.from == 0 || ms >= s.from) && (s.to == 0 || ms < s.to)
}

// holdsDay reports whether the span holds all of a day.
func (s span) holdsDay(day int64) bool {
	return day != 0 && s.holds(day*dayLength) && s.holds((day+1)*dayLength-1)
}

// days is the span of UTC days, both inclusive.
func days(from, to time.Time) (s span) {
	if !from.IsZero() {
		s.from = from.UTC().Truncate(24 * time.Hour).UnixMilli()
	}
	if !to.IsZero() {
		s.to = to.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1).UnixMilli()
	}
	return s
}

// within gives the rows whose time lies in a span: whole days by their bitmaps, and of a day that the span cuts, row by row.
func (c *calendar) within(s span, timeOf func(row uint32) int64) *roaring.Bitmap {
	var sets []*roaring.Bitmap
	for _, day := range c.touched(s) {
		set := c.rows[day]
		if !s.holdsDay(day) {
			set = roaring.New()
			for it := c.rows[day].Iterator(); it.HasNext(); {
				if row := it.Next(); s.holds(timeOf(row)) {
					set.Add(row)
				}
			}
		}
		sets = append(sets, set)
	}
	return roaring.FastOr(sets...)
}

// touched are the days of which a span holds a part, newest first.
func (c *calendar) touched(s span) []int64 {
	begin, end := 0, len(c.newest)
	if s.to != 0 {
		begin, _ = c.find(dayOf(s.to - 1))
	}
	if s.from != 0 {
		i, found := c.find(dayOf(s.from))
		if end = i; found {
			end++
		}
	}
	return c.newest[begin:max(begin, end)]
}

// shelves part the rows of a list into stretches that follow each other in its order, so that a page looks at one or two of
// them instead of at all rows.
type shelves struct {
	n    int
	rows func(i int) *roaring.Bitmap
	of   func(r rank) int // the shelf where a rank stands, or the first after it
}

// fewRows is how many rows are sorted as quickly as they are parted.
const fewRows = 4096

// oneShelf is for few rows.
func oneShelf(set *roaring.Bitmap) shelves {
	return shelves{1, func(int) *roaring.Bitmap { return set }, func(rank) int { return 0 }}
}

// shelves parts a set by day, newest first.
func (c *calendar) shelves(set *roaring.Bitmap, timeOf func(rank) int64) shelves {
	return shelves{
		n:    len(c.newest),
		rows: func(i int) *roaring.Bitmap { return roaring.And(set, c.rows[c.newest[i]]) },
		of:   func(r rank) int { i, _ := c.find(dayOf(timeOf(r))); return i },
	}
}

func createdOf(r rank) int64 { return r.created }

func majorOf(r rank) int64 { return r.major }

// bySeverity parts a set by severity, the worst first, and each part by day of creation.
func (m *memory) bySeverity(set *roaring.Bitmap) shelves {
	worst := slices.Sorted(maps.Keys(m.severity))
	slices.Reverse(worst)
	parts := make([]shelves, len(worst))
	for i, severity := range worst {
		parts[i] = m.created.shelves(roaring.And(set, m.severity[severity]), createdOf)
	}
	days := len(m.created.newest)
	return shelves{
		n:    len(worst) * days,
		rows: func(i int) *roaring.Bitmap { return parts[i/days].rows(i % days) },
		of: func(r rank) int {
			part, found := slices.BinarySearchFunc(worst, r.major, func(a, b int64) int { return cmp.Compare(b, a) })
			if !found {
				return part * days
			}
			return part*days + parts[part].of(r)
		},
	}
}
