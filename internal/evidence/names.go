package evidence

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longestName is the length in runes beyond which names are compared for identity alone; an MRZ holds 39 characters at most.
const longestName = 120

// longestSpelling is how many letters of an MRZ stand for one at most: SHCH.
const longestSpelling = 4

// sameName finds the rule by which two spellings of a name are the same, the least change first. Both directions are tried: either
// side may be the original and the other its transliteration.
func sameName(a, b string) (rule string, same bool) {
	a, b = spaced(a), spaced(b)
	switch {
	case a == "" || b == "":
		return "", false
	case a == b:
		return ruleSpacing, true
	case len(a) > 4*longestName || len(b) > 4*longestName:
		return "", false
	}
	a, b = norm.NFC.String(a), norm.NFC.String(b)
	upperA, upperB := strings.ToUpper(a), strings.ToUpper(b)
	switch {
	case a == b:
		return ruleUnicode, true
	case upperA == upperB:
		return ruleCase, true
	case sameButMarks(upperA, upperB):
		return ruleDiacritics, true
	}
	return sameInZone(upperA, upperB)
}

// sameInZone compares two names in capitals as an MRZ would spell them.
func sameInZone(upperA, upperB string) (rule string, same bool) {
	wordsA, wordsB := zoneWords(upperA), zoneWords(upperB)
	joinedA, joinedB := strings.Join(wordsA, " "), strings.Join(wordsB, " ")
	switch {
	case joinedA == "" || joinedB == "":
		return "", false
	case transliterated(joinedA, joinedB):
		return ruleICAO, true
	case transliterated(strings.Join(wordsA, ""), strings.Join(wordsB, "")):
		return ruleSpacing, true
	case sameWords(wordsA, wordsB):
		return ruleOrder, true
	case sameButTitle(wordsA, wordsB), sameButTitle(wordsB, wordsA):
		return ruleTitle, true
	}
	return "", false
}

// spaced has single spaces between words.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// zoneWords splits a name as an MRZ does: hyphens, commas and the like part words, apostrophes vanish (ICAO 9303 part
// 3, section 4.6).
func zoneWords(name string) []string {
	var words strings.Builder
	for _, c := range name {
		switch {
		case isApostrophe(c):
		case unicode.IsLetter(c), unicode.IsDigit(c), unicode.IsMark(c):
			words.WriteRune(c)
		default:
			words.WriteByte(' ')
		}
	}
	return strings.Fields(words.String())
}

func isApostrophe(c rune) bool { return strings.ContainsRune("'’‘‛`´ʼʻʹ′", c) }

// sameButMarks reports whether two names differ in nothing but diacritics that one of them lacks: at each place the letters are equal,
// or one is the other's without its marks. Two different marks are two different letters.
func sameButMarks(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && bareLetter(x[i]) != y[i] && x[i] != bareLetter(y[i]) {
			return false
		}
	}
	return true
}

// bareLetter is a Latin or Greek letter without its marks; any other rune is itself. In other scripts a mark makes another letter.
func bareLetter(c rune) rune {
	if c <= unicode.MaxASCII || !unicode.In(c, unicode.Latin, unicode.Greek) {
		return c
	}
	if plain, ok := strokeLetters[c]; ok {
		return plain
	}
	bare := c
	for i, d := range norm.NFD.String(string(c)) {
		if i == 0 {
			bare = d
		} else if !unicode.Is(unicode.Mn, d) {
			return c
		}
	}
	return bare
}

// strokeLetters are letters whose stroke Unicode does not take for a mark.
var strokeLetters = map[rune]rune{'Ø': 'O', 'Ł': 'L', 'Đ': 'D', 'Ð': 'D', 'Ħ': 'H', 'Ŧ': 'T', 'Ɨ': 'I', 'Ƶ': 'Z', 'Ǥ': 'G', 'Ŀ': 'L', 'ŉ': 'N'}

// transliterated reports whether one of two upper-case names is the other's transliteration.
func transliterated(a, b string) bool { return spells(a, b) || spells(b, a) }

// spells reports whether written is a transliteration of original: letter by letter, each by one of its spellings in ICAO 9303 part 3,
// section 6. If the original is itself without any special letter it may be one that lost its marks, and written one that has them
// spelled out: MULLER, MUELLER.
func spells(original, written string) bool {
	letters, target := []rune(original), []rune(written)
	if len(letters) > longestName || len(target) > longestSpelling*len(letters) || mixesScripts(original) {
		return original == written
	}
	lost := !strings.ContainsFunc(original, func(c rune) bool { return c > unicode.MaxASCII })
	reached := make([]bool, len(target)+1)
	reached[0] = true
	for _, c := range letters {
		next, any := make([]bool, len(target)+1), false
		for _, s := range spellings(c, lost) {
			for at := range reached {
				if reached[at] && startsWith(target[at:], s) {
					next[at+len(s)], any = true, true
				}
			}
		}
		if !any {
			return false
		}
		reached = next
	}
	return reached[len(target)]
}

// mixesScripts reports whether a name has letters of Latin and of another script: letters that look alike are no spelling of each other.
func mixesScripts(name string) bool {
	latin, other := false, false
	for _, c := range name {
		latin = latin || unicode.Is(unicode.Latin, c)
		other = other || unicode.In(c, unicode.Cyrillic, unicode.Greek)
	}
	return latin && other
}

func startsWith(text, prefix []rune) bool {
	return len(text) >= len(prefix) && slices.Equal(text[:len(prefix)], prefix)
}

// spellings are the ways in which a letter may stand in an MRZ, itself included.
func spellings(c rune, lost bool) [][]rune {
	out := [][]rune{{c}}
	table := icaoSpellings
	if c <= unicode.MaxASCII {
		if !lost {
			return out
		}
		table = lostSpellings
	}
	bare := bareLetter(c)
	written := table[c]
	if bare != c {
		out = append(out, []rune{bare})
		written += " " + table[bare]
	}
	for s := range strings.FieldsSeq(written) {
		if s == "-" {
			s = ""
		}
		out = append(out, []rune(s))
	}
	return out
}

// lostSpellings are what a letter without marks may stand for, spelled out.
var lostSpellings = map[rune]string{'A': "AE AA", 'O': "OE", 'U': "UE UXX", 'N': "NXX"}

// icaoSpellings are the letters of ICAO 9303 part 3, section 6, that are spelled otherwise than by their bare letter: Latin (A) and
// Cyrillic (B), with the spellings of single states that the tables note. Greek, which has no table there, follows ELOT 743 (ISO 843),
// as Greek and Cypriot passports do. "-" stands for nothing.
var icaoSpellings = map[rune]string{
	'Ä': "AE", 'Ö': "OE", 'Ü': "UE UXX", 'Å': "AA", 'Æ': "AE", 'Ø': "OE", 'Œ': "OE", 'Ñ': "NXX", 'ß': "SS", 'ẞ': "SS", 'Þ': "TH", 'Ð': "D DH",
	'Ĳ': "IJ", 'Ŋ': "N", 'ĸ': "Q", 'Ə': "E", 'Ŀ': "L",

	'А': "A", 'Б': "B", 'В': "V", 'Г': "G H", 'Д': "D", 'Е': "E", 'Ё': "E IO", 'Ж': "ZH", 'З': "Z", 'И': "I Y", 'Й': "I", 'К': "K",
	'Л': "L", 'М': "M", 'Н': "N", 'О': "O", 'П': "P", 'Р': "R", 'С': "S", 'Т': "T", 'У': "U", 'Ф': "F", 'Х': "KH H", 'Ц': "TS C",
	'Ч': "CH", 'Ш': "SH", 'Щ': "SHCH SHT", 'Ъ': "IE -", 'Ы': "Y", 'Ь': "-", 'Э': "E", 'Ю': "IU YU", 'Я': "IA YA",
	'І': "I", 'Ї': "I YI", 'Є': "IE YE", 'Ґ': "G", 'Ў': "U", 'Ј': "J", 'Љ': "LJ", 'Њ': "NJ", 'Ћ': "C", 'Ђ': "D DJ", 'Џ': "DZ DJ",
	'Ѓ': "G GJ", 'Ќ': "K KJ", 'Ѕ': "DZ",

	'Α': "A", 'Β': "V", 'Γ': "G N", 'Δ': "D", 'Ε': "E", 'Ζ': "Z", 'Η': "I", 'Θ': "TH", 'Ι': "I", 'Κ': "K", 'Λ': "L", 'Μ': "M", 'Ν': "N",
	'Ξ': "X", 'Ο': "O", 'Π': "P", 'Ρ': "R", 'Σ': "S", 'Τ': "T", 'Υ': "Y U V F", 'Φ': "F", 'Χ': "CH", 'Ψ': "PS", 'Ω': "O",
}

// inScripts are those whose letters the tables above spell.
var inScripts = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek}

// otherScript reports whether one of two names is in a script that no table spells in Latin letters, and the other is in one that has
// a table: nothing can be said of them.
func otherScript(a, b string) bool {
	spelledA, foreignA := scriptsOf(a)
	spelledB, foreignB := scriptsOf(b)
	return foreignA && !spelledA && spelledB && !foreignB || foreignB && !spelledB && spelledA && !foreignA
}

func scriptsOf(name string) (spelled, foreign bool) {
	for _, c := range name {
		switch {
		case !unicode.IsLetter(c):
		case unicode.In(c, inScripts...):
			spelled = true
		default:
			foreign = true
		}
	}
	return spelled, foreign
}

// sameWords reports whether two names have the same words in another order, each by the rules above.
func sameWords(a, b []string) bool {
	if len(a) != len(b) || len(a) < 2 || len(a) > 12 {
		return false
	}
	left := slices.Clone(b)
	for _, word := range a {
		i := slices.IndexFunc(left, func(other string) bool { return transliterated(word, other) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

// titles stand before a name and suffixes behind it on some documents and not in the MRZ (ICAO 9303 part 3, section 4.6, lets a state leave
// them out).
var (
	titles   = []string{"DR", "PROF", "MR", "MRS", "MS", "MISS", "SIR", "DAME", "LORD", "LADY", "ING", "MAG", "DIPL", "DHR", "MEVR", "HERR", "FRAU"}
	suffixes = []string{"JR", "SR", "II", "III", "IV", "PHD", "MD"}
)

// sameButTitle reports whether a name is plain with titles before it or suffixes behind it.
func sameButTitle(titled, plain []string) bool {
	rest := titled
	for len(rest) > 1 && slices.Contains(titles, rest[0]) {
		rest = rest[1:]
	}
	for len(rest) > 1 && slices.Contains(suffixes, rest[len(rest)-1]) {
		rest = rest[:len(rest)-1]
	}
	return len(rest) < len(titled) && transliterated(strings.Join(rest, " "), strings.Join(plain, " "))
}

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
	have, all := zoneWords(strings.ToUpper(norm.NFC.String(short))), zoneWords(strings.ToUpper(norm.NFC.String(whole)))
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

// begins reports whether word is the start of a transliteration of whole: of as many of its letters as can have been written with those of
// word, a few silent ones included.
func begins(word, whole string) bool {
	letters, length := []rune(whole), len([]rune(word))
	for n := min(len(letters), length+2); n*longestSpelling >= length && n > 0; n-- {
		if transliterated(string(letters[:n]), word) {
			return true
		}
	}
	return false
}

// sameInitials reports whether initials are the first letters of the words of a name, in order: TA of Tessa Anna.
func sameInitials(initials, name string) bool {
	var first strings.Builder
	for _, word := range zoneWords(strings.ToUpper(norm.NFC.String(name))) {
		first.WriteRune([]rune(word)[0])
	}
	letters := strings.Join(zoneWords(strings.ToUpper(norm.NFC.String(initials))), "")
	return letters != "" && transliterated(letters, first.String())
}
