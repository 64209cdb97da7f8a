package evidence

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostFound bounds the places that are added: no documented answer has a tenth of it, and each is compared letter by letter.
const mostFound = 50

// gatherUnmapped adds places that stand in no table and state one of the facts all the same: by their name, or because they hold a value
// of the facts that can hardly be there by chance, spelled by any rule. Where the tables say that answers to checks stand a name says less:
// there a value must be, or nearly be, one of the fact.
func (r *reading) gatherUnmapped(g *gathered, t table) {
	d := &detective{r: r, g: g, t: t, silent: wordSet(strings.Join(t.silent, " ")), names: factNames{map[string]string{}, map[string]bool{}}}
	d.index()
	for _, element := range r.detail.members() {
		if element.key == "session" && element.kind == "object" { // ReadID's older wrapper
			for _, inner := range element.children {
				d.search(inner, element, []string{elementName(inner.key)}, false)
			}
			continue
		}
		d.search(element, r.detail, []string{elementName(element.key)}, false)
	}
	r.traceUnknown(g, d)
}

type detective struct {
	r      *reading
	g      *gathered
	t      table
	silent map[string]bool // paths of elements that hold answers to checks
	names  factNames
	held   map[string]statement // by field: what a place is compared with
	whole  wholeName            // what a whole name is compared with
	values map[string][]string  // fields by the folded form of their distinctive values
	near   []nearKey            // what a leaf may nearly be
	elses  map[string]bool      // names, and whether they say that a leaf is none of the facts
}

// search looks at a value and all below it. names are those above it and its own, list indexes left out; the elements' own come first.
// answers says that it stands among answers to checks.
func (d *detective) search(v, parent *value, names []string, answers bool) {
	if d.g.found >= mostFound {
		return
	}
	answers = answers || d.silent[strings.Join(names, "/")]
	if v.leaf() {
		if v.string() != "" && !d.g.tabled[v] && !isVerdict(v) {
			d.look(v, parent, names, answers)
		}
		return
	}
	d.zoneLines(v)
	for _, child := range v.children {
		below := names
		if v.kind == "object" {
			below = append(names[:len(names):len(names)], child.key)
		}
		d.search(child, v, below, answers)
	}
}

func (d *detective) look(v, parent *value, names []string, answers bool) {
	switch {
	case isZoneName(v.key) || isZone(v.text):
		if d.r.addZone(d.g, zonePlace{name: v.key, medium: MRZ, found: true}, []*value{v}) {
			d.g.found++
		}
		return
	case isJWT(v.text), strings.HasPrefix(v.text, "{"):
		if claims := d.r.claimsOf(v); claims != nil {
			d.search(claims, v, names, answers)
		}
		return
	}
	field := d.fieldOf(v, parent, names)
	if field == "" && answers { // a name below "check" or "breakdown" is nobody else's
		field = d.fieldByValue(v, names)
	}
	if field != "" && (!answers || d.likeHeld(field, v, names)) {
		d.add(field, v, names)
	}
}

// likeHeld reports whether a leaf among answers to checks is no answer but a value: a day is none, anything else spells the fact or differs
// from it in no more than two places.
func (d *detective) likeHeld(field string, v *value, names []string) bool {
	return kindOfField(field) == dayKind || d.agrees(field, v, names) || nearly(foldValue(v.text), foldValue(d.held[field].text))
}

func (d *detective) add(field string, v *value, names []string) {
	d.g.found++
	d.r.classAs(v, field)
	d.g.add(field, statement{spelling: spellingOf(v, names), pointer: v.pointer, name: nameOf(v, names), medium: mediumByPath(strings.Join(names, "/")),
		class: d.r.classWithin(v, field), found: true})
}

func spellingOf(v *value, names []string) spelling {
	return spelling{text: v.text, member: names[len(names)-1], isBool: v.kind == "boolean"}
}

// nameOf is the name of a place on the page: its own, or where that says nothing, its parent's.
func nameOf(v *value, names []string) string {
	if valueNames[strings.ToLower(names[len(names)-1])] && len(names) > 1 {
		return names[len(names)-2]
	}
	return names[len(names)-1]
}

// fieldOf is the fact that a leaf states, by its name or by its value, or "".
func (d *detective) fieldOf(v, parent *value, names []string) string {
	if field := d.names.fieldOf(names, parent); field != "" {
		if !plausible(field, v.text) && !d.misread(field, v.text) || d.ofOthers(names) || !d.fits(field, v, parent, names) {
			return ""
		}
		return field
	}
	if last := names[len(names)-1]; last == "sub" && nearly(foldValue(v.text), foldValue(d.held["personalIdentificationNumber"].text)) {
		return "personalIdentificationNumber" // with some methods the subject is that number, be it misspelled
	}
	return d.fieldByValue(v, names)
}

// ofOthers reports whether a name above a leaf speaks of somebody else. The elements of the tables speak of the person, whatever they are
// called.
func (d *detective) ofOthers(names []string) bool {
	for i, name := range names[:len(names)-1] {
		if (i > 0 || !d.t.speaksOf(name)) && d.names.other(name) {
			return true
		}
	}
	return false
}

// documentParts are names of parts that tell of a document or its holder: there, "valid until" is the document's.
var documentParts = wordSet(`document doc passport card id identity identification mrz viz ocr chip nfc zone person subject user holder applicant
	extracted features fields profile kyc data personal`)

// fits reports whether what a name says can be meant of this fact: days of validity stand at tokens and consents too, and of several values
// in a list those count that agree.
func (d *detective) fits(field string, v, parent *value, names []string) bool {
	agrees := d.agrees(field, v, names)
	switch {
	case agrees:
		return true
	case isIndex(parent) && (v.key != "0" || slices.ContainsFunc(parent.children, func(s *value) bool { return d.agrees(field, s, names) })):
		return false
	case field == "dateOfIssue" || field == "dateOfExpiry":
		return d.tellsOfDocument(names)
	}
	return true
}

func (d *detective) tellsOfDocument(names []string) bool {
	own := foldName(names[len(names)-1])
	if strings.Contains(own, "document") || strings.HasPrefix(own, "dateof") {
		return true
	}
	for _, name := range names {
		for _, word := range splitName(name) {
			if documentParts[strings.ToLower(word)] {
				return true
			}
		}
	}
	return false
}

// agrees reports whether a leaf spells the value that the fact has elsewhere.
func (d *detective) agrees(field string, v *value, names []string) bool {
	if field == "fullName" && d.whole.known() {
		relation, _ := d.whole.compare(spellingOf(v, names))
		return relation == Same || relation == Equivalent
	}
	held, known := d.held[field]
	if !known {
		return false
	}
	c := comparer{field: field, at: latest(d.r.created, d.r.now)}
	relation, _ := c.compare(spellingOf(v, names), held.spelling)
	return relation != Differs
}

// speaksOf reports whether a first-level element of providerSpecific stands in the table.
func (t table) speaksOf(name string) bool {
	for _, e := range t.elements {
		if e.path == name || strings.HasPrefix(e.path, name+"/") {
			return true
		}
	}
	return false
}

// plausible reports whether a text can be a value of the field at all.
func plausible(field, text string) bool {
	known := false
	switch kindOfField(field) {
	case dayKind:
		_, known = readDay(text)
	case genderKind:
		_, known = genderCode(text)
	case countryKind:
		_, known = countryCode(text)
	case documentKind:
		known = documentName(text) != "" || isDocumentCode(text)
	case similarityKind:
		_, known = scoreLevel(spelling{text: text})
	case booleanKind:
		_, known = truthOf(spelling{text: text})
	case numberKind:
		known = len(text) >= shortestSecret && len(text) <= longestNumber && strings.ContainsFunc(text, unicode.IsDigit) && !uuidPattern.MatchString(text)
	default:
		known = len(text) <= 4*longestName && strings.ContainsFunc(text, unicode.IsLetter) && !strings.ContainsAny(shortWords.ReplaceAllString(text, ""), "_{}@/\\") && !answerWords[strings.ToLower(text)]
	}
	return known
}

// shortWords are what stands in names with a slash: e/v for a spouse, a/l, s/o and d/o for a son or daughter.
var shortWords = regexp.MustCompile(`(?i)\b[a-z]/[a-z]\b`)

// longestNumber is beyond the number of any document or person.
const longestNumber = 40

// answerWords are what stands for an answer where a name says that a value would.
var answerWords = wordSet(`ok yes no none match matched mismatch matches nomatch unmatched passed fail error ok unknown undefined present absent
	verified unverified checked unchecked chip visual automatic manual string null na n/a skipped done partial exact same different`)

// zoneLines takes the lines of a zone that stand one beside the other in an object or list.
func (d *detective) zoneLines(v *value) {
	var lines []*value
	for _, child := range v.children {
		if child.kind == "string" && !d.g.tabled[child] && isZoneLine(child.text) {
			lines = append(lines, child)
		}
	}
	if len(lines) < 2 || len(lines) > 3 || !d.r.addZone(d.g, zonePlace{name: "MRZ", medium: MRZ, found: true}, lines) {
		return
	}
	d.g.found++
	for _, line := range lines {
		d.g.tabled[line] = true
	}
}

// isZoneLine reports whether a text has the width of a line of ICAO 9303 and nothing that such a line may not hold.
func isZoneLine(text string) bool {
	switch len(text) {
	case 30, 36, 44:
		return strings.Contains(text, "<") && !strings.ContainsFunc(text, notOfZone)
	}
	return false
}

// index remembers what the facts are, and those of their values that hardly stand anywhere by chance: numbers, names of some length, days.
func (d *detective) index() {
	d.held, d.values = map[string]statement{}, map[string][]string{}
	for _, field := range fieldNames {
		held := statement{spelling: spelling{text: d.r.finalValue(field).string()}}
		if held.text == "" && len(d.g.statements[field]) > 0 {
			held = d.g.statements[field][0]
		}
		if held.text == "" {
			continue
		}
		d.held[field] = held
		for _, key := range d.valueKeys(field, held.text) {
			d.values[key] = append(d.values[key], field)
		}
	}
	d.whole = d.r.wholeName(d.g.statements)
	if d.whole.first.text != "" && d.whole.last.text != "" {
		for _, order := range d.whole.orders() {
			d.values[foldValue(order)] = append(d.values[foldValue(order)], "fullName")
		}
	}
	d.indexNear()
}

// valueKeys are the folded forms under which a field's value is looked up; none where it may stand anywhere.
func (d *detective) valueKeys(field, text string) []string {
	switch folded := foldValue(text); {
	case kindOfField(field) == dayKind:
		date, ok := d.r.dateOf(field, text)
		if !ok {
			return nil
		}
		return []string{date.Format("20060102"), date.Format("060102"), date.Format("02012006")}
	case field == "firstName" || field == "lastName" || field == "lastNameSecondLine":
		if utf8.RuneCountInString(text) >= shortestSecret {
			return []string{folded}
		}
	case kindOfField(field) == numberKind && figureCount(text) > 0 && len(text) >= shortestSecret:
		return []string{folded}
	}
	return nil
}

// fieldByValue is the fact whose value a leaf spells. A day says so only under a name of days, a number only as text or with many figures:
// a score or a coordinate may look like either.
func (d *detective) fieldByValue(v *value, names []string) string {
	if len(v.text) < shortestSecret || len(v.text) > 4*longestName {
		return ""
	}
	for _, field := range d.values[foldValue(v.text)] {
		if d.distinct(field, v, names) && d.agrees(field, v, names) {
			return field
		}
	}
	return d.fieldByNearValue(v, names)
}

// fewestInNumber is how many figures a JSON number needs to be taken for the number of a document or person.
const fewestInNumber = 7

func (d *detective) distinct(field string, v *value, names []string) bool {
	switch {
	case kindOfField(field) == dayKind:
		return dated(names) && !d.ofOthers(names) && (field == "dateOfBirth" || d.tellsOfDocument(names))
	case v.kind == "number":
		return kindOfField(field) == numberKind && figureCount(v.text) >= fewestInNumber && !strings.ContainsAny(v.text, ".eE-")
	}
	return v.kind == "string"
}

// foldValue is a text in capitals, letters and figures alone, without marks, and with the letters joined by which ICAO 9303 part 3, section
// 6, writes others: whatever a rule equates folds to one form, and some that it does not.
func foldValue(text string) string {
	var b strings.Builder
	last := rune(0)
	for _, c := range text {
		c = unicode.ToUpper(bareLetter(c))
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			continue
		case c == 'ß':
			c = 'S'
		case c == 'Æ':
			c = 'A'
		case c == 'Œ':
			c = 'O'
		}
		if c == 'E' && (last == 'A' || last == 'O' || last == 'U') || c == last && (c == 'A' || c == 'S') {
			continue
		}
		b.WriteRune(c)
		last = c
	}
	return b.String()
}

// mediumByPath is what the names above a leaf say about where its value was read; unknown if they say nothing.
func mediumByPath(path string) Medium {
	folded := foldName(path)
	switch {
	case strings.Contains(folded, "mrz"):
		return MRZ
	case strings.Contains(folded, "chip"), strings.Contains(folded, "nfc"):
		return Chip
	case strings.Contains(folded, "similarity"), strings.Contains(folded, "liveness"):
		return Derived
	}
	return ""
}
