package evidence

import (
	"strings"
	"testing"
	"unicode"
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
		if len(f.Sources) == 0 || !f.Present && len(f.Sources) == 1 {
			continue
		}
		for _, s := range f.Sources {
			leaf := leaves[wholePointer(s.Pointer)]
			if leaf == nil {
				t.Fatalf("%s: %s: there is no %s", e.name, f.Name, s.Pointer)
			}
			h := held{field: f.Name, source: s, leaf: leaf}
			if _, part, ok := strings.Cut(s.Pointer, "#"); ok {
				h.from = strings.LastIndex(leaf.text, strings.ReplaceAll(s.Raw, " ", "<"))
				if part == "documentType" || part == "issuingCountry" || h.from < 0 {
					h.from = strings.Index(leaf.text, s.Raw)
				}
			}
			out = append(out, h)
		}
	}
	return out
}

// replacements are the letters and digits that may stand for c by mistake: all others of its kind, and one of the other kind.
func replacements(c rune) string {
	letters, figures := "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	switch {
	case unicode.IsDigit(c):
		return strings.ReplaceAll(figures, string(c), "") + "O"
	case unicode.IsLower(c):
		return strings.ReplaceAll(strings.ToLower(letters), string(c), "") + "0"
	}
	return strings.ReplaceAll(letters, string(c), "") + "0"
}

// equatedByRule are the single replacements in the examples that a named rule equates, told independently of the code under test.
func equatedByRule(h held, was, now string) bool {
	switch {
	case h.field == "gender":
		return was == "F" && now == "2" || was == "2" && (now == "F" || now == "f")
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
	for _, e := range examples(t) {
		r := e.reading()
		for _, h := range heldSources(t, e, r.fields()) {
			changes += replaceEach(t, e, r, h)
		}
	}
	if changes < 30_000 {
		t.Errorf("only %d changes were tried", changes)
	}
}

func replaceEach(t *testing.T, e example, r *reading, h held) (changes int) {
	t.Helper()
	original := h.leaf.text
	defer func() { h.leaf.text = original }()
	for i, c := range original[h.from : h.from+len(h.source.Raw)] {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) || h.leaf.kind == "boolean" {
			continue // a boolean has no letters: only the other boolean could stand there
		}
		for _, other := range replacements(c) {
			h.leaf.text = original[:h.from+i] + string(other) + original[h.from+i+1:]
			now := h.source.Raw[:i] + string(other) + h.source.Raw[i+1:]
			if equatedByRule(h, h.source.Raw, now) {
				continue
			}
			changes++
			if got := rowNamed(r, h.field); got.Relation != Differs {
				t.Errorf("%s: %s with %s for %q: %s is %s (%s)", e.name, h.source.Pointer, now, h.source.Raw, h.field, got.Relation, got.Rule)
			}
		}
	}
	return changes
}

// rowNamed makes the row of one field anew.
func rowNamed(r *reading, name string) Field {
	return r.rowOf(name, r.final.at(name), r.gather().statements[name], r.tableOf().has(name))
}
