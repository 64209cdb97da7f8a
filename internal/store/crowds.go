package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"
)

// crowds find the rows of beginnings of numbers, ids and references that very many rows share, such as "order 1" of a million orders:
// the file would be read row by row. For each kind it is a tree of beginnings, of which only the crowded have a bitmap; the others are
// read from the file, and cost little because they are few. How many rows a beginning without a bitmap has is guessed from a sample,
// so that the guess takes no memory to speak of; it decides when a beginning gets a bitmap, and nothing that is found depends on it.
type crowds struct {
	roots map[key]*beginners // by kind and first letters
	few   map[key]int        // sampled rows of first letters that are not crowded
	grown []key              // beginnings that have become crowded and wait for their bitmap

	sampleBits uint // of the hash of a row that must be zero for it to be in the sample
	crowded    int  // rows of the sample from which a beginning is crowded
}

// One row in 256 is in the sample, so that a beginning is crowded from about 4,096 rows on: SQLite reads those in a millisecond or two.
const (
	sampleBits    = 8
	crowdedSample = 16
)

// beginners are all rows with a key that begins with label: the longest beginning that these keys share, or one that they shared once.
type beginners struct {
	label string
	rows  *roaring.Bitmap
	more  map[rune]*beginners // by the letter after label: those that are crowded
	few   map[rune]int        // and sampled rows of those that are not
}

func newCrowds() crowds {
	return crowds{roots: map[key]*beginners{}, few: map[key]int{}, sampleBits: sampleBits, crowded: crowdedSample}
}

// keyEnd stands behind every whole key, so that a whole is a beginning, too. No key holds it.
const keyEnd = "\x00"

// root gives the kind and first letters under which a beginning is kept: as many as a search for a beginning needs, or all of a
// key that is shorter or found as a whole alone.
func root(k key) key {
	if k.kind == keyBorn {
		return k
	}
	letters := 0
	for i := range k.value {
		if letters++; letters > minPrefix {
			return key{k.kind, k.value[:i]}
		}
	}
	return k
}

func whole(k key) key { return key{k.kind, k.value + keyEnd} }

// begins is the beginning that a reading looks for.
func (r reading) begins() key {
	if r.prefix {
		return key{r.kind, r.value}
	}
	return whole(key{r.kind, r.value})
}

// span is the range of keys, low inclusive, high exclusive, that begin so.
func (k key) span() (low, high string) {
	if value, isWhole := strings.CutSuffix(k.value, keyEnd); isWhole {
		return value, k.value
	}
	return k.value, k.value + "\U0010FFFF"
}

// find gives the rows of a beginning. Where known is false the file has to be read.
func (c *crowds) find(begin key) (rows *roaring.Bitmap, known bool) {
	n := c.roots[root(begin)]
	for n != nil {
		switch {
		case strings.HasPrefix(n.label, begin.value):
			return n.rows, true
		case !strings.HasPrefix(begin.value, n.label):
			return nil, true
		}
		n = n.more[letterAfter(begin.value, n.label)]
	}
	return nil, false
}

func letterAfter(text, label string) rune {
	r, _ := utf8.DecodeRuneInString(text[len(label):])
	return r
}

// sampled spreads rows evenly, whatever their order (Fibonacci hashing).
func (c *crowds) sampled(row uint32) bool { return row*2654435769>>(32-c.sampleBits) == 0 }

func (c *crowds) add(row uint32, keys []key) {
	for _, k := range keys {
		k = whole(k)
		first := root(k)
		n := c.roots[first]
		if n == nil {
			c.count(row, first)
			continue
		}
		for n != nil && n.take(row, k.value) {
			n = c.next(n, row, k)
		}
	}
}

// count counts a row of first letters that are not crowded.
func (c *crowds) count(row uint32, first key) {
	if !c.sampled(row) {
		return
	}
	if _, known := c.few[first]; !known {
		first.value = strings.Clone(first.value)
	}
	if c.few[first]++; c.few[first] == c.crowded {
		c.grown = append(c.grown, first)
	}
}

// next goes on to the crowded beginning with one more letter of a key, or counts the row where there is none.
func (c *crowds) next(n *beginners, row uint32, k key) *beginners {
	letter := letterAfter(k.value, n.label)
	if m := n.more[letter]; m != nil || !c.sampled(row) {
		return m
	}
	if n.few[letter]++; n.few[letter] == c.crowded {
		c.grown = append(c.grown, key{k.kind, n.label + string(letter)})
	}
	return nil
}

// take adds a row, and reports whether its key goes on after the label. A key that begins otherwise shortens the label.
func (n *beginners) take(row uint32, text string) (longer bool) {
	if shared := sharedLength(n.label, text); shared < len(n.label) {
		old := *n
		old.rows = n.rows.Clone()
		*n = beginners{label: n.label[:shared], rows: n.rows, more: map[rune]*beginners{letterAfter(old.label, n.label[:shared]): &old}, few: map[rune]int{}}
	}
	n.rows.Add(row)
	return len(text) > len(n.label)
}

// sharedLength is how many bytes of whole letters two texts begin with alike.
func sharedLength(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return n
}

func (c *crowds) remove(row uint32, keys []key) {
	for _, k := range keys {
		k = whole(k)
		first := root(k)
		n := c.roots[first]
		if n == nil && c.sampled(row) {
			lessen(c.few, first)
		}
		for n != nil && strings.HasPrefix(k.value, n.label) {
			n.rows.Remove(row)
			if len(k.value) == len(n.label) {
				break
			}
			letter := letterAfter(k.value, n.label)
			if n.more[letter] == nil && c.sampled(row) {
				lessen(n.few, letter)
			}
			n = n.more[letter]
		}
	}
}

func lessen[K comparable](counts map[K]int, of K) {
	if counts[of]--; counts[of] <= 0 {
		delete(counts, of)
	}
}

// withdraw takes some rows out of every bitmap, whatever their keys were; the samples stay too large for it.
func (c *crowds) withdraw(rows *roaring.Bitmap) {
	for _, n := range c.roots {
		n.each(func(n *beginners) { n.rows.AndNot(rows) })
	}
}

// each calls do for a beginning and all that go on from it.
func (n *beginners) each(do func(*beginners)) {
	do(n)
	for _, m := range n.more {
		m.each(do)
	}
}

// keyRow is one row of lookup, its key with its end.
type keyRow struct {
	text string
	row  uint32
}

// gather makes the tree of what begins alike from rows in the order of their keys.
func (c *crowds) gather(sorted []keyRow) *beginners {
	first, last := sorted[0].text, sorted[len(sorted)-1].text
	n := &beginners{label: strings.Clone(first[:sharedLength(first, last)]), rows: roaring.New(), more: map[rune]*beginners{}, few: map[rune]int{}}
	all := make([]uint32, len(sorted))
	for i, r := range sorted {
		all[i] = r.row
	}
	n.rows.AddMany(all)
	for len(sorted) > 0 && len(sorted[0].text) > len(n.label) {
		letter := letterAfter(sorted[0].text, n.label)
		end := slices.IndexFunc(sorted, func(r keyRow) bool { return letterAfter(r.text, n.label) != letter })
		if end < 0 {
			end = len(sorted)
		}
		if sample := c.sampleOf(sorted[:end]); sample >= c.crowded {
			n.more[letter] = c.gather(sorted[:end])
		} else if sample > 0 {
			n.few[letter] = sample
		}
		sorted = sorted[end:]
	}
	return n
}

func (c *crowds) sampleOf(rows []keyRow) (n int) {
	for _, r := range rows {
		if c.sampled(r.row) {
			n++
		}
	}
	return n
}

// install puts the tree of a beginning in its place.
func (c *crowds) install(begin key, tree *beginners) {
	first := root(begin)
	n := c.roots[first]
	if n == nil {
		c.roots[first] = tree
		delete(c.few, first)
		return
	}
	for strings.HasPrefix(begin.value, n.label) && len(begin.value) > len(n.label) {
		letter := letterAfter(begin.value, n.label)
		if n.more[letter] == nil {
			n.more[letter] = tree
			delete(n.few, letter)
			return
		}
		n = n.more[letter]
	}
}

// growCrowds gives a bitmap to beginnings that have become crowded. The caller sees to it that the file says what the memory says.
// What cannot be read now stays without one until the next change.
func (x *index) growCrowds(ctx context.Context) error {
	c := &x.memory.crowds
	for len(c.grown) > 0 {
		begin := c.grown[0]
		sorted, err := x.beginningWith(ctx, begin)
		if err != nil {
			return fmt.Errorf("read what begins alike: %w", err)
		}
		var tree *beginners
		if len(sorted) > 0 {
			tree = c.gather(sorted)
		}
		x.memory.mu.Lock()
		if c.grown = c.grown[1:]; tree != nil {
			c.install(begin, tree)
		}
		x.memory.mu.Unlock()
	}
	return nil
}

// beginningWith reads the keys with a beginning, in their order.
func (x *index) beginningWith(ctx context.Context, begin key) (sorted []keyRow, err error) {
	low, high := begin.span()
	rows, err := x.db.Reader.QueryContext(ctx, `SELECT value, row FROM lookup WHERE kind = ? AND value >= ? AND value < ? ORDER BY value, row`, begin.kind, low, high)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r keyRow
		if err := rows.Scan(&r.text, &r.row); err != nil {
			return nil, err
		}
		r.text += keyEnd
		sorted = append(sorted, r)
	}
	return sorted, rows.Err()
}
