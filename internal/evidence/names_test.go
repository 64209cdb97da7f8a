package evidence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestNamesThatAreTheSame(t *testing.T) {
	for _, c := range []struct{ a, b, rule string }{
		{"Elin Marthe", "ELIN MARTHE", ruleCase},
		{"Elin  Marthe ", "Elin Marthe", ruleSpacing},
		{"Müller", "MUELLER", ruleICAO},
		{"MÜLLER", "MUELLER", ruleICAO},
		{"MÜLLER", "MULLER", ruleDiacritics},
		{"MUELLER", "MULLER", ruleICAO},
		{"MÜLLER", "MUXXLLER", ruleICAO},
		{"Jose María", "José Maria", ruleDiacritics},
		{"Ñúñez", "NXXUNXXEZ", ruleICAO},
		{"Weiß", "WEISS", ruleICAO},
		{"Øster", "OESTER", ruleICAO},
		{"Øster", "OSTER", ruleDiacritics},
		{"Åse", "AASE", ruleICAO},
		{"Þórður", "THORDUR", ruleICAO},
		{"Łukasz", "LUKASZ", ruleDiacritics},
		{"Yıldız", "YILDIZ", ruleCase},
		{"İbrahim", "IBRAHIM", ruleDiacritics},
		{"Nguyễn Thị Ánh", "NGUYEN THI ANH", ruleDiacritics},
		{"Haugland-Brekke", "HAUGLAND BREKKE", ruleICAO},
		{"O'Connor", "OCONNOR", ruleICAO},
		{"O’Connor", "O CONNOR", ruleSpacing},
		{"VANDERLINDEN", "VAN DER LINDEN", ruleSpacing},
		{"Brekke Haugland", "HAUGLAND BREKKE", ruleOrder},
		{"Иванов", "IVANOV", ruleICAO},
		{"Щербакова", "SHCHERBAKOVA", ruleICAO},
		{"Παπαδοπούλου", "PAPADOPOULOU", ruleICAO},
		{"Ευαγγελία", "EVANGELIA", ruleICAO},
		{"Dr. Müller", "MUELLER", ruleTitle},
		{"King Jr.", "KING", ruleTitle},
		{"Mu\u0308ller", "Müller", ruleUnicode},
	} {
		for _, pair := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if rule, same := sameName(pair[0], pair[1]); !same || rule != c.rule {
				t.Errorf("%q and %q: %v by %q, want %q", pair[0], pair[1], same, rule, c.rule)
			}
		}
	}
}

func TestEveryLatinLetterHasASpellingInTheZone(t *testing.T) {
	for c := 'À'; c <= 'ſ'; c++ {
		upper := []rune(zoneForm(string(c)))[0]
		if !unicode.IsLetter(c) || upper <= unicode.MaxASCII || upper == 'ʼ' {
			continue
		}
		if !slices.ContainsFunc(spellingsOf(upper, false), func(s []rune) bool { return s[0] <= unicode.MaxASCII }) {
			t.Errorf("%c has no spelling", upper)
		}
	}
}

func TestNamesThatAreNot(t *testing.T) {
	for _, c := range []struct{ a, b, why string }{
		{"MÜLLER", "MÖLLER", "two letters"},
		{"MÜLLER", "MÚLLER", "two marks"},
		{"MÜLLER", "MAELLER", "not its spelling"},
		{"MULLER", "MILLER", "two letters"},
		{"AAE", "AEA", "no one letter is spelled both ways"},
		{"ELIN", "ELIN MARTHE", "a name is missing"},
		{"CARVALHO LEIT", "CARVALHO LEITE", "a letter is missing"},
		{"HENRY II", "HENRY III", "two suffixes"},
		{"DR", "JR", "titles alone"},
		{"BR0WN", "BROWN", "a zero is no letter"},
		{"Иванов", "Ивановы", "another ending"},
		{"Кий", "Кии", "two letters of the same script, spelled alike in Latin"},
		{"АNNA", "ANNA", "its first letter is Cyrillic and only looks alike"},
		{"कि", "की", "a mark that makes another syllable"},
		{"", "-", "nothing is no name"},
		{"'", "-", "nor are signs"},
		{"ANNA ANNA MARIA", "ANNA MARIA MARIA", "not the same words"},
	} {
		if rule, same := sameName(c.a, c.b); same {
			t.Errorf("%q and %q are the same by %q: %s", c.a, c.b, rule, c.why)
		}
	}
}

func TestNamesInAScriptWithoutATableAreNotCompared(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"محمد", "MOHAMED", true},
		{"LI", "李", true},
		{"Иванов", "IVANOV", false},
		{"محمد", "محمود", false},
		{"LI 李", "LI", false},
		{"", "李", false},
		{"12", "李", false},
	} {
		if got := otherScript(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

func TestOnlyAFullNameFieldIsTruncated(t *testing.T) {
	const whole = "Chayapa Dejthamrong Krasuang"
	for _, c := range []struct {
		name  string
		cut   nameCut
		short string
		want  bool
	}{
		{"cut inside a word", cutAnywhere, "CHAYAPA DEJTHAM", true},
		{"each word cut", cutAnywhere, "CHAYAPA DEJTHAMRONG K", true},
		{"cut between words", cutBetweenWords, "CHAYAPA DEJTHAMRONG", true},
		{"with a filler left no word is cut", cutBetweenWords, "CHAYAPA DEJTHAM", false},
		{"with room left nothing is", notCut, "CHAYAPA", false},
		{"another letter", cutAnywhere, "CHAYAPA DEJTHEM", false},
		{"another word", cutAnywhere, "CHAYAPA KRASUANG", false},
		{"more words", cutAnywhere, "CHAYAPA DEJTHAMRONG KRASUANG A", false},
	} {
		if got := truncatedName(c.cut, c.short, whole); got != c.want {
			t.Errorf("%s: %q of %q: %v", c.name, c.short, whole, got)
		}
	}
}

// traditions are invented names as people write them at home: first names, then last names.
var traditions = map[string][2][]string{
	"Norwegian":    {{"Elin Marthe", "Åse", "Øyvind", "Kåre"}, {"Haugland Brekke", "Sørbø", "Ødegård", "Bjørnstad"}},
	"Swedish":      {{"Åke", "Märta", "Örjan", "Ann-Sofie"}, {"Ångström", "Hägglund", "von Sydow", "Öberg"}},
	"Danish":       {{"Mikkel", "Søren", "Ræf", "Kirsten-Åse"}, {"Thorup", "Højlund Kjær", "Nørgaard", "Ågesen"}},
	"Finnish":      {{"Aaro Yrjö", "Päivi", "Väinö"}, {"Lehtiniemi", "Mäkelä", "Hämäläinen"}},
	"Icelandic":    {{"Þórður", "Guðrún", "Æsa"}, {"Þorsteinsson", "Sigurðardóttir", "Eyjólfsdóttir"}},
	"German":       {{"Jürgen", "Käthe-Friederike", "Björn Lennart"}, {"Großkopf", "von der Mühlen", "Weiß", "Kühn-Ostermeyer"}},
	"Dutch":        {{"Sanne Marije", "Joris", "IJsbrand"}, {"de Wilde", "van der Linden", "in 't Veld", "d'Hondt"}},
	"French":       {{"François-Xavier", "Zoë", "Anaïs"}, {"Garçon", "de La Roche", "L'Œuvré", "Lefèvre"}},
	"Spanish":      {{"Sebastián Íñigo", "María del Mar"}, {"Ibáñez Ordóñez", "Núñez de la Peña", "Echeverría Muñoz"}},
	"Portuguese":   {{"Inês", "João Antão"}, {"Carvalho Leite", "Conceição", "dos Santos e Brandão"}},
	"Italian":      {{"Niccolò", "Desirée"}, {"D'Angelò", "Dalla Vía", "Lo Cònte"}},
	"Catalan":      {{"Núria", "Gal·la"}, {"Puigdomènech i Serra", "Muñoz i Vall-llobera"}},
	"Basque":       {{"Iñaki", "Begoña"}, {"Etxeberria Agirre", "Ibarretxe Muñoa"}},
	"Irish":        {{"Seán", "Aoife", "Dónal"}, {"Ó Súilleabháin", "Mac Giolla", "O'Conor", "Ní Bhriain"}},
	"Polish":       {{"Łukasz", "Żaneta", "Świętosława"}, {"Wróblewska", "Dąbek-Łęcka", "Grześkowiak"}},
	"Czech":        {{"Jiří", "Věra", "Ondřej"}, {"Dvořáková", "Říha", "Šťastný"}},
	"Slovak":       {{"Ľubomír", "Žofia"}, {"Kováčiková", "Ďurčanský"}},
	"Hungarian":    {{"Ödön", "Erzsébet", "Győző"}, {"Szőke-Nagy", "Őry", "Tűzkő"}},
	"Romanian":     {{"Ștefania", "Răzvan"}, {"Țîrlea", "Ionaşcu", "Bălășoiu"}},
	"Croatian":     {{"Đurđica", "Željko"}, {"Šimić Đokić", "Čović"}},
	"Latvian":      {{"Jānis", "Ģirts"}, {"Bērziņš", "Ķēniņa"}},
	"Lithuanian":   {{"Žygimantas", "Eglė"}, {"Kazlauskienė", "Šarūnaitė"}},
	"Estonian":     {{"Õnne", "Jüri"}, {"Põldmäe", "Käär"}},
	"Turkish":      {{"İbrahim", "Işıl", "Gülşen"}, {"Şahin", "Yıldızoğlu", "Çağlayan"}},
	"Azerbaijani":  {{"Əli", "Günəş"}, {"Məmmədov", "Qızılgül"}},
	"Vietnamese":   {{"Thị Ánh Tuyết", "Văn Đức"}, {"Nguyễn", "Trần Đình"}},
	"Maltese":      {{"Ġorġa", "Mikiel"}, {"Ħamiem", "Borġ Żahra"}},
	"Arabic":       {{"Mohamed Amine", "Fatima-Zahra"}, {"El Amrani", "Ben-Youssef", "al-Sabbagh"}},
	"Tamil":        {{"K. S. Raman", "Thirumalai"}, {"Mudiyanselage Gunawardhana Wickramasinghe", "Senanayake Ranasinghe Karunaratne"}},
	"Indonesian":   {{"", "Dewi"}, {"Suharsono", "Siregar Nasution"}},
	"Chinese":      {{"Wei-Ming", "Xiǎo"}, {"Lǐ", "Ouyang"}},
	"Hawaiian":     {{"Kaʻiulani", "Keoni"}, {"Kahanamoku", "Kealiʻi"}},
	"with a title": {{"Anna", "Ernst August"}, {"Dr. Müller", "Prof. Dr. Großmann", "Prince Jr."}},
	"Albanian":     {{"Ëngjëll", "Çlirim"}, {"Hoxhaj", "Gjokë"}},
}

// zoneLetters spell a letter as a state writes it in its MRZ, told independently of the code under test.
var zoneLetters = strings.NewReplacer("Ä", "AE", "Ö", "OE", "Ü", "UE", "Å", "AA", "Æ", "AE", "Ø", "OE", "Œ", "OE", "ẞ", "SS", "ß", "SS", "Þ", "TH",
	"Ð", "D", "Đ", "D", "Ł", "L", "İ", "I", "Ħ", "H", "Ə", "E", "'", "", "ʻ", "", "-", " ", ".", "", "·", "")

// plainLetters drop every mark.
var plainLetters = strings.NewReplacer("Ø", "O", "Æ", "AE", "Œ", "OE", "ẞ", "SS", "ß", "SS", "Þ", "TH", "Ð", "D", "Đ", "D", "Ł", "L", "İ", "I", "Ħ", "H", "Ə", "E")

// written are the ways in which one name is spelled by providers, documents and people.
func written(name string) map[string]string {
	upper := strings.ToUpper(name)
	return map[string]string{
		"as at home":           name,
		"in capitals":          upper,
		"as in the MRZ":        withoutMarks(zoneLetters.Replace(upper)),
		"without marks":        withoutMarks(plainLetters.Replace(upper)),
		"as typed in a hurry":  strings.ToLower(withoutMarks(plainLetters.Replace(upper))),
		"with doubled spacing": strings.ReplaceAll(name, " ", "  "),
	}
}

func withoutMarks(s string) string {
	return strings.Map(func(c rune) rune { return bareLetter(c) }, s)
}

func TestCleanNamesOfManyTraditionsAreQuiet(t *testing.T) {
	persons, loud := 0, []string{}
	for tradition, names := range traditions {
		for _, first := range names[0] {
			for _, last := range names[1] {
				for style := range written("") {
					persons++
					if name, ok := quietPerson(first, last, style); !ok {
						loud = append(loud, tradition+": "+name)
					}
				}
			}
		}
	}
	if persons < 1000 || len(traditions) < 30 {
		t.Errorf("only %d persons of %d traditions", persons, len(traditions))
	}
	if len(loud)*100 > persons {
		t.Errorf("%d of %d clean persons are loud:\n%s", len(loud), persons, strings.Join(loud, "\n"))
	}
}

// quietPerson holds a person's names in one style against the same names in every other, and against an MRZ of each size.
func quietPerson(first, last, style string) (string, bool) {
	for other := range written("") {
		for field, name := range map[string]string{"firstName": first, "lastName": last} {
			a, b := written(name)[style], written(name)[other]
			if relation, _ := (comparer{field, at}).compare(spelling{text: a}, spelling{text: b}); relation == Differs {
				return fmt.Sprintf("%q (%s) and %q (%s)", a, style, b, other), false
			}
		}
	}
	for _, layout := range []mrzLayout{td3, td2, td1} {
		r := mrzReader{mrzLayout: layout, text: make([]string, layout.lines)}
		width := layout.names.to - layout.names.from
		field := strings.ReplaceAll(written(last)["as in the MRZ"], " ", "<") + "<<" + strings.ReplaceAll(written(first)["as in the MRZ"], " ", "<")
		field = (field + strings.Repeat("<", width))[:width]
		r.text[layout.names.line] = strings.Repeat("<", layout.names.from) + field
		r.nameParts()
		for _, p := range r.zone.parts {
			whole := written(map[string]string{"firstName": first, "lastName": last}[p.field])[style]
			if relation, _ := (comparer{p.field, at}).compare(spelling{text: p.text, cut: p.cut, zone: true}, spelling{text: whole}); relation == Differs {
				return fmt.Sprintf("%q of %s and %q", p.text, field, whole), false
			}
		}
	}
	return "", true
}

func FuzzSameName(f *testing.F) {
	f.Add("Müller", "MUELLER")
	f.Add("Щербакова", "SHCHERBAKOVA")
	f.Add("e/v Okkerse", "\u202eAB")
	f.Add("فضّة", "FXDZDZXAH")
	f.Add("Μπουρνάζος", "BOURNAZOS")
	f.Add("Th.A.", "Theodora Anna")
	f.Fuzz(func(t *testing.T, a, b string) {
		rule, same := sameName(a, b)
		if _, other := sameName(b, a); other != same {
			t.Errorf("%q and %q: %v one way, %v the other", a, b, same, other)
		}
		if same && rule == "" {
			t.Errorf("%q and %q are the same by no rule", a, b)
		}
		if whole, cut := truncatedName(cutAnywhere, a, b), truncatedName(cutBetweenWords, a, b); cut && !whole {
			t.Errorf("%q is %q cut between words, and not cut anywhere", a, b)
		}
		if letters := strings.Join(zoneWords(zoneForm(a)), ""); sameInitials(a, b) && len([]rune(letters)) > longestInitial*len(zoneWords(zoneForm(b))) {
			t.Errorf("%q are initials of %q", a, b)
		}
	})
}
