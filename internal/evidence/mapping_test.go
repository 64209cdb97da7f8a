package evidence

import (
	"slices"
	"strings"
	"testing"
)

// statusWords are the statuses with a result.
var statusWords = []string{"accepted", "inconclusive", "rejected"}

func TestTheStatusIsHeldAgainstWhatTheChecksLeadTo(t *testing.T) {
	for name, tc := range map[string]struct {
		provider, detail string
		fits             string // the statuses at which nothing is told
		by               string // what a finding at the others says
	}{
		"a chip that holds":                   {"readid", `"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","chipCloneDetection":"SUCCEEDED"}`, "accepted", "published"},
		"a chip without clone detection":      {"readid", `"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","chipCloneDetection":"NOT_AVAILABLE"}`, "accepted", "published"},
		"a clone":                             {"readid", `"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","chipCloneDetection":"FAILED"}`, "inconclusive", "published"},
		"a chip that does not hold":           {"readid", `"consolidatedIdentityData":{"chipVerification":"FAILED","chipCloneDetection":"SUCCEEDED"}`, "rejected", "published"},
		"a face that iProov did not pass":     {"readid", `"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","chipCloneDetection":"SUCCEEDED"},"iproovSession":{"passed":false}`, "inconclusive", "published"},
		"no word on the clone":                {"readid", `"consolidatedIdentityData":{"chipVerification":"SUCCEEDED"}`, "inconclusive rejected", "published"},
		"a chip in the older wrapper":         {"readid", `"session":{"consolidatedIdentityData":{"chipVerification":"FAILED"}}`, "rejected", "published"},
		"a chip flat in the older wrapper":    {"readid", `"session":{"chipVerification":"FAILED"}`, "rejected", "published"},
		"nothing from ReadID":                 {"readid", ``, "accepted inconclusive rejected", ""},
		"Paper that read and verified":        {"signicatpaper", `"verification":{"type":"MRZ_ONLY","status":true},"mrz":{"lastName":"X"}`, "accepted", "published"},
		"Paper verified, as a string":         {"paper", `"verification":{"status":"true"},"mrz":{"lastName":"X"}`, "accepted", "published"},
		"Paper without verification":          {"signicatpaper", `"verification":{"status":"false"},"mrz":{"lastName":"X"}`, "rejected", "published"},
		"Paper with an error":                 {"signicatpaper", `"verification":{"status":true},"mrz":{"lastName":"X"},"errors":["Invalid date_of_expiry: NOT in the future, value 2016-10-20"]`, "rejected", "published"},
		"Paper with one error as a string":    {"signicatpaper", `"verification":{"status":true},"mrz":{"lastName":"X"},"errors":"broken"`, "rejected", "published"},
		"Paper with a wrong check digit":      {"signicatpaper", `"verification":{"status":true},"mrz":{"lastName":"X"},"mrzChecksum":{"dateOfBirth":"INVALID"}`, "rejected", "published"},
		"Paper with a value that cannot be":   {"signicatpaper", `"verification":{"status":true},"mrz":{"lastName":"X"},"mrzVerification":{"issuingCountry":"INVALID"}`, "rejected", "published"},
		"Paper without a zone":                {"signicatpaper", `"verification":{"status":true},"features":{"lastName":"X"}`, "inconclusive", "published"},
		"Paper of text alone":                 {"signicatpaper", `"verification":{"type":"FEATURES_ONLY","status":true}`, "inconclusive", "published"},
		"WebID's success":                     {"webid", `"identResponse":{"success":true,"mismatch":false}`, "accepted", "published"},
		"WebID's mismatch":                    {"webid", `"identResponse":{"success":"true","mismatch":"true"}`, "inconclusive", "published"},
		"WebID's refusal":                     {"webid", `"identResponse":{"success":false,"mismatch":false}`, "rejected", "published"},
		"VideoID over an expired document":    {"signicatvideoid", `"ocr":{"securityChecks":{"nonExpired":{"valid":false}}}`, "inconclusive rejected", "published"},
		"VideoID in the schema's spelling":    {"eid", `"ocr":{"securityChecks":{"liveness":{"passed":"false"}}}`, "inconclusive rejected", "published"},
		"VideoID of little likeness":          {"signicatvideoid", `"ocr":{"similarityScore":"verylow"}`, "inconclusive rejected", "published"},
		"VideoID whose agent rejected":        {"signicatvideoid", `"manualApproval":{"rejectionReasons":[{"type":"Photo.Invalid","message":"x"}]}`, "inconclusive rejected", "published"},
		"Onfido's all clear":                  {"onfido", `"documentVerification":{"result":"clear"},"facialSimilarity":{"result":"clear"}`, "accepted", "own reading"},
		"Onfido's doubt about the face":       {"onfido", `"documentVerification":{"result":"clear"},"facialSimilarity":{"result":"consider"}`, "inconclusive rejected", "own reading"},
		"Onfido's suspicion":                  {"onfido", `"documentVerification":{"result":"consider","subResult":"suspected"}`, "inconclusive rejected", "own reading"},
		"Onfido's unsupported document":       {"onfido", `"documentVerification":{"result":"consider","subResult":"rejected"}`, "rejected", "own reading"},
		"PictureID's failed check":            {"signicatpictureid", `"document":{"securityChecks":{"notTamperedDocument":{"passed":true},"notBlackAndWhite":{"passed":true},"nonExpired":{"valid":false},"notUnderage":{"passed":true},"dataIntegrity":{"passed":true}}}`, "inconclusive rejected", "own reading"},
		"PictureID's little likeness":         {"signicatpictureid", `"document":{"securityChecks":{"notTamperedDocument":{"passed":true},"notBlackAndWhite":{"passed":true},"nonExpired":{"passed":true},"notUnderage":{"passed":true},"dataIntegrity":{"passed":true},"selfieAndDocumentMatch":{"similarityLevel":"LOW"}}}`, "inconclusive rejected", "own reading"},
		"PictureID without a check":           {"signicatpictureid", `"document":{"securityChecks":{"nonExpired":{"passed":true}}}`, "inconclusive rejected", "own reading"},
		"FaceTec's best":                      {"facetec", `"matching":{"matchLevel":8}`, "accepted", "own reading"},
		"FaceTec's middle":                    {"facetec", `"matching":{"matchLevel":5}`, "accepted inconclusive", "own reading"},
		"FaceTec's none, told in the attempt": {"facetec", `"matching":{"attempts":[{"matchLevel":5},{"matchLevel":0}]}`, "rejected", "own reading"},
		"FaceTec's spoof":                     {"facetec", `"liveness":{"success":false},"matching":{"matchLevel":8}`, "rejected", "own reading"},
		"a provider nobody knows":             {"newid", `"documentVerification":{"result":"consider"}`, "accepted inconclusive rejected", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, status := range statusWords {
				report := readBody(t, `{"provider":"`+tc.provider+`","status":"`+status+`","providerSpecific":{`+tc.detail+`}}`)
				i := slices.IndexFunc(report.Findings, func(f Finding) bool { return f.Code == findAtOdds })
				if fits := strings.Contains(tc.fits, status); fits != (i < 0) {
					t.Errorf("%s: told %v, fits %v", status, i >= 0, fits)
				}
				if i < 0 {
					continue
				}
				f := report.Findings[i]
				if !strings.Contains(f.Text, tc.by) || tc.by == "published" && status == "accepted" && f.Severity != Bad {
					t.Errorf("%s: %+v", status, f)
				}
			}
		})
	}
}

func TestTheAutomaticVideoIDIsNeverInconclusive(t *testing.T) {
	for detail, want := range map[string]string{`"similarityScore":"low"`: "rejected,", `"similarityScore":"high"`: "accepted or rejected,"} {
		report := readBody(t, `{"provider":"signicatvideoid","processType":"substantialFullyAuto","status":"inconclusive","providerSpecific":{"ocr":{`+detail+`}}}`)
		i := slices.IndexFunc(report.Findings, func(f Finding) bool { return f.Code == findAtOdds })
		if i < 0 || !strings.Contains(report.Findings[i].Text, "lead to "+want) {
			t.Errorf("%s: %+v", detail, report.Findings)
		}
	}
}

func TestAnswersWithoutAQuestionAreTakenUp(t *testing.T) {
	for name, tc := range map[string]struct {
		detail string
		want   int
	}{
		"a new element":               {`"watchlist":{"result":"FAILED"}`, 1},
		"a flag of a new element":     {`"fraudCheck":{"passed":false,"fraud":"true"}`, 2},
		"a new member of a known one": {`"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","certificateCheck":{"valid":false}}`, 1},
		"an answer that passes":       {`"watchlist":{"result":"clear","passed":true,"error":false}`, 0},
		"a flag that asks nothing":    {`"x":{"newsletter":false,"finished":false}`, 0},
		"what has its check":          {`"documentVerification":{"result":"consider"},"liveness":{"success":false}`, 0},
		"an attempt before the last":  {`"matching":{"success":true,"attempts":[{"success":false,"matchLevel":5}]}`, 0},
		"bounded":                     {`"x":[` + strings.TrimSuffix(strings.Repeat(`{"passed":false},`, 100), ",") + `]`, mostFoundAnswers},
	} {
		t.Run(name, func(t *testing.T) {
			report := readBody(t, `{"provider":"readid","status":"accepted","providerSpecific":{`+tc.detail+`}}`)
			got := 0
			for _, c := range report.Checks {
				if c.Group == "found" {
					got++
					if c.Result != Attention || c.Question != "" || c.Pointer == "" {
						t.Errorf("%+v", c)
					}
				}
			}
			if got != tc.want {
				t.Errorf("%d answers are taken up, want %d", got, tc.want)
			}
			if told := slices.Contains(codesOf(report.Findings), findCheckAttention); tc.want > 0 && !told {
				t.Errorf("nothing is told: %v", codesOf(report.Findings))
			}
		})
	}
}
