package demo

import (
	"slices"
	"strings"
)

// breakdownVerdict says how Onfido's checks of a document went: all clear but one.
type breakdownVerdict struct {
	mrz      bool     // the document has a machine-readable zone to compare with
	consider string   // group/check that gave cause for doubt
	only     []string // groups that were performed; nil: all
}

// breakdownGroup is one of Onfido's groups of checks, each check with the names of its properties after a colon.
type breakdownGroup struct {
	name   string
	checks []string
}

func breakdownGroups() []breakdownGroup {
	return []breakdownGroup{
		{"imageIntegrity", []string{"supportedDocument:onfidoSupportedDocument customSupportedDocument issuingCountrySubjectToSanctions", "colourPicture", "imageQuality",
			"conclusiveDocumentQuality:cornerRemoved abnormalDocumentFeatures obscuredSecurityFeatures watermarksDigitalTextOverlay puncturedDocument obscuredDataPoints missingBack digitalDocument"}},
		{"visualAuthenticity", []string{"faceDetection", "template", "pictureFaceIntegrity", "other", "securityFeatures", "fonts",
			"originalDocumentPresent:scan screenshot photoOfScreen documentOnPrintedPaper", "digitalTampering"}},
		{"dataValidation", []string{"expiryDate", "mrz", "gender", "dateOfBirth", "documentExpiration", "barcode", "documentNumbers:documentNumber"}},
		{"dataConsistency", []string{"dateOfExpiry", "lastName", "firstName", "nationality", "gender", "multipleDataSourcesPresent", "documentType", "issuingCountry", "dateOfBirth", "documentNumbers"}},
		{"dataComparison", []string{"dateOfExpiry", "lastName", "firstName", "gender", "documentType", "issuingCountry", "dateOfBirth", "documentNumbers"}},
		{"ageValidation", []string{"minimumAcceptedAge"}},
		{"policeRecord", nil},
		{"compromisedDocument", []string{"documentDatabase", "repeatAttempts"}},
		{"issuingAuthority", []string{"nfcActiveAuthentication", "nfcPassiveAuthentication"}},
	}
}

// performed says whether a check was made; one that was not made has no result.
func (v breakdownVerdict) performed(group, check string) bool {
	switch {
	case v.only != nil && !slices.Contains(v.only, group):
		return false
	case group == "dataComparison" || group == "issuingAuthority" || group == "policeRecord":
		return false // need what the customer stated, a chip, a police service
	case check == "barcode" || check == "repeatAttempts":
		return false
	case !v.mrz && group == "dataConsistency":
		return false
	case !v.mrz && group == "dataValidation":
		return check == "" || check == "dateOfBirth" || check == "documentNumbers"
	default:
		return true
	}
}

func (v breakdownVerdict) result(group, check string) string {
	if path := group + "/" + check; path == v.consider || check == "" && strings.HasPrefix(v.consider, path) {
		return "consider"
	}
	return "clear"
}

func onfidoBreakdowns(v breakdownVerdict) object {
	var out object
	for _, g := range breakdownGroups() {
		var group, checks object
		if v.performed(g.name, "") {
			group.add("result", v.result(g.name, ""))
		}
		for _, spec := range g.checks {
			name, properties, _ := strings.Cut(spec, ":")
			checks.add(name, v.check(g.name, name, strings.Fields(properties)))
		}
		if checks != nil {
			group.add("breakdown", checks)
		}
		out.add(g.name, group)
	}
	return out
}

// check is one check; where it gave cause for doubt its last property says so.
func (v breakdownVerdict) check(group, name string, properties []string) object {
	var o object
	values := object{}
	if v.performed(group, name) {
		result := v.result(group, name)
		o.add("result", result)
		for i, p := range properties {
			values.add(p, "clear")
			if i == len(properties)-1 {
				values[i].value = result
			}
		}
	}
	o.add("properties", values)
	return o
}
