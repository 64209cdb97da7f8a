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
	digits []mrzDigit // pointers still empty; lines in digitLines
	lines  []int      // line of each digit
}

// span is a stretch of a line, counted from 0.
type span struct{ line, from, to int }

// mrzLayout is where the fields of one size of document stand: ICAO 9303 part 4 (TD3), part 5 (TD1) and part 6 (TD2).
type mrzLayout struct {
	lines, width                                         int
	code, issuer, names                                  span
	number, nationality, birth, gender, expiry, optional span
	optionalDigit                                        int // position of its own check digit in its line; 0: it has none
	more                                                 span
	composite                                            []span // what the last check digit protects, in order
	last                                                 span   // where it stands
}

var (
	td3 = mrzLayout{lines: 2, width: 44, code: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{0, 5, 44},
		number: span{1, 0, 9}, nationality: span{1, 10, 13}, birth: span{1, 13, 19}, gender: span{1, 20, 21}, expiry: span{1, 21, 27},
		optional: span{1, 28, 42}, optionalDigit: 42,
		composite: []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}}, last: span{1, 43, 44}}
	td2 = mrzLayout{lines: 2, width: 36, code: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{0, 5, 36},
		number: span{1, 0, 9}, nationality: span{1, 10, 13}, birth: span{1, 13, 19}, gender: span{1, 20, 21}, expiry: span{1, 21, 27},
		optional:  span{1, 28, 35},
		composite: []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}}, last: span{1, 35, 36}}
	td1 = mrzLayout{lines: 3, width: 30, code: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{2, 0, 30},
		number: span{0, 5, 14}, nationality: span{1, 15, 18}, birth: span{1, 0, 6}, gender: span{1, 7, 8}, expiry: span{1, 8, 14},
		optional: span{0, 15, 30}, more: span{1, 18, 29},
		composite: []span{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}, last: span{1, 29, 30}}
)

// mrzLines cuts texts into the lines of one zone: each text is a line, or holds several with or without line breaks. A text that is a
// little short has lost fillers at its end, which readers tend to drop; nothing else is mended.
func mrzLines(texts []string) (mrzLayout, []string, bool) {
	var lines []string
	for _, t := range texts {
		if len(t) > 200 || strings.ContainsFunc(t, func(r rune) bool { return r > unicode.MaxASCII }) {
			return mrzLayout{}, nil, false
		}
		lines = append(lines, strings.Fields(strings.ToUpper(t))...)
	}
	for _, layout := range []mrzLayout{td3, td2, td1} {
		if cut, ok := layout.cut(lines); ok {
			return layout, cut, true
		}
	}
	return mrzLayout{}, nil, false
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
		if i == l.names.line && len(line) < l.width && len(line) > l.width-10 {
			line += strings.Repeat("<", l.width-len(line))
		}
		if len(line) != l.width {
			return nil, false
		}
		out = append(out, line)
	}
	return out, true
}

// readMRZ takes a zone apart and computes every check digit. ok is false for what has the size of no ICAO 9303 zone, and for the older
// French card, whose two lines have the width of TD2 and other contents.
func readMRZ(texts []string) (zone mrzZone, ok bool) {
	layout, lines, ok := mrzLines(texts)
	if !ok || layout.width == td2.width && strings.HasPrefix(lines[0], "IDFRA") {
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
	number, optional := r.longNumber()
	r.part("documentNumber", r.number, number)
	r.part("nationality", r.nationality, strings.TrimRight(r.at(r.nationality), "<"))
	r.part("dateOfBirth", r.birth, r.dateText(r.birth))
	r.part("gender", r.gender, r.at(r.gender))
	r.part("dateOfExpiry", r.expiry, r.dateText(r.expiry))
	r.part("optionalData", r.optional, strings.Trim(optional, "<"))
	if r.more.to > 0 {
		r.part("optionalData", r.more, strings.Trim(r.at(r.more), "<"))
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

// nameParts splits the name field into primary and secondary identifier at the first double filler (ICAO 9303 part 3, section 4.6).
// A field without a filler at its end may have been cut.
func (r *mrzReader) nameParts() {
	field := r.at(r.names)
	cut := cutOf(len(field) - len(strings.TrimRight(field, "<")))
	last, first, _ := strings.Cut(strings.TrimRight(field, "<"), "<<")
	for _, p := range []mrzPart{{field: "lastName", text: last}, {field: "firstName", text: first}} {
		p.text = strings.Join(strings.FieldsFunc(p.text, func(c rune) bool { return c == '<' }), " ")
		p.line, p.cut = r.names.line, cut
		if p.text != "" {
			r.zone.parts = append(r.zone.parts, p)
		}
	}
}

// longNumber is the document number, which in TD1 and TD2 goes on in the optional data where a filler stands for its check digit
// (ICAO 9303 part 5, note j; part 6, note j): up to the next filler, of which the last figure is the check digit.
func (r *mrzReader) longNumber() (number, optional string) {
	number, optional = r.at(r.number), r.at(r.optional)
	if r.optionalDigit == 0 && r.digitAt(r.number) == "<" && !strings.HasPrefix(optional, "<") {
		rest, after, _ := strings.Cut(optional, "<")
		return number + rest[:len(rest)-1], after
	}
	return strings.Trim(number, "<"), optional
}

// digitAt is the check digit that stands right behind a field.
func (r *mrzReader) digitAt(s span) string { return r.text[s.line][s.to : s.to+1] }

func (r *mrzReader) checkDigits() {
	r.numberDigit()
	r.digit("dateOfBirth", r.birth.line, r.digitAt(r.birth), r.at(r.birth))
	r.digit("dateOfExpiry", r.expiry.line, r.digitAt(r.expiry), r.at(r.expiry))
	if r.optionalDigit > 0 {
		r.digit("optionalData", r.optional.line, r.digitAt(r.optional), r.at(r.optional))
	}
	var all strings.Builder
	for _, s := range r.composite {
		all.WriteString(r.at(s))
	}
	r.digit("composite", r.last.line, r.at(r.last), all.String())
}

func (r *mrzReader) numberDigit() {
	number, optional := r.at(r.number), r.at(r.optional)
	got := r.digitAt(r.number)
	if r.optionalDigit == 0 && got == "<" && !strings.HasPrefix(optional, "<") {
		rest, _, _ := strings.Cut(optional, "<")
		got, number = rest[len(rest)-1:], number+rest[:len(rest)-1]
	}
	r.digit("documentNumber", r.number.line, got, number)
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
