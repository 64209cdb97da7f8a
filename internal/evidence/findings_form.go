package evidence

import (
	"regexp"
	"slices"
	"strings"
)

var (
	dayPattern    = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	alpha3Pattern = regexp.MustCompile(`^[A-Z]{3}$`)
)

// documentTypes are the kinds of the final result (reference, section 5).
var documentTypes = strings.Fields(`driversLicense passport identityCard residencePermit workPermit voterId postalIdCard
	professionalQualificationCard professionalPermit socialSecurity panCard passportCard stateId visa asylumRegistrationCard
	nationalHealthInsuranceCard aadharCard immigrationStatusDocument indigenousCard municipalityIdentityCard privateOperatorsCard
	certificateOfSponsorship serviceIdCard taxId`)

// normalised holds the final result's values against the documented forms (reference, section 5).
func (f *finder) normalised() {
	severity := Notice
	if fam := family(f.r.provider); fam == "connect" || fam == "webid" {
		severity = Info // the reference names both as exceptions
	}
	for _, field := range f.report.Fields {
		if !field.Present || field.Value == "" {
			continue
		}
		if form := documentedForm(field.Name, field.Value); form != "" {
			f.addField(findNotNormalised, severity, field.Name, field.Label+" is not in the documented form: "+form)
		}
	}
}

// documentedForm is the form that a value should have and has not, or "".
func documentedForm(name, value string) string {
	switch name {
	case "dateOfBirth", "dateOfIssue", "dateOfExpiry":
		if !dayPattern.MatchString(value) {
			return "YYYY-MM-DD"
		}
	case "nationality", "issuingCountry":
		if !alpha3Pattern.MatchString(value) {
			return "three letters of ISO 3166-1"
		}
	case "gender":
		if value != "M" && value != "F" {
			return "M or F"
		}
	case "documentType":
		if !slices.Contains(documentTypes, value) {
			return "one of the documented kinds"
		}
	case "similarityScore":
		if _, known := similarityLevels[strings.ToLower(value)]; !known {
			return "one of four levels"
		}
	case "livenessDetected":
		if value != "true" && value != "false" {
			return "true or false"
		}
	}
	return ""
}

// processTypes are the documented ones of each family, older ones included (reference, section 4).
var processTypes = map[string][]string{
	"onfido":            {"document", "documentSelfie", "documentVideo"},
	"signicatvideoid":   {"high", "substantial", "substantialFullyAuto", "hybrid", "attended", "unattended", "selfie", "video"},
	"readid":            {"sdk", "ready"},
	"webid":             {"videoid", "accountid"},
	"signicatpictureid": {"document", "documentSelfie"},
	"signicatpaper":     nil,
	"facetec":           nil,
	"connect":           nil,
}

// elements are the documented members of providerSpecific (reference, section 6), and members those of the answer itself (section 4).
var (
	elements = strings.Fields(`documentVerification facialSimilarity ocr manualApproval consolidatedIdentityData documentContent iproovSession
		session verification features mrz mrzChecksum mrzVerification mrzFeatureMatching featuresVerification redactionResult errors idtoken
		userInfo error identResponse payMoneyTransferResponse document selfie liveness matching`)
	members = strings.Fields(`processId provider processType status failReason depictions finalResult providerSpecific redactionRequested
		statusReasons createdAt updatedAt notificationUrl`)
)

// unknown tells what the tables of the portal do not know. It is shown all the same.
func (f *finder) unknown() {
	r := f.r
	if !KnownProvider(r.provider) {
		f.add(findUnknownProvider, Notice, "/provider", "The portal does not know this provider: its detail is shown as received, its checks may be missing here")
	} else if r.ptype != "" && !slices.Contains(processTypes[family(r.provider)], r.ptype) {
		f.add(findUnknownType, Info, "/processType", "The portal does not know this process type")
	}
	if !r.status.Known {
		f.add(findUnknownStatus, Notice, "/status", "The portal does not know this status: it may or may not be final")
	}
	for _, field := range f.report.Fields {
		if field.Present && !field.Known {
			f.addField(findUnknownField, Info, field.Name, "The final result has a field that the portal does not know")
		}
	}
	f.unknownMembers(r.root, members, "The answer has ")
	f.unknownMembers(r.detail, elements, "The provider's detail has ")
}

// unknownMembers tells at the first one how many members no table knows.
func (f *finder) unknownMembers(v *value, known []string, has string) {
	count, where := 0, ""
	for _, m := range v.members() {
		if !slices.Contains(known, m.key) {
			if count++; count == 1 {
				where = m.pointer
			}
		}
	}
	if count > 0 {
		f.add(findUnknownElement, Info, where, has+counted(count, "part", "parts")+" that the portal does not know")
	}
}

// shape tells what is unusual about the answer as a whole.
func (f *finder) shape() {
	r := f.r
	twice, where := 0, ""
	r.root.walk(func(v *value) {
		if v.duplicate {
			if twice++; twice == 1 {
				where = v.pointer
			}
		}
	})
	if twice > 0 {
		f.add(findDuplicateKeys, Notice, where, counted(twice, "name stands", "names stand")+" twice in one object: the last one counts here; another reader may take the first")
	}
	if complete, known := r.element("redactionResult").at("isFullRedaction").boolean(); known && !complete {
		f.add(findRedacted, Notice, "/providerSpecific/redactionResult", "Not everything was blacked out that should be: Assure keeps the image back")
	} else if asked, _ := r.root.at("redactionRequested").boolean(); asked {
		f.add(findRedacted, Info, "/redactionRequested", "The company asked to black out parts of the document")
	}
	for _, c := range f.report.Checks {
		if strings.HasSuffix(c.ID, ".signature") && c.Reporter == reporterPortal {
			f.add(findTokenUnverified, Info, checkTarget(c.ID), "A token of the identity provider: "+c.Meaning)
		}
	}
	for _, name := range []string{"createdAt", "updatedAt"} {
		if v := r.root.at(name); instantOf(v.string()).IsZero() {
			f.add(findNotNormalised, Notice, "/"+name, name+" is missing or is no time of ISO 8601")
		}
	}
}
