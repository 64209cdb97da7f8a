package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFoldGivesOneForm(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"MÜLLER", "muller"}, {"Mu\u0308ller", "muller"}, {"Łukasz", "lukasz"}, {"Søren Ærø", "soren aero"}, {"Straße", "strasse"},
		{"STRAẞE", "strasse"}, {"Yılmaz İnce", "yilmaz ince"}, {"Đức", "duc"}, {"Þór", "thor"}, {"ﬁnn", "finn"}, {"Ｊｏｈｎ", "john"},
		{"Ελένη", "ελενη"}, {"ЁЛКА", "елка"}, {"李娜", "李娜"}, {"a\u00a0\tb\n\x00c", "a b c"}, {"  x  ", "x"}, {"\xff", ""}, {"\u0301", ""},
	} {
		if got := fold(tc.in); got != tc.want {
			t.Errorf("fold(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestASpellingFindsTheOthers(t *testing.T) {
	finds := func(term, name string) bool {
		words := nameWords([]string{name})
		for _, spellings := range nameTerm(term) {
			if !slices.ContainsFunc(spellings, func(s string) bool {
				return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, s) })
			}) {
				return false
			}
		}
		return true
	}
	for _, group := range [][]string{
		{"Müller", "MUELLER", "Muller", "müller", "Mu\u0308ller"},
		{"Łukasz", "LUKASZ"},
		{"Øystein", "Oystein", "OEYSTEIN"},
		{"Weiß", "WEISS"},
		{"Ó Súilleabháin", "O SUILLEABHAIN"},
		{"Anna-Maria", "ANNA MARIA", "Maria Anna"},
		{"van der Berg", "VAN<DER<BERG", "Berg van der"},
	} {
		for _, term := range group {
			for _, name := range group {
				if !finds(term, name) {
					t.Errorf("%q does not find %q", term, name)
				}
			}
		}
	}
	for _, tc := range []struct {
		term, name string
		want       bool
	}{
		{"OBrien", "O'Brien", true}, {"o’brien", "O'Brien", true}, {"annamaria", "Anna-Maria", true}, {"ann mar", "Maria Anna", true},
		{"Åse", "AASE", true}, {"brien", "O'Brien", true}, {"rien", "O'Brien", false}, {"jan jansen", "Jan Bakker", false}, {"Kova", "Novak", false},
	} {
		if got := finds(tc.term, tc.name); got != tc.want {
			t.Errorf("%q finds %q: %t", tc.term, tc.name, got)
		}
	}
}

func TestNumbersAreComparedWithoutSpacesAndDashes(t *testing.T) {
	for in, want := range map[string]string{"NX 12-34.56": "nx123456", "١٢٣": "١٢٣", "--": "", strings.Repeat("9", 500): strings.Repeat("9", maxKey)} {
		if got := compact(in); got != want {
			t.Errorf("compact(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDatesOfBirthInTheUsualForms(t *testing.T) {
	for in, want := range map[string]string{
		"1985-03-02": "[1985-03-02]", "02.03.1985": "[1985-03-02]", "2-3-1985": "[1985-03-02]", "19850302": "[1985-03-02]",
		"02/03/1985": "[1985-02-03 1985-03-02]", "13/03/1985": "[1985-03-13]", "2 March 1985": "[1985-03-02]", "mar 2, 1985": "[1985-03-02]",
		"1985-03-02T00:00:00Z": "[1985-03-02]", "02031985": "[1985-03-02]", "2. 3. 1985": "[1985-03-02]",
		"1985-02-30": "[]", "31.02.1985": "[]", "1985": "[]", "": "[]", "Jansen": "[]", strings.Repeat("1", 100): "[]",
	} {
		if got := fmt.Sprint(birthDates(in)); got != want {
			t.Errorf("birthDates(%q) = %s, want %s", in, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Müller", "İ", "ǆ", "\u1e9e", "ﬃ", "\xff\xfe", "a\u0301\u0327", "<<", "ΑΣ ας", "ᾳ", strings.Repeat("0", maxKey-1) + " 0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := fold(s)
		if !utf8.ValidString(once) {
			t.Fatalf("fold(%q) is not UTF-8", s)
		}
		if twice := fold(once); twice != once {
			t.Fatalf("fold(%q) = %q, again %q", s, once, twice)
		}
		for _, word := range nameWords([]string{s}) {
			if len(word) > maxWord || word == "" || strings.ContainsAny(word, " \n") {
				t.Fatalf("%q gives the word %q", s, word)
			}
		}
		if k := compact(s); len(k) > maxKey || strings.ContainsAny(k, " -\n") {
			t.Fatalf("%q gives the key %q", s, k)
		}
		if k := identifier(s); len(k) > maxKey || strings.Contains(k, "\n") || k != strings.TrimSpace(k) {
			t.Fatalf("%q gives the id %q", s, k)
		}
	})
}
