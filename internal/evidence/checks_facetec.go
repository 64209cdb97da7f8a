package evidence

import (
	"cmp"
	"strconv"
)

// faceTecChecks are the checks of the face scan (reference, section 6.8).
var faceTecChecks = map[string]string{
	"auditTrailVerificationCheckSucceeded": "Do the images fit the scan?",
	"replayCheckSucceeded":                 "Is the scan new, not played again?",
	"faceScanLivenessCheckSucceeded":       "Is it a live person?",
	"sessionTokenCheckSucceeded":           "Does the scan belong to this session?",
}

// falseAccepts is how often another person reaches a match level, once in so many (reference, section 6.8).
var falseAccepts = map[string]string{"8": "1,000,000", "7": "500,000", "6": "100,000", "5": "10,000", "4": "1,000", "3": "500", "2": "250", "1": "100"}

func (l *checklist) faceTec() {
	liveness := l.r.element("liveness")
	if object(liveness) != nil {
		l.judge(subject{"liveness.success", "liveness", askLive, "Was a live person there?"}, liveness.at("success"), passWhen(true, "passed", "not passed"))
		l.faceTecError("liveness", askLive, liveness.at("error"))
		for _, check := range liveness.at("faceScanSecurityChecks").members() {
			asked, known := faceTecChecks[check.key]
			if !known {
				asked = spelledOut(check.key) + "?"
			}
			l.judge(subject{"liveness." + check.key, "liveness", askLive, asked}, check, passWhen(true, "it does, or it is", "failed"))
		}
	}
	l.faceTecMatching(l.r.element("matching"))
}

// faceTecMatching adds the ladder of attempts: FaceTec tries one algorithm after the other until one matches.
func (l *checklist) faceTecMatching(matching *value) {
	if object(matching) == nil {
		return
	}
	attempts := matching.at("attempts").members()
	l.judge(subject{"matching.success", "matching", askFace, "Is the face that of the document?"}, matching.at("success"), scale{
		"true": {Pass, "the last attempt matched"}, "false": {Fail, "no attempt matched"}})
	l.judge(subject{"matching.matchLevel", "matching", askFace, "How sure is the match?"}, matching.at("matchLevel"), matchLevels(matching.at("algorithm").string()))
	if image := matching.at("imageProcessing"); image != nil {
		l.judge(subject{"matching.imageProcessing", "matching", askFace, "Can the image be used?"}, image, imageAnswers)
	}
	l.faceTecError("matching", askFace, matching.at("error"))
	for _, attempt := range attempts {
		s := subject{"matching.attempts." + attempt.key, "matching", askFace, "Attempt " + ordinal(attempt.key) + ": how sure?"}
		l.judge(s, attempt.at("matchLevel"), matchLevels(attempt.at("algorithm").string()))
		l.faceTecError(s.id, askFace, attempt.at("error"))
		if image := attempt.at("imageProcessing"); image != nil {
			l.judge(subject{s.id + ".imageProcessing", "matching", askFace, "Attempt " + ordinal(attempt.key) + ": can the image be used?"}, image, imageAnswers)
		}
	}
}

// faceTecError adds a check only where an error was reported, or the word on it cannot be read.
func (l *checklist) faceTecError(element, question string, v *value) {
	if is, known := v.boolean(); v == nil || v.kind == "null" || known && !is {
		return
	}
	l.judge(subject{element + ".error", element, question, "Did it run without an error?"}, v, passWhen(false, "it did", "an error was reported"))
}

var algorithmWords = map[string]string{
	"facePortrait":      "face against portrait",
	"idPhoto":           "face against the document's photograph",
	"idPhotoLowQuality": "face against a poor photograph of the document",
}

// lowerScales are the algorithms whose levels end below the highest.
var lowerScales = map[string]string{"idPhoto": "7", "idPhotoLowQuality": "5"}

var imageAnswers = scale{
	"facefound":          {Pass, "a face was found"},
	"invalidimage":       {Attention, "the image cannot be used"},
	"facedetectionissue": {Attention, "no face could be made out"},
	"lowquality":         {Attention, "the quality is low"},
}

// Members that hold a level of FaceTec. What the levels of the scales that end below the highest mean for Assure's similarity nobody published.
const (
	matchLevelMember = "matchLevel"
	lowerLevelMember = "matchLevel of a lower scale"
)

func levelMember(algorithm string) string {
	if lowerScales[algorithm] != "" {
		return lowerLevelMember
	}
	return matchLevelMember
}

// fullMatch is the level that the published accepted sample has; levels between it and none are samples of inconclusive.
const fullMatch = "8"

func matchLevels(algorithm string) scale {
	prefix := ""
	if words, known := algorithmWords[algorithm]; known {
		prefix = words + ": "
	}
	levels := scale{"0": {Fail, prefix + "no match"}}
	highest := cmp.Or(lowerScales[algorithm], fullMatch)
	for level, others := range falseAccepts {
		c := verdict{Attention, prefix + "level " + level + " of " + highest + ": one other person in " + others + " would match as well"}
		if level == fullMatch {
			c.result = Pass
		}
		levels[level] = c
	}
	return levels
}

// ordinal counts list indexes from one.
func ordinal(index string) string {
	n, err := strconv.Atoi(index)
	if err != nil {
		return index
	}
	return strconv.Itoa(n + 1)
}
