package evidence

import (
	"slices"
	"strings"
	"time"
)

// side is one of two snapshots that are compared, with what its leaves mean.
type side struct {
	*reading
	malformed string // why there is no reading; then the rest is empty
	info      StatusInfo
	facts     map[string][]statedFact // by the pointer of the whole leaf
	checks    map[string]Check        // by pointer: those that the provider reports
	person    Person
}

// statedFact is a statement with the fact that it is of, and the part of its leaf where it stands: empty for the whole.
type statedFact struct {
	statement
	field, part string
}

func sideOf(body []byte, now time.Time) side {
	r, malformed := readInput(Input{Body: body, Now: now})
	if malformed != "" {
		return side{malformed: malformed, info: DescribeStatus("")}
	}
	fields := r.fields()
	s := side{reading: r, info: r.status, facts: map[string][]statedFact{}, checks: map[string]Check{}, person: personOf(fields)}
	for _, field := range r.places().order {
		for _, stated := range r.places().statements[field] {
			whole, part, _ := strings.Cut(stated.pointer, "#")
			s.facts[whole] = append(s.facts[whole], statedFact{stated, field, part})
		}
	}
	for _, c := range r.checks(fields) {
		if _, told := s.checks[c.Pointer]; !told && c.Reporter != reporterPortal {
			s.checks[c.Pointer] = c
		}
	}
	return s
}

// stated is what a whole leaf says of a fact; its field is empty where it says nothing of any.
func (s side) stated(v *value) statedFact {
	if s.final != nil {
		if name, inside := strings.CutPrefix(v.pointer, s.final.pointer+"/"); inside {
			return statedFact{field: name, statement: statement{class: FieldClass(name), spelling: spelling{text: v.string(), isBool: v.kind == "boolean"}}}
		}
	}
	for _, f := range s.facts[v.pointer] {
		if f.part == "" {
			return f
		}
	}
	return statedFact{}
}

// describe says of a change what the leaf of this side is about. Of a fact that the two sides call by different names the last one counts.
func (s side) describe(change Change, v *value) Change {
	if change.Class = strictest(Plain, change.Class); v.leaf() {
		change.Class = strictest(change.Class, s.classOf(v))
	}
	if f := s.stated(v); f.field != "" {
		change.Field, change.Label = f.field, FieldLabel(f.field)
		if v.string() != "" {
			change.Class = strictest(change.Class, FieldClass(f.field), f.class)
		}
	}
	if check, answers := s.checks[v.pointer]; answers {
		change.Asked = check.Asked
	}
	return change
}

// parts are the facts inside a text, by the name of the part.
func (s side) parts(pointer string) []statedFact {
	return slices.DeleteFunc(slices.Clone(s.facts[pointer]), func(f statedFact) bool { return f.part == "" })
}

// parts compares the facts that stand inside one text of both snapshots.
func (c *comparison) parts(from, to string) []Change {
	var out []Change
	old, next := c.was.parts(from), c.is.parts(to)
	for _, is := range next {
		i := slices.IndexFunc(old, is.samePart)
		switch {
		case i < 0:
			out = append(out, is.change(Change{Kind: Added, Pointer: is.pointer, New: is.text, NewKind: "string"}))
		case old[i].text != is.text:
			change := is.change(Change{Kind: Changed, Pointer: is.pointer, From: old[i].pointer, Old: old[i].text, New: is.text,
				OldKind: "string", NewKind: "string", Class: old[i].class})
			c.relate(&change, old[i].spelling, is.spelling)
			out = append(out, change)
		}
	}
	for _, was := range old {
		if !slices.ContainsFunc(next, was.samePart) {
			out = append(out, was.change(Change{Kind: Removed, Pointer: was.pointer, From: was.pointer, Old: was.text, OldKind: "string"}))
		}
	}
	return out
}

func (f statedFact) samePart(other statedFact) bool { return f.part == other.part }

// change says of a part what it is about.
func (f statedFact) change(c Change) Change {
	c.Field, c.Label = f.field, FieldLabel(f.field)
	c.Class = strictest(Plain, c.Class, f.class, FieldClass(f.field))
	return c
}
