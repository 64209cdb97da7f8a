package evidence

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func codesOf(findings []Finding) []string {
	var codes []string
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	return codes
}

func TestEveryFindingAndReasonOfEverySample(t *testing.T) {
	var out strings.Builder
	for _, e := range examples(t) {
		report := e.report()
		fmt.Fprintf(&out, "== %s\n", e.name)
		for _, f := range report.Findings {
			fmt.Fprintf(&out, "%d %s %s: %s\n", f.Severity, f.Code, f.Target, f.Text)
		}
		for _, r := range report.Reasons {
			fmt.Fprintf(&out, "because %q %q: %s\n", r.Code, r.Text, r.Meaning)
		}
	}
	golden(t, "findings.golden", out.String())
}

// loudSamples are the accepted samples in which the published material itself holds something to look at.
var loudSamples = map[string][]string{
	"signicatpaper-accepted":           {findCheckAttention}, // LEVENSHTEIN1 for the personal number
	"signicatpaper-accepted.redaction": {findCheckAttention},
	"signicatvideoid-accepted.high":    {findFieldDiffers}, // the machine misread the last name
}

func TestEveryCodeOfAFindingIsListed(t *testing.T) {
	source, err := os.ReadFile("findings.go")
	if err != nil {
		t.Fatal(err)
	}
	written := regexp.MustCompile(`(?m)^\tfind\w+\s+= "([a-z-]+)"$`).FindAllStringSubmatch(string(source), -1)
	if len(written) != len(FindingCodes()) || len(written) < 20 {
		t.Errorf("%d codes are written, %d listed", len(written), len(FindingCodes()))
	}
	for _, w := range written {
		if !slices.Contains(FindingCodes(), w[1]) {
			t.Errorf("%s is not listed, so a search for it would be refused", w[1])
		}
	}
}

func TestNothingToStopAtOnCleanAcceptedSamples(t *testing.T) {
	for _, e := range examples(t) {
		report := e.report()
		if report.Status.Status != "accepted" {
			continue
		}
		var loud []string
		for _, f := range report.Findings {
			if f.Severity > Info {
				loud = append(loud, f.Code)
			}
		}
		if !slices.Equal(loud, loudSamples[e.name]) {
			t.Errorf("%s: %v, want %v", e.name, loud, loudSamples[e.name])
		}
	}
}

// What is said outside the fields and the tree goes to every role: it may hold nothing that those mask.
func TestWordsHoldNoPersonalValue(t *testing.T) {
	for _, e := range examples(t) {
		r, said := e.reading(), wordsOf(e.report())
		e.root.walk(func(v *value) {
			if v.leaf() && r.classOf(v) != Plain && len(v.text) > 3 && !isVerdict(v) && strings.Contains(said, v.text) {
				t.Errorf("%s: %s (%s) is repeated in words", e.name, v.pointer, r.classOf(v))
			}
		})
	}
}

func TestFindings(t *testing.T) {
	const times = `,"createdAt":"2026-03-02T09:14:05Z","updatedAt":"2026-03-02T09:16:41Z"`
	const readid = `{"provider":"readid","status":"%s","providerSpecific":{"consolidatedIdentityData":{"chipVerification":"%s","chipCloneDetection":"%s"}}` + times + `}`
	for name, tc := range map[string]struct {
		body     string
		code     string
		severity Severity // 0: must not be found
	}{
		"a failed check under accepted":              {fmt.Sprintf(readid, "accepted", "FAILED", "SUCCEEDED"), findFailedAccepted, Bad},
		"the published rule says rejected":           {fmt.Sprintf(readid, "accepted", "FAILED", "SUCCEEDED"), findAtOdds, Bad},
		"a clone under accepted":                     {fmt.Sprintf(readid, "accepted", "SUCCEEDED", "FAILED"), findAtOdds, Bad},
		"rejected for no reason":                     {fmt.Sprintf(readid, "rejected", "SUCCEEDED", "SUCCEEDED"), findAtOdds, Notice},
		"inconclusive as the rule has it":            {fmt.Sprintf(readid, "inconclusive", "SUCCEEDED", "FAILED"), findAtOdds, 0},
		"a failed check under rejected is only told": {fmt.Sprintf(readid, "rejected", "FAILED", "SUCCEEDED"), findCheckFailed, Notice},
		"an answer that nobody knows":                {fmt.Sprintf(readid, "accepted", "MAYBE", "SUCCEEDED"), findUnknownValue, Notice},
		"accepted without a result":                  {fmt.Sprintf(readid, "accepted", "SUCCEEDED", "SUCCEEDED"), findResultMissing, Notice},
		"VideoID accepted without a result":          {`{"provider":"signicatvideoid","status":"accepted"` + times + `}`, findResultMissing, Info},
		"pending without a result":                   {`{"provider":"onfido","status":"pending"` + times + `}`, findResultMissing, 0},
		"rejected with a result":                     {`{"provider":"onfido","status":"rejected","finalResult":{"firstName":"X"}` + times + `}`, findResultUnexpected, Notice},
		"a Paper document without MRZ is accepted":   {`{"provider":"signicatpaper","status":"accepted","providerSpecific":{"verification":{"type":"FEATURES_ONLY","status":true}}` + times + `}`, findAtOdds, Bad},
		"Paper accepted with an invalid check digit": {`{"provider":"signicatpaper","status":"accepted","providerSpecific":{"verification":{"status":true},"mrz":{},"mrzChecksum":{"dateOfBirth":"INVALID"}}` + times + `}`, findAtOdds, Bad},
		"WebID accepted with a mismatch":             {`{"provider":"webid","status":"accepted","providerSpecific":{"identResponse":{"success":true,"mismatch":true}}` + times + `}`, findAtOdds, Bad},
		"a fully automatic VideoID is inconclusive":  {`{"provider":"signicatvideoid","processType":"substantialFullyAuto","status":"inconclusive","providerSpecific":{"ocr":{}}` + times + `}`, findAtOdds, Notice},
		"VideoID accepted with low similarity":       {`{"provider":"signicatvideoid","status":"accepted","providerSpecific":{"ocr":{"similarityScore":"low"}}` + times + `}`, findLowSimilarity, Bad},
		"VideoID rejected with low similarity":       {`{"provider":"signicatvideoid","status":"rejected","providerSpecific":{"ocr":{"similarityScore":"low"}}` + times + `}`, findLowSimilarity, Notice},
		"FaceTec accepted without a match":           {`{"provider":"facetec","status":"accepted","providerSpecific":{"matching":{"matchLevel":0}}` + times + `}`, findAtOdds, Notice},
		"expired at creation and accepted":           {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfExpiry":"2026-03-01"}` + times + `}`, findExpired, Bad},
		"expired since":                              {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfExpiry":"2026-03-03"}` + times + `}`, findExpired, Notice},
		"good on its last day":                       {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfExpiry":"2026-03-05"}` + times + `}`, findExpired, 0},
		"expires soon":                               {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfExpiry":"2026-03-20"}` + times + `}`, findExpiresSoon, Info},
		"seventeen at creation":                      {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfBirth":"2008-03-03"}` + times + `}`, findUnderAge, Notice},
		"eighteen on the day":                        {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfBirth":"2008-03-02"}` + times + `}`, findUnderAge, 0},
		"born tomorrow":                              {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfBirth":"2027-03-02"}` + times + `}`, findImpossibleDate, Bad},
		"no such day":                                {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfBirth":"1990-02-30"}` + times + `}`, findImpossibleDate, Bad},
		"issued before birth":                        {`{"provider":"onfido","status":"accepted","finalResult":{"dateOfBirth":"1990-02-03","dateOfIssue":"1980-01-01"}` + times + `}`, findImpossibleDate, Bad},
		"a country in two letters":                   {`{"provider":"onfido","status":"accepted","finalResult":{"nationality":"NO"}` + times + `}`, findNotNormalised, Notice},
		"a country in two letters where it is known": {`{"provider":"webid","status":"accepted","finalResult":{"nationality":"DE"}` + times + `}`, findNotNormalised, Info},
		"a time that is none":                        {`{"provider":"onfido","status":"pending","createdAt":"yesterday","updatedAt":"2026-03-02T09:16:41Z"}`, findNotNormalised, Notice},
		"an unknown provider":                        {`{"provider":"smileid","status":"accepted"` + times + `}`, findUnknownProvider, Notice},
		"an unknown status":                          {`{"provider":"onfido","status":"paused"` + times + `}`, findUnknownStatus, Notice},
		"an unknown process type":                    {`{"provider":"onfido","processType":"iris","status":"pending"` + times + `}`, findUnknownType, Info},
		"an unknown element":                         {`{"provider":"onfido","status":"pending","providerSpecific":{"watchlist":{}}` + times + `}`, findUnknownElement, Info},
		"an unknown part of the answer":              {`{"provider":"onfido","status":"pending","tags":[]` + times + `}`, findUnknownElement, Info},
		"a name that stands twice":                   {`{"provider":"onfido","status":"pending","status":"pending"` + times + `}`, findDuplicateKeys, Notice},
		"a redaction that is not complete":           {`{"provider":"signicatpaper","status":"rejected","redactionRequested":true,"providerSpecific":{"redactionResult":{"isFullRedaction":false}}` + times + `}`, findRedacted, Notice},
		"a token":                                    {`{"provider":"connect:x","status":"accepted","finalResult":{},"providerSpecific":{"userInfo":"eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"}` + times + `}`, findTokenUnverified, Info},
		"Onfido's doubt asks for attention":          {`{"provider":"onfido","status":"inconclusive","providerSpecific":{"documentVerification":{"result":"consider"}}` + times + `}`, findCheckAttention, Notice},
		"Onfido accepted in doubt is an own reading": {`{"provider":"onfido","status":"accepted","providerSpecific":{"documentVerification":{"result":"consider"}}` + times + `}`, findAtOdds, Notice},
	} {
		t.Run(name, func(t *testing.T) {
			findings := readBody(t, tc.body).Findings
			i := slices.IndexFunc(findings, func(f Finding) bool { return f.Code == tc.code })
			switch {
			case tc.severity == 0 && i >= 0:
				t.Errorf("%+v", findings[i])
			case tc.severity != 0 && i < 0:
				t.Errorf("no %s among %v", tc.code, codesOf(findings))
			case tc.severity != 0 && findings[i].Severity != tc.severity:
				t.Errorf("%+v, want severity %d", findings[i], tc.severity)
			}
			if !slices.IsSortedFunc(findings, func(a, b Finding) int { return int(b.Severity) - int(a.Severity) }) {
				t.Errorf("not worst first: %+v", findings)
			}
		})
	}
}

func TestReasonsStandInWords(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want Reason
	}{
		"type and message": {`{"failReason":{"type":"system_requirements","message":"The following requirements were not met: camera,microphone."}}`,
			Reason{"system_requirements", "The following requirements were not met: camera,microphone.", failures["system_requirements"], "/failReason"}},
		"category, reason and message": {`{"failReason":{"category":"User.Request","reason":"Process.Failed","message":"Failed by request."}}`,
			Reason{"User.Request / Process.Failed", "Failed by request.", failures["user.request"], "/failReason"}},
		"a fail reason that is a string": {`{"failReason":"broken"}`,
			Reason{"", withheld, "a cause that the portal does not know", "/failReason"}},
		"a status reason": {`{"statusReasons":[{"type":"Document","category":"SecurityCheckFailed","subCategory":"NonExpired","message":"Security check failed for it."}]}`,
			Reason{"Document / SecurityCheckFailed / NonExpired", "Security check failed for it.", "a security check failed: is the document in date?", "/statusReasons/0"}},
		"an agent's words are not repeated": {`{"providerSpecific":{"manualApproval":{"rejectionReasons":[{"type":"Document.NotLegible","message":"Tilda held it too far away"}]}}}`,
			Reason{"Document.NotLegible", withheld, "the agent rejected: the document could not be read", "/providerSpecific/manualApproval/rejectionReasons/0"}},
		"the value of a Paper error is not repeated": {`{"providerSpecific":{"errors":["Invalid date_of_expiry: NOT in the future, value 2016-10-20"]}}`,
			Reason{"", "Invalid date_of_expiry: NOT in the future, value " + withheld, "the date of expiry is in the past; any error means rejected", "/providerSpecific/errors/0"}},
		"WebID's code": {`{"providerSpecific":{"identResponse":{"rejectionReason":"document_not_accepted"}}}`,
			Reason{"document_not_accepted", "", "WebID rejected: the document was not accepted", "/providerSpecific/identResponse/rejectionReason"}},
		"an error of the sign-in": {`{"providerSpecific":{"error":{"error":"access_denied","error_description":"The authentication was aborted."}}}`,
			Reason{"access_denied", "The authentication was aborted.", connectErrors["access_denied"], "/providerSpecific/error"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := readBody(t, tc.body).Reasons
			if len(got) != 1 || got[0] != tc.want {
				t.Errorf("got %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

func TestADifferenceIsToldByPlaceAndNotByValue(t *testing.T) {
	report := readBody(t, `{"provider":"readid","status":"accepted","createdAt":"2026-03-02T09:14:05Z","updatedAt":"2026-03-02T09:14:05Z",
		"finalResult":{"documentNumber":"CCX204417","placeOfBirth":"BERGEN"},
		"providerSpecific":{"consolidatedIdentityData":{"chipVerification":"SUCCEEDED","documentNumber":"CCX2O4417"},"documentContent":{}}}`)
	worst := report.Findings[0]
	if worst.Code != findFieldDiffers || worst.Severity != Bad || worst.Field != "documentNumber" || worst.Target != "field-documentNumber" ||
		!strings.HasPrefix(worst.Text, "Document number differs: ") || strings.Contains(worst.Text, "CCX") {
		t.Errorf("worst finding %+v", worst)
	}
	if codes := codesOf(report.Findings); !slices.Contains(codes, findFieldUnsourced) {
		t.Errorf("a value without a place is not told: %v", codes)
	}
	if n := nodeAt(report.Tree, "/providerSpecific/consolidatedIdentityData/documentNumber"); n.Mood != "bad" {
		t.Errorf("the differing leaf is %+v", n)
	}
	if answersOf(report.Questions)[askConsistent] != No {
		t.Errorf("questions %+v", report.Questions)
	}
}

func TestAWrongCheckDigitIsToldWithWhatItShouldBe(t *testing.T) {
	body := strings.Replace(string(exampleOf(t, "onfido-accepted").body), "CCX2044179NOR", "CCX2044178NOR", 1)
	report := readBody(t, body)
	i := slices.IndexFunc(report.Findings, func(f Finding) bool { return f.Code == findDigitWrong })
	if i < 0 {
		t.Fatalf("findings %v", codesOf(report.Findings))
	}
	if f := report.Findings[i]; f.Severity != Bad || f.Text != "MRZ check digit of document number? it is 8 and should be 9" {
		t.Errorf("%+v", f)
	}
	if n := nodeAt(report.Tree, "/providerSpecific/documentVerification/mrzLine2"); n.Mood != "bad" || n.Class != DocumentNumber {
		t.Errorf("the line is %+v", n)
	}
	if answersOf(report.Questions)[askConsistent] != No {
		t.Errorf("questions %+v", report.Questions)
	}
}

func TestFindingsOfAHostileBodyAreBounded(t *testing.T) {
	body := `{"provider":"signicatpaper","status":"accepted","providerSpecific":{"errors":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 500), ",") + `]}}`
	told := 0
	for _, f := range readBody(t, body).Findings {
		if f.Code == findFailedAccepted {
			told++
			if told == mostOfKind && !strings.HasSuffix(f.Text, "(and 460 more of this kind)") {
				t.Errorf("the last one says %q", f.Text)
			}
		}
	}
	if told != mostOfKind {
		t.Errorf("%d told one by one, want %d", told, mostOfKind)
	}
}
