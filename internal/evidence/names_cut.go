package evidence

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// nameCut is whether a name may have been cut where the name field of an MRZ ends (ICAO 9303 part 3, section 4.6).
type nameCut int

const (
	notCut          nameCut = iota
	cutAnywhere             // the field is full to its end
	cutBetweenWords         // one filler stands at the end: the next word may have been left out, none was cut
)

// cutOf tells from the fillers at the end of a name field.
func cutOf(fillers int) nameCut {
	switch fillers {
	case 0:
		return cutAnywhere
	case 1:
		return cutBetweenWords
	}
	return notCut
}

// truncatedName reports whether short is what a name field has room for of whole: each word of it is, or begins, a word of whole, in
// order; what is missing stands at the end.
func truncatedName(cut nameCut, short, whole string) bool {
	if cut == notCut || len([]rune(whole)) > longestName {
		return false
	}
	have, all := zoneWords(zoneForm(short)), zoneWords(zoneForm(whole))
	if len(have) == 0 || len(have) > len(all) {
		return false
	}
	for i, word := range have {
		if !transliterated(word, all[i]) && (cut == cutBetweenWords || !begins(word, all[i])) {
			return false
		}
	}
	return true
}

// begins reports whether word is the start of a transliteration of whole, cut anywhere, even inside what stands for one letter; or is
// itself spelled with fewer letters than the start of whole.
func begins(word, whole string) bool {
	if way, ok := spell(whole, word); ok && (way.starts() && !way.lost || way.startsPlainly()) {
		return true
	}
	letters, length := []rune(whole), len([]rune(word))
	for n := min(len(letters), length+2); n*longestSpelling >= length && n > 0; n-- {
		if spells(word, string(letters[:n])) {
			return true
		}
	}
	return false
}

// Where the names of a zone stand, in characters: both identifiers with two fillers between them (ICAO 9303 parts 4, 6 and 5), and in
// France's own zones each in a field of its own.
var (
	sharedNameFields = []int{39, 31, 30}
	frenchNameFields = map[string]map[string]int{"identityCard": {"lastName": 25, "firstName": 14}, "driversLicense": {"lastName": 8}}
)

// elementCut tells whether the name in an element that was read from a zone or a chip fills its field to the end, so that it may have been
// cut there. Nobody says which size of document it was: any field that the name fills will do.
func elementCut(e element, root *value, field string) nameCut {
	if e.medium != MRZ && e.medium != Chip || field != "firstName" && field != "lastName" {
		return notCut
	}
	text := e.textsOf(root)
	left := fillersLeft(text)
	if code, _ := countryCode(text["issuingCountry"]); code == "FRA" && e.medium == MRZ {
		left = append(left, frenchFillersLeft(text, field)...)
	}
	switch {
	case slices.Contains(left, 0):
		return cutAnywhere
	case slices.Contains(left, 1):
		return cutBetweenWords
	}
	return notCut
}

// fillersLeft is how many places the names leave at the end of a field of each size.
func fillersLeft(text map[string]string) (left []int) {
	length := utf8.RuneCountInString(text["lastName"])
	if first := text["firstName"]; first != "" {
		length += len("<<") + utf8.RuneCountInString(first)
	}
	for _, width := range sharedNameFields {
		left = append(left, width-length)
	}
	return left
}

// frenchFillersLeft is the same for a field of France's own zones. Between first names there are two fillers, inside one with a hyphen one.
func frenchFillersLeft(text map[string]string, field string) []int {
	width := frenchNameFields[documentName(text["documentType"])][field]
	if width == 0 {
		return nil
	}
	left := width - utf8.RuneCountInString(text[field])
	if field == "lastName" {
		return []int{left}
	}
	return []int{left, left - strings.Count(text[field], " ")}
}

// textsOf are the texts of an element by field, the first that is there of each.
func (e element) textsOf(root *value) map[string]string {
	texts := map[string]string{}
	for _, f := range e.facts() {
		if texts[f.field] == "" {
			texts[f.field] = root.at(strings.Split(f.member, "/")...).string()
		}
	}
	return texts
}
