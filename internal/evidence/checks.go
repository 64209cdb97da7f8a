package evidence

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The six questions by their id (contract, HTML hooks).
const (
	askDocument   = "document"
	askFace       = "face"
	askLive       = "live"
	askConsistent = "consistent"
	askComplete   = "complete"
	askStated     = "stated"
)

// reporterPortal is the reporter of what the portal itself compared or computed.
const reporterPortal = "Portal"

// checks brings every verdict of the provider into one shape, in the order of the answer's elements as the reference lists
// them, then what the portal itself computed. Elements are read wherever they stand: which provider was named plays no part, so that
// an unknown or renamed one loses nothing.
func (r *reading) checks(fields []Field) []Check {
	l := &checklist{r: r, ids: map[string]int{}}
	l.onfido()
	l.videoID()
	l.readID()
	l.paper()
	l.webID()
	l.pictureID()
	l.faceTec()
	l.connect()
	l.found()
	l.portal(fields)
	return l.list
}

// checklist gathers the checks of one reading.
type checklist struct {
	r    *reading
	list []Check
	ids  map[string]int
}

// subject is what one check is about: everything but the answer.
type subject struct {
	id       string
	group    string
	question string
	asked    string
}

// verdict is one answer of a provider in our words.
type verdict struct {
	result  Result
	meaning string
}

// scale is the set of answers that a check may have, in lower case. An answer outside asks for attention: what the portal does not
// know never counts as a pass.
type scale map[string]verdict

// Meanings of answers that no scale knows.
const (
	unknownAnswer    = "an answer that the portal does not know"
	unreadableAnswer = "not an answer that the portal can read"
)

// judge adds a check with the answer as received. An absent or empty answer is a check that was not done.
func (l *checklist) judge(s subject, v *value, answers scale) {
	v = v.alone()
	c := verdict{NotDone, "not done, or no answer was sent"}
	switch {
	case v == nil || v.kind == "null" || v.leaf() && v.text == "":
	case !v.leaf():
		c = verdict{Attention, unreadableAnswer}
	default:
		c = answers.of(v.text)
	}
	l.add(s, v, c)
}

// judgeIn judges the answer inside a holder; where none is there the check points at the holder.
func (l *checklist) judgeIn(s subject, holder, answer *value, answers scale) {
	l.judge(s, answer, answers)
	if check := &l.list[len(l.list)-1]; answer == nil && holder != nil {
		check.Pointer = holder.pointer
	}
}

func (s scale) of(answer string) verdict {
	if v, known := s[strings.ToLower(strings.TrimSpace(answer))]; known {
		return v
	}
	return verdict{Attention, unknownAnswer}
}

func (l *checklist) add(s subject, v *value, c verdict) {
	check := Check{ID: l.unique(s.id), Group: s.group, Asked: s.asked, Meaning: c.meaning, Result: c.result, Question: s.question,
		Reporter: ProviderName(l.r.provider), Supporting: supporting(s), Required: requirementOf(s)}
	if v != nil {
		check.Pointer, check.Answer = v.pointer, l.r.open(v)
	}
	l.list = append(l.list, check)
}

// computed adds what the portal itself found; pointer is where it looked, empty if at nothing in particular.
func (l *checklist) computed(s subject, pointer string, c verdict) {
	l.add(s, nil, c)
	check := &l.list[len(l.list)-1]
	check.Reporter, check.Pointer = reporterPortal, pointer
}

// supportingIDs are the checks that only make another one possible, by the start of their id: is the image good enough, is there a face, is
// it in colour, did the session run, was the document read, was a field found, can its value be at all.
var supportingIDs = []string{
	"documentVerification.imageIntegrity", "documentVerification.breakdowns.imageIntegrity",
	"facialSimilarity.imageIntegrity", "facialSimilarity.breakdowns.imageIntegrity",
	"securityChecks.notBWCopy", "document.securityChecks.notBlackAndWhite", "selfie.status",
	"iproovSession.finished", "iproovSession.hasError", "iproovSession.assuranceType", "verification.status", "mrzVerification.", "featuresVerification.",
}

func supporting(s subject) bool {
	if strings.HasSuffix(s.id, ".imageProcessing") {
		return true
	}
	return slices.ContainsFunc(supportingIDs, func(id string) bool { return strings.HasPrefix(s.id, id) })
}

// requirements are the checks of which it is known whether the status depends on them, by the start of their id (reference, sections 6.2 to
// 6.8): ReadID's mapping, Paper's, WebID's flags, VideoID's least similarity, PictureID's checks of every document, and of FaceTec's ladder
// the values that stand apart, which are the last attempt's.
var requirements = []struct {
	id string
	is Requirement
}{
	{"chipVerification", Required}, {"chipCloneDetection", Required}, {"iproovSession.passed", Required}, {"iproovSession.face", Required},
	{"verification.status", Required}, {"mrzChecksum.", Required}, {"mrzVerification.", Required}, {"errors.", Required},
	{"mrzFeatureMatching.driving", Optional}, {"featuresVerification.driving", Optional}, {"redactionResult.", Optional},
	{"identResponse.success", Required}, {"identResponse.call", Required}, {"identResponse.mismatch", Required},
	{"ocr.similarityScore", Required}, {"securityChecks.nonExpired", Required}, {"features.", Optional},
	{"manualApproval", Required}, {"document.securityChecks.", Required},
	{"liveness.success", Required}, {"matching.success", Required}, {"matching.matchLevel", Required}, {"matching.attempts.", Optional},
}

func requirementOf(s subject) Requirement {
	for _, known := range requirements {
		if strings.HasPrefix(s.id, known.id) {
			return known.is
		}
	}
	return Unspecified
}

// answerOf is the answer that a check holds: itself, or the member that has it, in either spelling (reference, section 7). Where both stand
// the one that does not pass counts. A check that holds something else is no answer that can be read.
func answerOf(check *value) *value {
	if check = check.alone(); check.leaf() {
		return check
	}
	var answer *value
	for _, name := range []string{"valid", "passed", "result"} {
		v := check.at(name).alone()
		if passed, known := v.boolean(); v.string() != "" && (answer == nil || known && !passed) {
			answer = v
		}
	}
	if answer == nil && slices.ContainsFunc(check.members(), func(m *value) bool { return m.key != "name" && m.key != "similarityLevel" && m.kind != "null" }) {
		return check
	}
	return answer
}

// unique keeps ids apart where a body has the same name twice.
func (l *checklist) unique(id string) string {
	l.ids[id]++
	if n := l.ids[id]; n > 1 {
		return l.unique(id + "~" + strconv.Itoa(n))
	}
	return id
}

// withheld stands where a text is not repeated outside the tree, which masks it by its class.
const withheld = "(see the detail)"

// open is a leaf's text where it is plain; anything else stands in the tree alone, masked for whom it must be.
func (r *reading) open(v *value) string {
	switch {
	case v == nil || !v.leaf() || v.kind == "null":
		return ""
	case r.classOf(v) == Plain:
		return v.text
	}
	return withheld
}

// classOf is the class of a value of the body; what was never classed counts as identity.
func (r *reading) classOf(v *value) Class {
	if class, known := r.classes[v]; known {
		return class
	}
	return Identity
}

// classesOf classes every leaf of a body.
func classesOf(root *value) map[*value]Class {
	c, classes := newClassifier(root), map[*value]Class{}
	walkPaths(root, "", func(path string, v *value) {
		if v.leaf() {
			classes[v] = c.leafClass(path, v)
		}
	})
	return classes
}

// element is an element of providerSpecific, or of ReadID's older wrapper. The reference, section 7, shows that letter case is not kept
// (iproovSession, iProovSession), so that an element counts in any.
func (r *reading) element(name string) *value {
	for _, holder := range []*value{r.detail, r.detail.at("session")} {
		if v := holder.at(name); v != nil {
			return v
		}
		if v := holder.folded(name); v != nil {
			return v
		}
	}
	return nil
}

// folded is the last member whose name differs in letter case alone.
func (v *value) folded(name string) *value {
	for _, m := range slices.Backward(object(v).members()) {
		if strings.EqualFold(m.key, name) {
			return m
		}
	}
	return nil
}

// members are the children of an object or list; none of anything else.
func (v *value) members() []*value {
	if v == nil {
		return nil
	}
	return v.children
}

// items are the children of a list that say something, or the value itself where one stands alone.
func (v *value) items() []*value {
	if v.leaf() && v.string() != "" {
		return []*value{v}
	}
	var out []*value
	for _, m := range v.members() {
		if m.string() != "" || len(m.children) > 0 {
			out = append(out, m)
		}
	}
	return out
}

// alone is the only leaf of a list, or the value itself: some answers wrap a value so.
func (v *value) alone() *value {
	if v != nil && v.kind == "array" && len(v.children) == 1 && v.children[0].leaf() {
		return v.children[0]
	}
	return v
}

// checks are the members of an object or list of checks; a list around one object of them counts as that object.
func (v *value) checks() []*value {
	if inner := object(v); inner != nil && inner != v && len(inner.children) > 0 && !inner.children[0].leaf() {
		return inner.children
	}
	return v.members()
}

// listed are the objects of a list, or the one that stands alone.
func (v *value) listed() []*value {
	if v != nil && v.kind == "object" && len(v.children) > 0 && v.children[0].leaf() {
		return []*value{v}
	}
	return v.items()
}

// named is the name of a check: its member's, or in a list of checks the one that it gives itself.
func (v *value) named() string {
	if _, err := strconv.Atoi(v.key); err == nil {
		if name := v.first("name", "check", "type").string(); name != "" {
			return name
		}
	}
	return v.key
}

// first is the first member of these names that is there.
func (v *value) first(names ...string) *value {
	for _, name := range names {
		if m := v.at(name); m != nil {
			return m
		}
	}
	return nil
}

// boolean is true or false, spelled as either JSON kind (reference, section 7); known is false for anything else.
func (v *value) boolean() (is, known bool) {
	switch strings.ToLower(v.string()) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// spelledOut makes words of a name in camel or snake case: "multipleDataSourcesPresent" -> "Multiple data sources present".
func spelledOut(name string) string {
	var words strings.Builder
	lower := false
	for i, c := range name {
		switch {
		case i == 0:
			c = unicode.ToUpper(c)
		case c == '_' || c == '.' || c == '-':
			c = ' '
		case unicode.IsUpper(c) && lower:
			words.WriteByte(' ')
			c = unicode.ToLower(c)
		}
		lower = unicode.IsLower(c) || unicode.IsDigit(c)
		words.WriteRune(c)
	}
	return words.String()
}

// passWhen is the scale of a yes-or-no check that passes on the wanted answer.
func passWhen(wanted bool, pass, fail string) scale {
	return scale{
		strconv.FormatBool(wanted):  {Pass, pass},
		strconv.FormatBool(!wanted): {Fail, fail},
	}
}

// similarityLevels are the four levels of every provider that compares faces (reference, section 5). Medium is the least that
// VideoID accepts by default (section 6.2); one sample spells the lowest in lower case.
var similarityLevels = scale{
	"high":    {Pass, "the faces are very alike"},
	"medium":  {Pass, "the faces are alike; medium is the least that is accepted by default"},
	"low":     {Fail, "the faces are little alike"},
	"verylow": {Fail, "the faces are not alike"},
}
