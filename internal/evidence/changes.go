package evidence

import (
	"slices"
	"strings"
)

// ChangeKind says what became of a leaf.
type ChangeKind string

// Kinds of changes.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Change is one leaf that the newer of two snapshots has, lacks or states otherwise than the older. An empty object or list is a leaf too:
// it says that nothing was sent.
type Change struct {
	Kind     ChangeKind
	Pointer  string // JSON Pointer (RFC 6901) into the newer snapshot, into the older for a removed leaf; "#part" as in Source
	From     string // into the older snapshot, where elements of lists may have stood elsewhere; empty for an added leaf
	Repeated bool   // a name on the way stands twice in one object: the pointer alone does not say which leaf is meant

	Old, New         string // as received; JSON strings unquoted, others as JSON text; empty where there is none
	OldKind, NewKind string // string, number, boolean, null, or object and array for empty ones; empty where there is none

	Field, Label string   // the fact that the leaf states, with its words; empty for none
	Relation     Relation // how the older statement of a fact compares with the newer; empty where there are no two
	Rule         string   // by which the two are equivalent
	Edit         []Span   // when they differ: "removed" stands in the older alone, "added" in the newer alone

	Asked                string // the check that the leaf answers, in our words; empty for none
	OldResult, NewResult Result // of that check; empty where there was none

	Class Class    // the strictest of both values: whoever may not see one learns nothing of it from the other
	Parts []Change // of a text that holds several facts, a machine-readable zone or a token: those that changed
}

// Move tells that an element of a list stands at another place; what is inside has other pointers by that alone.
type Move struct {
	From, To string
	Shifted  bool // only because others before it came or went: its order among those that stayed is the same
}

// Changes is what happened between two snapshots of one process.
type Changes struct {
	Old, New                   StatusInfo
	FinalResult                ChangeKind // what became of the final result as a whole; empty for nothing
	OldMalformed, NewMalformed string     // why one of them cannot be read as one JSON object; nothing is compared then
	List                       []Change   // the status first, the final result next, then the order of the newer snapshot
	Moves                      []Move     // outer lists before those inside them; pointers of both are into the whole snapshots
	Same                       int        // leaves that both have, wherever in a list
	Person                     Person     // of the newer snapshot, or of the older where that cannot be read
}

// Compare tells what changed from the older to the newer of two snapshots of one process. It never fails, and takes time in proportion to
// their size but for the comparison of facts, which is bounded by itself. What the customer stated is no part of a snapshot.
func Compare(older, newer Input) Changes {
	c := comparison{was: sideOf(older.Body, newer.Now), is: sideOf(newer.Body, newer.Now), alike: alike{ids: map[string]int{}, of: map[*value]int{}}}
	c.out = Changes{OldMalformed: c.was.malformed, NewMalformed: c.is.malformed, Old: c.was.info, New: c.is.info, Person: c.is.person}
	if c.is.malformed != "" {
		c.out.Person = c.was.person
	}
	if c.was.malformed != "" || c.is.malformed != "" {
		return c.out
	}
	c.pair(c.was.root, c.is.root)
	c.out.FinalResult = c.finalResult()
	slices.SortStableFunc(c.out.List, func(a, b Change) int { return importance(a) - importance(b) })
	return c.out
}

// importance puts what a company acts upon first.
func importance(c Change) int {
	switch {
	case c.Pointer == "/status":
		return 0
	case inFinalResult(c):
		return 1
	}
	return 2
}

func inFinalResult(c Change) bool {
	return c.Pointer == "/finalResult" || strings.HasPrefix(c.Pointer, "/finalResult/")
}

// finalResult tells an object that came or went from one in which something changed.
func (c *comparison) finalResult() ChangeKind {
	switch had, has := c.was.final != nil, c.is.final != nil; {
	case has && !had:
		return Added
	case had && !has:
		return Removed
	case slices.ContainsFunc(c.out.List, inFinalResult):
		return Changed
	}
	return ""
}

// comparison is two snapshots while they are compared.
type comparison struct {
	was, is  side
	alike    alike
	repeated int // how many names on the way stand twice in their object
	out      Changes
}

// pair compares what stands at one place in both.
func (c *comparison) pair(a, b *value) {
	switch {
	case leafy(a) && leafy(b):
		c.leaf(a, b)
	case leafy(a), leafy(b), a.kind != b.kind:
		c.remove(a)
		c.add(b)
	case a.kind == "object":
		c.members(a, b)
	default:
		c.elements(a, b)
	}
}

// leafy reports whether nothing stands inside a value.
func leafy(v *value) bool { return len(v.children) == 0 }

// textOf is what a leaf says, an empty object or list included.
func textOf(v *value) string {
	switch v.kind {
	case "object":
		return "{}"
	case "array":
		return "[]"
	}
	return v.text
}

func (c *comparison) add(v *value) {
	v.walk(func(v *value) {
		if leafy(v) {
			c.tell(c.is.describe(Change{Kind: Added, Pointer: v.pointer, New: textOf(v), NewKind: v.kind, NewResult: c.is.checks[v.pointer].Result}, v))
		}
	})
}

func (c *comparison) remove(v *value) {
	v.walk(func(v *value) {
		if leafy(v) {
			c.tell(c.was.describe(Change{Kind: Removed, Pointer: v.pointer, From: v.pointer, Old: textOf(v), OldKind: v.kind,
				OldResult: c.was.checks[v.pointer].Result}, v))
		}
	})
}

func (c *comparison) tell(change Change) {
	change.Repeated = c.repeated > 0
	c.out.List = append(c.out.List, change)
}

func (c *comparison) leaf(a, b *value) {
	if a.kind == b.kind && a.text == b.text {
		c.out.Same++
		return
	}
	change := Change{Kind: Changed, Pointer: b.pointer, From: a.pointer, Old: textOf(a), New: textOf(b), OldKind: a.kind, NewKind: b.kind,
		OldResult: c.was.checks[a.pointer].Result, NewResult: c.is.checks[b.pointer].Result}
	change = c.is.describe(c.was.describe(change, a), b)
	if was, is := c.was.stated(a), c.is.stated(b); was.text != "" && is.text != "" && was.field == is.field {
		c.relate(&change, was.spelling, is.spelling)
	}
	change.Parts = c.parts(a.pointer, b.pointer)
	c.tell(change)
}

// relate compares two statements of one fact by the rules of the field table.
func (c *comparison) relate(change *Change, was, is spelling) {
	by := comparer{field: change.Field, at: latest(c.is.created, c.is.now)}
	change.Relation, change.Rule = by.compare(was, is)
	if change.Relation == Differs {
		change.Edit = editOf(was.text, is.text)
	}
}

// members pairs members by name, of several with one name the first with the first.
func (c *comparison) members(a, b *value) {
	old, next := byName(a), byName(b)
	met := map[string]int{}
	for _, child := range b.children {
		partners, nth := old[child.key], met[child.key]
		met[child.key]++
		c.within(len(partners) > 1 || len(next[child.key]) > 1, func() {
			if nth < len(partners) {
				c.pair(partners[nth], child)
			} else {
				c.add(child)
			}
		})
	}
	met = map[string]int{}
	for _, child := range a.children {
		if met[child.key]++; met[child.key] > len(next[child.key]) {
			c.within(len(old[child.key]) > 1, func() { c.remove(child) })
		}
	}
}

// within compares below a name that may stand twice.
func (c *comparison) within(repeated bool, compare func()) {
	if repeated {
		c.repeated++
		defer func() { c.repeated-- }()
	}
	compare()
}

func byName(v *value) map[string][]*value {
	names := make(map[string][]*value, len(v.children))
	for _, child := range v.children {
		names[child.key] = append(names[child.key], child)
	}
	return names
}
