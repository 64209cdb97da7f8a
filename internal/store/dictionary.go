package store

import (
	"iter"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// rowSet is a set of rows: a sorted list while they are few, as with most names, and a bitmap from then on.
type rowSet struct {
	few  []uint32
	many *roaring.Bitmap
}

// fewInList is up to how many rows a list takes less memory than a bitmap.
const fewInList = 64

func (s *rowSet) add(row uint32) {
	if s.many != nil {
		s.many.Add(row)
		return
	}
	i, known := slices.BinarySearch(s.few, row)
	switch {
	case known:
	case len(s.few) < fewInList:
		s.few = slices.Insert(s.few, i, row)
	default:
		s.many = roaring.BitmapOf(s.few...)
		s.many.Add(row)
		s.few = nil
	}
}

func (s *rowSet) remove(row uint32) {
	if s.many != nil {
		s.many.Remove(row)
	} else if i, known := slices.BinarySearch(s.few, row); known {
		s.few = slices.Delete(s.few, i, i+1)
	}
}

// withdraw removes all of some rows.
func (s *rowSet) withdraw(rows *roaring.Bitmap) {
	if s.many != nil {
		s.many.AndNot(rows)
	} else {
		s.few = slices.DeleteFunc(s.few, rows.Contains)
	}
}

// each calls do for the bitmap, if there is one.
func (s *rowSet) each(do func(*roaring.Bitmap)) {
	if s.many != nil {
		do(s.many)
	}
}

func (s *rowSet) empty() bool { return len(s.few) == 0 && (s.many == nil || s.many.IsEmpty()) }

// union joins sets into a new bitmap.
func union(sets []*rowSet) *roaring.Bitmap {
	var many []*roaring.Bitmap
	var few []uint32
	for _, s := range sets {
		if s.many != nil {
			many = append(many, s.many)
		}
		few = append(few, s.few...)
	}
	result := roaring.FastOr(many...)
	result.AddMany(few)
	return result
}

// dictionary finds the rows of words by their beginning. A beginning of few letters is shared by many words, so each of these
// has a set of its own; for a longer one the sets of its words are joined.
type dictionary map[string]*beginning

// beginning is what is known of all words that begin with some letters, at most shortest of them.
type beginning struct {
	rows  rowSet
	words []longWord // of a beginning of shortest letters: the words that are longer, sorted
}

type longWord struct {
	text string
	rows rowSet
}

// shortest is the number of letters up to which a beginning counts as short.
const shortest = 4

// beginnings are the short ones of a word, itself included if it is short.
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

// shelf is the beginning under which a word is kept if it is longer.
func shelf(word string) (begin string, longer bool) {
	letters := 0
	for i := range word {
		if letters++; letters > shortest {
			return word[:i], true
		}
	}
	return word, false
}

// add takes all words of a row.
func (d dictionary) add(row uint32, words []string) {
	for _, word := range words {
		for b := range beginnings(word) {
			if d[b] == nil {
				d[strings.Clone(b)] = new(beginning)
			}
			d[b].rows.add(row)
		}
		if begin, longer := shelf(word); longer {
			d[begin].add(row, word)
		}
	}
}

// remove takes all words of a row away.
func (d dictionary) remove(row uint32, words []string) {
	for _, word := range words {
		if begin, longer := shelf(word); longer && d[begin] != nil {
			d[begin].remove(row, word)
		}
	}
	for _, word := range words {
		for b := range beginnings(word) {
			if d[b] != nil {
				if d[b].rows.remove(row); d[b].rows.empty() {
					delete(d, b)
				}
			}
		}
	}
}

func (b *beginning) find(word string) (i int, found bool) {
	return slices.BinarySearchFunc(b.words, word, func(w longWord, text string) int { return strings.Compare(w.text, text) })
}

func (b *beginning) add(row uint32, word string) {
	i, known := b.find(word)
	if !known {
		b.words = slices.Insert(b.words, i, longWord{text: strings.Clone(word)})
	}
	b.words[i].rows.add(row)
}

func (b *beginning) remove(row uint32, word string) {
	i, known := b.find(word)
	if !known {
		return
	}
	if b.words[i].rows.remove(row); b.words[i].rows.empty() {
		b.words = slices.Delete(b.words, i, i+1)
	}
}

// with gives the sets of rows that have a word with this beginning.
func (d dictionary) with(prefix string) (sets []*rowSet) {
	begin, longer := shelf(prefix)
	b := d[begin]
	switch {
	case b == nil:
		return nil
	case !longer:
		return []*rowSet{&b.rows}
	}
	for i, _ := b.find(prefix); i < len(b.words) && strings.HasPrefix(b.words[i].text, prefix); i++ {
		sets = append(sets, &b.words[i].rows)
	}
	return sets
}

// withdraw takes some rows out of everything.
func (d dictionary) withdraw(rows *roaring.Bitmap) {
	for text, b := range d {
		for i := range b.words {
			b.words[i].rows.withdraw(rows)
		}
		b.words = slices.DeleteFunc(b.words, func(w longWord) bool { return w.rows.empty() })
		if b.rows.withdraw(rows); b.rows.empty() {
			delete(d, text)
		}
	}
}
