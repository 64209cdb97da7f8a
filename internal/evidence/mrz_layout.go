package evidence

import (
	"regexp"
	"strings"
)

// span is a stretch of a line, counted from 0.
type span struct{ line, from, to int }

func (s span) there() bool { return s.to > s.from }

// mrzLayout is where the fields of one kind of zone stand. A field that a zone does not have is an empty span.
type mrzLayout struct {
	lines, width                               int
	code, issuer                               span
	names                                      span // both identifiers, parted by two fillers
	lastName, firstName                        span // where each has a field of its own
	number, nationality, birth, gender, expiry span
	optional                                   []span
	longNumber                                 bool // the number may go on in the first optional data
	checks                                     []mrzCheck
}

// mrzCheck is one check digit: where it stands, and what it protects, in order.
type mrzCheck struct {
	part string
	at   span
	over []span
}

// The layouts of ICAO 9303: part 4 (TD3), part 5 (TD1), part 6 (TD2), part 7 (visas, which have no digit over all).
var (
	td3 = mrzLayout{lines: 2, width: 44, code: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{0, 5, 44},
		number: span{1, 0, 9}, nationality: span{1, 10, 13}, birth: span{1, 13, 19}, gender: span{1, 20, 21}, expiry: span{1, 21, 27},
		optional: []span{{1, 28, 42}}, checks: append(secondLineChecks(),
			mrzCheck{"optionalData", span{1, 42, 43}, []span{{1, 28, 42}}},
			mrzCheck{"composite", span{1, 43, 44}, []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}}})}
	td2 = mrzLayout{lines: 2, width: 36, code: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{0, 5, 36},
		number: span{1, 0, 9}, nationality: span{1, 10, 13}, birth: span{1, 13, 19}, gender: span{1, 20, 21}, expiry: span{1, 21, 27},
		optional: []span{{1, 28, 35}}, longNumber: true, checks: append(secondLineChecks(),
			mrzCheck{"composite", span{1, 35, 36}, []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}}})}
	td1 = mrzLayout{lines: 3, width: 30, code: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{2, 0, 30},
		number: span{0, 5, 14}, nationality: span{1, 15, 18}, birth: span{1, 0, 6}, gender: span{1, 7, 8}, expiry: span{1, 8, 14},
		optional: []span{{0, 15, 30}, {1, 18, 29}}, longNumber: true, checks: []mrzCheck{
			{"documentNumber", span{0, 14, 15}, []span{{0, 5, 14}}},
			{"dateOfBirth", span{1, 6, 7}, []span{{1, 0, 6}}},
			{"dateOfExpiry", span{1, 14, 15}, []span{{1, 8, 14}}},
			{"composite", span{1, 29, 30}, []span{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}}}}
	visaA = mrzLayout{lines: 2, width: 44, code: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{0, 5, 44},
		number: span{1, 0, 9}, nationality: span{1, 10, 13}, birth: span{1, 13, 19}, gender: span{1, 20, 21}, expiry: span{1, 21, 27},
		optional: []span{{1, 28, 44}}, checks: secondLineChecks()}
	visaB = mrzLayout{lines: 2, width: 36, code: span{0, 0, 2}, issuer: span{0, 2, 5}, names: span{0, 5, 36},
		number: span{1, 0, 9}, nationality: span{1, 10, 13}, birth: span{1, 13, 19}, gender: span{1, 20, 21}, expiry: span{1, 21, 27},
		optional: []span{{1, 28, 36}}, checks: secondLineChecks()}
)

// secondLineChecks are the digits that stand alike in the second line of passports, cards of TD2 size and visas.
func secondLineChecks() []mrzCheck {
	return []mrzCheck{
		{"documentNumber", span{1, 9, 10}, []span{{1, 0, 9}}},
		{"dateOfBirth", span{1, 19, 20}, []span{{1, 13, 19}}},
		{"dateOfExpiry", span{1, 27, 28}, []span{{1, 21, 27}}},
	}
}

// frenchCard is the French identity card as it was until 2021, read off its published specimen: two lines of the width of TD2 with fields of
// their own. The number holds year, month and department of issue; there is no nationality and no expiry, and the end of the first line is
// the office that issued it, or fillers.
var frenchCard = mrzLayout{lines: 2, width: 36, code: span{0, 0, 2}, issuer: span{0, 2, 5}, lastName: span{0, 5, 30}, firstName: span{1, 13, 27},
	number: span{1, 0, 12}, birth: span{1, 27, 33}, gender: span{1, 34, 35}, optional: []span{{0, 30, 36}}, checks: []mrzCheck{
		{"documentNumber", span{1, 12, 13}, []span{{1, 0, 12}}},
		{"dateOfBirth", span{1, 33, 34}, []span{{1, 27, 33}}},
		{"composite", span{1, 35, 36}, []span{{0, 0, 36}, {1, 0, 35}}}}}

// licence is the one line of a driving licence by ISO/IEC 18013-3, as its published readers and specimens agree on it: the letter D, one
// character for how the chip is protected, 27 characters that each state fills as it likes, and a check digit over all of them. No
// field of the person has a place of its own, and not even the number has, so that nothing but the letter and the digit can be read of
// a state whose layout is not known; the rest is kept as optional data.
var licence = mrzLayout{lines: 1, width: 30, code: span{0, 0, 1}, optional: []span{{0, 2, 29}}, checks: []mrzCheck{licenceDigit}}

var licenceDigit = mrzCheck{"composite", span{0, 29, 30}, []span{{0, 0, 29}}}

// stateLicence is how one state fills the line, read off its published specimens.
type stateLicence struct {
	issuer string
	form   *regexp.Regexp // of the whole line
	layout mrzLayout
}

// stateLicences are those of which more than one reader agrees. The Netherlands give the number behind a figure for the version, then
// what makes the line hard to guess; France number, expiry and eight letters of the surname, and a digit over all up to the number's end;
// Estonia the number and the personal code.
var stateLicences = []stateLicence{
	{"NLD", regexp.MustCompile(`^D[1PN<]NLD\d{11}[A-Z0-9]{13}\d$`), mrzLayout{lines: 1, width: 30, code: span{0, 0, 1}, issuer: span{0, 2, 5},
		number: span{0, 6, 16}, optional: []span{{0, 16, 29}}, checks: []mrzCheck{licenceDigit}}},
	{"FRA", regexp.MustCompile(`^D[1PN<]FRA\d\d[A-Z]{2}\d{5}\d{7}[A-Z<]{8}\d$`), mrzLayout{lines: 1, width: 30, code: span{0, 0, 1}, issuer: span{0, 2, 5},
		number: span{0, 5, 14}, expiry: span{0, 15, 21}, lastName: span{0, 21, 29},
		checks: []mrzCheck{{"documentNumber", span{0, 14, 15}, []span{{0, 0, 14}}}, licenceDigit}}},
	{"EST", regexp.MustCompile(`^D[1PN<]EST[A-Z]{2}\d{6}<\d{11}<{4}\d$`), mrzLayout{lines: 1, width: 30, code: span{0, 0, 1}, issuer: span{0, 2, 5},
		number: span{0, 5, 14}, optional: []span{{0, 14, 29}}, checks: []mrzCheck{licenceDigit}}},
}

// isLicenceLine reports whether a text is the line of a driving licence beyond doubt: by its opening, its characters and its check digit.
func isLicenceLine(text string) bool {
	return licencePattern.MatchString(text) && checkDigit(text[:licence.width-1]) == text[licence.width-1:]
}

var licencePattern = regexp.MustCompile(`^D[1PN<][A-Z0-9<]{27}\d$`)

// licenceOf is the layout of a line of 30 characters; ok is false if nothing says that it is a driving licence's. A line whose opening says
// so stays one whatever single character of it was misread, so that what is wrong is shown and not lost.
func licenceOf(line string) (layout mrzLayout, ok bool) {
	for _, s := range stateLicences {
		mended := line[:2] + s.issuer + line[5:]
		switch {
		case line[0] == 'D' && line[2:5] == s.issuer && strings.ContainsAny(line[5:14], "0123456789"),
			s.form.MatchString(mended) && oneReplaced(line[2:5], s.issuer),
			s.form.MatchString("D" + line[1:]):
			return s.layout, true
		}
	}
	return licence, line[0] == 'D' && strings.IndexByte("1PN<", line[1]) >= 0
}

func oneReplaced(a, b string) bool {
	different := 0
	for i := range len(a) {
		if a[i] != b[i] {
			different++
		}
	}
	return different == 1
}
