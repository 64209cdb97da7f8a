package evidence

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// cleanPerson is an invented person with a document on which nothing is wrong.
type cleanPerson struct {
	tradition                string
	first, last              writtenName
	birth, issue, expiry     time.Time
	gender, state, kind      string // kind as the final result names it
	number, personal, place  string
	zone                     []string
	zoneLast, zoneFirst      string // as the zone has them, cut where it ends
	casing, reading, swapped int    // how those who read and type spell: see spelledBy
	turn                     int    // which of two spellings of a provider's answer: see skips
}

// generator makes people from a seed: always the same ones.
type generator struct {
	*rand.Rand
	table map[rune][]string
}

func (g generator) pick(list []string) string { return list[g.IntN(len(list))] }

// everyTradition are the names of all, in a fixed order.
func everyTradition() []string {
	return slices.Sorted(maps.Keys(joinedTraditions()))
}

func joinedTraditions() map[string][2][]string {
	all := maps.Clone(traditions)
	maps.Copy(all, scripts)
	return all
}

// person makes one of a tradition; the letters of the standard's tables come one after another into the names of the Latin ones.
func (g generator) person(tradition string, lists [2][]string) cleanPerson {
	nth := g.IntN(2)
	p := cleanPerson{tradition: tradition, first: writtenNameOf(g.table, g.pick(lists[0]), nth), last: writtenNameOf(g.table, g.pick(lists[1]), nth),
		gender: g.pick([]string{"F", "M"}), state: states[tradition], kind: g.pick([]string{"passport", "identityCard"}),
		casing: g.IntN(3), reading: g.IntN(2), swapped: g.IntN(4), turn: g.IntN(2)}
	if more := g.pick(lists[1]); g.IntN(5) == 0 && more != "" && tradition != "Long" && !strings.Contains(more, ".") {
		p.last = p.last.with(writtenNameOf(g.table, more, nth))
	}
	p.birth = day0(1936+g.IntN(70), g.IntN(365))
	p.issue = day0(2017+g.IntN(9), g.IntN(365))
	p.expiry = p.issue.AddDate(10, 0, 0)
	p.number, p.personal, p.place = g.documentNumber(), g.figures(11), g.pick([]string{"Bergen", "Zürich", "São Paulo", "Kraków"})
	p.writeZone(g)
	return p
}

func (n writtenName) with(other writtenName) writtenName {
	return writtenName{n.home + " " + other.home, n.latin + " " + other.latin, n.zone + "<" + other.zone}
}

func day0(year, days int) time.Time { return time.Date(year, 1, 1+days, 0, 0, 0, 0, time.UTC) }

func (g generator) figures(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('0' + g.IntN(10)))
	}
	return b.String()
}

// documentNumber has eight or nine letters and figures, or, as on some cards, twelve.
func (g generator) documentNumber() string {
	n := g.pick([]string{"8", "9", "9", "12"})
	return g.pick([]string{"CCX", "L9T", "XK", "00"}) + g.figures(map[string]int{"8": 5, "9": 6, "12": 9}[n])
}

// writeZone writes the person's zone: of passport size, or one of the three sizes and kinds of cards.
func (p *cleanPerson) writeZone(g generator) {
	w := zoneWriter{person: p, state: p.state}
	if p.state == "DEU" {
		w.state = "D"
	}
	size := 0
	if p.kind != "passport" {
		size = 1 + g.IntN(2)
		if p.tradition == "French" {
			size = 3
		}
	}
	if len(p.number) > 9 && size != 1 {
		p.number = p.number[:9]
	}
	w.optional = g.pick([]string{"", p.personal})
	width := []int{39, 30, 31, 0}[size]
	w.names = p.cutNames(width, g.IntN(2) == 0)
	names := fit(w.names, width)
	p.zone = []func() []string{w.td3, w.td1, w.td2, w.french}[size]()
	if size == 3 {
		p.number = p.number[:2] + "0310" + "0" + g.figures(5)
		p.zone = w.french()
		names = strings.TrimRight(fit(p.last.zone, 25), "<") + "<<" + strings.TrimRight(fit(p.first.zone, 14), "<")
	}
	last, first, _ := strings.Cut(strings.TrimRight(names, "<"), "<<")
	if p.last.zone == "" {
		last, first = "", last
	}
	p.zoneLast, p.zoneFirst = strings.ReplaceAll(last, "<", " "), strings.ReplaceAll(first, "<", " ")
}

// cutNames writes names that have no room: by ICAO 9303 part 4, section 4.2.3, there is a letter in the last place, and the first name has
// one letter at least. States cut at the end, or the last name so that the first has more room.
func (p cleanPerson) cutNames(width int, atEnd bool) string {
	last, first := p.last.zone, p.first.zone
	if last == "" {
		return first // one name is the primary identifier
	}
	if len(last)+len("<<")+len(first) <= width || first == "" || width == 0 {
		return last + "<<" + first
	}
	room := 1
	if !atEnd {
		room = min(len(first), 12)
	}
	last = strings.TrimRight(last[:min(len(last), width-len("<<")-room)], "<")
	names := last + "<<" + first
	if names = names[:min(len(names), width)]; strings.HasSuffix(names, "<") {
		return names[:len(names)-1] // a word that has no room for its first letter is left out
	}
	return names
}

// zoneWriter writes zones by ICAO 9303 parts 4 to 6, from the standard and not from the layouts under test.
type zoneWriter struct {
	person                 *cleanPerson
	names, state, optional string
}

func fit(text string, width int) string { return (text + strings.Repeat("<", width))[:width] }

func short(t time.Time) string { return t.Format("060102") }

func protect(text string) string {
	sum, weights := 0, []int{7, 3, 1}
	for i, c := range text {
		sum += strings.IndexRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", c) * weights[i%3]
		if c == '<' {
			sum += weights[i%3]
		}
	}
	return text + string(rune('0'+sum%10))
}

func lastDigit(text string) string { return protect(text)[len(text):] }

func (w zoneWriter) td3() []string {
	p := w.person
	second := protect(fit(p.number, 9)) + fit(w.state, 3) + protect(short(p.birth)) + p.gender + protect(short(p.expiry)) + protect(fit(w.optional, 14))
	return []string{"P<" + fit(w.state, 3) + fit(w.names, 39), second + lastDigit(second[:10]+second[13:20]+second[21:])}
}

func (w zoneWriter) td2() []string {
	p := w.person
	second := protect(fit(p.number, 9)) + fit(w.state, 3) + protect(short(p.birth)) + p.gender + protect(short(p.expiry)) + fit("", 7)
	return []string{"ID" + fit(w.state, 3) + fit(w.names, 31), second + lastDigit(second[:10]+second[13:20]+second[21:])}
}

func (w zoneWriter) td1() []string {
	p := w.person
	first := "ID" + fit(w.state, 3)
	if len(p.number) > 9 {
		first += fit(p.number, 9) + "<" + protect(p.number)[9:] + "<"
	} else {
		first += protect(fit(p.number, 9)) + w.optional
	}
	first = fit(first, 30)
	second := protect(short(p.birth)) + p.gender + protect(short(p.expiry)) + fit(w.state, 3) + fit("", 11)
	return []string{first, second + lastDigit(first[5:]+second[:7]+second[8:15]+second[18:]), fit(w.names, 30)}
}

func (w zoneWriter) french() []string {
	p := w.person
	first := "IDFRA" + fit(p.last.zone, 25) + "069127"
	second := protect(fit(p.number, 12)) + fit(p.first.zone, 14) + protect(short(p.birth)) + p.gender
	return []string{first, second + lastDigit(first+second)}
}

// printed is a name as the document prints it, in capitals; some readers lose the marks.
func (p cleanPerson) printed(n writtenName) string {
	text := strings.ToUpper(n.latin)
	if p.reading == 0 {
		return text
	}
	return withoutMarks(plainLetters.Replace(text))
}

// typed is a name as people type it: in their own script if they have another, else with capitals at the beginning of words, in capitals
// or without marks and in small letters.
func (p cleanPerson) typed(n writtenName) string {
	switch {
	case n.home != n.latin && p.swapped == 0:
		return n.home
	case p.swapped == 1: // as some systems store it: letter and mark apart, with a space that a finger left behind
		return norm.NFD.String(n.latin) + " "
	case p.casing == 0:
		return strings.ToUpper(n.latin)
	case p.casing == 1:
		return strings.ToLower(withoutMarks(plainLetters.Replace(strings.ToUpper(n.latin))))
	}
	return capitalised(n.latin)
}

func capitalised(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		_, n := utf8.DecodeRuneInString(w)
		words[i] = strings.ToUpper(w[:n]) + strings.ToLower(w[n:])
	}
	return strings.Join(words, " ")
}

// spelledBy is how an element of an answer spells a name.
func (p cleanPerson) spelledBy(path string, n writtenName, inZone string) string {
	has := func(part string) bool { return strings.Contains(path, part) }
	switch {
	case has("alternative"):
		return n.home
	case has("mrzFirstName"), has("mrzLastName"), has("/mrz/"), has("consolidatedIdentityData"):
		return inZone
	case has("documentContent"):
		return p.fullInChip(n)
	case has("user/"), has("userInfo"), has("userData"), has("manualApproval"):
		return p.typed(n)
	}
	return p.printed(n)
}

// fullInChip is a name as the chip has it beside the zone: in the state's own script, or as printed.
func (p cleanPerson) fullInChip(n writtenName) string {
	if p.swapped%2 == 0 {
		return n.home
	}
	return strings.ToUpper(n.latin)
}

func (p cleanPerson) String() string {
	return fmt.Sprintf("%s: %s %s (%s %s), %s", p.tradition, p.first.home, p.last.home, p.zoneFirst, p.zoneLast, strings.Join(p.zone, " "))
}

// bodyOf is a whole answer of a provider about a person: a complete one in which everything that was said of another person is said of this one.
func (p cleanPerson) bodyOf(template example) *value {
	lines := 0
	return replaced(template.root, func(v *value) *value {
		if v.kind != "string" || v.text == "" && v.key != "mrzLine3" {
			return nil
		}
		text, known := p.instead(v, template.root.at("provider").text)
		if line, numbered := strings.CutPrefix(v.key, "mrzLine"); numbered {
			text, known = "", true
			if lines = int(line[0] - '0'); lines <= len(p.zone) {
				text = p.zone[lines-1]
			}
		}
		if !known {
			return nil
		}
		return &value{kind: "string", text: text}
	})
}

// instead is what stands in this person's answer for a text of the template.
func (p cleanPerson) instead(v *value, provider string) (text string, known bool) {
	path := v.pointer
	if strings.HasPrefix(path, "/finalResult/") {
		path = p.finalFrom(provider) + v.key
	}
	if name, known := p.nameInstead(v, path); known {
		return name, true
	}
	path = v.pointer
	plain := map[string]string{
		"1991-06-14": p.birth.Format(time.DateOnly), "19910614": p.birth.Format("20060102"), "2031-09-22": p.expiry.Format(time.DateOnly),
		"2021-09-22": p.issue.Format(time.DateOnly), "CCX204417": p.numberBy(path), "14069100000": p.personal, "passport": p.kind, "Reisepass": p.kindInGerman(),
		"F": p.gender, "2": map[string]string{"F": "2", "M": "1"}[p.gender], "NOR": p.stateBy(path), "NO": twoLettersOf(p.state),
		"BERGEN": strings.ToUpper(p.place), "Bergen": p.place,
	}
	if v.key == "documentCode" {
		return map[string]string{"passport": "P", "identityCard": "I"}[p.kind], true
	}
	if v.key == "mrz" && len(v.text) > 9 {
		return strings.Join(p.zone, []string{"", "\n"}[p.reading]), true
	}
	text, known = plain[v.text]
	return text, known
}

func (p cleanPerson) nameInstead(v *value, path string) (string, bool) {
	switch strings.ToLower(v.text) {
	case "elin marthe":
		return p.spelledBy(path, p.first, p.zoneFirst), true
	case "haugland brekke":
		return p.spelledBy(path, p.last, p.zoneLast), true
	case "elin marthe haugland brekke":
		first, last := p.spelledBy(path, p.first, p.zoneFirst), p.spelledBy(path, p.last, p.zoneLast)
		return strings.TrimSpace([]string{first + " " + last, last + ", " + first}[p.reading]), true
	case "em":
		var initials strings.Builder
		for word := range strings.FieldsFuncSeq(p.spelledBy(path, p.first, ""), func(c rune) bool { return c == ' ' || c == '-' }) {
			initials.WriteRune([]rune(strings.ToUpper(strings.TrimLeft(word, "ʿ’'")))[0])
		}
		return initials.String(), true
	}
	return "", false
}

// finalFrom is the element that a provider's final result is made from (reference, section 6.9).
func (p cleanPerson) finalFrom(provider string) string {
	element := map[string]string{"onfido": "documentVerification", "signicatvideoid": "ocr", "eid": "ocr", "readid": "consolidatedIdentityData",
		"signicatpictureid": "subject", "webid": "user", "connect:nbid": "userInfo", "paper": "mrz", "signicatpaper": "mrz"}[provider]
	if element == "mrz" && p.reading == 0 {
		element = "features"
	}
	return "/" + element + "/"
}

// numberBy is the number as an element spells it: printed ones in groups on some documents.
func (p cleanPerson) numberBy(path string) string {
	if p.swapped == 1 && strings.Contains(path, "/features/") {
		return p.number[:3] + " " + p.number[3:6] + "-" + p.number[6:]
	}
	return p.number
}

// stateBy is the state's code: in a zone, Germany has its own.
func (p cleanPerson) stateBy(path string) string {
	if p.state == "DEU" && p.reading == 1 && (strings.Contains(path, "/mrz/") || strings.Contains(path, "consolidated")) && !strings.Contains(path, "final") {
		return "D"
	}
	return p.state
}

func (p cleanPerson) kindInGerman() string {
	return map[string]string{"passport": "Reisepass", "identityCard": "Personalausweis"}[p.kind]
}

func twoLettersOf(alpha3 string) string {
	region, err := language.ParseRegion(alpha3)
	if err != nil {
		return ""
	}
	return region.String()
}

// statement is what the customer says of such a person.
func (p cleanPerson) statement() []byte {
	stated, err := json.Marshal(map[string]map[string]string{"userData": {"firstName": p.typed(p.first), "lastName": p.typed(p.last), "gender": p.gender,
		"nationality": p.state, "dateOfBirth": p.birth.Format(time.DateOnly), "placeOfBirth": p.place}})
	if err != nil {
		return nil
	}
	return stated
}

// loudMarks are what would make a reviewer look: fields that differ, have no source or lack a value that the provider has, and findings of
// weight.
func loudMarks(report Report) []string {
	var marks []string
	for _, f := range report.Fields {
		if f.Relation == Differs || f.Relation == Absent || f.Relation == Unsourced {
			marks = append(marks, f.Name+" "+string(f.Relation)+": "+f.Value+": "+sourceWords(f))
		}
	}
	for _, f := range report.Findings {
		if f.Severity > Info && f.Code != findFieldDiffers && f.Code != findStatedDiffers {
			marks = append(marks, f.Code+": "+f.Text)
		}
	}
	return marks
}

// everyLetter are people in whose names each letter of the standard's tables stands.
func everyLetter(g generator) []cleanPerson {
	byScript := map[string][]writtenName{}
	for _, c := range slices.Sorted(maps.Keys(g.table)) {
		switch {
		case unicode.Is(unicode.Latin, c):
			home := "Br" + strings.ToLower(string(c)) + "nta"
			byScript["Latin"] = append(byScript["Latin"], writtenName{home, home, zoneSpelling(g.table, home, g.IntN(2))})
		case unicode.Is(unicode.Cyrillic, c):
			home, latin := "Вар"+strings.ToLower(string(c))+"на", "VAR"+g.table[c][0]+"NA"
			byScript["Cyrillic"] = append(byScript["Cyrillic"], writtenName{home, latin, latin})
		case unicode.IsLetter(c):
			home, latin := "ب"+string(c)+"رم", "B"+strings.TrimPrefix(g.table[c][0], "-")+"RM"
			byScript["Arabic"] = append(byScript["Arabic"], writtenName{home, latin, latin})
		}
	}
	var people []cleanPerson
	for _, script := range []string{"Latin", "Cyrillic", "Arabic"} {
		names := byScript[script]
		for i := 0; i < len(names); i += 2 {
			p := g.person("every letter of "+script, [2][]string{{"Ana"}, {"Bo"}})
			p.first, p.last, p.state = names[i], names[(i+1)%len(names)], "UTO"
			p.writeZone(g)
			people = append(people, p)
		}
	}
	return people
}

// Of a thousand clean people whom every provider writes about in its own way, with what they state themselves, at most one in a hundred may
// be loud. Each that is stands in the output.
func TestCleanPeopleOfManyTraditionsAreQuiet(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(9303, 3)), standardTable(t)}
	people, all := everyLetter(g), joinedTraditions()
	for i := 0; len(people) < 1000; i++ {
		tradition := everyTradition()[i%len(all)]
		people = append(people, g.person(tradition, all[tradition]))
	}
	loud, count := map[string]int{}, 0
	for i, marks := range marksOf(people, completeBodies(t)) {
		if len(marks) > 0 {
			loud[people[i].tradition]++
			count++
			t.Logf("loud: %v\n\t%s", people[i], strings.Join(marks, "\n\t"))
		}
	}
	t.Logf("%d of %d people of %d traditions are loud: %v", count, len(people), len(all), loud)
	if count*100 > len(people) {
		t.Errorf("%d of %d clean people are loud", count, len(people))
	}
}

// marksOf are the loud marks of each person in the answers of every provider.
func marksOf(people []cleanPerson, templates []example) [][]string {
	marks := make([][]string, len(people))
	var readers sync.WaitGroup
	for reader := range runtime.GOMAXPROCS(0) {
		readers.Go(func() {
			for i := reader; i < len(people); i += runtime.GOMAXPROCS(0) {
				marks[i] = people[i].marks(templates)
			}
		})
	}
	readers.Wait()
	return marks
}

// skips tells of the templates that this person is not in: of two spellings of a provider every other person is in one; FaceTec knows no
// person; and the older French card has no chip.
func (p cleanPerson) skips(template string) bool {
	samples, schema := strings.HasSuffix(template, ".samples"), strings.HasSuffix(template, ".schema")
	return template == "facetec" || samples && p.turn == 0 || schema && p.turn == 1 || template == "readid.session" && p.turn == 0 ||
		strings.HasPrefix(template, "readid") && strings.HasPrefix(p.zone[0], "IDFRA") && len(p.zone) == 2
}

// marks are the loud marks of a person in the answers of every provider.
func (p cleanPerson) marks(templates []example) []string {
	var marks []string
	for _, template := range templates {
		if p.skips(template.name) {
			continue
		}
		r := newReading(p.bodyOf(template), Input{UserData: p.statement(), Now: exampleNow})
		for _, m := range loudMarks(r.report()) {
			marks = append(marks, template.name+": "+m)
		}
	}
	return marks
}
