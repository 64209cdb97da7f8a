package evidence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func answersOf(questions []Question) map[string]Answer {
	answers := map[string]Answer{}
	for _, q := range questions {
		answers[q.ID] = q.Answer
	}
	return answers
}

func TestEveryAnswerOfEverySample(t *testing.T) {
	var out strings.Builder
	for _, e := range examples(t) {
		fmt.Fprintf(&out, "== %s\n", e.name)
		for _, q := range e.report().Questions {
			fmt.Fprintf(&out, "%-10s %-8s %s\n", q.ID, q.Answer, q.Why)
		}
	}
	golden(t, "questions.golden", out.String())
}

func TestTheSixStandInOneOrderForEveryProvider(t *testing.T) {
	want := []string{"document", "face", "live", "consistent", "complete", "stated"}
	for _, e := range append(examples(t), example{"unknown", nil, nil}) {
		questions := (&reading{}).questions(Report{})
		if e.root != nil {
			questions = e.report().Questions
		}
		var got []string
		for _, q := range questions {
			got = append(got, q.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: questions %v", e.name, got)
		}
	}
}

// Whatever the result of a check, the portal's own included: were it not to pass, no question behind it might say yes.
func TestNoQuestionSaysYesOverADoubtfulCheck(t *testing.T) {
	flips := 0
	for _, e := range append(completeBodies(t), examples(t)...) {
		r, report := e.reading(), e.report()
		for i, c := range report.Checks {
			for _, result := range []Result{Fail, Attention} {
				flips++
				flipped := report
				flipped.Checks = slices.Clone(report.Checks)
				flipped.Checks[i].Result = result
				for _, q := range r.questions(flipped) {
					if q.ID == c.Question && q.Answer == Yes {
						t.Errorf("%s: %s says yes although %s is %s", e.name, q.ID, c.ID, result)
					}
				}
			}
		}
	}
	if flips < 2000 {
		t.Errorf("only %d flips", flips)
	}
}

func TestNoQuestionSaysYesWhereNothingWasChecked(t *testing.T) {
	for _, e := range examples(t) {
		report := e.report()
		for i := range report.Checks {
			report.Checks[i].Result = NotDone
		}
		for _, q := range e.reading().questions(report) {
			if q.Answer == Yes {
				t.Errorf("%s: %s says yes although nothing was done", e.name, q.ID)
			}
		}
	}
}

func TestAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		body     string
		question string
		want     Answer
	}{
		"checksums and matching never answer genuineness":   {`{"provider":"signicatpaper","status":"accepted","providerSpecific":{"verification":{"status":true},"mrzChecksum":{"documentNumber":"VALID"},"mrzFeatureMatching":{"documentNumber":"FULL_MATCH"}}}`, "document", Never},
		"a failed verification of Paper asks to look":       {`{"provider":"signicatpaper","status":"rejected","providerSpecific":{"verification":{"status":"false"}}}`, "document", Look},
		"a chip that holds":                                 {`{"provider":"readid","status":"accepted","providerSpecific":{"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","chipCloneDetection":"NOT_AVAILABLE"}}}`, "document", Yes},
		"a cloned chip":                                     {`{"provider":"readid","status":"inconclusive","providerSpecific":{"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","chipCloneDetection":"FAILED"}}}`, "document", No},
		"a provider that never tests it":                    {`{"provider":"facetec","status":"accepted","providerSpecific":{"liveness":{"success":true}}}`, "document", Never},
		"a test that could have been made":                  {`{"provider":"readid","status":"accepted","providerSpecific":{"consolidatedIdentityData":{"chipVerification":"SUCCEEDED"}}}`, "live", NotDoneNow},
		"a live call with an agent tests the document":      {`{"provider":"webid","processType":"videoid","status":"accepted","providerSpecific":{"identResponse":{"success":true}}}`, "document", Yes},
		"a bank account tests no document":                  {`{"provider":"webid","processType":"accountid","status":"accepted","providerSpecific":{"identResponse":{"success":true}}}`, "document", NotDoneNow},
		"a good image alone tests nothing":                  {`{"provider":"onfido","status":"accepted","providerSpecific":{"documentVerification":{"imageIntegrity":"clear"}}}`, "document", NotDoneNow},
		"no copy in black and white alone tests nothing":    {`{"provider":"signicatvideoid","status":"accepted","providerSpecific":{"ocr":{"securityChecks":{"notBWCopy":{"valid":true}}}}}`, "document", NotDoneNow},
		"nothing yet is still coming":                       {`{"provider":"onfido","status":"pending"}`, "face", Pending},
		"a doubt shows before the end":                      {`{"provider":"onfido","status":"processing","providerSpecific":{"facialSimilarity":{"result":"consider"}}}`, "face", Look},
		"an unknown provider is never said to test nothing": {`{"provider":"smileid","status":"accepted","providerSpecific":{"score":1}}`, "live", NotDoneNow},
		"an unknown provider with a known element":          {`{"provider":"smileid","status":"accepted","providerSpecific":{"liveness":{"success":true}}}`, "live", Yes},
		"an unknown status is not taken as pending":         {`{"provider":"onfido","status":"paused"}`, "face", NotDoneNow},
		"nothing was stated":                                {`{"provider":"onfido","status":"accepted"}`, "stated", NotDoneNow},
		"accepted without a result is not complete":         {`{"provider":"onfido","status":"accepted","providerSpecific":{"documentVerification":{"result":"clear"}}}`, "complete", Look},
	} {
		t.Run(name, func(t *testing.T) {
			report := readBody(t, tc.body)
			if got := answersOf(report.Questions)[tc.question]; got != tc.want {
				t.Errorf("%s: %s, want %s (%+v)", tc.question, got, tc.want, report.Questions)
			}
		})
	}
}

func TestWhatTheCustomerStatedIsComparedAndCounts(t *testing.T) {
	const body = `{"provider":"readid","status":"accepted","createdAt":"2026-03-02T09:14:05Z","updatedAt":"2026-03-02T09:14:05Z",
		"finalResult":{"firstName":"ELIN","lastName":"BREKKE","dateOfBirth":"1991-06-14"},
		"providerSpecific":{"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","firstName":"ELIN","lastName":"BREKKE","dateOfBirth":"1991-06-14"}}}`
	for stated, want := range map[string]Answer{
		`{"userData":{"firstName":"Elin","lastName":"Brekke"}}`:        Yes,
		`{"userData":{"firstName":"Elin","lastName":"Brekka"}}`:        No,
		`{"userData":{"firstName":"Elin","dateOfBirth":"1991-06-15"}}`: No,
		`{"userData":{}}`:           NotDoneNow,
		`{"userData":"Elin"}`:       NotDoneNow,
		`{"userData":{"firstName":`: NotDoneNow,
	} {
		report := Read(Input{Body: []byte(body), UserData: []byte(stated), Now: exampleNow})
		answers := answersOf(report.Questions)
		if answers[askStated] != want {
			t.Errorf("%s: %s, want %s", stated, answers[askStated], want)
		}
		if answers[askConsistent] != Yes {
			t.Errorf("%s: what the customer stated changed whether the readings agree: %s", stated, answers[askConsistent])
		}
		if told := slices.Contains(codesOf(report.Findings), findStatedDiffers); told != (want == No) {
			t.Errorf("%s: findings %v", stated, codesOf(report.Findings))
		}
	}
}

// Where a program looked at the document no agent called, whatever the process type says.
func TestWebIDsProgramIsNoLiveCall(t *testing.T) {
	for mode, want := range map[string]string{"video_ident": "yes yes", "automated_ident": "yes notdone", "pay_ident": "yes yes"} {
		report := readBody(t, `{"provider":"webid","processType":"videoid","status":"accepted","createdAt":"2026-03-02T09:14:05Z","finalResult":{},
			"providerSpecific":{"identResponse":{"success":true,"mismatch":false,"identMode":"`+mode+`"}}}`)
		answers := answersOf(report.Questions)
		if got := string(answers["document"] + " " + answers["live"]); got != want {
			t.Errorf("%s: %s, want %s", mode, got, want)
		}
	}
}
