package evidence

import (
	"strconv"
	"strings"
)

// onfidoAnswers are the results of Onfido's reports and breakdowns (reference, section 6.1).
var onfidoAnswers = scale{
	"clear":        {Pass, "nothing speaks against it"},
	"consider":     {Attention, "something speaks against it"},
	"unidentified": {Attention, "could not be assessed"},
	"caution":      {Attention, "authenticity is in doubt, for no strong reason"},
	"suspected":    {Fail, "signs of fraud"},
	"rejected":     {Fail, "could not be processed: unsupported, or the image is too poor"},
}

// onfidoGroup is one of Onfido's groups of checks, which stands in an element as a summary and again under breakdowns.
type onfidoGroup struct {
	name     string
	question string
	asked    string
}

// The groups of the two elements (reference, section 6.1).
var (
	onfidoDocumentGroups = []onfidoGroup{
		{"ageValidation", askComplete, "Is the person old enough?"},
		{"imageIntegrity", askDocument, "Can the image be used to judge the document?"},
		{"visualAuthenticity", askDocument, "Does the document look genuine?"},
		{"dataValidation", askConsistent, "Are the data well formed, with the right check digits?"},
		{"dataConsistency", askConsistent, "Do the data agree wherever the document repeats them?"},
		{"dataComparison", askStated, "Do the data agree with what was stated beforehand?"},
		{"faceComparison", askFace, "Is the face that of the document?"},
		{"compromisedDocument", askDocument, "Is the document free of known misuse?"},
		{"policeRecord", askDocument, "Is the document absent from police records?"},
		{"issuingAuthority", askDocument, "Does the issuer's signature in the chip hold?"},
	}
	onfidoFaceGroups = []onfidoGroup{
		{"imageIntegrity", askFace, "Can the image be used to judge the face?"},
		{"faceComparison", askFace, "Is the face that of the document?"},
		{"visualAuthenticity", askLive, "Is it a live person, not a picture of one?"},
	}
)

// onfidoQuestions are the single checks that stand behind another question than their group: what asks for time and age.
var onfidoQuestions = map[string]string{
	"documentExpiration": askComplete, "minimumAcceptedAge": askComplete, "livenessDetected": askLive, "spoofingDetection": askLive,
}

func (l *checklist) onfido() {
	l.onfidoElement("documentVerification", askDocument, "the document", onfidoDocumentGroups)
	face := l.r.element("facialSimilarity")
	l.onfidoElement("facialSimilarity", askFace, "the face", onfidoFaceGroups)
	if score := face.at("similarityScore"); score != nil {
		l.judge(subject{"facialSimilarity.similarityScore", "facialSimilarity", askFace, "How alike are face and document?"}, score, similarityLevels)
	}
}

// onfidoElement adds the summaries of one element, then its breakdowns.
func (l *checklist) onfidoElement(name, question, about string, groups []onfidoGroup) {
	element := l.r.element(name)
	if object(element) == nil {
		return
	}
	summary := func(member, question, asked string) {
		if v := element.at(member); v != nil {
			l.judge(subject{name + "." + member, name, question, asked}, v, onfidoAnswers)
		}
	}
	summary("result", question, "Is all well with "+about+" over all?")
	summary("subResult", question, "What kind of doubt is there about "+about+"?")
	for _, g := range groups {
		if g.name != "issuingAuthority" { // as a member of the element, that is who issued the document
			summary(g.name, g.question, g.asked)
		}
	}
	for _, group := range element.at("breakdowns").members() {
		l.onfidoBreakdown(name, group, groupOf(groups, group.key, question))
	}
}

// groupOf finds a group by its name; an unknown one stands behind the question of its element.
func groupOf(groups []onfidoGroup, name, question string) onfidoGroup {
	for _, g := range groups {
		if g.name == name {
			return g
		}
	}
	return onfidoGroup{name, question, spelledOut(name) + "?"}
}

// onfidoBreakdown adds a group's own result, its checks, and their properties.
func (l *checklist) onfidoBreakdown(element string, group *value, g onfidoGroup) {
	id := element + ".breakdowns." + g.name
	title := element + ": " + strings.ToLower(spelledOut(g.name))
	l.judgeIn(subject{id, title, g.question, g.asked}, group, resultOf(group), onfidoAnswers)
	for _, check := range group.at("breakdown").members() {
		question := g.question
		if own, has := onfidoQuestions[check.key]; has {
			question = own
		}
		s := subject{id + "." + check.key, title, question, onfidoAsked(g.name, check.key)}
		l.judgeIn(s, check, resultOf(check), onfidoAnswers)
		for _, property := range check.at("properties").members() {
			if isOnfidoAnswer(property) {
				l.judge(subject{s.id + "." + property.key, title, question, onfidoAsked(check.key, property.key)}, property, onfidoAnswers)
			}
		}
	}
}

// resultOf is the result of a group or check, or the group itself where it is nothing but one; one that was not performed has none.
func resultOf(v *value) *value {
	if v.leaf() {
		return v
	}
	return v.at("result")
}

// isOnfidoAnswer tells answers from the scores and ids that properties also hold.
func isOnfidoAnswer(v *value) bool {
	_, err := strconv.ParseFloat(v.text, 64) // a score may be spelled as a string
	return v.kind == "string" && v.key != "documentId" && err != nil
}

func onfidoAsked(within, name string) string {
	if asked, known := onfidoWords[within+"."+name]; known {
		return asked
	}
	if asked, known := onfidoWords[name]; known {
		return asked
	}
	if asked, known := onfidoFieldWords[within]; known {
		return spelledOut(name) + ": " + asked
	}
	return spelledOut(name) + ": " + strings.ToLower(spelledOut(within)) + "?"
}

// onfidoFieldWords are what the groups ask of each field.
var onfidoFieldWords = map[string]string{
	"dataValidation":  "well formed?",
	"documentNumbers": "well formed?",
	"dataConsistency": "the same wherever the document repeats it?",
	"dataComparison":  "as stated beforehand?",
}

// onfidoWords are checks and properties in our words, the more precise name first where a name stands in several groups.
var onfidoWords = map[string]string{
	"supportedDocument":                "Is this kind of document supported?",
	"onfidoSupportedDocument":          "Does Onfido support this kind of document?",
	"customSupportedDocument":          "Does the company accept this kind of document?",
	"issuingCountrySubjectToSanctions": "Is the issuing country free of sanctions?",
	"colourPicture":                    "Is the picture in colour?",
	"imageQuality":                     "Is the image good enough?",
	"darkPhoto":                        "Is the image light enough?",
	"glareOnPhoto":                     "Is the image free of glare?",
	"blurredPhoto":                     "Is the image sharp?",
	"coveredPhoto":                     "Is the document uncovered?",
	"otherPhotoIssue":                  "Is the image free of other faults?",
	"damagedDocument":                  "Is the document undamaged?",
	"incorrectSide":                    "Is it the right side?",
	"cutOffDocument":                   "Is the whole document in the image?",
	"noDocumentInImage":                "Is there a document in the image?",
	"twoDocumentsUploaded":             "Is there one document only?",
	"conclusiveDocumentQuality":        "Is the document in a state that allows a verdict?",
	"cornerRemoved":                    "Are all corners there?",
	"abnormalDocumentFeatures":         "Are the document's features as usual?",
	"obscuredSecurityFeatures":         "Can the security features be seen?",
	"watermarksDigitalTextOverlay":     "Is there no mark or text laid over the image?",
	"puncturedDocument":                "Is the document not punched?",
	"obscuredDataPoints":               "Can all data be seen?",
	"missingBack":                      "Is the back there?",
	"digitalDocument":                  "Is it a physical document?",
	"faceDetection":                    "Is there a face on the document?",
	"template":                         "Does the layout fit this kind of document?",
	"pictureFaceIntegrity":             "Is the picture on the document untouched?",
	"securityFeatures":                 "Are the security features as they should be?",
	"fonts":                            "Are the typefaces right?",
	"digitalTampering":                 "Is there no sign of digital editing?",
	"originalDocumentPresent":          "Is it the original document?",
	"scan":                             "Is it not a scan?",
	"screenshot":                       "Is it not a screenshot?",
	"photoOfScreen":                    "Is it not a photograph of a screen?",
	"documentOnPrintedPaper":           "Is it not a print-out?",
	"visualAuthenticity.other":         "Is nothing else about its look in doubt?",
	"dataValidation.mrz":               "Is the machine-readable zone well formed?",
	"dataValidation.expiryDate":        "Is the date of expiry well formed?",
	"documentExpiration":               "Is the document in date?",
	"multipleDataSourcesPresent":       "Are the data on the document more than once?",
	"minimumAcceptedAge":               "Is the person old enough?",
	"documentDatabase":                 "Is the document in no list of compromised ones?",
	"repeatAttempts":                   "Was the document not used before with other data?",
	"nfcActiveAuthentication":          "Is the chip no copy?",
	"nfcPassiveAuthentication":         "Are the chip's data signed by the issuer?",
	"faceDetected":                     "Is there a face in the image?",
	"sourceIntegrity":                  "Does the image come straight from a camera?",
	"faceMatch":                        "Do the faces match?",
	"spoofingDetection":                "Is it no picture, mask or screen?",
	"livenessDetected":                 "Did the person move as asked?",
	"fakeWebcam":                       "Is the camera a real one?",
	"emulator":                         "Is the device a real one?",
	"timeOfCapture":                    "Was the image made at the time?",
	"challengeReuse":                   "Was the recording made for this check?",
}
