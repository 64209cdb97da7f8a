package evidence

// pictureIDChecks are PictureID's security checks (reference, section 6.7), in the order of the page.
var pictureIDChecks = []struct {
	name     string
	question string
	asked    string
	always   bool // made for every document: counts as not done where it is missing
}{
	{"notTamperedDocument", askDocument, "Is the document untouched?", true},
	{"notBlackAndWhite", askDocument, "Is the document no black-and-white copy?", true},
	{"nonExpired", askComplete, "Is the document in date?", true},
	{"notUnderage", askComplete, "Is the person of age?", true},
	{"dataIntegrity", askConsistent, "Do the data of the document agree with each other?", true},
	{"sidesMatch", askConsistent, "Do both sides belong to one document?", false},
	{"selfieAndDocumentMatch", askFace, "Is the face that of the document?", false},
	{"notFaceSpoofing", askLive, "Is the face no picture or mask?", false},
}

// selfieAnswers are the states of the selfie (reference, section 6.7).
var selfieAnswers = scale{
	"success":                 {Pass, "one face was found"},
	"no_face_detected":        {Fail, "no face was found"},
	"multiple_faces_detected": {Fail, "more than one face was found"},
	"undefined":               {NotDone, "was not looked at"},
}

func (l *checklist) pictureID() {
	document := l.r.element("document")
	if checks := object(document.at("securityChecks")); checks != nil {
		seen := map[*value]bool{}
		for _, known := range pictureIDChecks {
			check := checks.at(known.name)
			seen[check] = true
			if check != nil || known.always {
				l.securityCheck(subject{"document.securityChecks." + known.name, "document.securityChecks", known.question, known.asked}, check)
			}
		}
		for _, check := range checks.checks() {
			if !seen[check] {
				l.securityCheck(subject{"document.securityChecks." + check.key, "document.securityChecks", askDocument, spelledOut(check.key) + "?"}, check)
			}
		}
	}
	if status := l.r.element("selfie").at("status"); status != nil {
		l.judge(subject{"selfie.status", "selfie", askFace, "Is there one face in the selfie?"}, status, selfieAnswers)
	}
}

// securityCheck reads the answer under any of its names (reference, section 7), and a level of similarity, which may stand beside it.
func (l *checklist) securityCheck(s subject, check *value) {
	answer, level := answerOf(check), check.at("similarityLevel")
	if answer != nil || level == nil {
		l.judgeIn(s, check, answer, passWhen(true, "passed", "failed"))
		s.id += ".similarityLevel"
	}
	if level != nil {
		l.judge(s, level, similarityLevels)
	}
}
