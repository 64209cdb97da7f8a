package evidence

import (
	"maps"
	"strconv"
	"strings"
)

// paperAnswers are Paper's verdicts on single fields (reference, section 6.4). LEVENSHTEINn is read by matchVerdict.
var paperAnswers = scale{
	"valid":      {Pass, "valid"},
	"invalid":    {Fail, "not valid"},
	"full_match": {Pass, "text and MRZ agree in full"},
	"parsed":     {Pass, "could be read"},
	"found":      {Pass, "was found"},
	"missing":    {NotDone, "was not found, so there was nothing to compare"},
}

// paperGroup is one of Paper's elements of verdicts.
type paperGroup struct{ name, asked string }

var paperGroups = []paperGroup{
	{"mrzChecksum", "MRZ check digit right?"},
	{"mrzVerification", "MRZ value acceptable?"},
	{"mrzFeatureMatching", "Printed text and MRZ alike?"},
	{"featuresVerification", "Found in the printed text?"},
}

// answers are the group's: where there is only printed text nothing is compared.
func (g paperGroup) answers() scale {
	if g.name != "featuresVerification" {
		return paperAnswers
	}
	answers := maps.Clone(paperAnswers)
	answers["missing"] = verdict{NotDone, "was not found in the text"}
	return answers
}

func (l *checklist) paper() {
	if status := l.r.element("verification").at("status"); status != nil {
		l.judge(subject{"verification.status", "verification", askDocument, "Was the document read and verified?"}, status,
			passWhen(true, "read and verified", "read, but at least one verification failed"))
	}
	for _, group := range paperGroups {
		for _, v := range l.r.element(group.name).members() {
			l.paperField(group, v)
		}
	}
	l.redaction(l.r.element("redactionResult"))
	for _, e := range l.r.element("errors").items() {
		s := subject{"errors." + e.key, "errors", paperErrorQuestion(e.string()), "Did Paper report an error?"}
		l.add(s, e, verdict{Fail, paperErrorWords(e.string())})
	}
}

func (l *checklist) paperField(group paperGroup, v *value) {
	s := subject{group.name + "." + v.key, group.name, paperQuestion(group.name, v.key), spelledOut(v.key) + ": " + lowerFirst(group.asked)}
	if c, is := matchVerdict(v.string()); is {
		l.add(s, v, c)
		return
	}
	if paperStates[group.name+"."+v.key] && v.string() != "" && !isVerdict(v) {
		l.add(s, v, verdict{NotDone, "a value stands here, and no answer"})
		return
	}
	l.judge(s, v, group.answers())
	if answer := strings.ToUpper(v.string()); answer == "FOUND" || answer == "PARSED" {
		l.list[len(l.list)-1].Supporting = true
	}
}

// paperStates are the places among the answers in which the schema's examples have the value itself.
var paperStates = map[string]bool{"mrzFeatureMatching.lastNameSecondLine": true, "mrzFeatureMatching.placeOfBirth": true}

// paperQuestion is askComplete for the date of expiry in mrzVerification, which is about being in date and not about form: the
// published sample answers INVALID for a date in the past.
func paperQuestion(group, field string) string {
	if group == "mrzVerification" && field == "dateOfExpiry" {
		return askComplete
	}
	return askConsistent
}

// closeMatch is the number of differing characters up to which a difference is often a reading error.
const closeMatch = 2

// matchVerdict reads LEVENSHTEINn: text and MRZ differ in n characters.
func matchVerdict(answer string) (verdict, bool) {
	count, is := strings.CutPrefix(strings.ToUpper(answer), "LEVENSHTEIN")
	if !is {
		return verdict{}, false
	}
	n, err := strconv.Atoi(count)
	switch {
	case err != nil || n < 0:
		return verdict{Attention, unknownAnswer}, true
	case n == 0:
		return verdict{Pass, "text and MRZ agree in full"}, true
	case n == 1:
		return verdict{Attention, "text and MRZ differ in 1 character"}, true
	case n <= closeMatch:
		return verdict{Attention, "text and MRZ differ in " + count + " characters"}, true
	}
	return verdict{Fail, "text and MRZ differ in " + count + " characters"}, true
}

// redaction adds what became of a requested redaction. It never influences the status, but of an image that is not redacted in full
// nothing can be fetched (reference, sections 6.4 and 8).
func (l *checklist) redaction(result *value) {
	if object(result) == nil {
		return
	}
	full := result.at("isFullRedaction")
	l.judge(subject{"redactionResult.isFullRedaction", "redactionResult", "", "Was everything blacked out that should be?"}, full, scale{
		"true": {Pass, "it was"}, "false": {Attention, "it was not; Assure keeps the image back"}})
	if partial := result.at("isPartialRedaction"); partial != nil {
		l.judge(subject{"redactionResult.isPartialRedaction", "redactionResult", "", "Was anything blacked out?"}, partial, scale{
			"true": {Pass, "it was"}, "false": {Attention, "nothing was"}})
	}
}

func paperErrorQuestion(text string) string {
	folded := foldName(text)
	if strings.Contains(folded, "expiry") || strings.Contains(folded, "expired") || strings.Contains(folded, "age") {
		return askComplete
	}
	return askConsistent
}

// paperErrorWords explain what is known of Paper's errors: one form is published, with the field's name in snake case.
func paperErrorWords(text string) string {
	field, isField := strings.CutPrefix(text, "Invalid ")
	field, _, hasReason := strings.Cut(field, ":")
	if !isField || !hasReason || len(field) > 40 || strings.ContainsAny(field, " \t\n") {
		return "Paper reported an error; any error means rejected"
	}
	words := strings.ToLower(spelledOut(field))
	if strings.Contains(text, "NOT in the future") {
		return "the " + words + " is in the past; any error means rejected"
	}
	return "the " + words + " was found not valid; any error means rejected"
}

func lowerFirst(s string) string {
	if s == "" || strings.HasPrefix(s, "MRZ") {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
