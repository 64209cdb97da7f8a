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

func (s scale) of(answer string) verdict {
	if v, known := s[strings.ToLower(strings.TrimSpace(answer))]; known {
		return v
	}
	return verdict{Attention, unknownAnswer}
}

func (l *checklist) add(s subject, v *value, c verdict) {
	check := Check{ID: l.unique(s.id), Group: s.group, Asked: s.asked, Meaning: c.meaning, Result: c.result, Question: s.question,
		Reporter: ProviderName(l.r.provider), Supporting: supporting(s)}
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
// it in colour, did the session run.
var supportingIDs = []string{
	"documentVerification.imageIntegrity", "documentVerification.breakdowns.imageIntegrity",
	"facialSimilarity.imageIntegrity", "facialSimilarity.breakdowns.imageIntegrity",
	"securityChecks.notBWCopy", "document.securityChecks.notBlackAndWhite", "selfie.status",
	"iproovSession.finished", "iproovSession.hasError", "iproovSession.iProovAssuranceType", "iproovSession.getiProovAssuranceType",
}

func supporting(s subject) bool {
	if strings.HasSuffix(s.id, ".imageProcessing") {
		return true
	}
	return slices.ContainsFunc(supportingIDs, func(id string) bool { return strings.HasPrefix(s.id, id) })
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

// element is an element of providerSpecific, or of ReadID's older wrapper.
func (r *reading) element(name string) *value {
	if v := r.detail.at(name); v != nil {
		return v
	}
	return r.detail.at("session", name)
}

// members are the children of an object or list; none of anything else.
func (v *value) members() []*value {
	if v == nil {
		return nil
	}
	return v.children
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
