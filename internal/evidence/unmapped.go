package evidence

import (
	"slices"
	"strings"
	"unicode"
)

// mostFound bounds the places that are added: no documented answer has a tenth of it, and each is compared letter by letter.
const mostFound = 50

// gatherUnmapped adds places that stand in no table and state one of the facts all the same: by their name, or because they hold a value
// of the final result that can hardly be there by chance. It looks nowhere where the tables say that answers to checks stand.
func (r *reading) gatherUnmapped(g *gathered, t table) {
	d := detective{r: r, g: g, t: t, values: r.distinctiveValues()}
	walkPaths(r.detail, "providerSpecific", func(path string, v *value) {
		if g.found < mostFound && v.leaf() && v.string() != "" && !g.tabled[v] && !t.isSilent(path) && !isVerdict(v) {
			d.look(path, v)
		}
	})
}

// isSilent reports whether a path lies in an element that states no fact.
func (t table) isSilent(path string) bool {
	below := strings.TrimPrefix(path, "providerSpecific/")
	return slices.ContainsFunc(t.silent, func(s string) bool { return below == s || strings.HasPrefix(below, s+"/") })
}

type detective struct {
	r      *reading
	g      *gathered
	t      table
	values map[string]string // field by distinctive value
}

func (d detective) look(path string, v *value) {
	if isZoneName(v.key) || isZone(v.text) {
		if d.r.addZone(d.g, zonePlace{name: v.key, medium: MRZ, found: true}, []*value{v}) {
			d.g.found++
		}
		return
	}
	field := d.fieldByName(path)
	if field != "" && !plausible(field, v.text) {
		return
	}
	if field == "" {
		field = d.values[v.text]
	}
	if field == "" {
		return
	}
	d.g.found++
	d.g.add(field, statement{spelling: spelling{text: v.text, member: v.key, isBool: v.kind == "boolean"}, pointer: v.pointer, name: v.key,
		medium: mediumByPath(path), class: d.r.classOf(v), found: true})
}

// aliases are the names, without anything but letters and in lower case, under which a fact may stand in a place that the portal does
// not know.
var aliases = aliasFields(map[string]string{
	"firstName":                    "firstname firstnames givenname givennames forename forenames secondaryidentifier",
	"lastName":                     "lastname lastnames surname surnames familyname primaryidentifier",
	"lastNameSecondLine":           "lastnamesecondline",
	"dateOfBirth":                  "dateofbirth birthdate birthday dob",
	"placeOfBirth":                 "placeofbirth birthplace",
	"gender":                       "gender sex",
	"nationality":                  "nationality citizenship",
	"documentType":                 "documenttype doctype documentcode",
	"documentNumber":               "documentnumber documentno docnumber passportnumber passportno",
	"issuingCountry":               "issuingcountry countryofissue issuercountry",
	"dateOfIssue":                  "dateofissue issuedate issuingdate issuancedate",
	"dateOfExpiry":                 "dateofexpiry dateofexpiration expirydate expirationdate validuntil",
	"personalIdentificationNumber": "personalidentificationnumber personalnumber personalid nationalid nationalidentificationnumber nationalnumber",
	"similarityScore":              "similarityscore similaritylevel",
	"livenessDetected":             "livenessdetected",
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

// otherPeople are words in the path of a leaf that make it speak of somebody or something else.
var otherPeople = []string{"guardian", "parent", "spouse", "partner", "father", "mother", "child", "witness", "agent", "operator", "verifier",
	"issuer", "company", "organisation", "organization", "employer", "representative", "beneficiary", "device", "vehicle", "licence", "license",
	"error", "reason", "check", "verification", "matching", "breakdown", "expected", "session", "certificate"}

// fieldByName is the fact that a leaf's name states, or "". Names with a prefix count by their last part: consumer.dateofbirth. The
// elements of the table speak of the person, whatever they are called.
func (d detective) fieldByName(path string) string {
	elements := strings.Split(path, "/")
	name := elements[len(elements)-1]
	if i := strings.LastIndexAny(name, ".:"); i >= 0 {
		name = name[i+1:]
	}
	for i, element := range elements[1 : len(elements)-1] {
		if (i > 0 || !d.t.speaksOf(element)) && containsAny(foldName(element), otherPeople) {
			return ""
		}
	}
	return aliases[foldName(name)]
}

// speaksOf reports whether a first-level element of providerSpecific stands in the table.
func (t table) speaksOf(name string) bool {
	return slices.ContainsFunc(t.elements, func(e element) bool { return e.path == name || strings.HasPrefix(e.path, name+"/") })
}

// plausible reports whether a text can be a value of the field at all.
func plausible(field, text string) bool {
	known := false
	switch fieldKinds[field] {
	case dayKind:
		_, known = readDay(text)
	case genderKind:
		_, known = genderCode(text)
	case countryKind:
		_, known = countryCode(text)
	case documentKind:
		known = documentName(text) != "" || isDocumentCode(text)
	case similarityKind:
		_, known = scoreLevel(spelling{text: text})
	case booleanKind:
		_, known = truthOf(spelling{text: text})
	case numberKind:
		known = len(text) >= shortestSecret && strings.ContainsFunc(text, unicode.IsDigit)
	default:
		known = strings.ContainsFunc(text, unicode.IsLetter) && !strings.ContainsAny(text, "_{}")
	}
	return known
}

// distinctiveValues are the values of the final result that hardly stand anywhere by chance: numbers, names of some length, the date of
// birth.
func (r *reading) distinctiveValues() map[string]string {
	values := map[string]string{}
	for _, field := range fieldNames {
		text := r.final.at(field).string()
		switch {
		case len(text) < shortestSecret:
		case field == "dateOfBirth", fieldKinds[field] == nameKind, fieldKinds[field] == numberKind && strings.ContainsFunc(text, unicode.IsDigit):
			if _, taken := values[text]; !taken {
				values[text] = field
			}
		}
	}
	return values
}

// mediumByPath is what the names above a leaf say about where its value was read; unknown if they say nothing.
func mediumByPath(path string) Medium {
	folded := foldName(path)
	switch {
	case strings.Contains(folded, "mrz"):
		return MRZ
	case strings.Contains(folded, "chip"), strings.Contains(folded, "nfc"):
		return Chip
	case strings.Contains(folded, "similarity"), strings.Contains(folded, "liveness"):
		return Derived
	}
	return ""
}
