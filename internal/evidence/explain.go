package evidence

import (
	"cmp"
	"strings"
)

// explain is our words about a known element or value (own words from the reference, sections 4 to 6), or "". What a check says about
// the value goes before it.
func explain(path string, v *value) string {
	if words, known := elementWords[strings.TrimPrefix(path, "providerSpecific/")]; known && (v.kind == "object" || v.kind == "array" || v.kind == "string") {
		return words
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	if !v.leaf() {
		return cmp.Or(emptyWords(v), partWords[name])
	}
	if words, known := leafWords[path]; known {
		return words
	}
	if within(path, verdicts) && checkWordsWithin[name] != "" {
		return checkWordsWithin[name]
	}
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

	"documentVerification/breakdowns/imageIntegrity":      "can the image be used to judge the document?",
	"documentVerification/breakdowns/visualAuthenticity":  "does the document look genuine?",
	"documentVerification/breakdowns/dataValidation":      "are the data well formed?",
	"documentVerification/breakdowns/dataConsistency":     "do the data agree wherever the document repeats them?",
	"documentVerification/breakdowns/dataComparison":      "do the data agree with what was stated beforehand?",
	"documentVerification/breakdowns/ageValidation":       "is the person old enough?",
	"documentVerification/breakdowns/policeRecord":        "is the document absent from police records?",
	"documentVerification/breakdowns/compromisedDocument": "is the document free of known misuse?",
	"documentVerification/breakdowns/issuingAuthority":    "does the issuer's signature in the chip hold?",
	"facialSimilarity/breakdowns/imageIntegrity":          "can the image be used to judge the face?",
	"facialSimilarity/breakdowns/faceComparison":          "is the face that of the document?",
	"facialSimilarity/breakdowns/visualAuthenticity":      "is it a live person, not a picture of one?",

	"ocr":                             "read by machine from the video",
	"ocr/features":                    "features of the document that were looked for",
	"ocr/features/bbox":               "where in the image, in pixels",
	"ocr/securityChecks":              "VideoID's security checks",
	"manualApproval":                  "what a human agent confirmed",
	"manualApproval/rejectionReasons": "why the agent rejected",

	"ocr/livenessDetected": "whether a live person was seen",

	"session":                  "ReadID's elements, in the older form of the answer",
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

	"userInfo/address":        "the person's address",
	"userInfo/place_of_birth": "where the person was born",

	"error": "why the sign-in ended",

	"identResponse":                          "WebID's answer",
	"identResponse/idDocument":               "the document, as the agent read it",
	"identResponse/user":                     "the person, as confirmed",
	"identResponse/user/address":             "the person's address",
	"identResponse/user/contact":             "how to reach the person",
	"identResponse/productInfos/bankAccount": "the bank account that was used",
	"identResponse/customParameters":         "Signicat's own marks of the environment",
	"identResponse/productInfos":             "what the product adds, such as the bank account",
	"payMoneyTransferResponse":               "WebID's answer about the transfer of money",

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

	"failReason/type":           "the kind of cause",
	"failReason/category":       "the kind of cause",
	"failReason/reason":         "the cause",
	"failReason/message":        "the cause in the provider's words",
	"statusReasons/type":        "what the reason is about",
	"statusReasons/category":    "the kind of reason",
	"statusReasons/subCategory": "the check behind it",
	"statusReasons/message":     "the reason in the provider's words",
	"depictions":                "an image that there is",

	"providerSpecific/documentVerification/driversLicense":                     "a full driving licence, not a restricted one",
	"providerSpecific/documentVerification/restrictedLicence":                  "a restricted licence, such as a learner's",
	"providerSpecific/documentVerification/manualTransmissionRestriction":      "the person may not drive with a manual gearbox",
	"providerSpecific/documentVerification/vehicleClassDetails/category":       "the class of vehicles",
	"providerSpecific/documentVerification/vehicleClassDetails/codes":          "conditions that the driver must meet",
	"providerSpecific/documentVerification/vehicleClassDetails/obtainmentDate": "since when the class is allowed",
	"providerSpecific/documentVerification/vehicleClassDetails/expiryDate":     "until when the class is allowed",
	"providerSpecific/documentVerification/passengerVehicle/permissionToDrive": "the class that allows passenger cars",
	"providerSpecific/documentVerification/passengerVehicle/obtainmentDate":    "since when it is allowed",
	"providerSpecific/documentVerification/passengerVehicle/expiryDate":        "until when it is allowed, which the document's own date need not be",

	"providerSpecific/ocr/features/name":                       "the feature, as VideoID calls it",
	"providerSpecific/ocr/features/side":                       "the side of the document",
	"providerSpecific/manualApproval/verificationId":           "VideoID's id of the agent's review",
	"providerSpecific/manualApproval/verificationDate":         "when the agent finished",
	"providerSpecific/manualApproval/rAuthorityId":             "the registration authority",
	"providerSpecific/manualApproval/rauthorityId":             "the registration authority",
	"providerSpecific/manualApproval/rejectionReasons/message": "the reason in the agent's words",
	"providerSpecific/iproovSession/errorString":               "the error, where there was one",
	"providerSpecific/iproovSession/enrollmentRiskProfile":     "how strict the face check was when the picture was taken over",
	"providerSpecific/iproovSession/riskProfile":               "how strict the face check was",
	"providerSpecific/identResponse/actionType":                "the kind of identification",
	"providerSpecific/identResponse/responseType":              "what is answered: ident, an identification; expired, nobody came in time",
	"providerSpecific/identResponse/finishedOn":                "when it was decided",
	"providerSpecific/identResponse/identifiedOn":              "when the person was identified, which may have been earlier",
	"providerSpecific/identResponse/rejectionReason":           "why WebID rejected",
	"providerSpecific/identResponse/idDocument/mrz":            "the machine-readable zone, or the number out of it",
	"providerSpecific/identResponse/user/address/addressLine2": "the address, second line",
	"providerSpecific/payMoneyTransferResponse/success":        "whether the transfer succeeded, by its name",
	"providerSpecific/error/error":                             "the error's code",
	"providerSpecific/error/error_description":                 "the error in the identity provider's words",
	"providerSpecific/idtoken/azp":                             "the client that asked",
	"providerSpecific/idtoken/acr":                             "how strongly the person signed in",
	"providerSpecific/idtoken/nbf":                             "from when it is good, in seconds since 1970",
	"providerSpecific/idtoken/auth_time":                       "when the person signed in, in seconds since 1970",
	"providerSpecific/idtoken/nonce":                           "ties the token to the request",

	"providerSpecific/liveness/error":                                           "whether it ended with an error",
	"providerSpecific/matching/error":                                           "whether it ended with an error",
	"providerSpecific/matching/imageProcessing":                                 "whether the image could be used",
	"providerSpecific/matching/attempts/success":                                "whether this attempt matched",
	"providerSpecific/matching/attempts/error":                                  "whether this attempt ended with an error",
	"providerSpecific/identResponse/customParameters/signicatEnvironmentPrefix": "Signicat's own mark of the environment",
	"providerSpecific/identResponse/customParameters/signicatEnvironmentSuffix": "Signicat's own mark of the environment",

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
	"x":                      "from the left, in pixels",
	"y":                      "from the top, in pixels",
	"width":                  "width in pixels",
	"height":                 "height in pixels",
	"title":                  "the title",
	"street":                 "the street",
	"streetNumber":           "the house number",
	"addressLine1":           "the address",
	"addressLine2":           "the address, second line",
	"region":                 "the region",
	"zip":                    "the postal code",
	"city":                   "the town",
	"telephone":              "the telephone number",
	"profession":             "the profession",
	"mrzLine1":               "a line of the machine-readable zone",
	"mrzLine2":               "a line of the machine-readable zone",
	"mrzLine3":               "a line of the machine-readable zone",
}

// partWords are objects that say the same wherever they stand.
var partWords = map[string]string{"bbox": "where in the image, in pixels", "breakdown": "what it consists of", "properties": "in detail"}

// checkWordsWithin are, among answers to checks, the members beside the answer.
var checkWordsWithin = map[string]string{
	"name":   "the check, as the provider calls it",
	"passed": "the same answer under its other name",
	"valid":  "the same answer under its other name",
}

func within(path string, elements []string) bool {
	for _, element := range elements {
		if strings.HasPrefix(path, element) {
			return true
		}
	}
	return false
}
