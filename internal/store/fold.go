package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of what is indexed and searched, far above any real value, so that a hostile one costs no more than an ordinary one.
const (
	maxWord      = 64  // bytes of one word of a name
	maxNameWords = 64  // words kept of all names of a process
	maxTermWords = 16  // no search for a name has more
	maxKey       = 128 // bytes of a number or id
	minPrefix    = 4   // letters from which the beginning of a number or id is enough
)

// letters that Unicode decomposition leaves alone, as ICAO 9303-3 section 6 or common use spells them in basic Latin.
var letters = strings.NewReplacer("ß", "ss", "ł", "l", "ø", "o", "đ", "d", "ð", "d", "ı", "i", "æ", "ae", "œ", "oe", "þ", "th",
	"ħ", "h", "ŧ", "t", "ŋ", "n", "ĸ", "k", "ſ", "s")

// expansions are the two-letter spellings that ICAO 9303-3 section 6 allows in a machine readable zone.
var expansions = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe")

// contractions take an expansion back, because a zone that spells Müller as Mueller does not say which it was.
var contractions = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u")

// fold gives all spellings of a text that differ in case, diacritics or spacing one form. It is idempotent.
func fold(s string) string {
	s = norm.NFKD.String(strings.ToValidUTF8(s, " "))
	s = strings.Map(foldRune, s)
	s = strings.Map(foldRune, norm.NFKD.String(letters.Replace(s)))
	return strings.Join(strings.Fields(s), " ")
}

func foldRune(r rune) rune {
	switch {
	case unicode.Is(unicode.Mn, r):
		return -1
	case unicode.IsSpace(r), unicode.IsControl(r):
		return ' '
	}
	return unicode.ToLower(r)
}

// spellings are the forms under which one word is found: plain, expanded (Müller: mueller) and contracted (Mueller: muller).
func spellings(word string) []string {
	plain := fold(word)
	expanded := fold(expansions.Replace(strings.ToLower(norm.NFC.String(word))))
	all := []string{cut(plain, maxWord), cut(expanded, maxWord), cut(contractions.Replace(plain), maxWord)}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// split gives the words of a text: runs of letters, marks and digits.
func split(text string) []string {
	return strings.FieldsFunc(strings.ToValidUTF8(text, " "), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

// nameWords are the folded words of names for the index. A name with an apostrophe or hyphen is found written as one word too.
func nameWords(names []string) []string {
	var words []string
	for _, name := range names {
		for part := range strings.FieldsSeq(strings.ToValidUTF8(name, " ")) {
			pieces := split(part)
			for _, piece := range append(pieces, strings.Join(pieces, "")) {
				words = append(words, spellings(piece)...)
			}
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	return words[:min(len(words), maxNameWords)]
}

// compact is a number without spaces, dashes and case: letters and digits alone.
func compact(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, fold(s))
	return cut(s, maxKey)
}

// identifier is an id or reference as it is compared: without regard to case and outer spaces, whole otherwise but for NUL, with which
// keyEnd marks the end of a key.
func identifier(s string) string {
	return strings.TrimSpace(cut(strings.ReplaceAll(fold(s), keyEnd, ""), maxKey))
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
