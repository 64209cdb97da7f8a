package evidence

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// respelled is a value and how a source may spell it otherwise.
type respelled struct {
	source, held string // held is empty where the value stays as it is
	kind         string // of the JSON value that spells the source; empty: as it was
}

// to are respellings of a value that stays as it is.
func to(sources ...string) (out []respelled) {
	for _, s := range sources {
		out = append(out, respelled{source: s})
	}
	return out
}

// respellers spell a value otherwise by one rule each, told independently of the code under test. What a rule does not speak of has no
// respelling.
var respellers = map[string]func(h held, v string) []respelled{
	ruleDate:       respellDate,
	ruleCountry:    respellCountry,
	ruleCase:       respellCase,
	ruleDiacritics: respellMarks,
	ruleICAO:       respellForZone,
	ruleGender:     respellGender,
	ruleDocument:   respellDocument,
	ruleNumber:     respellNumber,
	ruleOrder:      respellOrder,
	ruleBoolean:    respellTruth,
	ruleSimilarity: respellScore,
	ruleTruncated:  respellCut,
	ruleInitials:   respellInitials,
	ruleMiddle:     respellMiddle,
	ruleSpacing:    respellSpaces,
	ruleTitle:      respellTitle,
	ruleUnicode:    respellUnicode,
}

func kindOf(h held) fieldKind { return fieldKinds[h.field] }

func respellDate(h held, v string) []respelled {
	if kindOf(h) != dayKind || !dayPattern.MatchString(v) {
		return nil
	}
	month := map[string]string{"01": "JAN", "02": "Feb", "03": "MAR", "04": "apr", "05": "MAY", "06": "June", "07": "JUL", "08": "AUG", "09": "September", "10": "OCT", "11": "NOV",
		"12": "DEC"}[v[5:7]]
	return to(v[:4]+v[5:7]+v[8:], v[2:4]+v[5:7]+v[8:], dayFirst(v), v[8:]+"/"+v[5:7]+"/"+v[:4], v[8:]+" "+month+" "+v[:4], v+"T00:00:00Z", strings.ReplaceAll(v, "-", "/"))
}

func respellCountry(h held, v string) []respelled {
	region, err := language.ParseRegion(v)
	if kindOf(h) != countryKind || err != nil {
		return nil
	}
	out := []string{region.String(), region.ISO3(), region.ISO3() + "<"}
	if region.ISO3() == "DEU" {
		out = append(out, "D", "D<<")
	}
	return to(slices.DeleteFunc(out, func(s string) bool { return s == v })...)
}

func respellCase(h held, v string) []respelled {
	if !strings.ContainsFunc(v, unicode.IsLetter) || h.leaf.kind != "string" || kindOf(h) == dayKind {
		return nil
	}
	return to(slices.DeleteFunc([]string{strings.ToLower(v), strings.ToUpper(v)}, func(s string) bool { return s == v })...)
}

func isName(h held) bool {
	return kindOf(h) == nameKind && !strings.Contains(strings.ToLower(h.leaf.key), "initials")
}

// insteadOfFirst replaces the first of some letters by what stands for it.
func insteadOfFirst(v string, instead map[rune]string) []respelled {
	for i, c := range v {
		if other, known := instead[c]; known {
			return to(v[:i] + other + v[i+len(string(c)):])
		}
	}
	return nil
}

func respellMarks(h held, v string) []respelled {
	if !isName(h) {
		return nil
	}
	return insteadOfFirst(v, map[rune]string{'A': "Á", 'E': "Ě", 'I': "İ", 'O': "Ő", 'U': "Ů", 'a': "ą", 'e': "ė", 'i': "ĩ", 'o': "ø", 'u': "ű"})
}

func respellForZone(h held, v string) []respelled {
	if !isName(h) || len(v) < 2 {
		return nil
	}
	out := insteadOfFirst(v, map[rune]string{'A': "AE", 'O': "OE", 'U': "UE", 'a': "ae", 'o': "oe", 'u': "ue", 'Å': "AA"})
	out = append(out, to(v[:1]+"'"+v[1:])...)
	if strings.Contains(v, " ") {
		out = append(out, to(strings.ReplaceAll(v, " ", "-"))...)
	}
	return append(out, respelled{source: "SHCHERBAKOVA IULIIA", held: "Щербакова Юлия"}, respelled{source: "Þórður Grönköß", held: "THORDUR GROENKOESS"})
}

func respellGender(h held, v string) []respelled {
	codes := map[string][]string{"F": {"FEMALE", "2", "female"}, "M": {"MALE", "1", "Male"}, "2": {"F", "female"}, "1": {"M", "MALE"}}
	if kindOf(h) != genderKind {
		return nil
	}
	return to(codes[v]...)
}

func respellDocument(h held, v string) []respelled {
	names := map[string][]string{"passport": {"Reisepass", "P", "PO", "p<", "paspoort"}, "identityCard": {"Personalausweis", "ID", "I", "AC", "national identity card"},
		"driversLicense": {"Führerschein", "D", "rijbewijs", "driving licence"}, "residencePermit": {"IR", "Aufenthaltstitel"}}
	if kindOf(h) != documentKind {
		return nil
	}
	return to(names[v]...)
}

func respellNumber(h held, v string) []respelled {
	if kindOf(h) != numberKind || len(v) < 5 {
		return nil
	}
	return to(v[:3]+" "+v[3:], v[:2]+"-"+v[2:4]+"-"+v[4:], v[:4]+"."+v[4:], v+"<<")
}

func respellOrder(h held, v string) []respelled {
	words := strings.Fields(v)
	if !isName(h) || len(words) < 2 || len(words) > 12 || strings.ContainsAny(v, ",") || otherOrder(v) == v {
		return nil
	}
	return to(otherOrder(v))
}

func respellTruth(h held, v string) []respelled {
	if kindOf(h) != booleanKind {
		return nil
	}
	return []respelled{{source: v, kind: map[string]string{"string": "boolean", "boolean": "string"}[h.value.kind]}}
}

func respellScore(h held, v string) []respelled {
	if kindOf(h) != similarityKind || h.leaf.key == "matchLevel" {
		return nil
	}
	return to(map[string][]string{"high": {"0.9", "0.7501"}, "medium": {"0.75", "0.6"}, "low": {"0.5", "0.26"}, "verylow": {"0.25", "0"}}[strings.ToLower(v)]...)
}

// respellCut makes the value longer than the name field of a passport and the source what that field has room for.
func respellCut(h held, v string) []respelled {
	if h.field != "lastName" || h.source.Medium != MRZ && h.source.Medium != Chip || strings.Contains(h.source.Pointer, "#") {
		return nil
	}
	const long = "Featherstonehaugh Marjoribanks Cholmondeley Beauchamp"
	first := len("<<") + len(h.beside("firstName"))
	return []respelled{{source: strings.ToUpper(long[:39-first]), held: long}}
}

// beside is what the same element states of another field.
func (h held) beside(member string) string {
	if found := h.parent.at(member); found != nil {
		return found.text
	}
	return ""
}

func respellInitials(h held, v string) []respelled {
	if !strings.Contains(strings.ToLower(h.leaf.key), "initials") {
		return nil
	}
	return []respelled{{source: "TA", held: "Tessa Anna"}, {source: "T.A.", held: "Tessa Anna"}, {source: "Th.A.", held: "Theodora Anna"}, {source: "T A", held: "TESSA ANNA"}}
}

// respellMiddle lets the result have the middle name where the claims have it apart.
func respellMiddle(h held, v string) []respelled {
	middle := h.beside("middle_name")
	switch {
	case middle == "":
	case h.leaf.key == "given_name":
		return []respelled{{source: "Tessa", held: "Tessa " + middle}, {source: "TESSA", held: "Tessa " + middle}}
	case h.leaf.key == "family_name":
		return []respelled{{source: "Molenaar", held: middle + " Molenaar"}}
	}
	return nil
}

func respellSpaces(h held, v string) []respelled {
	switch {
	case isName(h) && strings.Contains(v, " "):
		return to(strings.ReplaceAll(v, " ", "  "), strings.ReplaceAll(v, " ", ""), " "+v)
	case isName(h), kindOf(h) == textKind:
		return to(v + " ")
	}
	return nil
}

func respellTitle(h held, v string) []respelled {
	if !isName(h) {
		return nil
	}
	return to("Dr. "+v, "PROF. DR. "+v, v+" Jr.")
}

func respellUnicode(h held, v string) []respelled {
	if !isName(h) {
		return nil
	}
	return []respelled{{source: norm.NFD.String("Müller"), held: "Müller"}, {source: "O’Ştefan", held: "O'Ștefan"}, {source: "ＢＥＲＧ", held: "BERG"}}
}

// rulesOfTheCode are the names of the rules in the code: its constants that are called rule….
func rulesOfTheCode(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := goparser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "rule") {
				if text, ok := spec.Values[0].(*ast.BasicLit); ok && text.Kind == token.STRING {
					rule, _ := strconv.Unquote(text.Value)
					rules = append(rules, rule)
				}
			}
			return true
		})
	}
	slices.Sort(rules)
	return rules
}

func TestEveryRuleIsRespelledAndHasItsNearMisses(t *testing.T) {
	rules := rulesOfTheCode(t)
	if len(rules) < 16 {
		t.Fatalf("%d rules in the code", len(rules))
	}
	if tried := slices.Sorted(maps.Keys(respellers)); !slices.Equal(tried, rules) {
		t.Errorf("respelled are %q, the code has %q", tried, rules)
	}
	if tried := slices.Sorted(maps.Keys(nearMisses)); !slices.Equal(tried, rules) {
		t.Errorf("near misses are there of %q, the code has %q", tried, rules)
	}
}

func TestTheManualNamesEveryRule(t *testing.T) {
	manual, err := os.ReadFile("../../docs/READING.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rulesOfTheCode(t) {
		if !strings.Contains(string(manual), "\n| "+rule+" |") {
			t.Errorf("docs/READING.md has no row for %q", rule)
		}
	}
}

// Whatever source of whatever example spells its value otherwise by a named rule, it is equivalent by the name of that rule.
func TestARespelledSourceIsEquivalentByTheRule(t *testing.T) {
	tried := map[string]int{}
	for _, e := range append(append(examples(t), completeBodies(t)...), sentBody(t, "connect.middle.name")) {
		r := e.reading()
		for _, h := range heldSources(t, e, r.fields()) {
			if h.source.Medium == Customer || strings.Contains(h.source.Pointer, "#") || e.name == "signicatvideoid-accepted.high" && h.field == "lastName" {
				continue
			}
			h.parent = parentOf(e.root, h.leaf)
			for _, rule := range slices.Sorted(maps.Keys(respellers)) {
				tried[rule] += respellEach(t, e, r, h, rule)
			}
		}
	}
	for _, rule := range rulesOfTheCode(t) {
		t.Logf("%d respellings by %q", tried[rule], rule)
		if tried[rule] == 0 {
			t.Errorf("no source was respelled by %q", rule)
		}
	}
}

// respellEach spells one source otherwise in every way of a rule, and says in how many.
func respellEach(t *testing.T, e example, r *reading, h held, rule string) (tried int) {
	t.Helper()
	final := r.final.at(h.field)
	if final == nil || final.string() == "" {
		return 0
	}
	h.value = final
	leaf, value := *h.leaf, *final
	defer func() { *h.leaf, *final = leaf, value }()
	for _, s := range respellers[rule](h, value.text) {
		*h.leaf, *final = leaf, value
		if h.leaf.text = s.source; s.kind != "" {
			h.leaf.kind = s.kind
		}
		if s.held != "" {
			final.text = s.held
		}
		got := sourceAt(rowNamed(r, h.field), h.source.Pointer)
		if tried++; got.Relation != Equivalent || got.Rule != rule {
			t.Errorf("%s: %s with %q for %q is %s (%s), want equivalent (%s)", e.name, h.source.Pointer, s.source, final.text, got.Relation, got.Rule, rule)
		}
	}
	return tried
}

func sourceAt(f Field, pointer string) Source {
	for _, s := range f.Sources {
		if s.Pointer == pointer {
			return s
		}
	}
	return Source{}
}

// parentOf is the value that holds another.
func parentOf(root, child *value) (parent *value) {
	root.walk(func(v *value) {
		if slices.Contains(v.children, child) {
			parent = v
		}
	})
	return parent
}
