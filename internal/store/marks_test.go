package store

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func marked(text string, marks []Mark) string {
	var b strings.Builder
	at := 0
	for _, m := range marks {
		b.WriteString(text[at:m.From] + "[" + text[m.From:m.To] + "]")
		at = m.To
	}
	return b.String() + text[at:]
}

func TestNamesAreMarkedWhereTheyWereFound(t *testing.T) {
	for _, tc := range []struct{ name, term, want string }{
		{"Jürgen Müller-Lüdenscheidt", "muller", "Jürgen [Müller]-Lüdenscheidt"},
		{"Jürgen Müller", "muel ju", "[Jü]rgen [Mül]ler"},
		{"Mueller", "müll", "[Muell]er"},
		{"ŁUKASZ", "luk", "[ŁUK]ASZ"},
		{"Anna Annika", "anna", "[Anna] Annika"},
		{"Anna Annika", "ann anni", "[Ann]a [Anni]ka"},
		{"Jose\u0301 Garci\u0301a", "josé", "[Jose\u0301] Garci\u0301a"},
		{"Großmann", "grossm", "[Großm]ann"},
		{"李娜", "李", "[李]娜"},
		{"Jansen", "nobody", "Jansen"},
		{"Jansen", "12345", "Jansen"},
		{"Jansen", "", "Jansen"},
		{"", "x", ""},
		{" O'Brien ", "bri", " O'[Bri]en "},
	} {
		if got := marked(tc.name, NameMarks(tc.name, tc.term)); got != tc.want {
			t.Errorf("%q in %q: %s, want %s", tc.term, tc.name, got, tc.want)
		}
	}
}

func TestNumbersAreMarkedWhereTheyWereFound(t *testing.T) {
	for _, tc := range []struct{ number, term, want string }{
		{"NX-12 34567", "nx12", "[NX-12] 34567"},
		{"NX1234567", "NX 12-34", "[NX1234]567"},
		{"NX1234567", "2345", "NX1234567"},
		{"NX1234567", "nx1", "NX1234567"},
		{"nx1", "NX1", "[nx1]"},
		{"ABCD", "abcd", "ABCD"},
		{"NX1", "", "NX1"},
	} {
		m := NumberMark(tc.number, tc.term)
		if got := marked(tc.number, []Mark{m}); got != tc.want && !(m == Mark{} && tc.number == tc.want) {
			t.Errorf("%q in %q: %s, want %s", tc.term, tc.number, got, tc.want)
		}
	}
}

func TestDatesAndReferencesAreMarkedWhereTheyWereFound(t *testing.T) {
	for _, tc := range []struct {
		text, want string
		mark       Mark
	}{
		{"1985-03-02", "[1985-03-02]", DateMark("1985-03-02", "2.3.1985")},
		{"1985-03-02", "1985-03-02", DateMark("1985-03-02", "2.3.1986")},
		{"1985-03-02", "1985-03-02", DateMark("1985-03-02", "")},
		{"", "", DateMark("", "2.3.1985")},
		{"Order 2026/17", "[Order 2026]/17", ReferenceMark("Order 2026/17", "order 2026")},
		{"Order 2026/17", "Order 2026/17", ReferenceMark("Order 2026/17", "ord")},
		{"ord", "[ord]", ReferenceMark("ord", "ORD")},
		{"Order", "Order", ReferenceMark("Order", "")},
	} {
		if got := marked(tc.text, []Mark{tc.mark}); got != tc.want && !(tc.mark == Mark{} && tc.text == tc.want) {
			t.Errorf("%s, want %s", got, tc.want)
		}
	}
}

func FuzzNameMarks(f *testing.F) {
	f.Add("Jürgen Müller", "muel")
	f.Add("\xffa\u0301", "a")
	f.Fuzz(func(t *testing.T, name, term string) {
		at := 0
		for _, m := range NameMarks(name, term) {
			if m.From < at || m.To <= m.From || m.To > len(name) || utf8.ValidString(name) && !utf8.ValidString(name[m.From:m.To]) {
				t.Fatalf("%v in %q", m, name)
			}
			at = m.To
		}
		NumberMark(name, term)
	})
}
