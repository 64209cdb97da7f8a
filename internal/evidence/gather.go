package evidence

import (
	"slices"
	"strings"
)

// statement is one place that states a fact.
type statement struct {
	spelling
	pointer string
	name    string
	medium  Medium
	class   Class
	found   bool
}

// gathered is everything that one answer, and the customer, state.
type gathered struct {
	statements map[string][]statement // by field
	order      []string               // fields in the order in which they were first stated
	tabled     map[*value]bool        // values that a table speaks of
	digits     []mrzDigit
	found      int
	mixed      bool // the element at hand holds answers to checks beside values
}

// add takes up what a place states; blanks state nothing.
func (g *gathered) add(field string, s statement) {
	if strings.TrimSpace(s.text) == "" {
		return
	}
	if _, known := g.statements[field]; !known {
		g.order = append(g.order, field)
	}
	g.statements[field] = append(g.statements[field], s)
}

// places is what the answer and the customer state, gathered once a reading.
func (r *reading) places() *gathered {
	if r.gathered == nil {
		r.gathered = r.gather()
	}
	return r.gathered
}

// gather reads the places of the tables, then what no table knows, then what the customer stated.
func (r *reading) gather() *gathered {
	t := r.everyTable()
	r.tokens = map[*value]*value{}
	g := &gathered{statements: map[string][]statement{}, tabled: map[*value]bool{}}
	for _, e := range t.elements {
		g.mixed = slices.Contains(t.silent, e.path) && e.medium != Derived
		r.gatherElement(g, e, r.place(e.path))
	}
	for _, z := range t.zones {
		r.gatherZone(g, z)
	}
	g.mixed = false
	r.gatherUnmapped(g, t)
	r.gatherElement(g, customerElement, r.customer)
	return g
}

// place follows a path below providerSpecific, through ReadID's older wrapper and into tokens.
func (r *reading) place(path string) *value {
	first, rest, deeper := strings.Cut(path, "/")
	v := r.element(first)
	if v != nil && v.kind == "string" {
		v = r.claimsOf(v)
	}
	if deeper {
		v = v.at(strings.Split(rest, "/")...)
	}
	return v
}

func (r *reading) gatherElement(g *gathered, e element, root *value) {
	if root == nil {
		return
	}
	for _, f := range e.facts() {
		v := root.at(strings.Split(f.member, "/")...).alone()
		if v == nil || g.mixed && isVerdict(v) {
			continue
		}
		g.tabled[v] = true
		if f.ifUnstated && len(g.statements[f.field]) > 0 {
			continue
		}
		s := statement{pointer: v.pointer, name: e.name, medium: e.medium, class: r.classWithin(v, f.field),
			spelling: spelling{text: v.string(), member: v.key, isBool: v.kind == "boolean"}}
		s.cut = elementCut(e, root, f.field)
		s.joinMiddle(root)
		if v.key == matchLevelMember {
			s.member = levelMember(root.at("algorithm").string())
		}
		g.add(f.field, s)
	}
}

// classWithin is the class of a leaf; a claim of a token has the field's own, the token as a whole being raw.
func (r *reading) classWithin(v *value, field string) Class {
	if class, known := r.classes[v]; known {
		return class
	}
	return FieldClass(field)
}

// classAs keeps a leaf as strictly as the fact that it states, well or badly: what is nearly somebody's personal number says what that is.
func (r *reading) classAs(v *value, field string) {
	if class, known := r.classes[v]; known && slices.Contains(fieldNames, field) {
		r.classes[v] = strictest(class, FieldClass(field))
	}
}

// gatherZone reads a machine-readable zone; each part is a statement of its own. A text too short to be one is the document number alone.
func (r *reading) gatherZone(g *gathered, z zonePlace) {
	root := r.place(z.path)
	var lines []*value
	for _, member := range z.lines {
		if v := root.at(member); v.string() != "" {
			lines = append(lines, v)
			g.tabled[v] = true
		}
	}
	if r.addZone(g, z, lines) || len(lines) != 1 {
		return
	}
	if v := lines[0]; len(v.text) < shortestZoneLine && !strings.ContainsAny(strings.TrimRight(v.text, "<"), "<\n") {
		g.add("documentNumber", statement{spelling: spelling{text: v.text}, pointer: v.pointer, name: v.key, medium: z.bare, class: DocumentNumber})
	}
}

// addZone adds the parts and check digits of a zone whose lines stand in some values. It reports whether they are one.
func (r *reading) addZone(g *gathered, z zonePlace, lines []*value) bool {
	texts := make([]string, len(lines))
	for i, v := range lines {
		texts[i] = v.text
	}
	zone, ok := readMRZ(texts)
	if !ok {
		return false
	}
	holder := func(line int) *value { return lines[min(line, len(lines)-1)] }
	for _, p := range zone.parts {
		field := p.field
		if field == "lastName" && r.oneNameIsFirst(g, zone) {
			field = "firstName"
		}
		if field == "optionalData" && g.speaksOfPersonalNumber(p.text, r.finalValue("personalIdentificationNumber").string()) {
			field = "personalIdentificationNumber"
		}
		g.add(field, statement{pointer: holder(p.line).pointer + "#" + p.field, name: z.name, medium: z.medium, found: z.found, class: FieldClass(p.field),
			spelling: spelling{text: p.text, cut: p.cut, zone: true}})
	}
	for i, d := range zone.digits {
		d.Pointer = holder(zone.lines[i]).pointer + "#checkDigit." + d.Part
		g.digits = append(g.digits, d)
	}
	return true
}

// oneNameIsFirst reports whether the only name of a zone is what all other places call a first name: somebody with one name has it as the
// primary identifier, whatever it is (ICAO 9303 part 3, section 4.6).
func (r *reading) oneNameIsFirst(g *gathered, zone mrzZone) bool {
	if slices.ContainsFunc(zone.parts, func(p mrzPart) bool { return p.field == "firstName" }) {
		return false
	}
	states := func(field string) bool {
		return strings.TrimSpace(r.finalValue(field).string()) != "" || slices.ContainsFunc(g.statements[field], func(s statement) bool { return !s.zone })
	}
	return states("firstName") && !states("lastName")
}

// speaksOfPersonalNumber tells whether a state's optional data is the personal number: as long as one that is stated elsewhere, and
// different in no more than two places. What it holds otherwise is the state's own affair (ICAO 9303 part 4, section 4.2.2).
func (g *gathered) speaksOfPersonalNumber(optional, final string) bool {
	stated := []string{final}
	for _, s := range g.statements["personalIdentificationNumber"] {
		stated = append(stated, s.text)
	}
	return slices.ContainsFunc(stated, func(number string) bool { return nearly(bareNumber(optional), bareNumber(number)) })
}

func nearly(a, b string) bool {
	if a == "" || len(a) != len(b) {
		return false
	}
	different := 0
	for i := range len(a) {
		if a[i] != b[i] {
			different++
		}
	}
	return different <= 2 && different < len(a)
}

// mrzDigits are the check digits of the zones in the provider's detail.
func (r *reading) mrzDigits() []mrzDigit { return r.places().digits }
