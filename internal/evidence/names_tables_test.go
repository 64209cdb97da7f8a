package evidence

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// runesOf lists the letters of single code points and of ranges.
func runesOf(ranges ...[2]rune) []rune {
	var out []rune
	for _, r := range ranges {
		for c := r[0]; c <= r[1]; c++ {
			out = append(out, c)
		}
	}
	return out
}

func one(points ...rune) (ranges [][2]rune) {
	for _, c := range points {
		ranges = append(ranges, [2]rune{c, c})
	}
	return ranges
}

// icaoLetters are the code points of the tables in ICAO 9303 part 3, section 6, told independently of the code under test.
func icaoLetters() map[string][]rune {
	latin := runesOf([2]rune{0xC0, 0xD6}, [2]rune{0xD8, 0xDE}, [2]rune{0x1E9E, 0x1E9E})
	for c := rune(0x100); c <= 0x17D; c++ {
		if unicode.IsUpper(c) {
			latin = append(latin, c)
		}
	}
	return map[string][]rune{
		"Latin": latin,
		"Cyrillic": runesOf(append(one(0x401, 0x402, 0x40C, 0x40E, 0x40F, 0x46A, 0x474, 0x490, 0x492, 0x4BA), [2]rune{0x404, 0x40A},
			[2]rune{0x410, 0x42B}, [2]rune{0x42D, 0x42F})...),
		"Arabic": runesOf(append(one(0x671, 0x679, 0x67C, 0x67E, 0x681, 0x685, 0x686, 0x688, 0x689, 0x691, 0x693, 0x696, 0x698, 0x69A, 0x69C, 0x6A2, 0x6A7, 0x6A8,
			0x6A9, 0x6AB, 0x6AD, 0x6AF, 0x6BA, 0x6BC, 0x6BE, 0x6C0, 0x6C1, 0x6C2, 0x6C3, 0x6CC, 0x6CD, 0x6D0, 0x6D2, 0x6D3),
			[2]rune{0x621, 0x63A}, [2]rune{0x641, 0x64A})...),
	}
}

func TestTheTablesHaveEveryLetterOfTheStandard(t *testing.T) {
	for script, letters := range icaoLetters() {
		if len(letters) < 48 {
			t.Fatalf("%s has %d letters", script, len(letters))
		}
		for _, c := range letters {
			if len(icaoSpellings[c]) == 0 {
				t.Errorf("%s: %c (%U) has no spelling", script, c, c)
			}
		}
	}
	for _, sign := range runesOf([2]rune{0x64B, 0x650}, [2]rune{0x652, 0x652}, [2]rune{0x640, 0x640}, [2]rune{0x670, 0x670}) {
		if withoutSigns(string(sign)) != "" {
			t.Errorf("%U is encoded", sign)
		}
	}
}

func TestEveryRowOfATableIsOfItsScript(t *testing.T) {
	for script, table := range map[string]string{"Latin": latinSpellings, "Cyrillic": cyrillicSpellings, "Greek": greekSpellings, "Arabic": arabicSpellings} {
		seen := map[rune]bool{}
		for row := range strings.FieldsSeq(table) {
			letter, written, _ := strings.Cut(row, ":")
			c := []rune(letter)[0]
			if len([]rune(letter)) != 1 || seen[c] || !unicode.Is(unicode.Scripts[script], c) || c <= unicode.MaxASCII {
				t.Errorf("%s: row %q", script, row)
			}
			seen[c] = true
			for _, w := range written {
				if unicode.IsLetter(w) && !unicode.Is(unicode.Latin, w) {
					t.Errorf("%s: %q is not spelled in Latin letters", script, row)
				}
			}
		}
	}
}

func TestNamesOfOtherScriptsAreSpelledAsTheStandardSays(t *testing.T) {
	for _, c := range []struct{ original, written string }{
		{"عبّاس", "EBBAS"},      // note 3 to the table
		{"فضّة", "FXDZDZXAH"},   // notes 2 and 3
		{"فَضَّة", "FXDZDZXAH"}, // vowel signs are not encoded
		{"ﻣﺤﻤﻮد", "MXHMWD"},     // as a document's text layer has it, in presentation forms
		{"عبد الرحيم", "EBD ALRXHYM"},
		{"فاطمة الزهراء", "FAXTTMXAH ALZHRAXE"},
		{"چنگیز", "XCNXGGXYAZ"},

		{"Щербаков", "SHCHERBAKOV"}, {"Щерев", "SHTEREV"}, {"Подъячев", "PODIEIACHEV"},
		{"Ёлкин", "ELKIN"}, {"Ёлкін", "IOLKIN"}, {"Ігар", "IHAR"},
		{"Згурський", "ZGHURSKYI"}, {"Євген", "YEVHEN"}, {"Гаєвич", "HAIEVYCH"}, {"Їжакевич", "YIZHAKEVYCH"}, {"Мар’яна", "MARIANA"},
		{"Кръстев", "KRASTEV"}, {"Юлиян", "YULIYAN"},
		{"Живковић", "ZIVKOVIC"}, {"Шћепановић", "SCEPANOVIC"}, {"Џамбас", "DZAMBAS"}, {"Њежић", "NJEZIC"}, {"Шћепановић", "Šćepanović"}, {"Ђорђе", "Đorđe"},
		{"Ќосев", "KJOSEV"}, {"Ѓорѓи", "GJORGJI"}, {"Ѕидаров", "DZIDAROV"},
		{"Әлия Қасым", "ALIYA KASYM"},

		{"Μπουρνάζος", "BOURNAZOS"}, {"Λάμπρος", "LAMPROS"}, {"Αγγελική", "ANGELIKI"}, {"Θεοχάρης", "THEOCHARIS"}, {"Ψαρρά", "PSARRA"},
		{"Αυγέρης", "AVGERIS"}, {"Ευθυμία", "EFTHYMIA"}, {"Ιωαννίδου", "IOANNIDOU"},
	} {
		if rule, same := sameName(c.original, c.written); !same || rule != ruleICAO {
			t.Errorf("%s and %s: %v by %q", c.original, c.written, same, rule)
		}
		if rule, same := sameName(c.original, strings.ToLower(c.written)); !same {
			t.Errorf("%s and %s in small letters: by %q", c.original, c.written, rule)
		}
	}
}

func TestNamesOfOtherScriptsAreNotSpelledOtherwise(t *testing.T) {
	for _, c := range []struct{ original, written, why string }{
		{"عبّاس", "EBAS", "shadda doubles"},
		{"فضّة", "FXDZDZXTA", "teh marbuta at the end"},
		{"فضّةا", "FXDZDZXAHA", "teh marbuta inside"},
		{"محمد", "MHMD", "hah is XH"},
		{"محمد", "MUHAMMAD", "that is how it sounds, not how it is written"},
		{"Λάμπρος", "LABROS", "B at the beginning alone"},
		{"Щербаков", "SCERBAKOV", "no state writes so"},
		{"Шћепановић", "ŚĆEPANOVIĆ", "another letter"},
		{"Шћепановић", "ŠČEPANOVIĆ", "another letter"},
		{"Ивана", "IVAN", "a letter is missing"},
		{"Петров", "PETROVA", "a letter too many"},
		{"Θεοχάρης", "TEOCHARIS", "theta is TH"},
	} {
		if rule, same := sameName(c.original, c.written); same {
			t.Errorf("%s and %s are the same by %q: %s", c.original, c.written, rule, c.why)
		}
	}
}

// One letter of a name in another script replaced by any other of its table makes another name, unless both have a spelling in common.
func TestOneReplacedLetterOfAnotherScriptMakesAnotherName(t *testing.T) {
	for script, name := range map[string]string{"Cyrillic": "ВЛАДИМИР", "Greek": "ΠΑΝΔΩΡΑ", "Arabic": "سليم"} {
		written := map[string]string{"Cyrillic": "VLADIMIR", "Greek": "PANDORA", "Arabic": "SLYM"}[script]
		if _, same := sameName(name, written); !same {
			t.Fatalf("%s is not %s", name, written)
		}
		letters := []rune(name)
		for i, was := range letters {
			for other, spelled := range icaoSpellings {
				if !unicode.Is(unicode.Scripts[script], other) || slices.ContainsFunc(spelled, func(s []rune) bool {
					return slices.ContainsFunc(icaoSpellings[was], func(w []rune) bool { return slices.Equal(s, w) })
				}) {
					continue
				}
				letters[i] = other
				if rule, same := sameName(string(letters), written); same {
					t.Errorf("%s and %s are the same by %q", string(letters), written, rule)
				}
			}
			letters[i] = was
		}
	}
}

// Names of letters with the most spellings, words that may stand in any order and what almost fits: twice the length allocates no more than
// four times as much and a little, so that the bound on a name's length bounds the work. What a clock says is the machine's affair.
func TestNoNameTakesLongToCompare(t *testing.T) {
	names := func(n int) [][2]string {
		return [][2]string{
			{strings.Repeat("Щ", n), strings.Repeat("SHCH", n-1) + "SHT"},
			{strings.Repeat("Ü", n), strings.Repeat("UE", n) + "X"},
			{strings.Repeat("AOUN", n/4), strings.Repeat("AEOEUENXX", n/4)},
			{strings.Repeat("ÅA ", n/10), strings.Repeat("AAA ", n/10-1) + "AAB"},
			{strings.Repeat("بّ", n/2), strings.Repeat("BB", n/2-1) + "B"},
			{strings.Repeat("e\u0301", n), strings.Repeat("E", n-1) + "F"},
		}
	}
	whole := names(longestName)
	for i, half := range names(longestName / 2) {
		for _, cut := range []nameCut{notCut, cutBetweenWords, cutAnywhere} {
			few, most := comparingAllocates(half, cut), comparingAllocates(whole[i], cut)
			if most > 5*few+1000 {
				t.Errorf("%.20q, cut %d: %v allocations, and %v for half of it", half[0], cut, most, few)
			}
		}
	}
	if beyond := comparingAllocates([2]string{strings.Repeat("x", 1<<20), strings.Repeat("y", 1<<20)}, cutAnywhere); beyond > 200 {
		t.Errorf("%v allocations for what is no name", beyond)
	}
}

// What is nearly a name is looked for in names of a bounded length, each letter once.
func TestNearlyTheSameNameIsFoundInBoundedWork(t *testing.T) {
	for _, pair := range [][2]string{
		{strings.Repeat("Щ", longestMisread), strings.Repeat("SHCH", longestNear/4)},
		{strings.Repeat("Ü", longestMisread), strings.Repeat("UE", longestMisread-1) + "XX"},
		{strings.Repeat("Щ", longestName), strings.Repeat("SHCH", longestName)},
	} {
		if got := testing.AllocsPerRun(1, func() { nearlyName(pair[0], pair[1]) }); got > 250_000 {
			t.Errorf("%.20q: %v allocations", pair[0], got)
		}
	}
}

// comparingAllocates is how many allocations it takes to compare two names both ways.
func comparingAllocates(pair [2]string, cut nameCut) float64 {
	return testing.AllocsPerRun(1, func() {
		comparer{"lastName", at}.compare(spelling{text: pair[1], cut: cut}, spelling{text: pair[0], member: "initials"})
		comparer{"lastName", at}.compare(spelling{text: pair[0], cut: cut}, spelling{text: pair[1]})
	})
}
