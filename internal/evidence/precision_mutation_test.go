package evidence

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What is quiet of clean people must not be deaf: letters and figures replaced at every place of any one source of any provider's answer about
// any of them make the field differ, and one in a zone makes a field differ or a check digit wrong.
func TestOneReplacedCharacterOfACleanPersonIsLoud(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(9303, 4)), standardTable(t)}
	sources, zones := 0, 0
	for i, tradition := range everyTradition() {
		p := g.person(tradition, joinedTraditions()[tradition])
		for _, template := range completeBodies(t) {
			if p.skips(template.name) {
				continue
			}
			e := example{template.name + " of " + p.String(), nil, p.bodyOf(template)}
			sources += replaceInSources(t, g, e)
			if i%4 == 0 {
				zones += replaceInZones(t, g, e)
			}
		}
	}
	if sources < 50_000 || zones < 100 {
		t.Errorf("only %d replacements in sources and %d in zones were tried", sources, zones)
	}
}

// replaceInSources puts a letter and a figure, drawn from the seed, into every place of each source.
func replaceInSources(t *testing.T, g generator, e example) (tried int) {
	t.Helper()
	r := e.reading()
	for _, h := range heldSources(t, e, r.fields()) {
		if strings.Contains(h.source.Pointer, "#") || h.source.Relation == Single || h.leaf.kind != "string" {
			continue
		}
		statements := r.places().statements[h.field]
		at := slices.IndexFunc(statements, func(s statement) bool { return s.pointer == h.source.Pointer })
		h.value = r.final.at(h.field)
		for i, c := range h.source.Raw {
			if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
				continue
			}
			for n, other := range g.someOf(replacements(c)) {
				now := h.source.Raw[:i] + string(other) + h.source.Raw[i+utf8.RuneLen(c):]
				if equatedByRule(h, h.source.Raw, now) || spelledLikewise(h, i, other) {
					continue
				}
				tried++
				if got := h.rowWith(r, statements, at, i, other, i == n); got.Relation != Differs {
					t.Errorf("%s: %s with %q for %q: %s is %s (%s)", e.name, h.source.Pointer, now, h.source.Raw, h.field, got.Relation, got.Rule)
				}
			}
		}
	}
	return tried
}

// someOf are a letter and a figure of all that may stand in a place.
func (g generator) someOf(all string) []rune {
	letters := strings.TrimRight(all, tenFigures)
	figures := all[len(letters):]
	return []rune{rune(letters[g.IntN(len(letters))]), rune(figures[g.IntN(len(figures))])}
}

// spelledLikewise are replacements that a named rule equates, told independently of the code under test. In a name whose original is in
// another script, or has a letter for which states have several spellings, a table of ICAO 9303 may allow the other letter as well. A card's
// code is A, C or I, and its second letter the state's own.
func spelledLikewise(h held, at int, other rune) bool {
	was := h.source.Raw
	c := []rune(was[at:])[0]
	switch {
	case otherSpellingOf[h.field] != "" && utf8.RuneCountInString(was) < shortestLikeness:
		return true // another name of two letters, as far as anybody can tell
	case h.source.Rule == ruleTruncated:
		return true // it may stand behind what the final result has of a name that was cut
	case kindOfField(h.field) == nameKind && unicode.IsLetter(other):
		return h.likewiseInName(c, unicode.ToUpper(other), strings.ToUpper(was[:at]))
	case h.field == "documentType":
		return at > 0 && len(was) == 2 || len(was) <= 2 && strings.ContainsRune("ACI", other) && strings.ContainsAny(was[:1], "ACI")
	}
	return false
}

// likewiseInName holds a replaced letter of a name against the named rules: the letter without its mark; the ways in which the standard's
// table, or a state, writes it; a sign for which nothing stands; a letter of Latin in a name of one letter of another script, which nobody
// can compare.
func (h held) likewiseInName(c, other rune, before string) bool {
	capital := unicode.ToUpper(c)
	switch {
	case c <= unicode.MaxASCII:
		return false
	case c == 'ı':
		return other == 'I'
	case []rune(norm.NFD.String(string(capital)))[0] == other, strokes[capital] == other, hooked[capital] == other, capital == 'Ə' && (other == 'E' || other == 'A'),
		capital == 'Æ' && other == 'A', capital == 'Œ' && other == 'O':
		return true
	case unicode.Is(unicode.Lm, c):
		return other == 'E' && strings.ContainsAny("AOU", before[len(before)-1:]) || other == 'A' && strings.HasSuffix(before, "A")
	}
	return utf8.RuneCountInString(h.source.Raw) == 1
}

// strokes are letters whose stroke is no mark of Unicode's.
var strokes = map[rune]rune{'Đ': 'D', 'Ð': 'D', 'Ø': 'O', 'Ł': 'L', 'Ħ': 'H'}

// replaceInZones replaces some characters of the lines of a zone. The second one of the first line is the state's own.
func replaceInZones(t *testing.T, g generator, e example) (tried int) {
	t.Helper()
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
	r := e.reading()
	detail := r.detail
	detail.walk(func(v *value) {
		if !isZoneName(v.key) || len(v.text) < 30 {
			return
		}
		text := v.text
		for range 6 {
			at := g.IntN(len(text))
			other := characters[g.IntN(len(characters))]
			if text[at] == '\n' || at == 1 || mrzValue(text[at])%10 == mrzValue(other)%10 {
				continue // what counts as much for a check digit nobody could tell among a state's optional data
			}
			v.text = text[:at] + string(other) + text[at+1:]
			tried++
			if marks := loudMarks(e.report()); len(marks) == 0 {
				t.Errorf("%s: %s with %c at %d is quiet", e.name, v.pointer, other, at)
			}
		}
		v.text = text
	})
	return tried
}
