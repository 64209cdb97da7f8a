package evidence

import (
	"strconv"
	"strings"
)

// aliases are the names, without anything but letters and digits and in lower case, under which a fact may stand in a place that the
// portal does not know. A name may also be the end of its parent's and its own together: document/number, name/first.
var aliases = aliasFields(map[string]string{
	"firstName": `firstname firstnames givenname givennames forename forenames secondaryidentifier namefirst namegiven vorname vornamen
		voornaam voornamen`,
	"lastName":           "lastname lastnames surname surnames familyname primaryidentifier namelast namefamily nachname familienname achternaam",
	"lastNameSecondLine": "lastnamesecondline secondlinelastname",
	"fullName":           "fullname nameofholder holdername completename accountholder accountholdername accountname",
	"dateOfBirth":        "dateofbirth birthdate birthday dob birthdateofbirth borndate bornon geburtsdatum geboortedatum",
	"placeOfBirth":       "placeofbirth birthplace placeofbirthname birthcity cityofbirth geburtsort geboorteplaats",
	"gender":             "gender sex geschlecht geslacht",
	"nationality": `nationality nationalities nationalitycode nationalitycountry nationalitycountrycode citizenship citizenshipcode citizenshipcountry
		countryofcitizenship staatsangehorigkeit nationaliteit`,
	"documentType": "documenttype documenttypecode documenttypename documentcode documentkind documentclass doctype iddocumenttype typeofdocument",
	"documentNumber": `documentnumber documentno documentnr docnumber docno iddocumentnumber passportnumber passportno cardnumber idcardnumber
		licencenumber licensenumber numberofdocument`,
	"issuingCountry": `issuingcountry issuingcountrycode countryofissue countryofissuance issuecountry issuercountry issuercountrycode
		issuedcountry documentcountry documentcountrycode documentissuer documentissuingcountry issuingstatecode`,
	"dateOfIssue": "dateofissue dateofissuance issuedate issueddate issuingdate issuancedate issuedon issuedat documentissued",
	"dateOfExpiry": `dateofexpiry dateofexpiration expirydate expirationdate expiredate expireson expirydateofdocument validuntil validto validthru
		documentexpiry documentexpires documentexpiration`,
	"personalIdentificationNumber": `personalidentificationnumber personalidentificationno personalnumber personalno personalid personalcode
		nationalid nationalidnumber nationalidentificationnumber nationalidentitynumber nationalnumber nationalidentifier identitynumber
		personnumber personnummer fodselsnummer burgerservicenummer bsn cpr pesel nin nnin hetu`,
	"iban":             "iban",
	"similarityScore":  "similarityscore similaritylevel facesimilarity similarity",
	"livenessDetected": "livenessdetected livenesspassed islive",
})

func aliasFields(byField map[string]string) map[string]string {
	fields := map[string]string{}
	for field, names := range byField {
		for name := range strings.FieldsSeq(names) {
			fields[name] = field
		}
	}
	return fields
}

// Words that go before the name of a fact, or behind it, and say only where it was read or in what form.
var (
	leading = wordSet(`mrz chip nfc ocr viz visual zone holder person subject user applicant customer extracted detected recognized recognised read
		parsed verified confirmed final the full raw normalized normalised latin local data doc document id consumer signicat value`)
	trailing = wordSet("mrz chip nfc ocr viz visual raw value text string normalized normalised latin ascii local iso full")
)

// otherPeople are words in the path of a leaf that make it speak of somebody or something else, or of a check.
var otherPeople = wordSet(`guardian guardians parent parents spouse partner father mother child children witness witnesses agent agents operator
	verifier issuer company organisation organization employer representative beneficiary device vehicle vehicles licence license error errors
	reason reasons check checks matching breakdown breakdowns expected certificate certificates previous former emergency reviewer`)

// valueNames are names that leave it to their parent, or to a name beside them, to say what they hold; labelNames stand beside them.
var (
	valueNames = wordSet("value values text content data raw fieldvalue normalized normalised original")
	labelNames = strings.Fields("name key field fieldName label type attribute id code")
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// factNames finds the facts that names state, each name read once.
type factNames struct {
	fields map[string]string // by name
	others map[string]bool   // names that speak of somebody else
}

// field is the fact that a name states, or "". What stands before the last dot or colon is whose claim it is: consumer.dateofbirth.
func (n factNames) field(name string) string {
	if field, known := n.fields[name]; known {
		return field
	}
	last := name
	if i := strings.LastIndexAny(name, ".:"); i >= 0 {
		last = name[i+1:]
	}
	field := aliases[foldName(last)]
	if field == "" {
		field = aliases[withoutQualifiers(last)]
	}
	n.fields[name] = field
	return field
}

// withoutQualifiers is a name folded, without what only says where its value was read: holderFirstName, date_of_birth_mrz.
func withoutQualifiers(name string) string {
	words := splitName(name)
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	for len(words) > 1 && leading[words[0]] {
		words = words[1:]
	}
	for len(words) > 1 && trailing[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	if n := len(words); n > 2 && words[n-1] == "from" {
		words = words[:n-1]
	}
	return strings.Join(words, "")
}

// other reports whether a name speaks of somebody or something else.
func (n factNames) other(name string) bool {
	is, known := n.others[name]
	if !known {
		for _, word := range splitName(name) {
			is = is || otherPeople[strings.ToLower(word)]
		}
		n.others[name] = is
	}
	return is
}

// fieldOf is the fact that a leaf states by its own name, by its parent's together with its own, or by a name that stands beside it.
func (n factNames) fieldOf(names []string, parent *value) string {
	last := names[len(names)-1]
	if valueNames[strings.ToLower(last)] {
		if field := n.labelled(parent); field != "" {
			return field
		}
		if len(names) > 1 {
			return n.field(names[len(names)-2])
		}
		return ""
	}
	if field := n.field(last); field != "" || len(names) < 2 {
		return field
	}
	return aliases[foldName(names[len(names)-2]+last)]
}

// labelled is the fact that a name beside a value says: {"key": "firstName", "value": …}.
func (n factNames) labelled(parent *value) string {
	for _, label := range labelNames {
		if v := parent.at(label); v != nil && v.kind == "string" && len(v.text) < longestLabel {
			if field := n.field(v.text); field != "" {
				return field
			}
		}
	}
	return ""
}

// longestLabel is beyond any name of a fact.
const longestLabel = 60

// isIndex reports whether a key is a list's.
func isIndex(parent *value) bool { return parent != nil && parent.kind == "array" }

// dated reports whether a name is one of a day's.
func dated(names []string) bool {
	folded := foldName(strings.Join(names[max(0, len(names)-2):], ""))
	return containsAny(folded, []string{"date", "birth", "born", "dob", "day", "issue", "expir", "valid", "until", "geb"}) &&
		!containsAny(folded, []string{"update", "created", "finished", "candidate", "dayof"}) || strings.HasSuffix(folded, "dob")
}

// figureCount is how many figures a text has.
func figureCount(text string) int {
	n := 0
	for i := range len(text) {
		if _, err := strconv.Atoi(text[i : i+1]); err == nil {
			n++
		}
	}
	return n
}
