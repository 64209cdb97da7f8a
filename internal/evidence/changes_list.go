package evidence

import (
	"slices"
	"strconv"
	"strings"
)

// identifying are the members by which an element of a list is known again although something else in it changed, the surest first.
var identifying = []string{"documentId", "id", "name", "key", "code", "type", "category"}

// identity is what an element of a list calls itself, or "".
func identity(v *value) string {
	if v.kind != "object" {
		return ""
	}
	for _, name := range identifying {
		if m := v.member(name); m != nil && m.kind == "string" && m.text != "" {
			return name + " " + m.text
		}
	}
	return ""
}

// elements pairs the elements of two lists and compares each pair; what has no partner came or went.
func (c *comparison) elements(a, b *value) {
	partners := c.partners(a.children, b.children)
	if c.repeated == 0 { // where a pointer means more than one place, moves could not be told by it
		c.moves(a, b, partners)
	}
	stayed := make([]bool, len(a.children))
	for i, child := range b.children {
		if from := partners[i]; from >= 0 {
			stayed[from] = true
			c.pair(a.children[from], child)
		} else {
			c.add(child)
		}
	}
	for i, child := range a.children {
		if !stayed[i] {
			c.remove(child)
		}
	}
}

// partners gives for each of the newer elements the place of its partner among the older, or -1. Elements that are wholly equal come first,
// from both ends inwards and then wherever they stand; then those that call themselves the same; then, of those without a name, what
// stands in the same gap between partners. Linear in the number of elements but for hashing.
func (c *comparison) partners(old, next []*value) []int {
	if c.repeated > 0 {
		return byPlace(len(old), len(next))
	}
	m := matcher{taken: make([]bool, len(old)), partner: slices.Repeat([]int{-1}, len(next))}
	first := 0
	for first < min(len(old), len(next)) && c.alike.equal(old[first], next[first]) {
		m.match(first, first)
		first++
	}
	for i, j := len(old)-1, len(next)-1; i >= first && j >= first && c.alike.equal(old[i], next[j]); i, j = i-1, j-1 {
		m.match(i, j)
	}
	m.matchBy(old, next, func(v *value) string { return strconv.Itoa(c.alike.number(v)) })
	m.matchBy(old, next, identity)
	m.matchGaps(old, next)
	return m.partner
}

func byPlace(old, next int) []int {
	partner := slices.Repeat([]int{-1}, next)
	for i := range min(old, next) {
		partner[i] = i
	}
	return partner
}

// matcher pairs the elements of two lists, each with one of the other at most.
type matcher struct {
	taken   []bool // of the older
	partner []int  // of the newer: place among the older, -1 for none
}

func (m matcher) match(old, next int) { m.taken[old], m.partner[next] = true, old }

// matchBy pairs what is still alone and has one key, in order; an empty key pairs with nothing.
func (m matcher) matchBy(old, next []*value, keyOf func(*value) string) {
	waiting := map[string][]int{}
	for i, v := range old {
		if key := keyOf(v); !m.taken[i] && key != "" {
			waiting[key] = append(waiting[key], i)
		}
	}
	for j, v := range next {
		if m.partner[j] >= 0 {
			continue
		}
		if key := keyOf(v); key != "" && len(waiting[key]) > 0 {
			m.match(waiting[key][0], j)
			waiting[key] = waiting[key][1:]
		}
	}
}

// matchGaps pairs nameless elements that follow the same pair, in order.
func (m matcher) matchGaps(old, next []*value) {
	placeOf := slices.Repeat([]int{-1}, len(old))
	for j, i := range m.partner {
		if i >= 0 {
			placeOf[i] = j
		}
	}
	waiting, gap, pairs := map[int][]int{}, -1, map[int]int{}
	for i, v := range old {
		if m.taken[i] {
			gap = placeOf[i]
		} else if identity(v) == "" {
			waiting[gap] = append(waiting[gap], i)
		}
	}
	gap = -1
	for j, v := range next {
		if m.partner[j] >= 0 {
			gap = j
		} else if identity(v) == "" && len(waiting[gap]) > 0 {
			pairs[j] = waiting[gap][0]
			waiting[gap] = waiting[gap][1:]
		}
	}
	for j, i := range pairs { // only now: they open no gaps themselves
		m.match(i, j)
	}
}

// moves notes each pair that stands at another place.
func (c *comparison) moves(a, b *value, partners []int) {
	kept := longestRising(partners)
	for j, i := range partners {
		if i >= 0 && i != j {
			c.out.Moves = append(c.out.Moves, Move{From: a.children[i].pointer, To: b.children[j].pointer, Shifted: kept[j]})
		}
	}
}

// longestRising marks the longest run of places that rise, not counting -1: what is in it kept its order. By patience sorting.
func longestRising(places []int) []bool {
	var ends []int // of runs of length 1, 2, …: where the one with the smallest end ends
	before := make([]int, len(places))
	for j, place := range places {
		if place < 0 {
			continue
		}
		length, _ := slices.BinarySearchFunc(ends, place, func(end, place int) int { return places[end] - place })
		if before[j] = -1; length > 0 {
			before[j] = ends[length-1]
		}
		if length == len(ends) {
			ends = append(ends, j)
		} else {
			ends[length] = j
		}
	}
	kept := make([]bool, len(places))
	if len(ends) > 0 {
		for j := ends[len(ends)-1]; j >= 0; j = before[j] {
			kept[j] = true
		}
	}
	return kept
}

// alike numbers values so that equal ones have one number, whatever the order of the members in their objects.
type alike struct {
	ids map[string]int
	of  map[*value]int
}

func (s alike) equal(a, b *value) bool { return s.number(a) == s.number(b) }

func (s alike) number(v *value) int {
	if id, known := s.of[v]; known {
		return id
	}
	children := slices.Clone(v.children)
	if v.kind == "object" {
		slices.SortStableFunc(children, func(a, b *value) int { return strings.Compare(a.key, b.key) })
	}
	var shape strings.Builder
	shape.WriteString(v.kind + " " + strconv.Quote(v.text))
	for _, child := range children {
		if v.kind == "object" {
			shape.WriteString(strconv.Quote(child.key))
		}
		shape.WriteString(" " + strconv.Itoa(s.number(child)))
	}
	id, known := s.ids[shape.String()]
	if !known {
		id = len(s.ids)
		s.ids[shape.String()] = id
	}
	s.of[v] = id
	return id
}
