package audit

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// span is a range of records, both ends included.
type span struct{ first, last int64 }

// anyPart stands for every part of the details.
const anyPart = ""

// coverage compares the details that are missing with what erasures say that they took. The zero value is empty.
type coverage struct {
	missing map[string][]int64 // by part, ascending: records that commit to a part that is not there
	spans   map[string][]span  // by part, or anyPart
}

// add takes over what the record of an erasure says. It covers no record after itself; what cannot be read covers nothing.
func (c *coverage) add(l leaf, seq int64) {
	parts := []string{anyPart}
	if named := l.Facts["parts"]; named != "" {
		parts = strings.Split(named, ",")
	}
	if c.spans == nil {
		c.spans = map[string][]span{}
	}
	found := spans(l.Facts["records"], seq)
	for _, part := range parts {
		c.spans[part] = append(c.spans[part], found...)
	}
}

// miss notes which parts of a record are not there.
func (c *coverage) miss(l leaf, seq int64, there []part) {
	if c.missing == nil {
		c.missing = map[string][]int64{}
	}
	for name := range l.Commit {
		if !slices.ContainsFunc(there, func(p part) bool { return p.name == name }) {
			c.missing[name] = append(c.missing[name], seq)
		}
	}
}

// uncovered forgets what is covered and gives the first record of which a part is missing without a record that says so.
func (c *coverage) uncovered() (first int64, ok bool) {
	everything := merged(c.spans[anyPart])
	for name, seqs := range c.missing {
		covers := everything
		if own := c.spans[name]; len(own) > 0 && name != anyPart {
			covers = merged(slices.Concat(everything, own))
		}
		seqs = slices.DeleteFunc(seqs, func(seq int64) bool { return within(covers, seq) })
		c.missing[name] = seqs
		if len(seqs) > 0 && (!ok || seqs[0] < first) {
			first, ok = seqs[0], true
		}
	}
	return first, ok
}

// merged puts spans in order and joins those that meet.
func merged(list []span) []span {
	list = slices.SortedFunc(slices.Values(list), func(a, b span) int { return cmp.Compare(a.first, b.first) })
	joined := list[:0]
	for _, s := range list {
		if n := len(joined); n > 0 && s.first <= joined[n-1].last+1 {
			joined[n-1].last = max(joined[n-1].last, s.last)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// within reports whether one of spans in order holds seq.
func within(covers []span, seq int64) bool {
	at, found := slices.BinarySearchFunc(covers, seq, func(s span, seq int64) int { return cmp.Compare(s.first, seq) })
	return found || at > 0 && covers[at-1].last >= seq
}

// spans reads "12,40-44", as far as it speaks of records before the one that holds it.
func spans(text string, before int64) (list []span) {
	for word := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(word, "-")
		if !isRange {
			last = first
		}
		a, err := strconv.ParseInt(first, 10, 64)
		b, err2 := strconv.ParseInt(last, 10, 64)
		if err == nil && err2 == nil && a <= b && b < before {
			list = append(list, span{a, b})
		}
	}
	return list
}

// spanWords is the text that spans reads.
func spanWords(list []span) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = strconv.FormatInt(s.first, 10)
		if s.last > s.first {
			words[i] += "-" + strconv.FormatInt(s.last, 10)
		}
	}
	return strings.Join(words, ",")
}

// partWords names parts as a record of an erasure does.
func partWords(parts map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(parts)), ",")
}
