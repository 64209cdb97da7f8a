package assure

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answers are the sample Get process answers, by file name.
func answers(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) < 40 {
		t.Fatalf("found %d samples, %v", len(names), err)
	}
	bodies := map[string][]byte{}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".json")
		if strings.HasPrefix(base, "api-") {
			continue
		}
		if bodies[base], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return bodies
}

func TestEverySampleIsReadWhole(t *testing.T) {
	for name, body := range answers(t) {
		p, err := ParseProcess(body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		provider, rest, _ := strings.Cut(name, "-")
		if got := strings.Split(p.Provider, ":")[0]; got != provider {
			t.Errorf("%s: provider %q", name, p.Provider)
		}
		if status, _, _ := strings.Cut(rest, "."); string(p.Status) != status || !p.Status.Known() {
			t.Errorf("%s: status %q", name, p.Status)
		}
		if !bytes.Equal(p.Raw, body) || len(p.Others) != 0 || p.CreatedAt == "" || p.UpdatedAt == "" {
			t.Errorf("%s: others %v, times %q %q, raw kept %v", name, p.Others, p.CreatedAt, p.UpdatedAt, bytes.Equal(p.Raw, body))
		}
	}
}

// The views are for the documented parts: a field of a sample that they lack is an omission of ours.
func TestTheViewsHaveEveryFieldOfEverySample(t *testing.T) {
	for name, body := range answers(t) {
		p, err := ParseProcess(body)
		if err != nil {
			t.Fatal(err)
		}
		for part, view := range map[string]any{string(p.FinalResult): new(FinalResult), string(p.ProviderSpecific): new(ProviderDetails)} {
			d := json.NewDecoder(strings.NewReader(part))
			d.DisallowUnknownFields()
			if err := d.Decode(view); part != "" && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestViewsReadBothSpellings(t *testing.T) {
	read := func(specific string) *ProviderDetails {
		t.Helper()
		p, err := ParseProcess([]byte(`{"processId":"p1","providerSpecific":` + specific + `}`))
		if err != nil {
			t.Fatal(err)
		}
		return p.Details()
	}
	yes := Flag{Said: true, True: true}
	for name, ok := range map[string]bool{
		"paper: status a boolean":            read(`{"verification":{"status":true}}`).Verification.Status == yes,
		"paper: status a string":             read(`{"verification":{"status":"true"}}`).Verification.Status == yes,
		"paper: status neither":              read(`{"verification":{"status":"maybe"}}`).Verification.Status == Flag{},
		"paper: personalNumber":              read(`{"mrz":{"personalNumber":"9"}}`).MRZ.PersonalNumber == "9",
		"paper: dotted key":                  read(`{"features":{"qrcode.personal_number":"9"}}`).Features.QRCodePersonalNumber == "9",
		"paper: driving_permits":             read(`{"featuresVerification":{"driving_permits":"FOUND"}}`).FeaturesVerification.DrivingPermitsSnake == "FOUND",
		"webid: firstname":                   read(`{"identResponse":{"user":{"firstname":"Tilda"}}}`).IdentResponse.User.FirstName == "Tilda",
		"webid: firstName":                   read(`{"identResponse":{"user":{"firstName":"Tilda"}}}`).IdentResponse.User.FirstName == "Tilda",
		"videoid: rauthorityId":              read(`{"manualApproval":{"rauthorityId":"a"}}`).ManualApproval.RAuthorityID == "a",
		"videoid: liveness a string":         read(`{"ocr":{"livenessDetected":"true"}}`).OCR.LivenessDetected == yes,
		"pictureid: passed":                  read(`{"document":{"securityChecks":{"nonExpired":{"passed":true}}}}`).Document.SecurityChecks["nonExpired"].Passed == yes,
		"pictureid: valid":                   read(`{"document":{"securityChecks":{"nonExpired":{"valid":true}}}}`).Document.SecurityChecks["nonExpired"].Valid == yes,
		"readid: getiProovAssuranceType":     read(`{"iproovSession":{"getiProovAssuranceType":"LIVENESS"}}`).IProovSession.GetIProovAssuranceType == "LIVENESS",
		"readid: iproovAssuranceType":        read(`{"iproovSession":{"iproovAssuranceType":"LIVENESS"}}`).IProovSession.IProovAssuranceType == "LIVENESS",
		"facetec: level a number":            read(`{"matching":{"matchLevel":8}}`).Matching.MatchLevel == "8",
		"onfido: score keeps its digits":     read(`{"facialSimilarity":{"breakdowns":{"faceComparison":{"breakdown":{"faceMatch":{"properties":{"score":0.8120}}}}}}}`).FacialSimilarity.Breakdowns["faceComparison"].Breakdown["faceMatch"].Properties["score"] == "0.8120",
		"one wrong type does not spoil more": read(`{"ocr":[1],"mrz":{"firstName":{"a":1},"lastName":"B"},"errors":"no"}`).MRZ.LastName == "B",
	} {
		if !ok {
			t.Error(name)
		}
	}
}

func TestParseProcessTakesWhatItCan(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		ok         func(Process) bool
	}{
		{"an unknown provider and status are kept", `{"processId":"p1","provider":"newcomer","status":"paused"}`,
			func(p Process) bool { return p.Provider == "newcomer" && p.Status == "paused" && !p.Status.Final() }},
		{"members of the wrong type are left out", `{"processId":"p1","provider":7,"status":{},"depictions":"front","failReason":[],"statusReasons":3,"createdAt":1}`,
			func(p Process) bool { return p.Provider == "" && p.Depictions == nil && p.CreatedAt == "" }},
		{"an unknown member is named", `{"processId":"p1","zeta":1,"authorization":"x"}`,
			func(p Process) bool { return strings.Join(p.Others, " ") == "authorization zeta" }},
		{"a name in other letter case is another name", `{"processId":"p1","ProcessID":"p2","STATUS":"accepted"}`,
			func(p Process) bool { return p.ProcessID == "p1" && p.Status == "" && len(p.Others) == 2 }},
		{"null is absent", `{"processId":"p1","finalResult":null,"providerSpecific":null,"failReason":null}`,
			func(p Process) bool { return p.Result() == nil && p.Details() == nil && p.FailReason == nil }},
		{"a fail reason of the first form", `{"processId":"p1","failReason":{"type":"t","message":"m"}}`,
			func(p Process) bool { return *p.FailReason == FailReason{Type: "t", Message: "m"} }},
		{"a fail reason of the second form", `{"processId":"p1","failReason":{"category":"c","reason":"r","message":"m"}}`,
			func(p Process) bool { return *p.FailReason == FailReason{Category: "c", Reason: "r", Message: "m"} }},
		{"a fail reason that is a string", `{"processId":"p1","failReason":"m"}`,
			func(p Process) bool { return *p.FailReason == FailReason{Message: "m"} }},
		{"a boolean final result field", `{"processId":"p1","finalResult":{"livenessDetected":true,"firstName":null}}`,
			func(p Process) bool { return p.Result().LivenessDetected == "true" && p.Result().FirstName == "" }},
	} {
		p, err := ParseProcess([]byte(tt.body))
		if err != nil || !tt.ok(p) {
			t.Errorf("%s: %+v, %v", tt.name, p, err)
		}
	}
}

func TestParseProcessRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":                   "",
		"half an object":            `{"processId":"p1"`,
		"an array":                  `[{"processId":"p1"}]`,
		"no id":                     `{"provider":"onfido"}`,
		"an id that is no string":   `{"processId":7}`,
		"two ids":                   `{"processId":"p1","processId":"p2"}`,
		"two ids, one in escapes":   `{"processId":"p1","\u0070rocessId":"p2"}`,
		"two values":                `{"processId":"p1"} {"processId":"p2"}`,
		"something after the value": `{"processId":"p1"}]`,
		"a page of HTML":            `<html>`,
	} {
		if p, err := ParseProcess([]byte(body)); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func FuzzParseProcess(f *testing.F) {
	f.Add([]byte(`{"processId":"p1","finalResult":{"firstName":1},"providerSpecific":{"ocr":{"features":[{}]}}}`))
	f.Add([]byte(`{"processId":"p1","failReason":"x","depictions":["front",2]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := ParseProcess(body)
		if err != nil {
			return
		}
		p.Result()
		p.Details()
		if !json.Valid(body) || !bytes.Equal(p.Raw, body) || p.ProcessID == "" {
			t.Errorf("taken: %q", body)
		}
	})
}

func TestListsKeepWhatTheyCan(t *testing.T) {
	list, err := parseProcessList([]byte(`{"processes":[{"processId":"p1","createdAt":"soon","updatedAt":"2026-03-02T10:16:41+01:00",
		"dossier":{"dossierId":"d1","externalReference":7},"failReason":{"a":1}},{"status":true}],"totalResults":2}`))
	if err != nil {
		t.Fatal(err)
	}
	p := list.Processes[0]
	if !p.CreatedAt.IsZero() || !p.UpdatedAt.Equal(time.Date(2026, 3, 2, 9, 16, 41, 0, time.UTC)) ||
		p.Dossier.ExternalReference != "7" || string(p.FailReason) != `{"a":1}` || len(list.Processes) != 2 {
		t.Errorf("%+v", list)
	}
	for _, body := range []string{`{"processes":[]}`, `{"totalResults":-1}`, `{"totalResults":"2"}`, `[]`, ``} {
		if _, err := parseProcessList([]byte(body)); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestLifeOfATokenIsClamped(t *testing.T) {
	for expiresIn, want := range map[string]time.Duration{
		`600`: 10 * time.Minute, `"600"`: 10 * time.Minute, `3600`: time.Hour, `86400`: time.Hour, `1e300`: time.Hour, `1e999`: time.Hour,
		`0`: 30 * time.Second, `-5`: 30 * time.Second, `1`: 30 * time.Second, `null`: 30 * time.Second, `"soon"`: 30 * time.Second, `"NaN"`: 30 * time.Second, `{}`: 30 * time.Second,
	} {
		_, life, err := readToken(strings.NewReader(`{"access_token":"a","expires_in":` + expiresIn + `}`))
		if err != nil || life != want {
			t.Errorf("%s: %v, %v", expiresIn, life, err)
		}
	}
}

func TestTokensThatFitNoHeaderAreRefused(t *testing.T) {
	for _, body := range []string{``, `{}`, `{"access_token":7}`, `{"access_token":"a b"}`, `{"access_token":"a\r\nX: y"}`,
		`{"access_token":"` + strings.Repeat("a", tokenMaxLength+1) + `"}`, `{"access_token":"a"` + strings.Repeat(" ", tokenMaxBody) + `}`} {
		if _, _, err := readToken(strings.NewReader(body)); err == nil || IsUnauthorized(err) || IsRetryable(err) {
			t.Errorf("%.40s: %v", body, err)
		}
	}
}

func TestRetryAfterInBothForms(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-3": 0, "soon": 0, "99999999999": time.Hour,
		"Mon, 02 Mar 2026 09:00:30 GMT": 30 * time.Second, "Mon, 02 Mar 2026 08:00:00 GMT": 0, "Tue, 03 Mar 2026 09:00:00 GMT": time.Hour,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}

func TestJitterStaysBelowItsBound(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 100 {
		d := jitter(backoffFirst)
		if d < 0 || d >= backoffFirst {
			t.Fatal(d)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Errorf("%d different values of 100", len(seen))
	}
}

func TestTheBudgetBoundsRepeats(t *testing.T) {
	b := retryBudget{saved: retryReserve}
	repeats := 0
	for range 100 {
		b.called()
		for range maxRetries {
			if b.take() {
				repeats++
			}
		}
	}
	if repeats < retryReserve || repeats > retryReserve+100*retryShare {
		t.Errorf("%d repeats for 100 calls", repeats)
	}
}

func TestIDsThatCouldLeaveTheirSegmentAreRefused(t *testing.T) {
	for id, want := range map[string]bool{"f07bbd48-bd5b-560e-ac30-52edfd267d9b": true, "A_1": true, "": false, "..": false, "a/b": false,
		"a%2fb": false, "a?b": false, "a b": false, "é": false, "a\n": false, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false} {
		if ValidID(id) != want {
			t.Errorf("%q", id)
		}
	}
}

// Repeats are a tenth of the calls at most, whatever is saved up (security reference, section 4.1).
func TestRepeatsAreATenthOfTheCalls(t *testing.T) {
	b, repeats := retryBudget{}, 0
	for range 1000 {
		b.called()
		if b.take() {
			repeats++
		}
	}
	if repeats < 95 || repeats > 100 {
		t.Errorf("%d repeats for 1,000 calls", repeats)
	}
}

func TestTheDelayBeforeARepeatIsDrawnBelowABoundThatDoubles(t *testing.T) {
	c := &Client{jitter: func(bound time.Duration) time.Duration { return bound / 4 }}
	for try, want := range []time.Duration{25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 250 * time.Millisecond, 250 * time.Millisecond} {
		if got := c.delay(try, ErrTruncated); got != want {
			t.Errorf("before repeat %d: %v, want %v", try, got, want)
		}
	}
}

// The bounds that no test can wait for (security reference, section 4.1).
func TestConnectionsAreBounded(t *testing.T) {
	own := newTransport()
	if own.MaxConnsPerHost != 32 || own.ResponseHeaderTimeout <= 0 || own.ResponseHeaderTimeout >= callTimeout || own.TLSHandshakeTimeout > 5*time.Second ||
		own.IdleConnTimeout <= 0 || own.MaxResponseHeaderBytes <= 0 || own.HTTP2.WriteByteTimeout <= 0 {
		t.Errorf("%d connections, headers within %v, handshake within %v", own.MaxConnsPerHost, own.ResponseHeaderTimeout, own.TLSHandshakeTimeout)
	}
	if tokenTimeout > 5*time.Second {
		t.Errorf("a refresh of the token may take %v", tokenTimeout)
	}
}
