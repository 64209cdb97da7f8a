package evidence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// readBody is the report of a hand-made body at the samples' time.
func readBody(t testing.TB, body string) Report {
	t.Helper()
	root, malformed := parse([]byte(body))
	if malformed != "" {
		t.Fatalf("%s: %s", malformed, body)
	}
	return example{"by hand", []byte(body), root}.report()
}

// The golden file lists every check of every published sample with its result, its question and whether it is required, to be read beside the reference.
func TestEveryCheckOfEverySample(t *testing.T) {
	var out strings.Builder
	for _, e := range examples(t) {
		fmt.Fprintf(&out, "== %s\n", e.name)
		for _, c := range e.report().Checks {
			fmt.Fprintf(&out, "%-9s %-10s %-8s %s = %s: %s %s\n", c.Result, c.Question, c.Required, c.ID, c.Answer, c.Asked, c.Meaning)
		}
	}
	golden(t, "checks.golden", out.String())
}

func TestChecksPointIntoTheBodyAndHaveOneIdEach(t *testing.T) {
	for _, e := range examples(t) {
		pointers, ids := map[string]bool{"": true, "/finalResult": true}, map[string]bool{}
		e.root.walk(func(v *value) { pointers[v.pointer] = true })
		for _, c := range e.report().Checks {
			if !pointers[wholePointer(c.Pointer)] {
				t.Errorf("%s: %s points at %s, which is not there", e.name, c.ID, c.Pointer)
			}
			if ids[c.ID] {
				t.Errorf("%s: two checks are called %s", e.name, c.ID)
			}
			ids[c.ID] = true
			if c.Asked == "" || c.Meaning == "" || c.Reporter == "" || c.Group == "" {
				t.Errorf("%s: %+v lacks words", e.name, c)
			}
		}
	}
}

func TestAnswersOfChecks(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		id   string
		want Result
	}{
		"a flag as a string":                        {`{"providerSpecific":{"verification":{"status":"false"}}}`, "verification.status", Fail},
		"a flag as a boolean":                       {`{"providerSpecific":{"verification":{"status":true}}}`, "verification.status", Pass},
		"an answer nobody knows asks for attention": {`{"providerSpecific":{"mrzChecksum":{"dateOfBirth":"PERHAPS"}}}`, "mrzChecksum.dateOfBirth", Attention},
		"nothing for an answer":                     {`{"providerSpecific":{"ocr":{"securityChecks":{"notUnderage":{"valid":null}}}}}`, "securityChecks.notUnderage", NotDone},
		"an object for an answer":                   {`{"providerSpecific":{"mrzChecksum":{"dateOfBirth":{"a":1}}}}`, "mrzChecksum.dateOfBirth", Attention},
		"no answer is not done":                     {`{"providerSpecific":{"mrzChecksum":{"dateOfBirth":null}}}`, "mrzChecksum.dateOfBirth", NotDone},
		"nothing to compare is not done":            {`{"providerSpecific":{"mrzFeatureMatching":{"driving_permits":"MISSING"}}}`, "mrzFeatureMatching.driving_permits", NotDone},
		"one character asks for attention":          {`{"providerSpecific":{"mrzFeatureMatching":{"lastName":"LEVENSHTEIN1"}}}`, "mrzFeatureMatching.lastName", Attention},
		"four characters fail":                      {`{"providerSpecific":{"mrzFeatureMatching":{"lastName":"LEVENSHTEIN4"}}}`, "mrzFeatureMatching.lastName", Fail},
		"a distance that is no number":              {`{"providerSpecific":{"mrzFeatureMatching":{"lastName":"LEVENSHTEINX"}}}`, "mrzFeatureMatching.lastName", Attention},
		"the schema's name of liveness":             {`{"providerSpecific":{"ocr":{"securityChecks":{"liveness":{"valid":"false"}}}}}`, "securityChecks.liveness", Fail},
		"the sample's name of liveness":             {`{"providerSpecific":{"ocr":{"securityChecks":{"livenessDetected":{"valid":true}}}}}`, "securityChecks.livenessDetected", Pass},
		"an unknown security check":                 {`{"providerSpecific":{"ocr":{"securityChecks":{"auraColour":{"valid":false}}}}}`, "securityChecks.auraColour", Fail},
		"verylow in lower case":                     {`{"providerSpecific":{"ocr":{"similarityScore":"verylow"}}}`, "ocr.similarityScore", Fail},
		"veryLow as the schema has it":              {`{"providerSpecific":{"facialSimilarity":{"result":"clear","similarityScore":"veryLow"}}}`, "facialSimilarity.similarityScore", Fail},
		"medium is enough":                          {`{"providerSpecific":{"ocr":{"similarityScore":"medium"}}}`, "ocr.similarityScore", Pass},
		"a chip in the older wrapper":               {`{"providerSpecific":{"session":{"consolidatedIdentityData":{"chipVerification":"FAILED"}}}}`, "chipVerification", Fail},
		"a chip without clone detection":            {`{"providerSpecific":{"consolidatedIdentityData":{"chipCloneDetection":"NOT_AVAILABLE"}}}`, "chipCloneDetection", NotDone},
		"PictureID in the schema's spelling":        {`{"providerSpecific":{"document":{"securityChecks":{"dataIntegrity":{"valid":false}}}}}`, "document.securityChecks.dataIntegrity", Fail},
		"PictureID with a level":                    {`{"providerSpecific":{"document":{"securityChecks":{"selfieAndDocumentMatch":{"similarityLevel":"low"}}}}}`, "document.securityChecks.selfieAndDocumentMatch", Fail},
		"PictureID without a check it always makes": {`{"providerSpecific":{"document":{"securityChecks":{}}}}`, "document.securityChecks.nonExpired", NotDone},
		"Onfido's third level":                      {`{"providerSpecific":{"documentVerification":{"breakdowns":{"imageIntegrity":{"breakdown":{"imageQuality":{"properties":{"blurredPhoto":"consider"}}}}}}}}`, "documentVerification.breakdowns.imageIntegrity.imageQuality.blurredPhoto", Attention},
		"Onfido's check that was not made":          {`{"providerSpecific":{"documentVerification":{"breakdowns":{"policeRecord":{}}}}}`, "documentVerification.breakdowns.policeRecord", NotDone},
		"FaceTec's middle level asks for attention": {`{"providerSpecific":{"matching":{"matchLevel":5}}}`, "matching.matchLevel", Attention},
		"FaceTec's highest level":                   {`{"providerSpecific":{"matching":{"attempts":[{"matchLevel":8}]}}}`, "matching.attempts.0", Pass},
		"WebID's mismatch":                          {`{"providerSpecific":{"identResponse":{"success":true,"mismatch":true}}}`, "identResponse.mismatch", Fail},
		"WebID's success that nobody came for":      {`{"providerSpecific":{"identResponse":{"success":false,"responseType":"expired"}}}`, "identResponse.success", NotDone},
		"iProov not passed":                         {`{"providerSpecific":{"iproovSession":{"passed":"false"}}}`, "iproovSession.face", Fail},
		"an incomplete redaction":                   {`{"providerSpecific":{"redactionResult":{"isFullRedaction":false}}}`, "redactionResult.isFullRedaction", Attention},
		"an agent's rejection":                      {`{"providerSpecific":{"manualApproval":{"rejectionReasons":[{"type":"Photo.DoesNotMatchPerson"}]}}}`, "manualApproval.rejectionReasons.0", Fail},
		"a sign-in that ended with an error":        {`{"providerSpecific":{"error":{"error":"access_denied"}}}`, "error", Fail},
		"a token that was not verified":             {`{"providerSpecific":{"userInfo":"eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"}}`, "userInfo.signature", NotDone},
		"most features unseen":                      {`{"providerSpecific":{"ocr":{"features":[{"name":"OVI","found":false},{"name":"Photo","found":false}]}}}`, "features.0", Attention},
		"one feature unseen":                        {`{"providerSpecific":{"ocr":{"features":[{"name":"OVI","found":false},{"name":"Photo","found":true}]}}}`, "features.0", NotDone},
	} {
		t.Run(name, func(t *testing.T) {
			checks := readBody(t, tc.body).Checks
			i := slices.IndexFunc(checks, func(c Check) bool { return c.ID == tc.id })
			if i < 0 {
				t.Fatalf("no check %s in %+v", tc.id, checks)
			}
			if checks[i].Result != tc.want {
				t.Errorf("%s is %s (%s), want %s", tc.id, checks[i].Result, checks[i].Meaning, tc.want)
			}
		})
	}
}

func TestDuplicateNamesGiveTwoChecks(t *testing.T) {
	checks := readBody(t, `{"providerSpecific":{"mrzChecksum":{"dateOfBirth":"VALID","dateOfBirth":"INVALID"}}}`).Checks
	got := map[string]Result{}
	for _, c := range checks {
		got[c.ID] = c.Result
	}
	if got["mrzChecksum.dateOfBirth"] != Pass || got["mrzChecksum.dateOfBirth~2"] != Fail {
		t.Errorf("checks are %v", got)
	}
}

func TestAnAnswerThatIsPersonalIsNotRepeated(t *testing.T) {
	for _, c := range readBody(t, `{"providerSpecific":{"mrzChecksum":{"personalNumber":"900000023"},"errors":["Invalid personal_number: checksum, value 900000023"]}}`).Checks {
		if strings.Contains(c.Answer+c.Meaning+c.Asked, "900000023") {
			t.Errorf("%+v repeats the number", c)
		}
	}
}

// Of WebID's answer about a transfer of money only the name is published: what it states is found, and what speaks against the person is told.
func TestWhatWebIDSaysOfATransferIsRead(t *testing.T) {
	body := func(transfer string) string {
		return `{"provider":"webid","processType":"accountid","status":"accepted","createdAt":"2026-03-02T09:14:05Z","updatedAt":"2026-03-02T09:16:41Z",
			"finalResult":{"firstName":"Tessa","lastName":"Molenaar"},"providerSpecific":{"identResponse":{"success":true,"mismatch":false,"identMode":"pay_ident",
			"user":{"firstname":"Tessa","lastname":"Molenaar"}},"payMoneyTransferResponse":` + transfer + `}}`
	}
	for name, tc := range map[string]struct {
		transfer   string
		found      string // the sources of the last name
		relation   Relation
		questioned bool // something is told that speaks against the person
	}{
		"all is well":              {`{"success":true,"user":{"lastname":"Molenaar"}}`, "/providerSpecific/payMoneyTransferResponse/user/lastname", Same, false},
		"the holder is another":    {`{"success":true,"user":{"lastname":"Molenaer"}}`, "/providerSpecific/payMoneyTransferResponse/user/lastname", Differs, false},
		"the transfer failed":      {`{"success":false,"responseType":"pay_money_transfer"}`, "", Same, true},
		"it was not the same name": {`{"success":true,"mismatch":true}`, "", Same, true},
		"nothing is in it":         {`{}`, "", Same, false},
	} {
		report := readBody(t, body(tc.transfer))
		last := report.Fields[slices.IndexFunc(report.Fields, func(f Field) bool { return f.Name == "lastName" })]
		var found strings.Builder
		for _, s := range last.Sources {
			if s.Found {
				found.WriteString(s.Pointer)
			}
		}
		if last.Relation != tc.relation || found.String() != tc.found {
			t.Errorf("%s: %s, found at %q, want %s and %q: %s", name, last.Relation, found.String(), tc.relation, tc.found, sourceWords(last))
		}
		told := slices.ContainsFunc(report.Checks, func(c Check) bool { return c.Group == "found" && c.Result == Attention })
		if told != tc.questioned || told != slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Code == findCheckAttention }) {
			t.Errorf("%s: told %v, want %v: %v", name, told, tc.questioned, codesOf(report.Findings))
		}
	}
}
