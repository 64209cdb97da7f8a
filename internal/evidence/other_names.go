package evidence

import "strings"

// otherSpellingOf names the fact that an alternative name may spell once more: in the other script, as the zone writes it, or as at birth.
var otherSpellingOf = map[string]string{"alternativeFirstName": "firstName", "alternativeLastName": "lastName"}

// mainOf is the name that an alternative one is held against, if any place of the alternative spells it, right or misspelled. Another name
// altogether is no disagreement, nor is one that nobody can compare.
func (w row) mainOf(main spelling) spelling {
	for _, s := range w.statements {
		if relation, _ := w.compare(s.spelling, main); relation != Differs || !otherScript(s.text, main.text) && nearlyName(s.text, main.text) {
			return main
		}
	}
	return spelling{}
}

// nearlyName reports whether two names are so alike that one is hardly anything but the other misspelled.
func nearlyName(a, b string) bool {
	x, y := []rune(foldValue(a)), []rune(foldValue(b))
	switch shorter := min(len(x), len(y)); {
	case shorter < shortestLikeness:
		return false
	case editsApart(x, y, 2) <= shorter/shortestLikeness:
		return true
	}
	return nearlySpells(zoneForm(a), zoneForm(b)) || nearlySpells(zoneForm(b), zoneForm(a))
}

// shortestLikeness is how many letters names have at least of which one in so many may be another.
const shortestLikeness = 3

// longestMisread bounds the letters of a name that are each tried as the misread one: the work grows with the fourth power.
const longestMisread = 30

// mostEnds bounds the ways in which the letters before it may have been spelled.
const mostEnds = 3

// nearlySpells reports whether written is a transliteration of original but for one of its letters, misread in either.
func nearlySpells(original, written string) bool {
	letters, target := []rune(strings.Join(zoneWords(original), "")), []rune(strings.Join(zoneWords(written), ""))
	if len(letters) < shortestLikeness || len(letters) > longestMisread || len(target) > longestNear {
		return false
	}
	for i := range letters {
		for _, at := range ends(letters[:i], target) {
			if spellsBehind(letters[i+1:], target[at:]) || len(letters) > 2*shortestLikeness && i+2 <= len(letters) && spellsBehind(letters[i+2:], target[at:]) {
				return true
			}
		}
	}
	return false
}

// spellsBehind reports whether letters spell a target but for its beginning, which is what one letter, or two that are spelled as one, were
// read for.
func spellsBehind(letters, target []rune) bool {
	for read := range min(longestSpelling, len(target)) + 1 {
		if spellsRest(letters, target[read:]) {
			return true
		}
	}
	return false
}

// ends are the places in a target up to which some letters spell it.
func ends(letters, target []rune) []int {
	if len(letters) == 0 {
		return []int{0}
	}
	w, ok := spell(string(letters), string(target[:min(len(target), longestSpelling*len(letters))]))
	if !ok {
		return nil
	}
	var at []int
	for j, reached := range w.reached[len(w.letters)] {
		if reached && len(at) < mostEnds {
			at = append(at, j)
		}
	}
	return at
}

func spellsRest(letters, target []rune) bool {
	if len(letters) == 0 || len(target) == 0 {
		return len(letters) == len(target)
	}
	return spells(string(letters), string(target))
}

// editsApart is how many letters must be put in, left out or replaced to make one text of the other (Levenshtein); beyond most, something
// greater than most.
func editsApart(a, b []rune, most int) int {
	if len(a) > longestName || len(b) > longestName || len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range a {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j, d := range b {
			replaced := diagonal
			if c != d {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
			least = min(least, row[j+1])
		}
		if least > most {
			return most + 1
		}
	}
	return row[len(b)]
}

// Claims of OpenID Connect Core 1.0, section 5.1, that part a name.
const (
	givenClaim  = "given_name"
	middleClaim = "middle_name"
	familyClaim = "family_name"
)

// joinMiddle tells a claim of a name which other part of it stands beside: a final result may have the middle name with the first, with the
// last or nowhere.
func (s *spelling) joinMiddle(claims *value) {
	switch s.member {
	case givenClaim, familyClaim:
		s.middle = strings.TrimSpace(claims.at(middleClaim).alone().string())
	case middleClaim:
		s.beside = strings.TrimSpace(claims.at(givenClaim).alone().string())
	}
}

// joined is a part of a name with the middle name, or that one with the first; empty where no middle name stands apart.
func (s spelling) joined() string {
	switch {
	case s.beside != "":
		return s.beside + " " + s.text
	case s.middle == "":
		return ""
	case s.member == familyClaim:
		return s.middle + " " + s.text
	}
	return s.text + " " + s.middle
}

// middleOf is the middle name that stands apart, or "".
func middleOf(statements []statement) string {
	for _, s := range statements {
		if s.member == middleClaim {
			return strings.TrimSpace(s.text)
		}
	}
	return ""
}

// inThree compares a part of a name of three with a value that may hold two of them.
func (w row) inThree(s spelling) (relation Relation, rule, against string) {
	if _, same := equateNames(spelling{text: s.joined()}, w.held); same || spaced(s.joined()) == spaced(w.held.text) {
		return Equivalent, ruleMiddle, w.held.text
	}
	words := strings.Fields(w.held.text)
	own := len(strings.Fields(s.text))
	at := len(strings.Fields(s.joined())) - own // how many words the others have
	if w.field != "lastName" && len(words) == own+at && at > 0 {
		mine := strings.Join(words[:own], " ")
		if s.member == middleClaim {
			mine = strings.Join(words[at:], " ")
		}
		if _, same := equateNames(s, spelling{text: mine}); same || spaced(s.text) == mine {
			return Equivalent, ruleMiddle, w.held.text
		}
		return Differs, "", mine
	}
	if s.member == middleClaim {
		return w.middleElsewhere(s, words, own)
	}
	return Differs, "", w.held.text
}

// middleElsewhere compares a middle name with a first name that is all of the first name beside it: it may end that one, or stand nowhere.
func (w row) middleElsewhere(s spelling, words []string, own int) (relation Relation, rule, against string) {
	if relation, _ := w.compare(spelling{text: s.beside}, w.held); relation == Differs {
		return Differs, "", w.held.text
	}
	end := strings.Join(words[max(0, len(words)-own):], " ")
	if _, same := equateNames(s, spelling{text: end}); same || spaced(s.text) == end {
		return Equivalent, ruleMiddle, w.held.text
	}
	if len(words) > own && nearlyName(s.text, end) {
		return Differs, "", end
	}
	return Single, "", w.held.text
}
