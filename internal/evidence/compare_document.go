package evidence

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// documentNames are the names of kinds of documents that providers and their languages use for the final result's (reference, section
// 5), as foldKind writes them.
var documentNames = map[string]string{
	"passport": "passport", "reisepass": "passport", "reisepaß": "passport", "paspoort": "passport", "passeport": "passport", "pasaporte": "passport",
	"passaporte": "passport", "passaporto": "passport", "passi": "passport", "pass": "passport",
	"kinderreisepass": "passport", "vorlaufigerreisepass": "passport", "vorlaeufigerreisepass": "passport",

	"identitycard": "identityCard", "idcard": "identityCard", "nationalidentitycard": "identityCard", "nationalidcard": "identityCard",
	"nationalid": "identityCard", "personalausweis": "identityCard", "identiteitskaart": "identityCard", "cartenationaledidentite": "identityCard",
	"cartedidentite": "identityCard", "cartadidentita": "identityCard", "documentonacionaldeidentidad": "identityCard", "cartaodecidadao": "identityCard",
	"vorlaufigerpersonalausweis": "identityCard", "vorlaeufigerpersonalausweis": "identityCard", "identitatskarte": "identityCard",
	"identitaetskarte": "identityCard", "identitetskort": "identityCard", "henkilokortti": "identityCard", "dowodosobisty": "identityCard",

	"driverslicense": "driversLicense", "driverslicence": "driversLicense", "driverlicense": "driversLicense", "driverlicence": "driversLicense", "drivinglicense": "driversLicense", "drivinglicence": "driversLicense",
	"fuhrerschein": "driversLicense", "fuehrerschein": "driversLicense", "rijbewijs": "driversLicense", "permisdeconduire": "driversLicense",
	"permisodeconduccion": "driversLicense", "korkort": "driversLicense",
	"korekort": "driversLicense", "forerkort": "driversLicense", "ajokortti": "driversLicense", "prawojazdy": "driversLicense",
	"patentediguida": "driversLicense", "permisodeconducir": "driversLicense", "cartadeconducao": "driversLicense",

	"residencepermit": "residencePermit", "aufenthaltstitel": "residencePermit", "verblijfsdocument": "residencePermit",
	"verblijfsvergunning": "residencePermit", "titredesejour": "residencePermit", "residencecard": "residencePermit",
	"elektronischeraufenthaltstitel": "residencePermit", "permessodisoggiorno": "residencePermit", "tarjetaderesidencia": "residencePermit",

	"visa": "visa", "visum": "visa",
}

// cardKinds are those that an MRZ of TD1 or TD2 size may belong to: its code A, C or I does not tell them apart (ICAO 9303 part 5,
// section 4.2.2).
var cardKinds = map[string]bool{
	"identityCard": true, "residencePermit": true, "passportCard": true, "workPermit": true, "asylumRegistrationCard": true,
	"immigrationStatusDocument": true, "municipalityIdentityCard": true, "indigenousCard": true, "serviceIdCard": true,
}

func equateDocuments(a, b string) (string, bool) {
	if sameButCase(a, b) {
		return ruleCase, true
	}
	x, y := documentName(a), documentName(b)
	switch {
	case x == "" && y == "":
		return ruleDocument, isDocumentCode(a) && isDocumentCode(b) && a[0]&^0x20 == b[0]&^0x20
	case x != "" && x == y:
		return ruleDocument, true
	case x == "":
		return ruleDocument, y != "" && codeCovers(a, y)
	case y == "":
		return ruleDocument, codeCovers(b, x)
	}
	return "", false
}

// documentName is the final result's name for a kind, or "".
func documentName(text string) string {
	folded := foldKind(text)
	if known, ok := documentNames[folded]; ok {
		return known
	}
	for _, kind := range documentTypes {
		if folded == strings.ToLower(kind) {
			return kind
		}
	}
	return ""
}

// foldKind is a text in lower case without marks and without anything but letters and digits.
func foldKind(text string) string {
	return strings.Map(func(c rune) rune { return unicode.ToLower(bareLetter(unicode.ToUpper(c))) }, foldName(norm.NFC.String(text)))
}

// codeCovers reports whether the document code of an MRZ or a chip may stand for a kind. The first letter decides; the second is
// the state's own.
func codeCovers(code, kind string) bool {
	if !isDocumentCode(code) {
		return false
	}
	switch code[0] &^ 0x20 { // in upper case
	case 'P':
		return kind == "passport"
	case 'A', 'C', 'I':
		return cardKinds[kind]
	case 'D':
		return kind == "driversLicense"
	case 'V':
		return kind == "visa"
	}
	return false
}

// isDocumentCode reports whether a text is one or two letters, as ICAO 9303 part 3, section 4.4, has them.
func isDocumentCode(text string) bool {
	text = strings.TrimRight(text, "<")
	return (len(text) == 1 || len(text) == 2) && !strings.ContainsFunc(text, func(c rune) bool { return c < 'A' || c > 'Z' && c < 'a' || c > 'z' })
}
