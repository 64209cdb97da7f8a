package evidence

import (
	"strings"
	"unicode"
)

// Classes lists all, least strict first.
func Classes() []Class {
	return []Class{Plain, Identity, DocumentNumber, PersonalNumber, Image, Raw}
}

// strictness orders the classes as Classes does.
var strictness = map[Class]int{Plain: 0, Identity: 1, DocumentNumber: 2, PersonalNumber: 3, Image: 4, Raw: 5}

// strictest is the strictest of some classes: what a string of several classes takes (contract, masking table).
func strictest(classes ...Class) Class {
	worst := Plain
	for _, c := range classes {
		if strictness[c] > strictness[worst] {
			worst = c
		}
	}
	return worst
}

// Mask replaces each character by a bullet, keeping the last two from length 6 on (contract, masking table).
func Mask(value string) string {
	runes := []rune(value)
	kept := len(runes)
	if kept >= 6 {
		kept -= 2
	}
	return strings.Repeat("•", kept) + string(runes[kept:])
}

// FieldClass is the class of a final result field by its name; an unknown name counts as Identity, or as PersonalNumber
// where the name looks like one (contract, masking table).
func FieldClass(name string) Class {
	switch name {
	case "nationality", "issuingCountry", "documentType", "similarityScore", "livenessDetected":
		return Plain
	}
	class, _ := nameClass(name)
	return class
}

// personalWords mark, anywhere in a name without its separators, a number that a state, an insurer or a bank gave a person.
var personalWords = []string{
	"personalidentification", "personalnumber", "personalid", "personnumber", "personnummer", "personid", "nationalid", "nationalnumber",
	"nationalregist", "socialsecurity", "socialnumber", "socialinsurance", "taxnumber", "taxid", "taxpayer", "fiscal", "healthnumber", "healthid",
	"healthinsurance", "insurancenumber", "iban", "accountnumber", "bankaccount", "citizennumber", "citizenid", "burgerservice", "fodselsnummer",
	"steuer", "rodnecislo", "optionaldata", "identitynumber", "identificationnumber",
}

// personalSegments do so only as a whole segment of a name: signicat.national_id, consumer.bin, user_ssn.
var personalSegments = map[string]bool{
	"ssn": true, "bsn": true, "cpr": true, "bin": true, "nif": true, "nie": true, "dni": true, "nino": true, "pesel": true, "cnp": true,
	"oib": true, "egn": true, "jmbg": true, "amka": true, "cpf": true, "curp": true, "hetu": true, "tin": true, "pid": true, "nir": true,
	"nin": true, "bban": true, "ahv": true, "idnumber": true, "inn": true, "nnin": true,
}

var documentWords = []string{"documentnumber", "docnumber", "documentno", "passportnumber", "passportno", "cardnumber", "licencenumber",
	"licensenumber", "documentid", "serialnumber", "permitnumber", "mrz"}

// identityWords are the names of facts about a person that are no number of a document or of the person.
var identityWords = []string{"name", "birth", "born", "gender", "sex", "address", "street", "postal", "postcode", "zip", "city", "locality",
	"email", "phone", "mobile", "initials", "dateofissue", "dateofexpiry", "expirydate", "issuedate", "obtainmentdate", "authority"}

// nameClass is the class that a name by itself says, and whether it says one: the strictest of its words. What says nothing
// counts as identity.
func nameClass(name string) (class Class, says bool) {
	folded := foldName(name)
	if folded == "sub" { // the OpenID Connect subject: with some methods the personal number itself
		return PersonalNumber, true
	}
	for _, segment := range segments(name) {
		if personalSegments[segment] {
			return PersonalNumber, true
		}
	}
	switch {
	case containsAny(folded, personalWords):
		return PersonalNumber, true
	case strings.HasPrefix(folded, "mrz") && containsAny(folded, identityWords):
		return Identity, true // mrzFirstName: a part of the zone, not a line of it
	case containsAny(folded, documentWords):
		return DocumentNumber, true
	}
	return Identity, folded == "cell" || containsAny(folded, identityWords)
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// foldName is a name in lower case without anything but letters and digits.
func foldName(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, name)
}

// segments are the words of a name, split at separators and at capitals, in lower case; two neighbours also stand joined,
// so that idNumber and id_number are found.
func segments(name string) []string {
	parts := splitName(name)
	out := make([]string, 0, 2*len(parts))
	for i, p := range parts {
		out = append(out, strings.ToLower(p))
		if i > 0 {
			out = append(out, strings.ToLower(parts[i-1]+p))
		}
	}
	return out
}

// splitName splits a name at separators and at capitals.
func splitName(name string) (parts []string) {
	for rest := name; rest != ""; {
		n := firstPart(rest)
		if n > 0 {
			parts = append(parts, rest[:n])
		}
		rest = rest[max(n, 1):]
	}
	return parts
}

// firstPart is the length in bytes of the part that s begins with: small letters with the capital before them, capitals, or digits;
// 0: s begins with a separator. By hand, since every name of every leaf comes here: a regular expression took an eighth of a
// reading.
func firstPart(s string) int {
	capitals := beginning(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if capitals <= 1 {
		if small := beginning(s[capitals:], "abcdefghijklmnopqrstuvwxyz"); small > 0 {
			return capitals + small
		}
	}
	return max(capitals, beginning(s, "0123456789"))
}

// beginning is how many bytes at the beginning of s are of the set.
func beginning(s, set string) int { return len(s) - len(strings.TrimLeft(s, set)) }
