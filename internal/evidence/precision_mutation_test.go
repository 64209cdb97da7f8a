package evidence

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

// What is quiet of clean people must not be deaf: one letter or figure replaced in any one source of any provider's answer about any of
// them makes the field differ, and one in a zone makes a field differ or a check digit wrong.
func TestOneReplacedCharacterOfACleanPersonIsLoud(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(9303, 4)), standardTable(t)}
	sources, zones := 0, 0
	for i, tradition := range everyTradition() {
		if tradition == "Azerbaijani" {
			continue
		}
		p := g.person(tradition, joinedTraditions()[tradition])
		for _, template := range completeBodies(t) {
			if p.skips(template.name) {
				continue
			}
			e := example{template.name + " of " + p.String(), nil, p.bodyOf(template)}
			sources += replaceOneOfEach(t, g, e)
			if i%4 == 0 {
				zones += replaceInZones(t, g, e)
			}
		}
	}
	if sources < 5_000 || zones < 100 {
		t.Errorf("only %d sources and %d characters of zones were replaced", sources, zones)
	}
}

// replaceOneOfEach replaces one character in each source.
func replaceOneOfEach(t *testing.T, g generator, e example) (tried int) {
	t.Helper()
	r := e.reading()
	for _, h := range heldSources(t, e, r.fields()) {
		leaf := *h.leaf
		at := g.IntN(max(1, len(leaf.text)))
		if strings.Contains(h.source.Pointer, "#") || h.source.Relation == Single || leaf.kind != "string" || leaf.text == "" || leaf.text[at] >= 0x80 {
			continue
		}
		c := unicode.ToUpper(rune(leaf.text[at]))
		others := replacements(c)
		other := string(others[g.IntN(len(others))])
		now := leaf.text[:at] + other + leaf.text[at+1:]
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) || equatedByRule(h, leaf.text, now) || spelledLikewise(h, leaf.text, at, other) {
			continue
		}
		h.leaf.text = now
		tried++
		if got := rowNamed(r, h.field); got.Relation != Differs {
			t.Errorf("%s: %s with %q for %q: %s is %s (%s)", e.name, h.source.Pointer, now, leaf.text, h.field, got.Relation, got.Rule)
		}
		*h.leaf = leaf
	}
	return tried
}

// spelledLikewise are replacements in a name that a table of ICAO 9303 allows: AE and AA both stand for A with marks, I and Y for a letter of
// Cyrillic, and so on. A card's code is A, C or I, and its second letter the state's own.
func spelledLikewise(h held, was string, at int, other string) bool {
	before := byte(0)
	if at > 0 {
		before = was[at-1] &^ 0x20
	}
	switch {
	case h.source.Rule == ruleTruncated:
		return true // it may stand behind what the final result has of a name that was cut
	case fieldKinds[h.field] == nameKind && !strings.ContainsAny(other, "0"):
		return strings.Contains("AE", other) && strings.IndexByte("AOU", before) >= 0 || strings.Contains("IYHGSZ", other) && strings.ContainsRune("IYHGSZ", unicode.ToUpper(rune(was[at])))
	case h.field == "documentType":
		return at > 0 && len(was) == 2 || len(was) <= 2 && strings.Contains("ACI", other) && strings.ContainsAny(was[:1], "ACI")
	}
	return false
}

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
