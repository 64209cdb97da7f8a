package evidence

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Rules by which two spellings are of one value. Their names stand on the page.
const (
	ruleDate       = "date form"
	ruleCountry    = "country code"
	ruleCase       = "letter case"
	ruleDiacritics = "diacritics"
	ruleICAO       = "ICAO 9303 transliteration"
	ruleGender     = "gender code"
	ruleDocument   = "document type name"
	ruleNumber     = "number formatting"
	ruleOrder      = "name order"
	ruleBoolean    = "boolean spelling"
	ruleSimilarity = "similarity threshold"
	ruleTruncated  = "cut off where the MRZ ends"
	ruleInitials   = "initials"
	ruleSpacing    = "spacing"
	ruleTitle      = "title left out"
	ruleUnicode    = "Unicode form"
	ruleMiddle     = "middle name apart"
)

// fieldKind is what decides which rules may equate two spellings of a field.
type fieldKind int

const (
	textKind fieldKind = iota
	nameKind
	dayKind
	genderKind
	countryKind
	documentKind
	numberKind
	similarityKind
	booleanKind
)

var fieldKinds = map[string]fieldKind{
	"firstName": nameKind, "lastName": nameKind, "lastNameSecondLine": nameKind, "placeOfBirth": nameKind, "spouseName": nameKind,
	"widowName": nameKind, "aliasName": nameKind, "nameAtBirth": nameKind, "fullName": nameKind, "alternativeFirstName": nameKind,
	"alternativeLastName": nameKind, "issuingAuthority": nameKind, "issuingPlace": nameKind, "issuingState": nameKind, "city": nameKind,
	"street": nameKind, "address": nameKind, "region": nameKind,
	"dateOfBirth": dayKind, "dateOfIssue": dayKind, "dateOfExpiry": dayKind,
	"gender": genderKind, "nationality": countryKind, "issuingCountry": countryKind, "country": countryKind,
	"documentType": documentKind, "documentNumber": numberKind, "personalIdentificationNumber": numberKind, "taxNumber": numberKind,
	"socialSecurityNumber": numberKind, "healthNumber": numberKind, "iban": numberKind, "postalCode": numberKind, "telephone": numberKind,
	"mobile": numberKind, "similarityScore": similarityKind, "livenessDetected": booleanKind,
}

// kindOfField is the kind of a field; of one that no table knows, what its name says.
func kindOfField(name string) fieldKind {
	if kind, known := fieldKinds[name]; known || fieldLabels[name] != "" {
		return kind
	}
	folded := foldName(name)
	switch {
	case strings.HasPrefix(folded, "dateof"), strings.HasSuffix(folded, "date"):
		return dayKind
	case strings.HasSuffix(folded, "number"):
		return numberKind
	case strings.HasSuffix(folded, "country"), strings.HasSuffix(folded, "countrycode"):
		return countryKind
	case strings.HasSuffix(folded, "name"), strings.HasSuffix(folded, "names"):
		return nameKind
	}
	return textKind
}

// spelling is a value as one place spells it.
type spelling struct {
	text   string
	member string // the name under which it stands: initials, score, matchLevel and result have readings of their own
	isBool bool   // a JSON boolean
	cut    nameCut
	zone   bool // a part of an MRZ

	middle string // of a first or last name, the middle name that stands apart beside it
	beside string // of a middle name, the first name beside it
}

// comparer decides whether two spellings of one field are of one value.
type comparer struct {
	field string
	at    time.Time // of the process: decides centuries; zero if unknown
}

// compare says how a source compares with the value that it is held against. Whatever no rule equates differs.
func (c comparer) compare(source, value spelling) (Relation, string) {
	if source.text == value.text {
		if kindOfField(c.field) == booleanKind && source.isBool != value.isBool {
			return Equivalent, ruleBoolean
		}
		return Same, ""
	}
	if rule, same := c.equate(source, value); same {
		return Equivalent, rule
	}
	return Differs, ""
}

func (c comparer) equate(source, value spelling) (rule string, same bool) {
	a, b := source.text, value.text
	switch kindOfField(c.field) {
	case nameKind:
		return equateNames(source, value)
	case dayKind:
		return ruleDate, c.equateDates(source, value)
	case genderKind:
		if source.zone && figures(a) || value.zone && figures(b) { // a zone has no figure for it (ICAO 9303 part 3, section 4.8)
			return "", false
		}
		return equateBy(ruleGender, a, b, genderCode)
	case countryKind:
		return equateBy(ruleCountry, a, b, countryCode)
	case documentKind:
		return equateDocuments(a, b)
	case numberKind:
		return equateNumbers(a, b)
	case similarityKind:
		return equateScores(source, value)
	case booleanKind:
		return equateTruths(source, value)
	}
	return equateTexts(a, b)
}

// equateBy holds canonical codes against each other; letter case is the smaller rule where it is enough.
func equateBy(rule, a, b string, code func(string) (string, bool)) (string, bool) {
	if sameButCase(a, b) {
		return ruleCase, true
	}
	x, known := code(a)
	y, also := code(b)
	return rule, known && also && x == y
}

func equateNames(source, value spelling) (string, bool) {
	if rule, same := sameName(source.text, value.text); same {
		return rule, true
	}
	switch {
	case truncatedName(source.cut, source.text, value.text), truncatedName(value.cut, value.text, source.text):
		return ruleTruncated, true
	case source.isInitials() && sameInitials(source.text, value.text), value.isInitials() && sameInitials(value.text, source.text):
		return ruleInitials, true
	}
	return "", false
}

func (s spelling) isInitials() bool { return strings.Contains(strings.ToLower(s.member), "initials") }

func (c comparer) equateDates(source, value spelling) bool {
	a, known := readDay(source.text)
	b, also := readDay(value.text)
	switch {
	case known && also:
		return sameDay(dateKindOf(c.field), a, b, c.at)
	case also && source.zone:
		return openDay(source.text, b)
	case known && value.zone:
		return openDay(value.text, a)
	}
	return false
}

// genderCodes are the published values, ISO 5218 (as OpenID providers send it) and ICAO 9303's sign for unspecified.
var genderCodes = map[string]string{
	"M": "M", "MALE": "M", "1": "M", "F": "F", "FEMALE": "F", "2": "F", "X": "X", "<": "X", "UNSPECIFIED": "X", "0": "X", "9": "X",
}

func genderCode(text string) (string, bool) {
	code, known := genderCodes[strings.ToUpper(strings.TrimSpace(text))]
	return code, known
}

// sameButCase reports whether two texts differ in nothing but that letters are capital or small. Letters that merely become the same
// capital, as the long s and the s do, are two.
func sameButCase(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && !isCapitalOf(x[i], y[i]) && !isCapitalOf(y[i], x[i]) {
			return false
		}
	}
	return true
}

func isCapitalOf(capital, small rune) bool {
	return unicode.ToUpper(small) == capital && unicode.ToLower(capital) == small
}

// equateNumbers compares without what only groups figures. Letters count, whatever their case.
func equateNumbers(a, b string) (string, bool) {
	if sameButCase(a, b) {
		return ruleCase, true
	}
	x, y := bareNumber(a), bareNumber(b)
	return ruleNumber, x != "" && sameButCase(x, y)
}

// bareNumber is a number without spaces, dashes, dots, slashes and MRZ fillers, its letters of A to Z capital.
func bareNumber(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case strings.ContainsRune(" \u00a0-‐‑–./_<", c):
			return -1
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		}
		return c
	}, s)
}

func equateTexts(a, b string) (string, bool) {
	switch {
	case spaced(a) == spaced(b):
		return ruleSpacing, true
	case sameButCase(spaced(a), spaced(b)):
		return ruleCase, true
	}
	return "", false
}

// equateScores reads levels and scores. Only the thresholds of the reference, section 5, make a level of a score, and only FaceTec's
// highest level was published beside one of Assure's. Of two scores neither is a level.
func equateScores(source, value spelling) (string, bool) {
	if sameButCase(source.text, value.text) {
		return ruleCase, true
	}
	if !isLevel(source.text) && !isLevel(value.text) {
		return "", false
	}
	a, known := scoreLevel(source)
	b, also := scoreLevel(value)
	return ruleSimilarity, known && also && a == b
}

func isLevel(text string) bool {
	_, known := similarityLevels[strings.ToLower(text)]
	return known
}

func scoreLevel(s spelling) (string, bool) {
	if isLevel(s.text) {
		return strings.ToLower(s.text), true
	}
	if s.member == matchLevelMember {
		return "high", s.text == fullMatch
	}
	if s.member == lowerLevelMember {
		return "", false
	}
	score, err := strconv.ParseFloat(s.text, 64)
	if err != nil || !(score >= 0 && score <= 1) || strings.ContainsAny(s.text, "xX_") {
		return "", false
	}
	switch {
	case score > 0.75:
		return "high", true
	case score > 0.5:
		return "medium", true
	case score > 0.25:
		return "low", true
	}
	return "verylow", true
}

func equateTruths(source, value spelling) (string, bool) {
	if sameButCase(source.text, value.text) {
		return ruleCase, true
	}
	a, known := truthOf(source)
	b, also := truthOf(value)
	return ruleBoolean, known && also && a == b
}

// truthOf is a boolean in any spelling; Onfido answers its liveness check with clear or consider.
func truthOf(s spelling) (is, known bool) {
	text := strings.ToLower(strings.TrimSpace(s.text))
	if s.member == "result" && (text == "clear" || text == "consider") {
		return text == "clear", true
	}
	return text == "true", text == "true" || text == "false"
}
