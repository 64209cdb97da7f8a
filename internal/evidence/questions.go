package evidence

import (
	"slices"
	"strconv"
)

// inquiry is one of the six questions, with the provider families that have a verdict behind it. With the others the answer is "never
// tested by this provider". What the portal itself compares (consistent, complete, stated) it can for every provider that reads data.
type inquiry struct {
	id    string
	asked string
	by    []string
}

// inquiries are the six, in the order of every page. Paper stands not behind "document": it compares readings and check digits, which
// say nothing about the document itself.
var inquiries = []inquiry{
	{askDocument, "Document tested as genuine?", []string{"onfido", "signicatvideoid", "readid", "webid", "signicatpictureid"}},
	{askFace, "Same face as the document?", []string{"onfido", "signicatvideoid", "readid", "webid", "signicatpictureid", "facetec"}},
	{askLive, "Live person present?", []string{"onfido", "signicatvideoid", "readid", "webid", "signicatpictureid", "facetec"}},
	{askConsistent, "Do the readings agree?", []string{"onfido", "signicatvideoid", "readid", "signicatpaper", "webid", "signicatpictureid", "facetec", "connect"}},
	{askComplete, "Complete and in date?", []string{"onfido", "signicatvideoid", "readid", "signicatpaper", "webid", "signicatpictureid"}},
	{askStated, "Matches what the customer stated?", []string{"onfido", "signicatvideoid", "readid", "signicatpaper", "webid", "signicatpictureid", "facetec", "connect"}},
}

// questions answers the six from the checks and fields of the report so far.
func (r *reading) questions(report Report) []Question {
	out := make([]Question, 0, len(inquiries))
	for _, q := range inquiries {
		behind := behindOf(report.Checks, q.id)
		answer, why := r.answer(q, behind)
		question := Question{ID: q.id, Asked: q.asked, Answer: answer, Why: why}
		for _, c := range behind {
			question.Checks = append(question.Checks, c.ID)
		}
		out = append(out, question)
	}
	return out
}

func behindOf(checks []Check, question string) []Check {
	var behind []Check
	for _, c := range checks {
		if c.Question == question {
			behind = append(behind, c)
		}
	}
	return behind
}

// tally counts the checks behind a question by their result. A failed one on which the status does not depend asks for a look, as a failed
// attempt of FaceTec's does before the one that counts.
type tally struct{ pass, attention, fail, done int }

func tallyOf(checks []Check) tally {
	var t tally
	for _, c := range checks {
		switch {
		case c.Result == Pass:
			t.pass++
		case c.Result == Attention, c.Result == Fail && c.Required == Optional:
			t.attention++
		case c.Result == Fail:
			t.fail++
		}
	}
	t.done = t.pass + t.attention + t.fail
	return t
}

// answer is yes only if something was tested and all of it passed: a failed check says no, one that asks for attention says look, and
// what tests nothing says so.
func (r *reading) answer(q inquiry, behind []Check) (Answer, string) {
	t, tests := tallyOf(behind), r.tests(q)
	switch {
	case !tests && t.fail+t.attention > 0:
		return Look, clearWords(t) + doubts(behind)
	case t.fail > 0:
		return No, clearWords(t) + doubts(behind)
	case t.attention > 0:
		return Look, clearWords(t) + doubts(behind)
	case !tests:
		return Never, neverWords(q.id, t, r.provider)
	case r.status.Known && !r.status.Final && q.id != askStated:
		return Pending, pendingWords(t)
	case !tested(behind) || q.id == askComplete && !passed(behind, "portal.inDate"):
		return NotDoneNow, r.notDoneWords(q.id, t, behind)
	}
	return Yes, yesWords(q.id, t, behind)
}

// tests reports whether the provider has a verdict behind a question. Of a provider that the portal does not know it never says never.
func (r *reading) tests(q inquiry) bool {
	f := family(r.provider)
	return slices.Contains(q.by, f) || !KnownProvider(r.provider)
}

// tested reports whether a check passed that answers by itself.
func tested(checks []Check) bool {
	return slices.ContainsFunc(checks, func(c Check) bool { return c.Result == Pass && !c.Supporting })
}

func passed(checks []Check, id string) bool {
	return slices.ContainsFunc(checks, func(c Check) bool { return c.ID == id && c.Result == Pass })
}

func clearWords(t tally) string {
	return strconv.Itoa(t.pass) + " of " + counted(t.done, "check", "checks") + " clear"
}

// mostDoubts is how many doubtful checks are named before the rest is only counted.
const mostDoubts = 2

// doubts names the checks that are not clear, the failed ones first.
func doubts(behind []Check) string {
	var named []string
	for _, result := range []Result{Fail, Attention} {
		for _, c := range behind {
			if c.Result == result {
				named = append(named, c.Meaning)
			}
		}
	}
	named = slices.Compact(named)
	words := ""
	for i, n := range named {
		if i == mostDoubts {
			return words + "; and more"
		}
		words += "; " + n
	}
	return words
}

func neverWords(question string, t tally, provider string) string {
	if question == askDocument && t.pass > 0 {
		return ProviderName(provider) + " compares what it read; the document itself it does not test"
	}
	return ProviderName(provider) + " has no check of this"
}

func pendingWords(t tally) string {
	if t.done > 0 {
		return counted(t.done, "check", "checks") + " done so far, none in doubt"
	}
	return "the verification is not finished"
}

func (r *reading) notDoneWords(question string, t tally, behind []Check) string {
	switch question {
	case askStated:
		if r.customer != nil {
			return "nothing that was read can be compared with what was stated"
		}
		return "nothing stated"
	case askComplete:
		for _, c := range behind {
			if c.ID == "portal.inDate" && c.Result == NotDone {
				return c.Meaning
			}
		}
	}
	switch {
	case t.done > 0:
		return "only what makes a test possible was checked"
	case len(behind) > 0:
		return "none of " + counted(len(behind), "check", "checks") + " was done"
	}
	return "no check of this was made"
}

func yesWords(question string, t tally, behind []Check) string {
	if question != askComplete {
		return clearWords(t)
	}
	words := "in date"
	for _, c := range behind {
		if c.ID == "portal.result" {
			words = c.Meaning + ", " + words
		}
	}
	return words
}
