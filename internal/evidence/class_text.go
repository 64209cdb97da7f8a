package evidence

import (
	"regexp"
	"strings"
	"unicode"
)

// textClass is the class that a text has by its own form, wherever it stands: a token, an image, MRZ lines. Plain if none.
func textClass(name, text string) Class {
	switch {
	case isJWT(text), isTokenName(name):
		return Raw
	case isImage(name, text):
		return Image
	case isZone(text), isZoneName(name):
		return zoneClass(text)
	}
	return Plain
}

// jwtPattern is the compact form of a signed (RFC 7515) or encrypted (RFC 7516) token: "eyJ" is the start of any JSON header.
var jwtPattern = regexp.MustCompile(`(^|[\s"'=:])eyJ[\w-]+\.[\w-]*\.[\w-]*`)

func isJWT(text string) bool { return strings.Contains(text, "eyJ") && jwtPattern.MatchString(text) }

func isTokenName(name string) bool {
	switch foldName(name) {
	case "authorization", "accesstoken", "refreshtoken", "idtokenhint", "jwt", "jws", "jwe":
		return true
	}
	return false
}

// longestPlainText is the length from which unbroken text is no word: base64 of even the smallest picture is longer.
const longestPlainText = 256

func isImage(name, text string) bool {
	if strings.HasPrefix(text, "data:image/") || strings.HasPrefix(text, "data:video/") {
		return true
	}
	if len(text) < longestPlainText || strings.ContainsAny(text, " <") {
		return false
	}
	return strings.HasPrefix(text, "/9j/") || strings.HasPrefix(text, "iVBOR") ||
		containsAny(foldName(name), []string{"image", "photo", "picture", "portrait", "selfie", "signature", "video", "qrcode", "facescan", "biometric"})
}

// isZone reports whether a text looks like a line of a machine-readable zone or several.
func isZone(text string) bool {
	return len(text) >= 20 && (strings.Contains(text, "<<") || strings.Count(text, "<") >= 3) && !strings.ContainsFunc(text, notOfZone) || isLicenceLine(text)
}

func notOfZone(r rune) bool {
	return r != '<' && !unicode.IsSpace(r) && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
}

var zoneNamePattern = regexp.MustCompile(`^(mrz|mrzline\d*|mrzlines|mrzstring|mrzcode|mrztext|machinereadablezone)$`)

func isZoneName(name string) bool { return zoneNamePattern.MatchString(foldName(name)) }

// shortestZoneLine is below the 30 characters of ICAO 9303's shortest line: what is shorter is a number out of the zone.
const shortestZoneLine = 20

// zoneClass is DocumentNumber for lines whose optional data is empty, and PersonalNumber for all others: optional data, and
// lines of which no form is recognised.
func zoneClass(text string) Class {
	if len(text) < shortestZoneLine {
		if looksPersonal(text) {
			return PersonalNumber
		}
		return DocumentNumber
	}
	class := Plain
	for _, line := range zoneLines(text) {
		class = strictest(class, zoneLineClass(line))
	}
	return class
}

// zoneLines cuts a text into lines at white space, and a single run by the line lengths of ICAO 9303 (44, 36, 30).
func zoneLines(text string) []string {
	lines := strings.Fields(strings.ToUpper(withoutLineLabel(text)))
	if len(lines) != 1 {
		return lines
	}
	size := map[int]int{88: 44, 72: 36, 90: 30}[len(lines[0])]
	if size == 0 {
		return lines
	}
	var cut []string
	for rest := lines[0]; rest != ""; rest = rest[size:] {
		cut = append(cut, rest[:size])
	}
	return cut
}

// The lines of ICAO 9303 (parts 4 to 7) by their form: upperPattern is a line of names alone or a first line of TD2 and TD3;
// td1First has the document number and optional data; td1Second and secondPattern start from birth date, sex and expiry.
var (
	upperPattern  = regexp.MustCompile(`^[A-Z<]{30}$|^[A-Z<]{36}$|^[A-Z<]{44}$`)
	td1First      = regexp.MustCompile(`^[ACI][A-Z<][A-Z<]{3}[A-Z0-9<]{9}[0-9<]([A-Z0-9<]{15})$`)
	td1Second     = regexp.MustCompile(`^[0-9<]{6}[0-9<][MFX<][0-9<]{6}[0-9<][A-Z<]{3}([A-Z0-9<]{11})[0-9<]$`)
	secondPattern = regexp.MustCompile(`^[A-Z0-9<]{9}[0-9<][A-Z<]{3}[0-9<]{6}[0-9<][MFX<][0-9<]{6}[0-9<](?:([A-Z0-9<]{7})[0-9<]|([A-Z0-9<]{14})[0-9<]{2})$`)
)

func zoneLineClass(line string) Class {
	if upperPattern.MatchString(line) {
		return DocumentNumber
	}
	for _, form := range []*regexp.Regexp{td1First, td1Second, secondPattern} {
		if parts := form.FindStringSubmatch(line); parts != nil {
			return optionalDataClass(strings.Join(parts[1:], ""))
		}
	}
	return PersonalNumber
}

func optionalDataClass(optional string) Class {
	if strings.Trim(optional, "<") == "" {
		return DocumentNumber
	}
	return PersonalNumber
}

// personalPatterns are forms of numbers that states and banks give to persons: national numbers with a letter (Italy, Spain,
// Ireland, United Kingdom, Mexico, Finland and Sweden with their separators), and IBAN (ISO 13616).
var personalPatterns = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]`,
	`[XYZ]?\d{7,8}-?[A-Z]{1,2}`,
	`[A-Z]{2}\d{6}[A-D]`,
	`[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d`,
	`\d{6}[-+A-FU-Y]\d{3}[0-9A-Z]`,
	`[A-Z]{2}\d{2}[A-Z0-9]{11,30}`,
}, "|") + `)$`)

// spelledNumber is a run of figures as such numbers are grouped, nine to sixteen in all.
var spelledNumber = regexp.MustCompile(`\d(?:[ .\-/+]{0,2}\d){8,15}`)

// longestLookedThrough bounds the work on one text: what is longer may hold anything.
const longestLookedThrough = 4096

// looksPersonal reports whether a text is, or holds, what looks like a number that was given to a person.
func looksPersonal(text string) bool {
	if len(text) > longestLookedThrough {
		return true
	}
	if !hasFigures(text) || uuidPattern.MatchString(text) || timePattern.MatchString(text) {
		return false
	}
	if spelledNumber.MatchString(timePattern.ReplaceAllString(text, "")) {
		return true
	}
	upper := strings.ToUpper(text)
	if personalPatterns.MatchString(strings.ReplaceAll(upper, " ", "")) {
		return true
	}
	for word := range strings.FieldsFuncSeq(upper, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,;:'"()=`, r) }) {
		if personalPatterns.MatchString(word) {
			return true
		}
	}
	return false
}

// fewestFigures is below what any of the forms has.
const fewestFigures = 5

func hasFigures(text string) bool {
	n := 0
	for i := range len(text) {
		if '0' <= text[i] && text[i] <= '9' {
			if n++; n == fewestFigures {
				return true
			}
		}
	}
	return false
}

// timePattern is a date or time of ISO 8601.
var timePattern = regexp.MustCompile(`\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?`)
