package evidence

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// plainLeaves lists, element by element of the reference (sections 4 to 6), the leaves that say nothing about a person: status,
// provider, checks, scores, countries, document types, and ids and times of the process. List indexes and ReadID's older wrapper
// "session" are left out of paths. What is neither here nor a verdict counts as personal, however harmless it looks.
var plainLeaves = leafSet(map[string]string{
	"":              "processId provider processType status createdAt updatedAt redactionRequested depictions",
	"failReason":    "type category reason",
	"statusReasons": "type category subCategory",
	"finalResult":   "nationality issuingCountry documentType similarityScore livenessDetected",

	"providerSpecific/documentVerification": "result subResult ageValidation policeRecord dataConsistency dataValidation imageIntegrity " +
		"dataComparison faceComparison compromisedDocument visualAuthenticity documentType nationality issuingCountry driversLicense",
	"providerSpecific/facialSimilarity": "result imageIntegrity faceComparison visualAuthenticity similarityScore",

	"providerSpecific/ocr":                             "documentType idType nationality issuingCountry livenessDetected similarityScore",
	"providerSpecific/ocr/features":                    "name found side",
	"providerSpecific/ocr/features/bbox":               "x y width height",
	"providerSpecific/manualApproval":                  "documentType nationality issuingCountry duration videoId verificationId verificationDate rAuthorityId rauthorityId",
	"providerSpecific/manualApproval/rejectionReasons": "type",

	"providerSpecific/consolidatedIdentityData": "chipVerification chipCloneDetection documentType documentCode nationality issuingCountry",
	"providerSpecific/documentContent":          "nationality issuingCountry",
	"providerSpecific/iproovSession": "attempts enrollmentImageSource finished hasError passed enrollmentRiskProfile riskProfile " +
		"iProovAssuranceType iproovAssuranceType getiProovAssuranceType",

	"providerSpecific/verification":    "type status",
	"providerSpecific/mrz":             "nationality documentType issuingCountry",
	"providerSpecific/redactionResult": "isPartialRedaction isFullRedaction",

	"providerSpecific/idtoken":          "iss aud azp amr acr exp iat nbf auth_time",
	"providerSpecific/userInfo":         "nationality country",
	"providerSpecific/userInfo/address": "country",
	"providerSpecific/error":            "error code type",

	"providerSpecific/identResponse":                  "actionId transactionId actionType success mismatch responseType finishedOn identifiedOn identMode",
	"providerSpecific/identResponse/idDocument":       "documentType nationality issuingCountry",
	"providerSpecific/identResponse/user/address":     "country",
	"providerSpecific/identResponse/customParameters": "signicatEnvironmentPrefix signicatEnvironmentSuffix",

	"providerSpecific/document":                   "issuingCountry nonExpiring",
	"providerSpecific/document/subject":           "nationality",
	"providerSpecific/document/subject/photo":     "x y width height",
	"providerSpecific/document/subject/signature": "x y width height",
	"providerSpecific/selfie":                     "status x y width height",

	"providerSpecific/liveness":          "error success",
	"providerSpecific/matching":          "algorithm matchLevel imageProcessing success error",
	"providerSpecific/matching/attempts": "algorithm matchLevel imageProcessing success error",
})

// verdicts are the elements that hold nothing but answers to checks, whatever the checks are called.
var verdicts = []string{
	"providerSpecific/documentVerification/breakdowns/", "providerSpecific/facialSimilarity/breakdowns/",
	"providerSpecific/ocr/securityChecks/", "providerSpecific/document/securityChecks/",
	"providerSpecific/mrzChecksum/", "providerSpecific/mrzVerification/", "providerSpecific/mrzFeatureMatching/",
	"providerSpecific/featuresVerification/", "providerSpecific/liveness/faceScanSecurityChecks/",
}

// verdictNames are, inside those, the names that hold the answer itself.
var verdictNames = map[string]bool{"result": true, "valid": true, "passed": true, "similarityLevel": true, "score": true}

// machineTexts are messages that a program wrote, in which a value of the person may have been printed; agentTexts a person may
// have written.
var (
	machineTexts = leafSet(map[string]string{
		"failReason": "message", "statusReasons": "message", "providerSpecific": "errors", "providerSpecific/iproovSession": "errorString",
		"providerSpecific/error": "error_description message description",
	})
	agentTexts = leafSet(map[string]string{
		"providerSpecific/manualApproval/rejectionReasons": "message", "providerSpecific/identResponse": "rejectionReason",
	})
)

func leafSet(byElement map[string]string) map[string]bool {
	set := map[string]bool{}
	for element, names := range byElement {
		for name := range strings.FieldsSeq(names) {
			set[strings.TrimPrefix(element+"/"+name, "/")] = true
		}
	}
	return set
}

// classifier knows the numbers that one body holds under a strict class, so that a text which repeats one is as strict.
type classifier struct {
	secrets []secret
	names   map[string]nameVerdict // what a name says, found once
}

type nameVerdict struct {
	class Class
	says  bool
}

// byName is nameClass, remembered: bodies repeat few names.
func (c classifier) byName(name string) (Class, bool) {
	v, known := c.names[name]
	if !known {
		v.class, v.says = nameClass(name)
		c.names[name] = v
	}
	return v.class, v.says
}

type secret struct {
	text  string
	class Class
}

// mostSecrets bounds the search of texts for repeated numbers: no documented body holds a tenth of it.
const mostSecrets = 64

// shortestSecret is the length from which a repeated number is no coincidence.
const shortestSecret = 5

func newClassifier(root *value) classifier {
	c := classifier{names: map[string]nameVerdict{}}
	walkPaths(root, "", func(path string, v *value) {
		if !v.leaf() || len(c.secrets) == mostSecrets || len(v.text) < shortestSecret {
			return
		}
		class := c.leafClass(path, v)
		isNumber := class == DocumentNumber || class == PersonalNumber
		if !isNumber || machineTexts[path] || agentTexts[path] || isZone(v.text) {
			return
		}
		if s := (secret{v.text, class}); !slices.Contains(c.secrets, s) {
			c.secrets = append(c.secrets, s)
		}
	})
	return c
}

// walkPaths calls fn with each value and its path: member names joined by "/", list indexes left out.
func walkPaths(v *value, path string, fn func(string, *value)) {
	if v == nil {
		return
	}
	fn(path, v)
	for _, child := range v.children {
		walkPaths(child, childPath(path, v, child), fn)
	}
}

func childPath(path string, parent, child *value) string {
	switch {
	case parent.kind == "array", path == "providerSpecific" && child.key == "session" && child.kind == "object":
		return path
	case path == "":
		return escape(child.key)
	case path == "providerSpecific":
		return path + "/" + escape(elementName(child.key))
	}
	return path + "/" + escape(child.key)
}

// elementName is an element's documented name, whatever its letter case.
func elementName(key string) string {
	for _, documented := range elements {
		if strings.EqualFold(documented, key) {
			return documented
		}
	}
	return key
}

// leafClass is the class of one leaf by the contract's masking table: what its text is (a token, an image, MRZ lines) first,
// then its place, then its name, then what its value looks like.
func (c classifier) leafClass(path string, v *value) Class {
	if v.kind == "null" || v.text == "" {
		return Plain
	}
	name := path[strings.LastIndexByte(path, '/')+1:] // an element of a list goes by the list's name
	return strictest(textClass(name, v.text), c.placeClass(path, name, v))
}

func (c classifier) placeClass(path, name string, v *value) Class {
	switch {
	case path == "providerSpecific/userInfo", path == "providerSpecific/idtoken":
		return Raw // a token as one string, signed or encrypted
	case plainLeaves[path], inVerdicts(path, name, v):
		return Plain
	case machineTexts[path]:
		return c.messageClass(v.text)
	case agentTexts[path]:
		return c.agentTextClass(v.text)
	case path == "providerSpecific/identResponse/idDocument/idNumber":
		return DocumentNumber // elsewhere an idNumber may be the person's own
	}
	return c.unlisted(name, v.text)
}

func inVerdicts(path, name string, v *value) bool {
	for _, element := range verdicts {
		if strings.HasPrefix(path, element) {
			return verdictNames[name] || isVerdict(v) || name == "name" || name == "documentId" && uuidPattern.MatchString(v.text)
		}
	}
	return false
}

var uuidPattern = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// isVerdict reports whether a value is one that only answers of checks have.
func isVerdict(v *value) bool {
	if v.kind == "boolean" {
		return true
	}
	text := strings.ToLower(v.text)
	return verdictWords[text] || strings.HasPrefix(text, "levenshtein") && len(text) <= len("levenshtein")+2
}

var verdictWords = map[string]bool{
	"clear": true, "consider": true, "unidentified": true, "suspected": true, "rejected": true, "caution": true,
	"valid": true, "invalid": true, "parsed": true, "found": true, "missing": true, "full_match": true,
	"true": true, "false": true, "succeeded": true, "failed": true, "not_available": true,
	"high": true, "medium": true, "low": true, "verylow": true, "very_low": true,
}

// unlisted is the class of a leaf that stands in no table of plain ones.
func (c classifier) unlisted(name, text string) Class {
	class, says := c.byName(name)
	switch {
	case class != Identity:
		return class
	case says && digitsExpected(name):
		return Identity
	case looksPersonal(text):
		return PersonalNumber
	case says:
		return Identity
	}
	return strictest(Identity, c.repeated(text))
}

// digitsExpected are names of contact and dates, whose digits are no number of the person.
func digitsExpected(name string) bool {
	folded := foldName(name)
	return folded == "cell" || containsAny(folded, []string{"phone", "mobile", "date", "birth", "zip", "postal", "postcode"})
}

// repeated is the strictest class of the numbers that text repeats.
func (c classifier) repeated(text string) Class {
	class := Plain
	for _, s := range c.secrets {
		if strings.Contains(text, s.text) {
			class = strictest(class, s.class)
		}
	}
	return class
}

// messageClass is the class of a program's message: plain only if it reads as a sentence about the process, without figures and
// without anything that could be a name. "Invalid date_of_expiry: NOT in the future, value 2016-10-20" shows that values are
// printed into some (reference, section 6.4).
func (c classifier) messageClass(text string) Class {
	class := strictest(c.repeated(text), namedNumber(text))
	switch {
	case looksPersonal(text):
		return PersonalNumber
	case class != Plain:
		return class
	case systemSentence(text):
		return Plain
	}
	return Identity
}

// namedNumber is the class of the number that a message with figures names.
func namedNumber(text string) Class {
	folded := foldName(text)
	switch {
	case !strings.ContainsFunc(text, unicode.IsDigit):
		return Plain
	case containsAny(folded, personalWords):
		return PersonalNumber
	case containsAny(folded, documentWords):
		return DocumentNumber
	}
	return Plain
}

// agentTextClass is the class of what an agent may have written: plain only as a code.
func (c classifier) agentTextClass(text string) Class {
	switch {
	case codePattern.MatchString(text) && c.repeated(text) == Plain:
		return Plain
	case looksPersonal(text):
		return PersonalNumber
	}
	return strictest(Identity, c.repeated(text), namedNumber(text))
}

var codePattern = regexp.MustCompile(`^([a-z]+([_.-][a-z]+)+|[A-Z]+(_[A-Z]+)+)$`)

// productWords are the only words with a capital that a message about the process may hold inside a sentence.
var productWords = map[string]bool{"ReadID": true, "VideoID": true, "PictureID": true, "WebID": true, "FaceTec": true, "Onfido": true,
	"SDK": true, "MRZ": true, "NFC": true, "OCR": true, "ID": true, "NOT": true}

// systemSentence reports whether a text is words in lower case after the first, ASCII, without figures: no name can stand in it.
func systemSentence(text string) bool {
	words := strings.Fields(text)
	if len(words) < 3 {
		return false
	}
	for i, word := range words {
		if strings.ContainsFunc(word, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsDigit(r) || r == '@' || r == '<' }) {
			return false
		}
		word = strings.Trim(word, `'".,:;()`)
		if i > 0 && word != "" && unicode.IsUpper(rune(word[0])) && !productWords[word] {
			return false
		}
	}
	return true
}
