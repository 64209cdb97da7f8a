package evidence

import (
	"strings"
	"unicode"
)

// mrzDigit is one check digit of a machine-readable zone, as it stands there and as it should be.
type mrzDigit struct {
	Part    string // what it protects: "documentNumber", "dateOfBirth", "dateOfExpiry", "optionalData", "composite"
	Got     string
	Want    string
	Valid   bool
	Pointer string // of the string that holds it, "#checkDigit." and the part appended
}

// mrzPart is one field of a zone.
type mrzPart struct {
	field string
	text  string // fillers at the end taken off; inside names they are spaces
	line  int
	cut   nameCut
}

// mrzZone is a zone taken apart.
type mrzZone struct {
	parts  []mrzPart
	digits []mrzDigit // pointers still empty
	lines  []int      // line of each digit
}

// longestZone is in bytes: no zone has more than 90 characters, and readers may put spaces and line breaks between them.
const longestZone = 200

// mrzLines cuts texts into the lines of one zone: each text is a line, or holds several with or without line breaks. A line of names that is
// short has lost fillers at its end, which readers tend to drop; nothing else is mended.
func mrzLines(texts []string) (mrzLayout, []string, bool) {
	var lines []string
	for _, t := range texts {
		if len(t) > longestZone || strings.ContainsFunc(t, func(r rune) bool { return r > unicode.MaxASCII }) {
			return mrzLayout{}, nil, false
		}
		lines = append(lines, strings.Fields(strings.ToUpper(withoutLineLabel(t)))...)
	}
	for _, layout := range []mrzLayout{td3, td2, td1, licence} {
		if cut, ok := layout.cut(lines); ok {
			layout, ok = layout.particular(cut)
			return layout, cut, ok
		}
	}
	return mrzLayout{}, nil, false
}

// withoutLineLabel leaves out the member's own name before a line, as the schema's examples of Onfido have it: "mrzLine1: I<NLD…".
func withoutLineLabel(text string) string {
	if label, line, labelled := strings.Cut(text, ":"); labelled && isZoneName(label) {
		return line
	}
	return text
}

// particular is the layout of those of one size that the first line opens.
func (l mrzLayout) particular(lines []string) (mrzLayout, bool) {
	opens := func(with string) bool { return strings.HasPrefix(lines[0], with) }
	switch {
	case l.lines == licence.lines:
		return licenceOf(lines[0])
	case l.width == td3.width && opens("V"):
		return visaA, true
	case l.width == td2.width && opens("V"):
		return visaB, true
	case l.width == td2.width && opens("IDFRA"):
		return frenchCard, true
	}
	return l, true
}

func (l mrzLayout) cut(lines []string) ([]string, bool) {
	if len(lines) == 1 && len(lines[0]) == l.lines*l.width {
		var cut []string
		for i := range l.lines {
			cut = append(cut, lines[0][i*l.width:(i+1)*l.width])
		}
		return cut, true
	}
	if len(lines) != l.lines {
		return nil, false
	}
	out := make([]string, 0, l.lines)
	for i, line := range lines {
		if l.names.there() && i == l.names.line && len(line) < l.width && len(line) > l.names.from {
			line += strings.Repeat("<", l.width-len(line))
		}
		if len(line) != l.width {
			return nil, false
		}
		out = append(out, line)
	}
	return out, true
}

// readMRZ takes a zone apart and computes every check digit. ok is false for what has the size of no zone that the portal knows.
func readMRZ(texts []string) (zone mrzZone, ok bool) {
	layout, lines, ok := mrzLines(texts)
	if !ok {
		return mrzZone{}, false
	}
	r := mrzReader{mrzLayout: layout, text: lines}
	r.facts()
	r.checkDigits()
	return r.zone, true
}

type mrzReader struct {
	mrzLayout
	text []string
	zone mrzZone
}

func (r *mrzReader) at(s span) string { return r.text[s.line][s.from:s.to] }

func (r *mrzReader) facts() {
	r.part("documentType", r.code, strings.TrimRight(r.at(r.code), "<"))
	r.part("issuingCountry", r.issuer, strings.TrimRight(r.at(r.issuer), "<"))
	r.nameParts()
	number, behind := r.numberText()
	r.part("documentNumber", r.number, number)
	r.part("nationality", r.nationality, strings.TrimRight(r.at(r.nationality), "<"))
	r.part("dateOfBirth", r.birth, r.dateText(r.birth))
	r.part("gender", r.gender, r.at(r.gender))
	r.part("dateOfExpiry", r.expiry, r.dateText(r.expiry))
	for i, s := range r.optional {
		text := r.at(s)
		if i == 0 {
			text = text[behind:]
		}
		r.part("optionalData", s, strings.Trim(text, "<"))
	}
}

func (r *mrzReader) part(field string, s span, text string) {
	if text != "" {
		r.zone.parts = append(r.zone.parts, mrzPart{field: field, text: text, line: s.line})
	}
}

// dateText is empty for a date of fillers alone, which states nothing.
func (r *mrzReader) dateText(s span) string {
	if text := r.at(s); strings.Trim(text, "<") != "" {
		return text
	}
	return ""
}

// nameParts splits the name field into primary and secondary identifier at the first double filler (ICAO 9303 part 3, section 4.6), or
// takes each from its own field.
func (r *mrzReader) nameParts() {
	last, first, _ := strings.Cut(strings.TrimRight(r.at(r.names), "<"), "<<")
	r.name("lastName", r.names, last)
	r.name("firstName", r.names, first)
	r.name("lastName", r.lastName, r.at(r.lastName))
	r.name("firstName", r.firstName, r.at(r.firstName))
}

// name adds an identifier. Where its field has no filler at the end it may have been cut.
func (r *mrzReader) name(field string, s span, text string) {
	text = strings.Join(strings.FieldsFunc(text, func(c rune) bool { return c == '<' }), " ")
	if text == "" {
		return
	}
	whole := r.at(s)
	cut := cutOf(len(whole) - len(strings.TrimRight(whole, "<")))
	r.zone.parts = append(r.zone.parts, mrzPart{field: field, text: text, line: s.line, cut: cut})
}

// numberText is the document number, and how much of the first optional data belongs to it.
func (r *mrzReader) numberText() (number string, behind int) {
	number = r.at(r.number)
	rest, goesOn := r.numberRest()
	if goesOn {
		return number + rest[:len(rest)-1], min(len(rest)+1, len(r.at(r.optional[0])))
	}
	return strings.Trim(number, "<"), 0
}

// numberRest is what of a long number stands in the optional data, where in TD1 and TD2 a filler stands for its check digit (ICAO 9303
// part 5, note j; part 6, note j): up to the next filler, of which the last figure is the check digit.
func (r *mrzReader) numberRest() (rest string, goesOn bool) {
	if !r.longNumber || r.text[r.number.line][r.number.to] != '<' || strings.HasPrefix(r.at(r.optional[0]), "<") {
		return "", false
	}
	rest, _, _ = strings.Cut(r.at(r.optional[0]), "<")
	return rest, true
}

func (r *mrzReader) checkDigits() {
	rest, goesOn := r.numberRest()
	for _, c := range r.checks {
		var protected strings.Builder
		for _, s := range c.over {
			protected.WriteString(r.at(s))
		}
		got := r.at(c.at)
		if goesOn && c.part == "documentNumber" {
			protected.WriteString(rest[:len(rest)-1])
			got = rest[len(rest)-1:]
		}
		r.digit(c.part, c.at.line, got, protected.String())
	}
}

// digit adds a check digit. Where there is nothing to protect a filler may stand for it (ICAO 9303 part 4, note to position 43).
func (r *mrzReader) digit(part string, line int, got, protected string) {
	if got == "<" && strings.Trim(protected, "<") == "" {
		return
	}
	want := checkDigit(protected)
	r.zone.digits = append(r.zone.digits, mrzDigit{Part: part, Got: got, Want: want, Valid: got == want})
	r.zone.lines = append(r.zone.lines, line)
}

// checkDigit is computed with the weights 7, 3, 1 modulo 10 (ICAO 9303 part 3, section 4.9). Letters count from A = 10, fillers nothing.
func checkDigit(protected string) string {
	sum := 0
	for i := range len(protected) {
		sum += mrzValue(protected[i]) * [3]int{7, 3, 1}[i%3]
	}
	return string(rune('0' + sum%10))
}

func mrzValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return 0
}
