package store

import (
	"cmp"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// facetValue is one value of a filter parameter.
type facetValue struct{ name, value string }

// The values of an entry are counted in three groups, of those that go together, so that few combinations occur in each:
// what process it is, where its person comes from, and how it compares.
const aspects = 3

var aspectOf = map[string]int{"status": 0, "ending": 0, "provider": 0, "type": 0, "way_in": 0, "nationality": 1, "country": 1, "relation": 2, "finding": 2}

// profiles number the combinations of values that occur in one aspect, and hold by row which it has. A number stays taken when
// its last row goes: combinations are few.
type profiles struct {
	byText map[string]uint32
	values [][]facetValue // by number; number 0 is no value
	of     column[uint32]
}

func newProfiles() profiles {
	return profiles{byText: map[string]uint32{"": 0}, values: [][]facetValue{nil}}
}

func (p *profiles) set(row uint32, values []facetValue) { p.of.set(row, p.number(values)) }

func (p *profiles) number(values []facetValue) uint32 {
	text := profileText(values)
	n, known := p.byText[text]
	if !known {
		n = uint32(len(p.values))
		p.byText[text] = n
		p.values = append(p.values, values)
	}
	return n
}

func profileText(values []facetValue) string {
	var text strings.Builder
	for _, v := range values {
		text.WriteString(v.name + "\x00" + v.value + "\x00")
	}
	return text.String()
}

// count is how often each combination occurs in set.
func (p *profiles) count(set *roaring.Bitmap) []int {
	counts := make([]int, len(p.values))
	var rows [chunkRows]uint32
	for it := set.ManyIterator(); ; {
		n := it.NextMany(rows[:])
		if n == 0 {
			return counts
		}
		for _, row := range rows[:n] {
			counts[p.of.at(row)]++
		}
	}
}

// facetsOf counts every facet: each value of a parameter with all filters but those of the parameter itself, so that the count
// says what choosing it besides would bring.
func (m *memory) facetsOf(f match) map[string][]Facet {
	facets := map[string][]Facet{}
	all := counter{m: m, set: f.set}
	for name := range m.facets {
		c := &all
		if f.chosen[name] != nil {
			c = &counter{m: m, set: f.without(name)}
		}
		facets[name] = c.facet(name)
	}
	return facets
}

// counter counts facets within one set of rows, each in the way that costs least: by looking at every row of a small set, or at
// what a large one lacks, or by cutting a large set with the bitmap of each of few values.
type counter struct {
	m        *memory
	set      *roaring.Bitmap
	profiles [aspects][]int // how often each combination occurs, once it was counted
	lacking  bool           // counted is what set lacks
	counted  *roaring.Bitmap
}

// Bounds of the ways to count. A container of a bitmap spans 65,536 rows and is a list up to 4,096 of them, and cutting a list
// with a bitmap costs as much as looking at each of its rows.
const (
	containerRows = 1 << 16
	listedRows    = 1 << 12
	fewValues     = 64
)

// facet gives the values of a parameter that occur, most frequent first.
func (c *counter) facet(name string) []Facet {
	values := c.m.facets[name]
	n := func(value string) int { return int(values[value].GetCardinality()) }
	switch {
	case c.set == c.m.all:
	case len(values) <= fewValues && c.dense():
		n = func(value string) int { return int(c.set.AndCardinality(values[value])) }
	default:
		byValue := c.byValue(name)
		n = func(value string) int { return byValue[value] }
		if c.lacking {
			n = func(value string) int { return int(values[value].GetCardinality()) - byValue[value] }
		}
	}
	return mostFrequent(values, n)
}

// dense reports whether the set is made of bitmaps rather than of lists.
func (c *counter) dense() bool {
	return c.set.GetCardinality() > listedRows*(uint64(len(c.m.keys.chunks))*chunkRows/containerRows+1)
}

// byValue looks at every row of the set, or of what it lacks.
func (c *counter) byValue(name string) map[string]int {
	if c.counted == nil {
		c.counted = c.set
		if c.lacking = 2*c.set.GetCardinality() > c.m.all.GetCardinality(); c.lacking {
			c.counted = roaring.AndNot(c.m.all, c.set)
		}
	}
	aspect := aspectOf[name]
	if c.profiles[aspect] == nil {
		c.profiles[aspect] = c.m.profiles[aspect].count(c.counted)
	}
	byValue := map[string]int{}
	for number, n := range c.profiles[aspect] {
		for _, v := range c.m.profiles[aspect].values[number] {
			if n > 0 && v.name == name {
				byValue[v.value] += n
			}
		}
	}
	return byValue
}

// maxFacetValues is how many values of a parameter a page offers: an upstream may send ever new ones.
const maxFacetValues = 250

func mostFrequent(values map[string]*roaring.Bitmap, count func(value string) int) []Facet {
	var facets []Facet
	for value := range values {
		if n := count(value); n > 0 {
			facets = append(facets, Facet{value, n})
		}
	}
	slices.SortFunc(facets, func(a, b Facet) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	return facets[:min(len(facets), maxFacetValues)]
}
