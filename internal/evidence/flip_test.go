package evidence

import (
	"slices"
	"strings"
	"testing"
)

// contrary is an answer that does not pass for each one that does, by the published sets of values.
var contrary = map[string]string{"true": "false", "false": "true", "clear": "consider", "valid": "INVALID", "full_match": "LEVENSHTEIN4",
	"succeeded": "FAILED", "not_available": "FAILED", "high": "low", "medium": "veryLow", "8": "0", "success": "NO_FACE_DETECTED",
	"facefound": "invalidImage", "levenshtein1": "LEVENSHTEIN4"}

// mayBeMissing are the checks of which a documented contrary answer says only that nothing was found: accepted samples have it.
func mayBeMissing(id string) bool {
	return strings.HasPrefix(id, "features.") || strings.HasPrefix(id, "redactionResult.")
}

func checkOf(report Report, id string) (Check, bool) {
	i := slices.IndexFunc(report.Checks, func(c Check) bool { return c.ID == id })
	if i < 0 {
		return Check{}, false
	}
	return report.Checks[i], true
}

// documentedChecks is how many different checks each provider has in its complete bodies and samples together, so that a reader can count
// them in the reference, sections 6.1 to 6.8, and a check that is lost is missed here.
var documentedChecks = map[string]int{
	"onfido":            107, // document: 11 summaries, 9 groups, 42 checks, 26 properties; face: 5 summaries, 3 groups, 5 checks, 6 properties
	"signicatvideoid":   20,  // 12 security checks and one in two spellings, liveness, similarity, 5 features of the longest sample
	"readid":            7,   // chip and clone; iProov: passed twice, finished, error, assurance
	"signicatpaper":     30,  // status; 5 check digits, 4 verifications, 9 comparisons and 9 findings with both spellings; 2 of redaction
	"webid":             3,   // success, which stands behind two questions, and mismatch
	"signicatpictureid": 10,  // 8 security checks, one with a level beside its flag, and the selfie
	"facetec":           12,  // 5 of liveness; success, level and image of the match, 3 attempts: levels passed once, images thrice
}

// Each answer in a body is turned into its contrary, and into one that nobody knows: the check may not pass then, and the question behind it
// may not say yes.
func TestAContraryAnswerInABodyNeverLeavesAYes(t *testing.T) {
	turned := map[string]map[string]bool{}
	for _, e := range append(completeBodies(t), examples(t)...) {
		leaves := map[string]*value{}
		e.root.walk(func(v *value) { leaves[v.pointer] = v })
		f := family(e.reading().provider)
		if turned[f] == nil {
			turned[f] = map[string]bool{}
		}
		for _, c := range e.report().Checks {
			leaf := leaves[c.Pointer]
			if c.Reporter == reporterPortal || !leaf.leaf() || c.Result != Pass {
				continue
			}
			turned[f][c.ID] = true
			original := leaf.text
			for _, other := range []string{contrary[strings.ToLower(original)], "PERHAPS"} {
				if other == "" {
					continue
				}
				leaf.text = other
				report := e.report()
				now, there := checkOf(report, c.ID)
				if !there || now.Result == Pass || now.Result == NotDone && !mayBeMissing(c.ID) {
					t.Errorf("%s: %s with %s instead of %s is %s", e.name, c.ID, other, original, now.Result)
				}
				if answersOf(report.Questions)[c.Question] == Yes && now.Result != NotDone {
					t.Errorf("%s: %s says yes although %s answers %s", e.name, c.Question, c.ID, other)
				}
			}
			leaf.text = original
		}
	}
	for provider, ids := range turned {
		if len(ids) != documentedChecks[provider] {
			t.Errorf("%s: %d different checks were turned, %d are known", provider, len(ids), documentedChecks[provider])
		}
	}
}
