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
	a, b = oneForm(a), oneForm(b)
	upperA, upperB := capitals(a), capitals(b)
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

// oneForm spells a letter in one of the ways that Unicode has for it: NFKC (Unicode Standard Annex 15), one kind of apostrophe, and for the
// two letters of Romanian that came into Unicode late the older ones, which ICAO 9303 has.
func oneForm(name string) string { return norm.NFKC.String(lateLetters.Replace(name)) }

var lateLetters = strings.NewReplacer("’", "'", "‘", "'", "‛", "'", "`", "'", "´", "'", "ʼ", "'", "ʻ", "'", "ʹ", "'", "′", "'", "ʾ", "'", "ʿ", "'",
	"Ș", "Ş", "ș", "ş", "Ț", "Ţ", "ț", "ţ", "S\u0326", "Ş", "s\u0326", "ş", "T\u0326", "Ţ", "t\u0326", "ţ")

// capitals is a name in capitals; the sharp s has one that Unicode's mapping does not give.
func capitals(name string) string {
	return strings.ReplaceAll(norm.NFC.String(strings.ToUpper(name)), "ß", "ẞ")
}

// zoneForm is a name as it is compared with an MRZ.
func zoneForm(name string) string { return capitals(oneForm(name)) }

// sameInZone compares two names in capitals as an MRZ would spell them.
func sameInZone(upperA, upperB string) (rule string, same bool) {
	wordsA, wordsB := zoneWords(upperA), zoneWords(upperB)
	joinedA, joinedB := strings.Join(wordsA, " "), strings.Join(wordsB, " ")
	switch {
	case joinedA == "" || joinedB == "":
		return "", false
	case transliterated(joinedA, joinedB), slices.EqualFunc(wordsA, wordsB, transliterated):
		return ruleICAO, true
	case spellsTogether(wordsA, wordsB), spellsTogether(wordsB, wordsA):
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

// zoneWords splits a name as an MRZ does: hyphens, commas and the like part words, apostrophes and the middle dot of Catalan vanish (ICAO
// 9303 part 3, section 4.6).
func zoneWords(name string) []string {
	var words strings.Builder
	for _, c := range name {
		switch {
		case c == '\'' || c == '·':
		case unicode.IsLetter(c), unicode.IsDigit(c), unicode.IsMark(c):
			words.WriteRune(c)
		default:
			words.WriteByte(' ')
		}
	}
	return strings.Fields(words.String())
}

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
	way, ok := spell(original, written)
	return ok && way.reached[len(way.letters)][len(way.target)] || !ok && original == written
}

// spellsTogether reports whether written is a transliteration of original but for where words end. No letter is spelled across two words: the
// O of GYOZO is none of GYOZO E.
func spellsTogether(original, written []string) bool {
	var ends []int
	length := 0
	for _, word := range written {
		length += len([]rune(withoutSigns(word)))
		ends = append(ends, length)
	}
	w, ok := spell(strings.Join(original, ""), strings.Join(written, ""), ends...)
	return ok && w.reached[len(w.letters)][len(w.target)]
}

// way is how one name is spelled by the letters of another, as far as it goes.
type way struct {
	letters, target []rune
	lost            bool
	ends            []int    // of the target's words: no letter is spelled across one
	reached         [][]bool // by letters read, by letters of target that they have spelled
}

// spell finds how far written is a transliteration of original. ok is false for what is too long or mixes scripts.
func spell(original, written string, ends ...int) (w way, ok bool) {
	w = way{letters: []rune(withoutSigns(original)), target: []rune(withoutSigns(written)), ends: ends}
	if len(w.letters) > longestName || len(w.target) > longestSpelling*len(w.letters) || mixesScripts(original) || mixesScripts(written) {
		return way{}, false
	}
	w.lost = !strings.ContainsFunc(original, func(c rune) bool { return c > unicode.MaxASCII })
	w.reached = make([][]bool, len(w.letters)+1)
	for i := range w.reached {
		w.reached[i] = make([]bool, len(w.target)+1)
	}
	w.reached[0][0] = true
	for i := range w.letters {
		for _, s := range w.spellings(i) {
			w.reach(s, w.reached[i], w.reached[i+s.letters])
		}
	}
	return w, true
}

func (w way) spellings(i int) []spelt { return spellings(w.letters[:i], w.letters[i:], w.lost) }

// starts reports whether the target is the start of a transliteration: the letters spell all of it, or all but what is the start of the
// next one's spelling.
func (w way) starts() bool {
	for i, reached := range w.reached {
		if reached[len(w.target)] {
			return true
		}
		for at, is := range reached {
			if is && i < len(w.letters) && slices.ContainsFunc(w.spellings(i), func(s spelt) bool { return startsWith(s.text, w.target[at:]) }) {
				return true
			}
		}
	}
	return false
}

// startsPlainly reports whether the target is the start of a transliteration and ends in a letter that stands for itself. Of a name without
// marks nobody knows which it had: where it was cut, an E or X behind a vowel would be as good as any letter.
func (w way) startsPlainly() bool {
	last := len(w.target) - 1
	for i, c := range w.letters {
		if last >= 0 && w.reached[i][last] && c == w.target[last] {
			return true
		}
	}
	return false
}

// spelt is how one or two letters may be written.
type spelt struct {
	letters int
	text    []rune
}

// reach marks in next how far the target is spelled by s behind each place that is reached.
func (w way) reach(s spelt, reached, next []bool) {
	for at, is := range reached {
		if is && startsWith(w.target[at:], s.text) && !w.crosses(at, at+len(s.text)) {
			next[at+len(s.text)] = true
		}
	}
}

func (w way) crosses(from, to int) bool {
	return slices.ContainsFunc(w.ends, func(end int) bool { return from < end && end < to })
}

// withoutSigns leaves out what stands for nothing in an MRZ: the vowel signs of Arabic.
func withoutSigns(name string) string {
	if !strings.ContainsAny(name, unencoded) {
		return name
	}
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(unencoded, c) {
			return -1
		}
		return c
	}, name)
}

// mixesScripts reports whether a name has letters of Latin and of another script: letters that look alike are no spelling of each other.
func mixesScripts(name string) bool {
	latin, other := false, false
	for _, c := range name {
		latin = latin || unicode.Is(unicode.Latin, c)
		other = other || unicode.In(c, unicode.Cyrillic, unicode.Greek, unicode.Arabic)
	}
	return latin && other
}

func startsWith(text, prefix []rune) bool {
	return len(text) >= len(prefix) && slices.Equal(text[:len(prefix)], prefix)
}

// spellings are the ways in which the first of the letters to come may stand in an MRZ, itself included, alone or with the next one.
func spellings(before, letters []rune, lost bool) []spelt {
	c := letters[0]
	out := []spelt{{1, []rune{c}}}
	for _, s := range spellingsOf(c, lost) {
		switch {
		case len(letters) > 1 && letters[1] == shadda:
			out = append(out, spelt{2, doubled(s)})
		case c == tehMarbuta && (len(letters) == 1 || letters[1] == ' '):
			out = append(out, spelt{1, []rune("XAH")})
		default:
			out = append(out, spelt{1, s})
		}
	}
	if pair, known := pairSpellings[firstTwo(letters)]; known && (!pair.atStart || len(before) == 0 || before[len(before)-1] == ' ') {
		out = append(out, spelt{2, []rune(pair.text)})
	}
	return out
}

// doubled is a spelling repeated, but for the X that marks it as one of several letters.
func doubled(s []rune) []rune {
	if len(s) > 1 && s[0] == 'X' {
		return slices.Concat(s, s[1:])
	}
	return slices.Concat(s, s)
}

func firstTwo(letters []rune) (two [2]rune) {
	copy(two[:], letters)
	return two
}

// spellingsOf are those of the tables, of the letter and of it without its marks, and the bare letter itself.
func spellingsOf(c rune, lost bool) [][]rune {
	if c <= unicode.MaxASCII {
		if lost {
			return lostSpellings[c]
		}
		return nil
	}
	bare := bareLetter(c)
	if bare == c {
		return icaoSpellings[c]
	}
	return slices.Concat(icaoSpellings[c], [][]rune{{bare}}, icaoSpellings[bare])
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
		case !unicode.IsLetter(c) || unicode.Is(unicode.Lm, c): // a modifier letter may stand in any script
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
	titles = strings.Fields(`DR PROF MR MRS MS MISS SIR DAME LORD LADY ING MAG DIPL DHR MEVR HERR FRAU DRA DRS DDR MGR MUDR JUDR PHDR RNDR DOTT REV CAPT
		DATO DATUK`)
	suffixes = strings.Fields(`JR SR II III IV PHD MD JNR SNR ESQ`)
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

// longestInitial is how many letters of a name stand in one of its initials, with a full stop behind them: Chr. of Christina.
const longestInitial = 3

// sameInitials reports whether initials are the first letters of the words of a name, in order: TA of Tessa Anna, Th.A. of Theodora Anna.
func sameInitials(initials, name string) bool {
	words, parts := zoneWords(zoneForm(name)), zoneWords(zoneForm(initials))
	if !strings.Contains(initials, ".") {
		parts = strings.Split(strings.Join(parts, ""), "")
	}
	if len(parts) == 0 || len(parts) != len(words) {
		return false
	}
	for i, part := range parts {
		first := []rune(words[i])
		n := len([]rune(part))
		if n > longestInitial || n > len(first) || !transliterated(part, string(first[:n])) {
			return false
		}
	}
	return true
}
