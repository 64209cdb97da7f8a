package evidence

import "strings"

// videoIDChecks are VideoID's security checks in both spellings of the reference (section 7), with the question that each stands
// behind.
var videoIDChecks = map[string]struct{ question, asked string }{
	"nonExpired":         {askComplete, "Is the document in date?"},
	"notUnderage":        {askComplete, "Is the person of age?"},
	"dataIntegrity":      {askConsistent, "Do the data of the document agree with each other?"},
	"sidesMatch":         {askConsistent, "Do both sides belong to one document?"},
	"liveness":           {askLive, "Is it a live person?"},
	"livenessDetected":   {askLive, "Is it a live person?"},
	"notFaceSpoofing":    {askLive, "Is the face no picture or mask?"},
	"untamperedVideo":    {askLive, "Is the video untouched?"},
	"deviceSecurity":     {askLive, "Can the device be trusted?"},
	"untamperedDocument": {askDocument, "Is the document untouched?"},
	"notBWCopy":          {askDocument, "Is the document no black-and-white copy?"},
	"reflectiveSurface":  {askDocument, "Does the surface reflect as the original does?"},
	"documentTilt":       {askDocument, "Does the document change with the angle as the original does?"},
}

func (l *checklist) videoID() {
	ocr := l.r.element("ocr")
	for _, check := range ocr.at("securityChecks").checks() {
		name := check.named()
		s := subject{"securityChecks." + name, "securityChecks", askDocument, spelledOut(name) + "?"}
		if known, ok := videoIDChecks[name]; ok {
			s.question, s.asked = known.question, known.asked
		}
		l.securityCheck(s, check)
	}
	if live := ocr.at("livenessDetected"); live != nil { // the schema's example has an object, with the answer inside
		l.judge(subject{"ocr.livenessDetected", "ocr", askLive, "Was a live person detected?"}, answerOf(live), passWhen(true, "detected", "not detected"))
	}
	if score := ocr.at("similarityScore"); score != nil {
		l.judge(subject{"ocr.similarityScore", "ocr", askFace, "How alike are face and document?"}, score, similarityLevels)
	}
	l.videoIDFeatures(ocr.at("features"))
	l.manualApproval(l.r.element("manualApproval"))
}

// videoIDFeatures adds the visual features that VideoID looked for on the document. Not every one has to be seen: accepted samples
// lack some. With fewer than half seen the document was hardly looked at.
func (l *checklist) videoIDFeatures(features *value) {
	missing := verdict{NotDone, "not seen; accepted documents may lack some"}
	if fewFound(features.members()) {
		missing = verdict{Attention, "not seen, like most of those looked for"}
	}
	for _, feature := range features.members() {
		answers := scale{"true": {Pass, "seen" + boxWords(feature)}, "false": missing}
		s := subject{"features." + feature.key, "features", askDocument, "Is this feature to be seen?"}
		if name := feature.at("name"); name.string() != "" && l.r.classOf(name) == Plain {
			s.asked = "Is the feature to be seen: " + name.text + "?"
		}
		l.judgeIn(s, feature, feature.at("found"), answers)
	}
}

// boxWords say where a feature was seen.
func boxWords(feature *value) string {
	words := ""
	if side := feature.at("side"); side.string() != "" && len(side.text) < 20 && isCode(side.text) {
		words = ", side " + side.text
	}
	if box := feature.at("bbox"); box.at("width").isNumber() && box.at("height").isNumber() {
		words += ", in a box of " + box.at("width").text + " by " + box.at("height").text + " pixels"
	}
	return words
}

func (v *value) isNumber() bool { return v != nil && v.kind == "number" }

// isCode reports whether a text is one word of letters.
func isCode(text string) bool {
	return text != "" && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz") == ""
}

func fewFound(features []*value) bool {
	found, looked := 0, 0
	for _, f := range features {
		if is, known := f.at("found").boolean(); known {
			looked++
			if is {
				found++
			}
		}
	}
	return looked > 0 && 2*found < looked
}

// manualApproval adds the human agent's word: an approval, or each reason of a rejection.
func (l *checklist) manualApproval(approval *value) {
	if object(approval) == nil {
		return
	}
	reasons := approval.at("rejectionReasons").listed()
	if len(reasons) == 0 {
		c := verdict{NotDone, "an agent's data are there, the final word is not"}
		if l.r.status.Status == "accepted" {
			c = verdict{Pass, "an agent looked at it and gave no reason against it"}
		}
		l.add(subject{"manualApproval", "manualApproval", askDocument, "Did the agent approve?"}, approval, c)
	}
	for _, reason := range reasons {
		kind := reason.at("type")
		s := subject{"manualApproval.rejectionReasons." + reason.key, "manualApproval", rejectionQuestion(kind.string()), "Did the agent reject?"}
		l.add(s, first(kind, reason), verdict{Fail, "the agent rejected: " + rejectionWords(kind.string())})
	}
}

// first is the first value that is there.
func first(values ...*value) *value {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

// videoIDRejections are the agent's reasons (reference, section 6.2).
var videoIDRejections = map[string]struct{ question, words string }{
	"environment.captchanotread":   {"", "the code was not read out"},
	"environment.notappropriate":   {"", "the surroundings did not allow an identification"},
	"document.aspect":              {askDocument, "the look of the document"},
	"document.notsecurityelements": {askDocument, "security elements were missing"},
	"document.notlegible":          {askDocument, "the document could not be read"},
	"document.doesnotmatchdata":    {askConsistent, "the data do not fit the document"},
	"document.expired":             {askComplete, "the document has expired"},
	"photo.invalid":                {askFace, "the photograph cannot be used"},
	"photo.doesnotmatchperson":     {askFace, "the person is not the one in the photograph"},
	"person.underage":              {askComplete, "the person is under age"},
	"custom.question":              {"", "an answer to one of the company's own questions"},
}

func rejectionQuestion(kind string) string { return videoIDRejections[strings.ToLower(kind)].question }

func rejectionWords(kind string) string {
	if known, ok := videoIDRejections[strings.ToLower(kind)]; ok {
		return known.words
	}
	return "a reason that the portal does not know"
}
