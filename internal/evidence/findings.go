package evidence

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Codes of findings: stable, for search and CSV.
const (
	findFieldDiffers     = "field-differs"
	findFieldUnsourced   = "field-unsourced"
	findStatedDiffers    = "stated-differs"
	findDigitWrong       = "mrz-digit-wrong"
	findAtOdds           = "status-and-checks-at-odds"
	findFinalChanged     = "final-status-changed"
	findNumberRepeated   = "number-repeated"
	findFailedAccepted   = "check-failed-but-accepted"
	findCheckFailed      = "check-failed"
	findCheckAttention   = "check-attention"
	findLowSimilarity    = "low-similarity"
	findResultMissing    = "result-missing"
	findResultUnexpected = "result-unexpected"
	findExpired          = "document-expired"
	findExpiresSoon      = "expires-soon"
	findUnderAge         = "under-age"
	findImpossibleDate   = "impossible-date"
	findNotNormalised    = "not-normalised"
	findUnknownProvider  = "unknown-provider"
	findUnknownType      = "unknown-process-type"
	findUnknownStatus    = "unknown-status"
	findUnknownValue     = "unknown-value"
	findUnknownField     = "unknown-field"
	findUnknownElement   = "unknown-element"
	findRedacted         = "redacted"
	findDuplicateKeys    = "duplicate-keys"
	findTokenUnverified  = "token-not-verified"
	findMalformed        = "malformed"
)

// FindingCodes lists every code that a finding may have.
func FindingCodes() []string {
	return []string{findFieldDiffers, findFieldUnsourced, findStatedDiffers, findDigitWrong, findAtOdds, findFinalChanged, findNumberRepeated, findFailedAccepted, findCheckFailed,
		findCheckAttention, findLowSimilarity, findResultMissing, findResultUnexpected, findExpired, findExpiresSoon, findUnderAge, findImpossibleDate,
		findNotNormalised, findUnknownProvider, findUnknownType, findUnknownStatus, findUnknownValue, findUnknownField, findUnknownElement,
		findRedacted, findDuplicateKeys, findTokenUnverified, findMalformed}
}

// soon is how far ahead an expiry is announced.
const soon = 30 * 24 * time.Hour

// findings are what a reviewer should look at first, worst first; of equal weight, in the order of the parts below. No text holds a
// value of the person.
func (r *reading) findings(report Report) []Finding {
	f := &finder{r: r, report: report, kinds: map[string]int{}}
	f.fields()
	f.statusAtOdds()
	f.finalChanged()
	f.checks()
	f.result()
	f.dates()
	f.normalised()
	f.unknown()
	f.shape()
	f.tellRest()
	return WorstFirst(f.list)
}

// finder gathers the findings of one report.
type finder struct {
	r      *reading
	report Report
	list   []Finding
	kinds  map[string]int // how many of each code, told or not
}

// mostOfKind is how many findings of one code are told one by one: more than fields and documented checks could give, so that only a
// hostile body meets it.
const mostOfKind = 40

func (f *finder) tell(finding Finding) {
	if f.kinds[finding.Code]++; f.kinds[finding.Code] <= mostOfKind {
		f.list = append(f.list, finding)
	}
}

// tellRest says at the last of a kind how many more there are.
func (f *finder) tellRest() {
	for i := len(f.list) - 1; i >= 0; i-- {
		code := f.list[i].Code
		if more := f.kinds[code] - mostOfKind; more > 0 {
			f.list[i].Text += " (and " + strconv.Itoa(more) + " more of this kind)"
			f.kinds[code] = 0
		}
	}
}

func (f *finder) add(code string, severity Severity, target, text string) {
	f.tell(Finding{Code: code, Severity: severity, Text: text, Target: target})
}

func (f *finder) addField(code string, severity Severity, name, text string) {
	f.tell(Finding{Code: code, Severity: severity, Text: text, Target: "field-" + name, Field: name})
}

// checkTarget is the anchor of a check on the page.
func checkTarget(id string) string {
	return "check-" + url.PathEscape(strings.ReplaceAll(id, "/", "."))
}

func (f *finder) accepted() bool { return f.report.Status.Status == "accepted" }

// badIfAccepted weighs what a company was told is fine against what was not accepted anyway.
func (f *finder) badIfAccepted() Severity {
	if f.accepted() {
		return Bad
	}
	return Notice
}

func (f *finder) fields() {
	for _, field := range f.report.Fields {
		switch {
		case readingsHave(field, Differs):
			f.addField(findFieldDiffers, Bad, field.Name, field.Label+" differs: "+differingWords(field))
		case field.Relation == Differs:
			f.addField(findStatedDiffers, Notice, field.Name, field.Label+" is not what the customer stated")
		case field.Relation == Unsourced:
			f.addField(findFieldUnsourced, Notice, field.Name, field.Label+": the final result has a value that no place of the provider's detail states")
		}
	}
}

// differingWords names the places that disagree, never what they state.
func differingWords(field Field) string {
	var names []string
	for _, s := range field.Sources {
		if s.Relation == Differs && s.Medium != Customer && !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	against := "the other places"
	switch {
	case field.Present:
		against = "the final result"
	case field.Name == "fullName":
		against = "first and last name"
	}
	if len(names) == 1 {
		return names[0] + " states another value than " + against
	}
	return strings.Join(names, ", ") + " state other values than " + against
}

// checks tells each failed check apart if the process was accepted all the same, else one a group and a low similarity, for the status says it
// already; and those that ask for attention together, with failed ones on which the status does not depend.
func (f *finder) checks() {
	var attention []Check
	done, told := 0, map[string]bool{}
	for _, c := range f.report.Checks {
		if c.Reporter == reporterPortal {
			f.portalCheck(c)
			continue
		}
		if c.Result != NotDone {
			done++
		}
		switch {
		case c.Meaning == unknownAnswer || c.Meaning == unreadableAnswer:
			f.add(findUnknownValue, Notice, checkTarget(c.ID), c.Reporter+" answers what the portal does not know: "+lowerFirst(c.Asked))
		case c.Result == Fail && c.Required == Optional && f.accepted():
			attention = append(attention, c)
		case c.Result == Fail && (f.accepted() || isSimilarity(c) || !told[c.Group]):
			told[c.Group] = true
			f.failed(c)
		case c.Result == Attention && c.Group != "redactionResult":
			attention = append(attention, c)
		}
	}
	if len(attention) > 0 {
		finest := finestOf(attention)
		f.add(findCheckAttention, Notice, checkTarget(finest.ID), counted(len(attention), "check asks", "checks ask")+" for attention, of "+
			strconv.Itoa(done)+" done: "+checkWords(finest))
	}
}

// finestOf is the first of the most particular checks: a group's verdict follows from those of its parts.
func finestOf(checks []Check) Check {
	return slices.MaxFunc(checks, func(a, b Check) int { return strings.Count(a.ID, ".") - strings.Count(b.ID, ".") })
}

func (f *finder) failed(c Check) {
	switch {
	case isSimilarity(c):
		f.add(findLowSimilarity, f.badIfAccepted(), checkTarget(c.ID), c.Reporter+" reports low similarity: "+c.Meaning)
	case f.accepted():
		f.add(findFailedAccepted, Bad, checkTarget(c.ID), "Accepted, although a check failed: "+checkWords(c))
	default:
		f.add(findCheckFailed, Notice, checkTarget(c.ID), "A check failed: "+checkWords(c))
	}
}

func checkWords(c Check) string {
	return c.Asked + " " + c.Reporter + " says: " + c.Meaning
}

func isSimilarity(c Check) bool {
	_, level := similarityLevels[strings.ToLower(c.Answer)]
	return level && c.Question == askFace
}

// portalCheck tells what the portal itself found; differing fields are told one by one elsewhere.
func (f *finder) portalCheck(c Check) {
	doubtful := c.Result == Fail || c.Result == Attention
	switch {
	case !doubtful:
	case c.ID == "portal.inDate" && c.Result == Fail:
		f.addField(findExpired, f.badIfAccepted(), "dateOfExpiry", "The document had expired when the process was created")
	case c.ID == "portal.inDate":
		f.addField(findExpired, Notice, "dateOfExpiry", "The document has expired since the process was created")
	case c.ID == "portal.adult":
		f.addField(findUnderAge, Notice, "dateOfBirth", "The person was younger than 18 when the process was created")
	case c.Group == groupDigits:
		f.add(findDigitWrong, Bad, checkTarget(c.ID), c.Asked+" "+c.Meaning)
	}
}

// result holds the presence of a final result against the documented rule, that accepted processes have one and no others (reference,
// section 4). The published samples of VideoID break it, and an encrypted Connect answer has none by rule: there it is only said.
func (f *finder) result() {
	s := f.report.Status
	switch {
	case f.accepted() && !f.report.HasFinalResult:
		severity := Notice
		if family(f.r.provider) == "signicatvideoid" || f.r.encrypted() {
			severity = Info
		}
		f.add(findResultMissing, severity, "", "Accepted, and no final result was sent")
	case s.Known && !f.accepted() && f.report.HasFinalResult:
		f.add(findResultUnexpected, Notice, "/finalResult", "A process with status "+s.Status+" has a final result; by the rule only accepted ones have")
	}
}

func (f *finder) dates() {
	birth, _, hasBirth := f.r.factDate(f.report.Fields, "dateOfBirth")
	issue, _, hasIssue := f.r.factDate(f.report.Fields, "dateOfIssue")
	expiry, _, hasExpiry := f.r.factDate(f.report.Fields, "dateOfExpiry")
	created, now := f.r.created, f.r.now
	for _, impossible := range []struct {
		is    bool
		field string
		text  string
	}{
		{hasBirth && birth.After(latest(created, now)), "dateOfBirth", "The date of birth lies in the future"},
		{hasBirth && birth.Year() < latest(created, now).Year()-oldestAge, "dateOfBirth", "The date of birth is more than 120 years ago"},
		{hasIssue && issue.After(latest(created, now)), "dateOfIssue", "The date of issue lies in the future"},
		{hasIssue && hasBirth && issue.Before(birth), "dateOfIssue", "The document was issued before the person was born"},
		{hasIssue && hasExpiry && expiry.Before(issue), "dateOfExpiry", "The document expired before it was issued"},
	} {
		if impossible.is {
			f.addField(findImpossibleDate, Bad, impossible.field, impossible.text)
		}
	}
	if left := expiry.Sub(dayOf(now)); hasExpiry && left >= 0 && left <= soon {
		f.addField(findExpiresSoon, Info, "dateOfExpiry", "The document expires within 30 days")
	}
	f.noSuchDay()
}

// oldestAge is beyond any age that was ever proven.
const oldestAge = 120

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// noSuchDay finds dates, in any spelling that is read, that no calendar has, such as 2026-02-30.
func (f *finder) noSuchDay() {
	for _, field := range f.report.Fields {
		if kindOfField(field.Name) != dayKind {
			continue
		}
		values := []string{field.Value}
		for _, s := range field.Sources {
			values = append(values, s.Raw)
		}
		if slices.ContainsFunc(values, isNoDay) {
			f.addField(findImpossibleDate, Bad, field.Name, field.Label+": there is no such day")
		}
	}
}
