package evidence

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// held is a source of a field that has something to be compared with.
type held struct {
	field  string
	source Source
	leaf   *value
	from   int    // where in the leaf's text the source begins, in bytes
	parent *value // of the leaf, and the final result's value, where a test needs them
	value  *value
}

// heldSources lists the sources of an example that stand in its body and can be told apart from another value of the field.
func heldSources(t *testing.T, e example, fields []Field) []held {
	t.Helper()
	leaves := map[string]*value{}
	e.root.walk(func(v *value) { leaves[v.pointer] = v })
	var out []held
	for _, f := range fields {
		for _, s := range f.Sources {
			if s.Relation == Single && len(f.Sources) == 1 || s.Relation == Absent && len(f.Sources) == 1 {
				continue
			}
			leaf := leaves[wholePointer(s.Pointer)]
			if leaf == nil {
				t.Fatalf("%s: %s: there is no %s", e.name, f.Name, s.Pointer)
			}
			h := held{field: f.Name, source: s, leaf: leaf}
			if _, part, ok := strings.Cut(s.Pointer, "#"); ok {
				h.from = strings.LastIndex(leaf.text, strings.ReplaceAll(s.Raw, " ", "<"))
				if isJWT(leaf.text) {
					h.from = -1
				} else if part == "documentType" || part == "issuingCountry" || h.from < 0 {
					h.from = strings.Index(leaf.text, s.Raw)
				}
			}
			out = append(out, h)
		}
	}
	return out
}

// Letters and figures that may stand for one by mistake.
const (
	capitalLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smallLetters   = "abcdefghijklmnopqrstuvwxyz"
	tenFigures     = "0123456789"
)

// replacements are all letters and figures but c, letters of its own case.
func replacements(c rune) string {
	letters := capitalLetters
	if unicode.IsLower(c) {
		letters = smallLetters
	}
	return strings.ReplaceAll(letters+tenFigures, string(c), "")
}

// equatedByRule are the single replacements in the examples that a named rule equates, told independently of the code under test.
func equatedByRule(h held, was, now string) bool {
	switch {
	case h.field == "gender":
		same := map[string]string{"F": "2f", "f": "2", "2": "Ff", "M": "1m", "m": "1", "1": "Mm"}
		return strings.Contains(same[was], now)
	case h.field == "documentType":
		return now == "driversLicence" // the schema writes it so where it describes Paper and ReadID
	case strings.HasSuffix(h.source.Pointer, "/score"):
		return onfidoBand(was) != "" && onfidoBand(was) == onfidoBand(now)
	}
	return false
}

// onfidoBand reads the thresholds of the reference, section 5, off the figures behind "0.".
func onfidoBand(score string) string {
	figures, ok := strings.CutPrefix(score, "0.")
	switch {
	case !ok || strings.ContainsFunc(figures, func(c rune) bool { return !unicode.IsDigit(c) }):
		return ""
	case figures > "75":
		return "high"
	case figures > "5":
		return "medium"
	case figures > "25":
		return "low"
	}
	return "veryLow"
}

func TestOneReplacedCharacterInAnySourceMakesTheFieldDiffer(t *testing.T) {
	changes := 0
	for _, e := range append(examples(t), sentBodies(t)...) {
		r := e.reading()
		for _, h := range heldSources(t, e, r.fields()) {
			changes += replaceEach(t, e, r, h)
		}
	}
	if changes < 45_000 {
		t.Errorf("only %d changes were tried", changes)
	}
}

// replaceEach puts every other letter and figure in every place. Two a place, a letter and a figure, go through the whole reading; the others
// through the comparison alone, with all other places as they were.
func replaceEach(t *testing.T, e example, r *reading, h held) (changes int) {
	t.Helper()
	statements := r.places().statements[h.field]
	at := slices.IndexFunc(statements, func(s statement) bool { return s.pointer == h.source.Pointer })
	for i, c := range h.source.Raw {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) || h.leaf.kind == "boolean" {
			continue // a boolean has no letters: only the other boolean could stand there
		}
		for n, other := range replacements(c) {
			now := h.source.Raw[:i] + string(other) + h.source.Raw[i+utf8.RuneLen(c):]
			if equatedByRule(h, h.source.Raw, now) || spelledLikewise(h, i, other) {
				continue
			}
			changes++
			whole := (n == i%10 || n == 30-i%5) && h.from >= 0                                                                 // a claim of a token cannot be changed by a letter of the token
			if got := h.rowWith(r, statements, at, i, other, whole); got.Relation != Differs && h.source.Relation != Differs { // of one that differs a change may be the mending
				t.Errorf("%s: %s with %s for %q: %s is %s (%s)", e.name, h.source.Pointer, now, h.source.Raw, h.field, got.Relation, got.Rule)
			}
		}
	}
	return changes
}

// rowWith is the field's row with another letter at a place of the source: read from the changed answer anew, or with the one statement changed.
func (h held) rowWith(r *reading, statements []statement, at, place int, other rune, whole bool) Field {
	instead := func(text string, place int) string {
		_, size := utf8.DecodeRuneInString(text[place:])
		return text[:place] + string(other) + text[place+size:]
	}
	if whole {
		original := h.leaf.text
		defer func() { h.leaf.text = original }()
		h.leaf.text = instead(original, h.from+place)
		return rowNamed(r, h.field)
	}
	changed := slices.Clone(statements)
	changed[at].text = instead(changed[at].text, place)
	return r.rowOf(h.field, r.final.at(h.field), changed, r.tableOf().has(h.field))
}

// rowNamed makes the row of one field anew.
func rowNamed(r *reading, name string) Field {
	r.gathered = nil
	defer func() { r.gathered = nil }()
	return r.rowOf(name, r.final.at(name), r.places().statements[name], r.tableOf().has(name))
}
