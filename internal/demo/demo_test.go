package demo

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image/png"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
)

func options(n int) Options {
	return Options{Processes: n, Seed: 1, Now: time.Date(2026, 3, 2, 14, 30, 12, 0, time.UTC)}
}

// entries makes processes without a simulator.
func entries(t testing.TB, o Options) ([]assuretest.Entry, Summary) {
	t.Helper()
	var out []assuretest.Entry
	summary, err := eachEntry(o, func(e assuretest.Entry) error { out = append(out, e); return nil })
	if err != nil {
		t.Fatalf("make %d processes: %v", o.Processes, err)
	}
	return out, summary
}

// answer is the part of a Get process answer that tests look at.
type answer struct {
	ProcessID        string         `json:"processId"`
	Provider         string         `json:"provider"`
	ProcessType      string         `json:"processType"`
	Status           string         `json:"status"`
	Depictions       []string       `json:"depictions"`
	FinalResult      map[string]any `json:"finalResult"`
	ProviderSpecific map[string]any `json:"providerSpecific"`
	FailReason       map[string]any `json:"failReason"`
	CreatedAt        string         `json:"createdAt"`
	UpdatedAt        string         `json:"updatedAt"`
}

func read(t testing.TB, body []byte) answer {
	t.Helper()
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatalf("body does not parse: %v\n%s", err, body)
	}
	return a
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	first, _ := entries(t, options(300))
	again, _ := entries(t, options(300))
	more, _ := entries(t, options(400))
	for i := range first {
		if !bytes.Equal(first[i].Body, again[i].Body) || !bytes.Equal(first[i].UserData, again[i].UserData) {
			t.Fatalf("process %d differs at the second time", i)
		}
		if !bytes.Equal(first[i].Body, more[i].Body) {
			t.Fatalf("process %d differs when more follow", i)
		}
	}
}

func TestAnotherSeedGivesOtherIds(t *testing.T) {
	o := options(200)
	one, _ := entries(t, o)
	o.Seed = 2
	two, _ := entries(t, o)
	ids := map[string]bool{}
	for _, e := range one {
		ids[read(t, e.Body).ProcessID] = true
		ids[e.DossierID] = true
	}
	for _, e := range two {
		if id := read(t, e.Body).ProcessID; ids[id] || ids[e.DossierID] {
			t.Fatalf("process %s or its dossier exists with both seeds", id)
		}
	}
}

func TestOnlyTimesDependOnTheDay(t *testing.T) {
	o := options(200)
	one, _ := entries(t, o)
	o.Now = o.Now.AddDate(0, 0, 40)
	two, _ := entries(t, o)
	for i := range one {
		a, b := read(t, one[i].Body), read(t, two[i].Body)
		if a.ProcessID != b.ProcessID || a.Status != b.Status || !maps.EqualFunc(a.FinalResult, b.FinalResult, func(x, y any) bool { return x == y }) {
			t.Errorf("process %d is another on another day", i)
		}
		if a.CreatedAt == b.CreatedAt {
			t.Errorf("process %d was created at %s on both days", i, a.CreatedAt)
		}
	}
}

func TestEveryProviderHasEveryStatusThatItCanHave(t *testing.T) {
	for _, n := range []int{60, 500} {
		_, summary := entries(t, options(n))
		pairs := 0
		for _, k := range kinds() {
			for _, status := range k.statuses {
				pairs++
				if summary.ByPair[[2]string{k.provider, status}] == 0 {
					t.Errorf("of %d: no %s of %s", n, status, k.provider)
				}
			}
		}
		if summary.Processes != n || pairs > 60 {
			t.Errorf("%d processes for %d, %d pairs", summary.Processes, n, pairs)
		}
	}
}

func TestEveryProcessTypeHasAnAcceptedProcess(t *testing.T) {
	made, _ := entries(t, options(500))
	seen := map[string]bool{}
	for _, e := range made {
		if a := read(t, e.Body); a.Status == accepted {
			seen[a.Provider+" "+a.ProcessType] = true
		}
	}
	for _, k := range kinds() {
		for _, ptype := range k.types {
			if !seen[k.provider+" "+ptype] {
				t.Errorf("no accepted %s of %s", ptype, k.provider)
			}
		}
	}
}

func TestBodiesHaveTheShapeOfAGetProcessAnswer(t *testing.T) {
	o := options(1000)
	made, _ := entries(t, o)
	id := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	earliest := o.Now.AddDate(0, 0, -27)
	known := map[string]bool{}
	for i, e := range made {
		a := read(t, e.Body)
		if !id.MatchString(a.ProcessID) || !id.MatchString(e.DossierID) || known[a.ProcessID] {
			t.Errorf("process %d: id %q in dossier %q", i, a.ProcessID, e.DossierID)
		}
		known[a.ProcessID] = true
		created, err := time.Parse(timeForm, a.CreatedAt)
		if err != nil || created.After(o.Now) || created.Before(earliest) {
			t.Errorf("process %d: created at %q (%v)", i, a.CreatedAt, err)
		}
		updated, err := time.Parse(timeForm, a.UpdatedAt)
		if err != nil || updated.Before(created) || updated.After(o.Now) {
			t.Errorf("process %d: created %s, updated %s (%v)", i, a.CreatedAt, a.UpdatedAt, err)
		}
		if a.Status == accepted && len(a.ProviderSpecific) == 0 || a.Status == canceled && a.FinalResult != nil {
			t.Errorf("process %d is %s with result %v and detail %v", i, a.Status, a.FinalResult, a.ProviderSpecific)
		}
		if failing := a.Status == failed && !strings.HasPrefix(a.Provider, "connect:"); failing != (a.FailReason != nil) {
			t.Errorf("process %d of %s is %s with failReason %v", i, a.Provider, a.Status, a.FailReason)
		}
		for _, depiction := range a.Depictions {
			picture, err := png.Decode(bytes.NewReader(e.Images[depiction].Body))
			if err != nil || picture.Bounds().Dx() < 250 {
				t.Errorf("process %d: image %s: %v", i, depiction, err)
			}
		}
	}
}

func TestTimesLieBeforeTheStartAndMostlyBeforeItsDay(t *testing.T) {
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		now   time.Time
		today bool // whether any process of the day itself is to be expected
	}{
		"just after midnight":  {day.Add(5 * time.Second), false},
		"in the afternoon":     {day.Add(15 * time.Hour), true},
		"just before midnight": {day.Add(24*time.Hour - time.Second), true},
		"in another time zone": {day.Add(15 * time.Hour).In(time.FixedZone("", -10*3600)), true},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Processes: 500, Seed: 1, Now: tc.now}
			made, summary := entries(t, o)
			today, days := 0, map[string]bool{}
			for i, e := range made {
				a := read(t, e.Body)
				updated, err := time.Parse(timeForm, a.UpdatedAt)
				if err != nil || !updated.Before(tc.now) {
					t.Errorf("process %d was updated at %s", i, a.UpdatedAt)
				}
				days[a.CreatedAt[:10]] = true
				if a.CreatedAt >= day.Format(timeForm) && !slices.Contains(summary.Live, a.ProcessID) {
					today++
				}
			}
			if today > 40 || (today > 0) != tc.today || len(days) < daysBack {
				t.Errorf("%d processes of the day itself, %d days in all", today, len(days))
			}
		})
	}
}

func TestAFewCustomersStateSomethingElse(t *testing.T) {
	made, _ := entries(t, options(1000))
	stated, other := 0, 0
	for i, e := range made {
		a := read(t, e.Body)
		born, ok := a.FinalResult["dateOfBirth"].(string)
		if e.UserData == nil || !ok {
			continue
		}
		var data struct {
			DossierID string         `json:"dossierId"`
			UserData  map[string]any `json:"userData"`
		}
		if err := json.Unmarshal(e.UserData, &data); err != nil || data.DossierID != e.DossierID {
			t.Fatalf("user data of process %d: %v", i, err)
		}
		if stated++; data.UserData["dateOfBirth"] != born {
			other++
		}
	}
	if stated < 100 || other == 0 || other*5 > stated {
		t.Errorf("%d of %d customers state another date of birth", other, stated)
	}
}

func TestDatesOfAPersonFollowEachOther(t *testing.T) {
	o := options(1000)
	made, _ := entries(t, o)
	for i, e := range made {
		a := read(t, e.Body)
		birth, _ := a.FinalResult["dateOfBirth"].(string)
		issue, _ := a.FinalResult["dateOfIssue"].(string)
		expiry, _ := a.FinalResult["dateOfExpiry"].(string)
		if issue != "" && (birth >= issue || issue >= a.CreatedAt) {
			t.Errorf("process %d: born %s, issued %s, created %s", i, birth, issue, a.CreatedAt)
		}
		if expiry != "" && a.Status == accepted && expiry <= a.CreatedAt {
			t.Errorf("process %d was accepted with a document that expired on %s", i, expiry)
		}
		if expiry != "" && a.Status == rejected && expiry >= a.CreatedAt {
			t.Errorf("process %d was rejected with a result and without a reason", i)
		}
	}
}

func TestOneProcessInTenDisagreesWithItsDetail(t *testing.T) {
	made, summary := entries(t, options(500))
	if share := float64(len(summary.Planted)) / float64(len(made)); share < 0.09 || share > 0.11 {
		t.Errorf("%d of %d processes planted", len(summary.Planted), len(made))
	}
	if got := Planted(options(500)); !slices.Equal(got, summary.Planted) {
		t.Errorf("Planted lists %d, the summary %d", len(got), len(summary.Planted))
	}
}

// leaves lists every value below value by its path.
func leaves(value any, path string, into map[string]any) {
	switch v := value.(type) {
	case map[string]any:
		for name, element := range v {
			leaves(element, path+"/"+name, into)
		}
	case []any:
		for i, element := range v {
			leaves(element, path+"/"+strconv.Itoa(i), into)
		}
	case string:
		if parts := strings.Split(v, "."); len(parts) == 3 && strings.HasPrefix(v, "eyJ") {
			payload, err := base64.RawURLEncoding.DecodeString(parts[1])
			var claims any
			if err == nil && json.Unmarshal(payload, &claims) == nil {
				leaves(claims, path+"#", into)
				return
			}
		}
		into[path] = v
	default:
		into[path] = v
	}
}

func TestPlantingChangesOneFactInOneSource(t *testing.T) {
	o := options(1000)
	spoiled, summary := entries(t, o)
	honest := newMaker(o)
	honest.planter.off = true
	next := 0
	kinds := map[string]int{}
	_, err := honest.each(func(e assuretest.Entry) error {
		a, b := read(t, e.Body), read(t, spoiled[next].Body)
		next++
		if !slices.Contains(summary.Planted, a.ProcessID) {
			if !bytes.Equal(e.Body, spoiled[next-1].Body) {
				t.Errorf("process %d changed although nothing was planted", next-1)
			}
			return nil
		}
		before, after := map[string]any{}, map[string]any{}
		leaves(a.ProviderSpecific, "", before)
		leaves(b.ProviderSpecific, "", after)
		var changed []string
		for path, value := range before {
			if after[path] != value && !strings.Contains(path, "/mrzFeatureMatching/") {
				changed = append(changed, path)
				kinds[path]++
			}
		}
		if len(changed) != 1 || len(before) != len(after) || !maps.EqualFunc(a.FinalResult, b.FinalResult, func(x, y any) bool { return x == y }) {
			t.Errorf("process %d of %s: planting changed %v", next-1, a.Provider, changed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(kinds) < 15 {
		t.Errorf("planted at %d different places only: %v", len(kinds), kinds)
	}
}

// flat collects every string of a value and of the JWT payloads in it.
func flat(value any, into *[]string) {
	switch v := value.(type) {
	case string:
		if parts := strings.Split(v, "."); len(parts) == 3 && strings.HasPrefix(v, "eyJ") {
			payload, err := base64.RawURLEncoding.DecodeString(parts[1])
			var claims any
			if err == nil && json.Unmarshal(payload, &claims) == nil {
				flat(claims, into)
			}
		}
		*into = append(*into, v)
	case []any:
		for _, element := range v {
			flat(element, into)
		}
	case map[string]any:
		for _, element := range v {
			flat(element, into)
		}
	}
}

func TestWithoutPlantingEveryFactOfTheResultStandsInTheDetail(t *testing.T) {
	made, summary := entries(t, options(1000))
	facts := []string{"firstName", "lastName", "dateOfBirth", "dateOfExpiry", "documentNumber", "gender", "nationality", "personalIdentificationNumber"}
	for i, e := range made {
		a := read(t, e.Body)
		if slices.Contains(summary.Planted, a.ProcessID) {
			continue
		}
		var stated []string
		flat(a.ProviderSpecific, &stated)
		for _, name := range facts {
			if value, ok := a.FinalResult[name].(string); ok && !slices.Contains(stated, value) {
				t.Errorf("process %d of %s: %s is not in the detail", i, a.Provider, name)
			}
		}
	}
}

// zone gives the MRZ lines of a body.
func zone(a answer) []string {
	if a.Provider == "onfido" {
		var lines []string
		document, _ := a.ProviderSpecific["documentVerification"].(map[string]any)
		for _, name := range []string{"mrzLine1", "mrzLine2", "mrzLine3"} {
			if line, ok := document[name].(string); ok {
				lines = append(lines, line)
			}
		}
		return lines
	}
	response, _ := a.ProviderSpecific["identResponse"].(map[string]any)
	idDocument, _ := response["idDocument"].(map[string]any)
	raw, _ := idDocument["mrz"].(string)
	raw = strings.ReplaceAll(raw, "\n", "")
	switch len(raw) {
	case 2 * td3Width:
		return []string{raw[:td3Width], raw[td3Width:]}
	case 3 * td1Width:
		return []string{raw[:td1Width], raw[td1Width : 2*td1Width], raw[2*td1Width:]}
	default:
		return nil
	}
}

// checkZone is written apart from the maker: field and digit by position, Doc 9303 parts 4 and 5.
func checkZone(lines []string) (wrong []string) {
	verify := func(name, field string, digit byte) {
		if checkDigit(field)[0] != digit {
			wrong = append(wrong, name)
		}
	}
	if len(lines) == 2 {
		l := lines[1]
		verify("number", l[0:9], l[9])
		verify("birth", l[13:19], l[19])
		verify("expiry", l[21:27], l[27])
		verify("personal", l[28:42], l[42])
		verify("composite", l[0:10]+l[13:20]+l[21:43], l[43])
		return wrong
	}
	one, two := lines[0], lines[1]
	verify("number", one[5:14], one[14])
	verify("birth", two[0:6], two[6])
	verify("expiry", two[8:14], two[14])
	verify("composite", one[5:30]+two[0:7]+two[8:15]+two[18:29], two[29])
	return wrong
}

func TestMRZLinesAreValidUnlessPlanted(t *testing.T) {
	made, summary := entries(t, options(1000))
	form := regexp.MustCompile(`^[A-Z0-9<]+$`)
	zones, planted := 0, 0
	for i, e := range made {
		a := read(t, e.Body)
		lines := zone(a)
		if lines == nil {
			continue
		}
		zones++
		for _, line := range lines {
			if !form.MatchString(line) || len(line) != map[int]int{2: td3Width, 3: td1Width}[len(lines)] {
				t.Errorf("process %d: line of %d characters in a zone of %d", i, len(line), len(lines))
			}
		}
		wrong := checkZone(lines)
		if len(wrong) > 0 && !slices.Contains(summary.Planted, a.ProcessID) {
			t.Errorf("process %d: wrong check digits: %v", i, wrong)
		}
		if len(wrong) > 0 {
			planted++
		}
	}
	if zones < 200 || planted == 0 {
		t.Errorf("%d zones, %d of them misread: too few to mean anything", zones, planted)
	}
}

// The specimens are printed in Doc 9303 parts 4 and 5 (Utopia).
func TestCheckDigitsOfThePublishedSpecimens(t *testing.T) {
	for name, lines := range map[string][]string{
		"TD3": {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
		"TD1": {"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
	} {
		if wrong := checkZone(lines); wrong != nil {
			t.Errorf("%s: wrong: %v", name, wrong)
		}
	}
}

func TestNamesAreTransliteratedForTheMRZ(t *testing.T) {
	for name, want := range map[string]string{
		"Müller-Lüdenscheidt": "MUELLER<LUEDENSCHEIDT", "O'Shaughnessy": "OSHAUGHNESSY", "Weiß": "WEISS", "Þórðarson": "THORDARSON",
		"Åse": "AASE", "Sørbø": "SOERBOE", "Nguyễn": "NGUYEN", "Đặng": "DANG", "Işıl": "ISIL", "Łódź": "LODZ", "van 't Hoff": "VAN<T<HOFF", "Ibáñez": "IBANEZ",
	} {
		if got := mrzName(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestAFewProcessesFinishWhileOneWatches(t *testing.T) {
	o := options(500)
	made, summary := entries(t, o)
	if n := len(summary.Live); n < 3 || n > 10 {
		t.Errorf("%d live processes of 500", n)
	}
	for i, e := range made {
		if len(e.Later) == 0 || slices.Contains(summary.Reversed, read(t, e.Body).ProcessID) {
			continue
		}
		want := []string{pending, processing, accepted}
		got := []string{read(t, e.Body).Status}
		last := o.Now
		for _, step := range e.Later {
			a := read(t, step.Body)
			got = append(got, a.Status)
			if step.At.Before(last) || step.At.Before(o.Now.Add(15*time.Second)) || step.At.After(o.Now.Add(4*time.Minute)) {
				t.Errorf("process %d: step at %s", i, step.At)
			}
			if updated, err := time.Parse(timeForm, a.UpdatedAt); err != nil || updated.After(step.At) {
				t.Errorf("process %d: step at %s says updated %s", i, step.At, a.UpdatedAt)
			}
			last = step.At
		}
		if got[2] == inconclusive {
			want[2] = inconclusive
		}
		if !slices.Equal(got, want) {
			t.Errorf("process %d went %v", i, got)
		}
	}
}

func TestDossiersHoldReferencesUserDataAndSecondTries(t *testing.T) {
	made, summary := entries(t, options(500))
	processes, external, stated := map[string]int{}, map[string]string{}, map[string]bool{}
	for _, e := range made {
		processes[e.DossierID]++
		if other, taken := external[e.ExternalReference]; taken && other != e.DossierID {
			t.Errorf("reference %s belongs to two dossiers", e.ExternalReference)
		}
		external[e.ExternalReference] = e.DossierID
		if e.UserData != nil {
			stated[e.DossierID] = true
		}
	}
	two := 0
	for _, n := range processes {
		if n > 1 {
			two++
		}
	}
	if len(processes) != summary.Dossiers || two < 20 {
		t.Errorf("%d dossiers (summary %d), %d with two processes", len(processes), summary.Dossiers, two)
	}
	if share := float64(len(stated)) / float64(len(processes)); share < 0.25 || share > 0.42 {
		t.Errorf("user data for %.2f of dossiers", share)
	}
}

func TestBothPublishedSpellingsAppear(t *testing.T) {
	made, _ := entries(t, options(1000))
	var all bytes.Buffer
	for _, e := range made {
		var plain bytes.Buffer
		if err := json.Compact(&plain, e.Body); err != nil {
			t.Fatal(err)
		}
		all.Write(plain.Bytes())
	}
	for _, want := range []string{
		`"livenessDetected":true`, `"livenessDetected":"true"`, `"verylow"`, `"veryLow"`, `"liveness":{"valid"`, `"livenessDetected":{"valid"`,
		`"personalNumber"`, `"personalIdentificationNumber":"VALID"`, `"drivingPermits"`, `"driving_permits"`, `"status":true`, `"status":"true"`,
		`"firstname"`, `"idNumber"`, `"authority"`, `"issuingAuthority"`, `"nationality":"DE"`, `"nationality":"DEU"`, `"iProovAssuranceType"`, `"getiProovAssuranceType"`,
		`"passed":true`, `"session":{`, `"category":"User.Request"`, `"type":"timeout"`, `"documentType":"unknown"`, `"notificationUrl"`, `"features":[{}]`,
		`"rejectionReasons"`, `"statusReasons"`, `"errors":[`, `"mrzLine3"`, `"userInfo":"eyJ`, `"userInfo":{`, `"redactionRequested":true`, `\u00`,
	} {
		if !bytes.Contains(all.Bytes(), []byte(want)) {
			t.Errorf("%s appears nowhere", want)
		}
	}
}

func TestTheSimulatorTakesEverything(t *testing.T) {
	o := options(10_000)
	sim := assuretest.New(assuretest.Options{ClientID: "sim", ClientSecret: "sim", Now: func() time.Time { return o.Now }})
	summary, err := PopulateCounted(sim, o)
	if err != nil {
		t.Fatal(err)
	}
	if sim.Len() != o.Processes || summary.Processes != o.Processes || len(summary.Live) != liveMost {
		t.Errorf("the simulator holds %d of %d, %d live", sim.Len(), summary.Processes, len(summary.Live))
	}
	if err := Populate(sim, options(1)); err == nil {
		t.Error("the same process was taken twice")
	}
}

func TestProviderIdsAndReferencesAreNotShared(t *testing.T) {
	made, _ := entries(t, options(2000))
	ids := map[string]int{}
	for i, e := range made {
		if other, taken := ids[e.ExternalID]; taken && e.ExternalID != "" {
			t.Errorf("processes %d and %d have the external id %s", other, i, e.ExternalID)
		}
		ids[e.ExternalID] = i
	}
}

func TestFiveHundredProcessesNeedLittleMemory(t *testing.T) {
	made, _ := entries(t, options(500))
	total := 0
	shared := map[*byte]bool{}
	for _, e := range made {
		total += len(e.Body) + len(e.UserData) + len(e.Raw)
		for _, image := range e.Images {
			if first := &image.Body[0]; !shared[first] {
				shared[first] = true
				total += len(image.Body)
			}
		}
	}
	const most = 8 << 20 // bytes; a hundred demos fit on a laptop
	if total > most {
		t.Errorf("%d bytes in %d distinct images and the bodies", total, len(shared))
	}
}

func TestOptionsWithoutATimeAreRefused(t *testing.T) {
	if _, err := eachEntry(Options{Processes: 1}, func(assuretest.Entry) error { return nil }); err == nil {
		t.Error("accepted")
	}
}

func BenchmarkFiveHundred(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		entries(b, options(500))
	}
}
