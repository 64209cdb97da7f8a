package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The golden file lists every leaf of every published sample once, by class, with a sample of what stands there: what an
// auditor sees open is what stands under "plain".
func TestEveryLeafOfEverySampleHasItsReviewedClass(t *testing.T) {
	samples := map[string]string{}
	for _, e := range examples(t) {
		c := newClassifier(e.root)
		walkPaths(e.root, "", func(path string, v *value) {
			if v.leaf() && v.text != "" && v.kind != "null" {
				key := fmt.Sprintf("%-9s %-15s %s", c.leafClass(path, v), family(e.reading().provider), path)
				if samples[key] == "" {
					samples[key] = v.text
				}
			}
		})
	}
	var out strings.Builder
	for _, class := range Classes() {
		for _, key := range slices.Sorted(maps.Keys(samples)) {
			if strings.HasPrefix(key, string(class)+" ") {
				fmt.Fprintf(&out, "%s = %s\n", key, samples[key])
			}
		}
	}
	golden(t, "classes.golden", out.String())
}

func TestLeafClasses(t *testing.T) {
	const jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"
	for name, tc := range map[string]struct {
		body string
		path string
		want Class
	}{
		"an unmapped leaf counts as identity":                   {`{"providerSpecific":{"new":{"status":"Widowed"}}}`, "providerSpecific/new/status", Identity},
		"an unmapped number counts as identity":                 {`{"providerSpecific":{"new":{"height":181}}}`, "providerSpecific/new/height", Identity},
		"an unmapped boolean counts as identity":                {`{"providerSpecific":{"new":{"pregnant":true}}}`, "providerSpecific/new/pregnant", Identity},
		"an unmapped leaf at the top counts as identity":        {`{"remark":"x"}`, "remark", Identity},
		"a list element goes by the list's name":                {`{"providerSpecific":{"new":{"ssn":["12"]}}}`, "providerSpecific/new/ssn", PersonalNumber},
		"a name that looks like a personal number":              {`{"providerSpecific":{"new":{"signicat.national_id":"X"}}}`, "providerSpecific/new/signicat.national_id", PersonalNumber},
		"a value that looks like a personal number":             {`{"providerSpecific":{"new":{"ref":"140691 00000"}}}`, "providerSpecific/new/ref", PersonalNumber},
		"a number token that looks like a personal number":      {`{"providerSpecific":{"new":{"ref":14069100000}}}`, "providerSpecific/new/ref", PersonalNumber},
		"an IBAN under any name":                                {`{"providerSpecific":{"new":{"ref":"DE00 1234 5678 0000 0000 01"}}}`, "providerSpecific/new/ref", PersonalNumber},
		"a Finnish number inside a sentence":                    {`{"providerSpecific":{"new":{"note":"for 160498-000T"}}}`, "providerSpecific/new/note", PersonalNumber},
		"a date is no personal number":                          {`{"providerSpecific":{"new":{"ref":"2026-03-02T09:14:05.113Z"}}}`, "providerSpecific/new/ref", Identity},
		"a phone number is contact":                             {`{"providerSpecific":{"identResponse":{"user":{"contact":{"mobile":"+490000000001"}}}}}`, "providerSpecific/identResponse/user/contact/mobile", Identity},
		"a signed token is raw under any name":                  {`{"providerSpecific":{"new":"` + jwt + `"}}`, "providerSpecific/new", Raw},
		"a token is raw even where a status stands":             {`{"status":"` + jwt + `"}`, "status", Raw},
		"userInfo as a string is raw whatever it holds":         {`{"providerSpecific":{"userInfo":"opaque"}}`, "providerSpecific/userInfo", Raw},
		"an authorization is raw":                               {`{"authorization":"abc"}`, "authorization", Raw},
		"an image is an image":                                  {`{"providerSpecific":{"new":"data:image/png;base64,iVBORw0"}}`, "providerSpecific/new", Image},
		"a long portrait without data URL is an image":          {`{"providerSpecific":{"new":{"portrait":"` + strings.Repeat("QUJD", 80) + `"}}}`, "providerSpecific/new/portrait", Image},
		"an MRZ name line is a document number":                 {`{"providerSpecific":{"documentVerification":{"mrzLine1":"P<NORHAUGLAND<BREKKE<<ELIN<MARTHE<<<<<<<<<<<"}}}`, "providerSpecific/documentVerification/mrzLine1", DocumentNumber},
		"a TD3 line without optional data is a document number": {`{"providerSpecific":{"documentVerification":{"mrzLine2":"CCX2044179NOR9106145F3109225<<<<<<<<<<<<<<<6"}}}`, "providerSpecific/documentVerification/mrzLine2", DocumentNumber},
		"a TD3 line with optional data is a personal number":    {`{"providerSpecific":{"documentVerification":{"mrzLine2":"NX4B70K120NLD8907307F2904158900000023<<<<<14"}}}`, "providerSpecific/documentVerification/mrzLine2", PersonalNumber},
		"a TD1 line with optional data is a personal number":    {`{"providerSpecific":{"new":{"zone":"IDPRTCB77120310<30112233<<<<<<<"}}}`, "providerSpecific/new/zone", PersonalNumber},
		"a line of no known form is a personal number":          {`{"providerSpecific":{"documentVerification":{"mrzLine2":"CCX2044179NOR9106145F3109225<<<<<<<"}}}`, "providerSpecific/documentVerification/mrzLine2", PersonalNumber},
		"a whole zone takes its strictest line":                 {`{"providerSpecific":{"new":{"zone":"P<NLDDE<WILDE<<SANNE<MARIJE<<<<<<<<<<<<<<<<<NX4B70K120NLD8907307F2904158900000023<<<<<14"}}}`, "providerSpecific/new/zone", PersonalNumber},
		"a number out of the zone is a document number":         {`{"providerSpecific":{"identResponse":{"idDocument":{"mrz":"L9TX40QW7"}}}}`, "providerSpecific/identResponse/idDocument/mrz", DocumentNumber},
		"an answer of a check is plain under any name":          {`{"providerSpecific":{"mrzChecksum":{"personalNumber":"INVALID"}}}`, "providerSpecific/mrzChecksum/personalNumber", Plain},
		"a check that was never heard of is plain":              {`{"providerSpecific":{"mrzFeatureMatching":{"hairColour":"LEVENSHTEIN7"}}}`, "providerSpecific/mrzFeatureMatching/hairColour", Plain},
		"a value where an answer should be is no answer":        {`{"providerSpecific":{"mrzChecksum":{"personalNumber":"900000023"}}}`, "providerSpecific/mrzChecksum/personalNumber", PersonalNumber},
		"a name where an answer should be is no answer":         {`{"providerSpecific":{"mrzFeatureMatching":{"firstName":"Sanne"}}}`, "providerSpecific/mrzFeatureMatching/firstName", Identity},
		"the older ReadID wrapper changes nothing":              {`{"providerSpecific":{"session":{"consolidatedIdentityData":{"chipVerification":"X"}}}}`, "providerSpecific/consolidatedIdentityData/chipVerification", Plain},
		"an error with a date is identity":                      {`{"providerSpecific":{"errors":["Invalid date_of_expiry: NOT in the future, value 2016-10-20"]}}`, "providerSpecific/errors", Identity},
		"an error with a personal number":                       {`{"providerSpecific":{"errors":["Invalid personal_number: checksum, value 1234"]}}`, "providerSpecific/errors", PersonalNumber},
		"an error with a document number":                       {`{"providerSpecific":{"errors":["Invalid document_number: checksum, value NX4"]}}`, "providerSpecific/errors", DocumentNumber},
		"an error that repeats a document number":               {`{"providerSpecific":{"mrz":{"documentNumber":"NX4B7OKKK"},"errors":["unexpected NX4B7OKKK"]}}`, "providerSpecific/errors", DocumentNumber},
		"a system's message is plain":                           {`{"failReason":{"message":"The ReadID session expired before it was committed."}}`, "failReason/message", Plain},
		"a message with a name is identity":                     {`{"failReason":{"message":"The session of Tilda expired."}}`, "failReason/message", Identity},
		"a message with a number is not plain":                  {`{"failReason":{"message":"The session of client 7 expired."}}`, "failReason/message", Identity},
		"an agent's code is plain":                              {`{"providerSpecific":{"identResponse":{"rejectionReason":"document_not_accepted"}}}`, "providerSpecific/identResponse/rejectionReason", Plain},
		"an agent's words are identity":                         {`{"providerSpecific":{"manualApproval":{"rejectionReasons":[{"message":"her face is covered today"}]}}}`, "providerSpecific/manualApproval/rejectionReasons/message", Identity},
		"nothing is plain":                                      {`{"providerSpecific":{"mrz":{"firstName":null}}}`, "providerSpecific/mrz/firstName", Plain},
	} {
		t.Run(name, func(t *testing.T) {
			root, malformed := parse([]byte(tc.body))
			if malformed != "" {
				t.Fatal(malformed)
			}
			c, found := newClassifier(root), false
			walkPaths(root, "", func(path string, v *value) {
				if path != tc.path || !v.leaf() {
					return
				}
				found = true
				if got := c.leafClass(path, v); got != tc.want {
					t.Errorf("%s is %s, want %s", path, got, tc.want)
				}
			})
			if !found {
				t.Fatalf("no leaf at %s", tc.path)
			}
		})
	}
}

func TestFieldClassesFollowTheMaskingTable(t *testing.T) {
	for name, want := range map[string]Class{
		"firstName": Identity, "lastName": Identity, "lastNameSecondLine": Identity, "dateOfBirth": Identity, "placeOfBirth": Identity,
		"gender": Identity, "nationality": Plain, "documentType": Plain, "documentNumber": DocumentNumber, "issuingCountry": Plain,
		"dateOfIssue": Identity, "dateOfExpiry": Identity, "personalIdentificationNumber": PersonalNumber, "similarityScore": Plain,
		"livenessDetected": Plain, "somethingNew": Identity, "taxNumber": PersonalNumber, "socialSecurityNumber": PersonalNumber, "iban": PersonalNumber,
	} {
		if got := FieldClass(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestMaskKeepsTheLastTwoFromSixOn(t *testing.T) {
	for value, want := range map[string]string{"": "", "a": "•", "12345": "•••••", "123456": "••••56", "Müller": "••••er", "ÅÄÖ": "•••"} {
		if got := Mask(value); got != want {
			t.Errorf("%q became %q, want %q", value, got, want)
		}
	}
}
