package evidence

import "strings"

// explain is our words about a known element or value (own words from the reference, sections 4 to 6), or "". What a check says about
// the value goes before it.
func explain(path string, v *value) string {
	if words, known := elementWords[strings.TrimPrefix(path, "providerSpecific/")]; known && (v.kind == "object" || v.kind == "array" || v.kind == "string") {
		return words
	}
	if !v.leaf() {
		return emptyWords(v)
	}
	if words, known := leafWords[path]; known {
		return words
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	if isZone(v.text) {
		return "a line of the machine-readable zone"
	}
	if isJWT(v.text) {
		return "a token, shown as a whole to nobody; its parts stand in the table"
	}
	return nameWords[name]
}

func emptyWords(v *value) string {
	if len(v.children) > 0 {
		return ""
	}
	if v.kind == "array" {
		return "an empty list"
	}
	return "nothing inside"
}

// elementWords are the elements of the answer, by path below providerSpecific, or from the top.
var elementWords = map[string]string{
	"finalResult":      "what Assure made of the provider's detail",
	"providerSpecific": "the provider's own detail",
	"failReason":       "why the process failed",
	"statusReasons":    "why the process ended so",
	"depictions":       "the images that there are",

	"documentVerification":                     "the document, as read and checked by Onfido",
	"facialSimilarity":                         "the face beside the document's, by Onfido",
	"documentVerification/breakdowns":          "each check of the document in detail",
	"facialSimilarity/breakdowns":              "each check of the face in detail",
	"documentVerification/vehicleClassDetails": "the classes of vehicles that the licence allows",
	"documentVerification/passengerVehicle":    "the permission for passenger cars",

	"ocr":                             "read by machine from the video",
	"ocr/features":                    "features of the document that were looked for",
	"ocr/features/bbox":               "where in the image, in pixels",
	"ocr/securityChecks":              "VideoID's security checks",
	"manualApproval":                  "what a human agent confirmed",
	"manualApproval/rejectionReasons": "why the agent rejected",

	"consolidatedIdentityData": "the identity as ReadID puts it together, the chip before all",
	"documentContent":          "what stands in the chip",
	"iproovSession":            "the face check by iProov",

	"verification":         "how the document was checked",
	"features":             "the printed text",
	"mrz":                  "the machine-readable zone",
	"mrzChecksum":          "the check digits of the zone",
	"mrzVerification":      "whether the zone's values can be",
	"mrzFeatureMatching":   "the printed text against the zone",
	"featuresVerification": "what was found in the printed text",
	"redactionResult":      "what was blacked out",
	"errors":               "what made Paper reject",

	"idtoken":  "who signed the person in, and when",
	"userInfo": "what the identity provider states of the person",
	"error":    "why the sign-in ended",

	"identResponse":              "WebID's answer",
	"identResponse/idDocument":   "the document, as the agent read it",
	"identResponse/user":         "the person, as confirmed",
	"identResponse/user/address": "the person's address",
	"identResponse/user/contact": "how to reach the person",
	"identResponse/productInfos": "what the product adds, such as the bank account",
	"payMoneyTransferResponse":   "WebID's answer about the transfer of money",

	"document":                   "the document, as read by PictureID",
	"document/subject":           "the person, as the document has it",
	"document/subject/photo":     "where the photograph is, in pixels",
	"document/subject/signature": "where the signature is, in pixels",
	"document/securityChecks":    "PictureID's security checks",
	"selfie":                     "the picture of the person",

	"liveness":                        "whether a live person was there",
	"liveness/faceScanSecurityChecks": "the checks of the face scan",
	"matching":                        "the face beside the document's; the last attempt stands here again",
	"matching/attempts":               "one attempt after the other, until one matches",
}

// leafWords are single values, by path.
var leafWords = map[string]string{
	"processId":          "Assure's id of this process",
	"provider":           "who verified",
	"processType":        "which of the provider's ways",
	"status":             "Assure's status",
	"createdAt":          "when the process was created",
	"updatedAt":          "when it last changed",
	"redactionRequested": "whether something was to be blacked out",
	"notificationUrl":    "an older way to be told",

	"providerSpecific/verification/type":                     "what was compared: zone and text, the zone alone, or the text alone",
	"providerSpecific/ocr/idType":                            "VideoID's number of the kind of document",
	"providerSpecific/ocr/predictedAge":                      "the age that the machine guesses from the face",
	"providerSpecific/manualApproval/duration":               "seconds that the agent took",
	"providerSpecific/manualApproval/verifierId":             "which agent",
	"providerSpecific/manualApproval/videoId":                "VideoID's own id of the process",
	"providerSpecific/consolidatedIdentityData/documentCode": "ICAO's code of the kind of document",
	"providerSpecific/iproovSession/attempts":                "how often the person tried",
	"providerSpecific/iproovSession/enrollmentImageSource":   "where the picture that is compared comes from",
	"providerSpecific/identResponse/actionId":                "WebID's own id of the process",
	"providerSpecific/identResponse/transactionId":           "Assure's id of the process",
	"providerSpecific/identResponse/identMode":               "which way of identification",
	"providerSpecific/identResponse/agentId":                 "which agent",
	"providerSpecific/document/nonExpiring":                  "whether the document never expires",
	"providerSpecific/matching/algorithm":                    "what the face was compared with",
	"providerSpecific/matching/attempts/algorithm":           "what the face was compared with",
	"providerSpecific/idtoken/iss":                           "who issued the token",
	"providerSpecific/idtoken/aud":                           "for whom it was issued",
	"providerSpecific/idtoken/amr":                           "how the person signed in",
	"providerSpecific/idtoken/exp":                           "until when it is good, in seconds since 1970",
	"providerSpecific/idtoken/iat":                           "when it was issued, in seconds since 1970",
}

// nameWords are names that say the same wherever they stand.
var nameWords = map[string]string{
	"score":                  "from 0 to 1, higher is better",
	"documentId":             "Onfido's id of the document",
	"alternativeFirstName":   "the first name in the other script or spelling",
	"alternativeLastName":    "the last name in the other script or spelling",
	"qrcode.personal_number": "the personal number in the QR code",
	"sub":                    "the identity provider's id of the person",
	"consumer.bin":           "iDIN's number of the person, for this company alone",
	"issuingAuthority":       "who issued the document",
	"authority":              "who issued the document",
	"lastNameSecondLine":     "the second line of the last name",
	"nameAtBirth":            "the name at birth",
}
