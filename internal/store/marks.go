package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Mark is a part of a text that a term matched: bytes from, inclusive, to, exclusive.
type Mark struct{ From, To int }

// NameMarks finds in a name the beginnings of words for which a term finds it: Mül in Müller for "muel". They do not overlap.
func NameMarks(name, term string) (marks []Mark) {
	words := nameTerm(term)
	for at := 0; at < len(name); {
		size := strings.IndexFunc(name[at:], func(r rune) bool { return !isWordRune(r) })
		if size < 0 {
			size = len(name) - at
		}
		if n := markedLetters(name[at:at+size], words); n > 0 {
			marks = append(marks, Mark{at, at + n})
		}
		_, gap := utf8.DecodeRuneInString(name[at+size:])
		at += size + gap
	}
	return marks
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// markedLetters is the length of the shortest beginning of a word that spells a whole word of the term; of several, the longest.
func markedLetters(word string, words [][]string) (longest int) {
	for _, typed := range words {
		for end := range ends(word) {
			if spells(word[:end], typed) {
				longest = max(longest, end)
				break
			}
		}
	}
	return longest
}

// ends are where a letter with its marks ends.
func ends(word string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for end := 0; end < len(word); {
			end += norm.NFC.NextBoundaryInString(word[end:], true)
			if !yield(end) {
				return
			}
		}
	}
}

// spells reports whether a spelling of begin begins with one of what was typed.
func spells(begin string, typed []string) bool {
	for _, have := range spellings(begin) {
		for _, want := range typed {
			if strings.HasPrefix(have, want) {
				return true
			}
		}
	}
	return false
}

// NumberMark finds the beginning of a document or personal number for which a term finds it; the zero Mark if it does not.
func NumberMark(number, term string) Mark {
	want := compact(term)
	if want == "" || !strings.ContainsFunc(want, unicode.IsDigit) || !strings.HasPrefix(compact(number), want) {
		return Mark{}
	}
	if utf8.RuneCountInString(want) < minPrefix && compact(number) != want {
		return Mark{}
	}
	for end := range ends(number) {
		if strings.HasPrefix(compact(number[:end]), want) {
			return Mark{0, end}
		}
	}
	return Mark{}
}

// DateMark is all of a date of birth for which a term finds it.
func DateMark(date, term string) Mark {
	for _, day := range birthDates(term) {
		if slices.Contains(birthDates(date), day) {
			return Mark{0, len(date)}
		}
	}
	return Mark{}
}

// ReferenceMark finds the beginning of an id or reference for which a term finds it.
func ReferenceMark(text, term string) Mark {
	want := identifier(term)
	if compact(want) == "" || !strings.HasPrefix(identifier(text), want) || utf8.RuneCountInString(want) < minPrefix && identifier(text) != want {
		return Mark{}
	}
	for end := range ends(text) {
		if strings.HasPrefix(identifier(text[:end]), want) {
			return Mark{0, end}
		}
	}
	return Mark{}
}
