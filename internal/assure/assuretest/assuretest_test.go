package assuretest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// rig is a simulator over HTTP with a clock and a token.
type rig struct {
	t     *testing.T
	sim   *Simulator
	url   string
	token string

	mu  sync.Mutex
	now time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	g := &rig{t: t, now: noon}
	g.sim = New(Options{ClientID: "sim", ClientSecret: "si:m", Now: g.clock})
	server := httptest.NewServer(g.sim.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	g.url = server.URL
	status, body := g.askToken("sim", "si:m", "grant_type=client_credentials&scope=signicat-api")
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
		TokenType   string `json:"token_type"`
		Scope       string `json:"scope"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != 200 || answer.ExpiresIn != 600 || answer.TokenType != "Bearer" || answer.Scope != "signicat-api" {
		t.Fatalf("token: %d %s", status, body)
	}
	g.token = answer.AccessToken
	return g
}

func (g *rig) clock() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *rig) move(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(d)
}

func (g *rig) askToken(id, secret, form string) (int, []byte) {
	g.t.Helper()
	req, err := http.NewRequest(http.MethodPost, g.url+"/auth/open/connect/token", strings.NewReader(form))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if id != "" {
		req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	}
	status, _, body := g.send(req)
	return status, body
}

// call asks the API with the token and gives status and body.
func (g *rig) call(method, path, body string) (int, string) {
	g.t.Helper()
	req, err := http.NewRequest(method, g.url+"/assure"+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+g.token)
	status, _, answer := g.send(req)
	return status, string(answer)
}

func (g *rig) send(req *http.Request) (int, http.Header, []byte) {
	g.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return res.StatusCode, res.Header, body
}

func (g *rig) add(e Entry) {
	g.t.Helper()
	if err := g.sim.Add(e); err != nil {
		g.t.Fatal(err)
	}
}

// answer is a Get process body.
func answer(id, provider, processType, status string, created time.Time) []byte {
	return fmt.Appendf(nil, `{"processId":%q, "provider":%q, "processType":%q, "status":%q, "createdAt":%q, "updatedAt":%q}`,
		id, provider, processType, status, wireTime(created), wireTime(created.Add(time.Minute)))
}

func TestTokensAreGivenByTheRules(t *testing.T) {
	g := newRig(t)
	const good = "grant_type=client_credentials&scope=signicat-api"
	for _, tt := range []struct {
		name, id, secret, form string
		status                 int
	}{
		{"no credentials", "", "", good, 401},
		{"another secret", "sim", "sim", good, 401},
		{"another client", "sam", "si:m", good, 401},
		{"no scope", "sim", "si:m", "grant_type=client_credentials", 400},
		{"another scope", "sim", "si:m", "grant_type=client_credentials&scope=signicat-api-x", 400},
		{"another grant", "sim", "si:m", "grant_type=password&scope=signicat-api", 400},
		{"all right", "sim", "si:m", good, 200},
	} {
		if status, body := g.askToken(tt.id, tt.secret, tt.form); status != tt.status || (status == 200) != strings.Contains(string(body), "access_token") {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
	}
}

func TestOnlyALivingTokenOpens(t *testing.T) {
	g := newRig(t)
	for name, header := range map[string]string{"none": "", "Basic": "Basic c2ltOnNpbQ==", "an empty one": "Bearer ", "a made-up one": "Bearer sim.00"} {
		req, _ := http.NewRequest(http.MethodGet, g.url+"/assure/dossiers", nil)
		req.Header.Set("Authorization", header)
		status, _, body := g.send(req)
		var p problemBody
		if json.Unmarshal(body, &p) != nil || status != 401 || p.Status != 401 || p.Instance != "/assure/dossiers" || p.Method != "GET" || len(p.TraceID) != 32 || p.Title == "" {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _ := g.call("GET", "/dossiers", ""); status != 200 {
		t.Errorf("a living one: %d", status)
	}
	g.move(10 * time.Minute)
	if status, _ := g.call("GET", "/dossiers", ""); status != 401 {
		t.Errorf("an expired one: %d", status)
	}
}

// listed is what the tests look at of a list.
type listed struct {
	Processes []struct{ ProcessID, ExternalID string }
	Total     int `json:"totalResults"`
	Filters   listFilters
}

func (g *rig) list(query string) (int, listed) {
	g.t.Helper()
	status, body := g.call("GET", "/processes?"+query, "")
	var l listed
	if err := json.Unmarshal([]byte(body), &l); err != nil {
		g.t.Fatal(err)
	}
	return status, l
}

func TestListingRules(t *testing.T) {
	g := newRig(t)
	for i, status := range []string{"accepted", "rejected", "pending", "accepted", "failed"} { // p4 is the oldest
		g.add(Entry{DossierID: "d1", Body: answer(fmt.Sprint("p", i), "onfido", "document", status, noon.Add(-time.Duration(i)*time.Hour))})
	}
	g.add(Entry{DossierID: "d2", Body: answer("old", "onfido", "document", "accepted", noon.Add(-30*24*time.Hour-time.Second))})
	g.add(Entry{DossierID: "d3", Body: answer("coming", "onfido", "document", "accepted", noon.Add(time.Hour))})
	const all = "startCreationDate=2020-01-01T00:00:00Z"
	for _, tt := range []struct {
		name, query string
		want        string
		total       int
	}{
		{"the last 30 days, newest first", all, "p0 p1 p2 p3 p4", 5},
		{"oldest first", all + "&order=createdAtAscending", "p4 p3 p2 p1 p0", 5},
		{"a window, both ends included", "startCreationDate=2026-03-02T09:00:00Z&endCreationDate=2026-03-02T11:00:00Z", "p1 p2 p3", 3},
		{"a window of one moment", "startCreationDate=2026-03-02T09:00:00Z&endCreationDate=2026-03-02T09:00:00Z", "p3", 1},
		{"an empty window", "startCreationDate=2026-03-02T09:00:01Z&endCreationDate=2026-03-02T09:00:02Z", "", 0},
		{"two statuses, repeated", all + "&status=rejected&status=failed", "p1 p4", 2},
		{"two statuses, by comma", all + "&status=rejected,failed", "p1 p4", 2},
		{"a page, and the total before it", all + "&offset=1&limit=2", "p1 p2", 5},
		{"a page of a status", all + "&status=accepted&offset=1", "p3", 2},
		{"a page past the end", all + "&offset=200000", "", 5},
	} {
		status, l := g.list(tt.query)
		var ids []string
		for _, p := range l.Processes {
			ids = append(ids, p.ProcessID)
		}
		if got := strings.Join(ids, " "); status != 200 || got != tt.want || l.Total != tt.total {
			t.Errorf("%s: %d, %q of %d", tt.name, status, got, l.Total)
		}
	}
	g.token = g.freshToken(time.Hour)
	if _, l := g.list(all); l.Processes[0].ProcessID != "coming" || l.Total != 6 {
		t.Errorf("an hour later: %+v", l)
	}
	for name, query := range map[string]string{
		"no start": "", "a date": "startCreationDate=2026-03-02", "an end before the start": "startCreationDate=2026-03-02T09:00:00Z&endCreationDate=2026-03-02T08:59:59Z",
		"an end that is none": all + "&endCreationDate=now", "an unknown status": all + "&status=accepted&status=done", "an empty status": all + "&status=",
		"an offset over its bound": all + "&offset=200001", "a negative offset": all + "&offset=-1", "a limit over its bound": all + "&limit=2001",
		"a limit of none": all + "&limit=0", "a limit that is no number": all + "&limit=x", "an unknown order": all + "&order=random",
	} {
		status, body := g.call("GET", "/processes?"+query, "")
		if status != 400 || !strings.Contains(body, `"timestamp"`) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _ := g.list(all + "&limit=2000&offset=200000"); status != 200 {
		t.Errorf("the bounds themselves: %d", status)
	}
}

// freshToken moves the clock and asks for a token that lives then.
func (g *rig) freshToken(d time.Duration) string {
	g.t.Helper()
	g.move(d)
	_, body := g.askToken("sim", "si:m", "grant_type=client_credentials&scope=signicat-api")
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.AccessToken == "" {
		g.t.Fatalf("%s", body)
	}
	return answer.AccessToken
}

func TestReadingRules(t *testing.T) {
	g := newRig(t)
	image := map[string]Media{"front": {Body: []byte("a picture")}, "back": {Body: []byte("a picture")}}
	video := &Media{ContentType: "video/quicktime", Body: []byte("a video")}
	hour := noon.Add(-time.Hour)
	g.add(Entry{DossierID: "d1", ExternalID: "e1", Body: answer("onf", "onfido", "documentVideo", "accepted", hour), Images: image, Redacted: []string{"back"}, Video: video, Zip: []byte("PK")})
	g.add(Entry{DossierID: "d1", ExternalID: "e2", Body: answer("rid", "readid", "sdk", "accepted", hour), Raw: []byte(`{"a": 1}`), UserData: []byte(`{ "userData": {} }`)})
	g.add(Entry{DossierID: "d1", ExternalID: "e3", Body: answer("rid-new", "readid", "sdk", "pending", hour), Raw: []byte(`{}`), Zip: []byte("PK"), Images: image})
	g.add(Entry{DossierID: "d2", Body: answer("vid", "signicatvideoid", "high", "failed", hour), Zip: []byte("PK")})
	g.add(Entry{DossierID: "d2", Body: answer("web", "webid", "videoid", "accepted", hour)})
	g.add(Entry{DossierID: "d2", Body: answer("fac", "facetec", "", "accepted", hour)})
	for _, tt := range []struct {
		name, path string
		status     int
		body       string // exact where given
	}{
		{"a process, byte for byte", "/dossiers/d1/processes/onf", 200, string(answer("onf", "onfido", "documentVideo", "accepted", hour))},
		{"a process of another dossier", "/dossiers/d2/processes/onf", 404, ""},
		{"an unknown process", "/dossiers/d1/processes/x", 404, ""},
		{"an unknown dossier", "/dossiers/x", 404, ""},
		{"a process of an unknown dossier", "/dossiers/x/processes/onf", 404, ""},
		{"an image", "/dossiers/d1/processes/onf/images?depiction=front", 200, "a picture"},
		{"an image that is not there", "/dossiers/d1/processes/onf/images?depiction=selfie", 404, ""},
		{"an image that was to be redacted", "/dossiers/d1/processes/onf/images?depiction=back", 403, ""},
		{"a depiction that the provider never has", "/dossiers/d1/processes/onf/images?depiction=portrait", 400, ""},
		{"an image of webid", "/dossiers/d2/processes/web/images?depiction=front", 400, ""},
		{"no depiction", "/dossiers/d1/processes/onf/images", 400, ""},
		{"an unknown depiction", "/dossiers/d1/processes/onf/images?depiction=hand", 400, ""},
		{"an image before the start", "/dossiers/d1/processes/rid-new/images?depiction=front", 404, ""},
		{"a video", "/dossiers/d1/processes/onf/video", 200, "a video"},
		{"a video that is not there", "/dossiers/d2/processes/vid/video", 404, ""},
		{"a video of readid", "/dossiers/d1/processes/rid/video", 400, ""},
		{"raw", "/dossiers/d1/processes/rid/raw", 200, `{"a": 1}`},
		{"raw before the end", "/dossiers/d1/processes/rid-new/raw", 204, ""},
		{"raw of onfido", "/dossiers/d1/processes/onf/raw", 404, ""},
		{"the archive", "/dossiers/d1/processes/onf/download", 200, "PK"},
		{"the archive without a result", "/dossiers/d2/processes/vid/download", 204, ""},
		{"the archive before the end", "/dossiers/d1/processes/rid-new/download", 204, ""},
		{"the archive that is not ready", "/dossiers/d2/processes/web/download?includeTimestamps=false", 204, ""},
		{"timestamps of onfido", "/dossiers/d1/processes/onf/download?includeTimestamps=true", 400, ""},
		{"timestamps that are no boolean", "/dossiers/d1/processes/onf/download?includeTimestamps=x", 400, ""},
		{"the external id", "/dossiers/d1/processes/onf/external-id", 200, `{"externalId":"e1"}`},
		{"the external id of readid at the end", "/dossiers/d1/processes/rid/external-id", 200, `{"externalId":"e2"}`},
		{"the external id of readid before", "/dossiers/d1/processes/rid-new/external-id", 200, `{"externalId":"rid-new"}`},
		{"the external id of facetec", "/dossiers/d2/processes/fac/external-id", 400, ""},
		{"user data", "/dossiers/d1/userdata", 200, `{ "userData": {} }`},
		{"no user data", "/dossiers/d2/userdata", 404, ""},
		{"document types", "/onfido/document-types", 200, ""},
		{"document types of readid", "/readid/document-types", 404, ""},
		{"an unknown path", "/nothing", 404, ""},
	} {
		status, body := g.call("GET", tt.path, "")
		if status != tt.status || tt.body != "" && body != tt.body {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
		if status >= 400 && (!strings.Contains(body, `"traceId"`) || !strings.Contains(body, `"instance":"/assure/`)) {
			t.Errorf("%s: not an error of the API: %s", tt.name, body)
		}
	}
}

func TestDossiers(t *testing.T) {
	g := newRig(t)
	if _, body := g.call("GET", "/dossiers", ""); body != "[]" {
		t.Errorf("none: %s", body)
	}
	for i := range 120 {
		g.add(Entry{DossierID: fmt.Sprintf("d%03d", i), ExternalReference: fmt.Sprint("ref", i), Body: answer(fmt.Sprint("p", i), "onfido", "document", "accepted", noon.Add(-time.Duration(i)*24*time.Hour))})
	}
	g.add(Entry{DossierID: "d000", ExternalReference: "too late", Body: answer("later", "onfido", "document", "failed", noon.Add(-time.Minute))})
	var rows []dossierRow
	_, body := g.call("GET", "/dossiers", "")
	if err := json.Unmarshal([]byte(body), &rows); err != nil || len(rows) != 100 || rows[0].DossierID != "d000" || rows[99].DossierID != "d099" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	var d dossierAnswer
	_, body = g.call("GET", "/dossiers/d000", "")
	if err := json.Unmarshal([]byte(body), &d); err != nil || len(d.Processes) != 2 || d.ExternalReference != "ref0" ||
		d.CreatedAt != wireTime(noon.Add(-time.Minute)) || d.UpdatedAt != wireTime(noon.Add(time.Minute)) {
		t.Errorf("%s, %v", body, err)
	}
	if status, _ := g.call("GET", "/dossiers/d119/processes/p119", ""); status != 200 {
		t.Error("a process too old for the list is still to be had")
	}
}

func TestProcessesChangeWithTime(t *testing.T) {
	g := newRig(t)
	first, second, third := answer("p1", "onfido", "document", "pending", noon), answer("p1", "onfido", "document", "processing", noon), answer("p1", "onfido", "document", "accepted", noon)
	g.add(Entry{DossierID: "d1", Body: first, Later: []Step{{At: noon.Add(2 * time.Minute), Body: third}, {At: noon.Add(time.Minute), Body: second}}})
	for _, want := range [][]byte{first, second, third, third} {
		if _, body := g.call("GET", "/dossiers/d1/processes/p1", ""); body != string(want) {
			t.Errorf("at %v: %s", g.clock(), body)
		}
		g.move(time.Minute)
	}
	if _, l := g.list("startCreationDate=2026-03-02T00:00:00Z&status=accepted"); l.Total != 1 {
		t.Error("the list does not follow")
	}
	replaced := answer("p1", "onfido", "document", "rejected", noon)
	if err := g.sim.Replace("p1", replaced); err != nil {
		t.Fatal(err)
	}
	if _, body := g.call("GET", "/dossiers/d1/processes/p1", ""); body != string(replaced) {
		t.Errorf("replaced: %s", body)
	}
	g.sim.Delete("p1")
	g.sim.Delete("p1")
	if status, _ := g.call("GET", "/dossiers/d1/processes/p1", ""); status != 404 || g.sim.Len() != 0 {
		t.Errorf("deleted: %d, %d left", status, g.sim.Len())
	}
}

func TestWhatCannotBeAddedIsRefused(t *testing.T) {
	g := newRig(t)
	good := answer("p1", "onfido", "document", "accepted", noon)
	g.add(Entry{DossierID: "d1", Body: good})
	for name, e := range map[string]Entry{
		"the same process again":        {DossierID: "d1", Body: good},
		"no body":                       {DossierID: "d1"},
		"no dossier":                    {Body: answer("p2", "onfido", "document", "accepted", noon)},
		"an id that cannot be asked":    {DossierID: "d1", Body: answer("a/b", "onfido", "document", "accepted", noon)},
		"no time of creation":           {DossierID: "d1", Body: []byte(`{"processId":"p2","status":"accepted"}`)},
		"a step that is another's":      {DossierID: "d1", Body: answer("p2", "onfido", "document", "accepted", noon), Later: []Step{{At: noon, Body: good}}},
		"a step that cannot be read":    {DossierID: "d1", Body: answer("p2", "onfido", "document", "accepted", noon), Later: []Step{{At: noon}}},
		"a body that is an array of it": {DossierID: "d1", Body: append(append([]byte("["), good...), ']')},
	} {
		if g.sim.Add(e) == nil || g.sim.Len() != 1 {
			t.Errorf("%s is taken", name)
		}
	}
	if g.sim.Replace("p1", answer("p2", "onfido", "document", "accepted", noon)) == nil || g.sim.Replace("p9", answer("p9", "onfido", "document", "accepted", noon)) == nil {
		t.Error("a replacement of another process is taken")
	}
}

func TestWritingRules(t *testing.T) {
	g := newRig(t)
	status, body := g.call("POST", "/dossiers", `{"externalReference":"ref"}`)
	var d dossierRow
	if json.Unmarshal([]byte(body), &d) != nil || status != 201 || d.ExternalReference != "ref" {
		t.Fatalf("dossier: %d %s", status, body)
	}
	at := "/dossiers/" + d.DossierID
	status, body = g.call("POST", at+"/processes", `{"provider":"onfido"}`)
	var p processBody
	if json.Unmarshal([]byte(body), &p) != nil || status != 201 || p.ProcessType != "documentSelfie" || p.Status != "pending" || p.Authorization == "" {
		t.Fatalf("process: %d %s", status, body)
	}
	if _, body := g.call("GET", at+"/processes/"+p.ProcessID, ""); strings.Contains(body, "authorization") {
		t.Errorf("the authorization is told again: %s", body)
	}
	g.add(Entry{DossierID: "d2", Body: answer("p2", "onfido", "document", "pending", noon)})
	g.add(Entry{DossierID: "d2", Body: answer("p3", "readid", "sdk", "pending", noon)})
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"a dossier without a body", "POST", "/dossiers", "", 201},
		{"a dossier with bad syntax", "POST", "/dossiers", "{", 400},
		{"a process of an unknown provider", "POST", at + "/processes", `{"provider":"newcomer"}`, 400},
		{"a process without provider", "POST", at + "/processes", `{}`, 400},
		{"a process of an unknown type", "POST", at + "/processes", `{"provider":"onfido","processType":"sdk"}`, 400},
		{"a process of an unknown dossier", "POST", "/dossiers/x/processes", `{"provider":"onfido"}`, 404},
		{"failing a pending one", "POST", at + "/processes/" + p.ProcessID + "/fail", "", 200},
		{"failing it again", "POST", at + "/processes/" + p.ProcessID + "/fail", "", 409},
		{"failing an unknown one", "POST", at + "/processes/x/fail", "", 404},
		{"starting onfido", "POST", "/dossiers/d2/processes/p2", "", 200},
		{"starting readid", "POST", "/dossiers/d2/processes/p3", "", 204},
		{"starting it again", "POST", "/dossiers/d2/processes/p3", "", 409},
		{"deleting onfido in the middle", "DELETE", "/dossiers/d2/processes/p2", "", 409},
		{"deleting its dossier", "DELETE", "/dossiers/d2", "", 409},
		{"deleting readid in the middle", "DELETE", "/dossiers/d2/processes/p3", "", 204},
		{"deleting it again", "DELETE", "/dossiers/d2/processes/p3", "", 404},
		{"reading it", "GET", "/dossiers/d2/processes/p3", "", 404},
		{"changing user data that is not there", "PUT", at + "/userdata", `{"userData":{"firstName":"A"}}`, 404},
		{"stating user data", "POST", at + "/userdata", `{"userData":{"firstName":"A","lastName":"B"}}`, 201},
		{"stating it again", "POST", at + "/userdata", `{"userData":{}}`, 409},
		{"changing it", "PUT", at + "/userdata", `{"userData":{"firstName":"","gender":"F"}}`, 204},
	} {
		if status, body := g.call(tt.method, tt.path, tt.body); status != tt.status {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
	}
	_, body = g.call("GET", at+"/processes/"+p.ProcessID, "")
	if !strings.Contains(body, `"failed"`) || !strings.Contains(body, "Failed by request.") {
		t.Errorf("failed: %s", body)
	}
	_, body = g.call("GET", at+"/userdata", "")
	if !strings.Contains(body, `"userData":{"gender":"F","lastName":"B"}`) || !strings.Contains(body, d.DossierID) {
		t.Errorf("user data: %s", body)
	}
	for _, step := range []struct {
		method, path string
		status       int
	}{{"DELETE", at + "/userdata", 204}, {"GET", at + "/userdata", 404}, {"DELETE", at, 204}, {"GET", at, 404}, {"DELETE", at, 404}, {"DELETE", "/dossiers/all", 204}, {"GET", "/dossiers/d2", 404}} {
		if status, body := g.call(step.method, step.path, ""); status != step.status {
			t.Errorf("%s %s: %d %s", step.method, step.path, status, body)
		}
	}
}

func TestFaultsComeInOrderAndAreCounted(t *testing.T) {
	g := newRig(t)
	g.sim.Fail(Fault{Class: Dossiers, Status: 503, RetryAfter: "7", Times: 2})
	g.sim.Fail(Fault{Class: Dossiers, Status: 418})
	g.sim.Fail(Fault{Class: Token, Status: 500})
	var got []int
	for range 4 {
		status, _ := g.call("GET", "/dossiers", "")
		got = append(got, status)
	}
	if fmt.Sprint(got) != "[503 503 418 200]" || g.sim.Requests(Dossiers) != 4 || g.sim.Requests(Any) != 4 || g.sim.Requests(Token) != 1 {
		t.Errorf("%v, %d dossiers, %d all, %d tokens", got, g.sim.Requests(Dossiers), g.sim.Requests(Any), g.sim.Requests(Token))
	}
	g.sim.Fail(Fault{Status: 500, Times: -1})
	g.sim.Heal()
	if status, _ := g.call("GET", "/dossiers", ""); status != 200 {
		t.Errorf("healed: %d", status)
	}
}

func TestPlaceholdersAreImagesAndAlwaysTheSame(t *testing.T) {
	seen := map[string]bool{}
	for _, label := range []string{"front", "back", "selfie", "portrait", "ÆØÅ?!"} {
		for seed := range int64(3) {
			b := PlaceholderImage(label, seed)
			m, err := png.Decode(bytes.NewReader(b))
			if err != nil || m.Bounds().Dx() < 300 || len(b) > 20_000 || !bytes.Equal(b, PlaceholderImage(label, seed)) {
				t.Errorf("%s %d: %d bytes, %v", label, seed, len(b), err)
			}
			seen[string(b)] = true
		}
	}
	if len(seen) != 15 {
		t.Errorf("%d different of 15", len(seen))
	}
}

func TestTenThousandProcessesAreListedQuickly(t *testing.T) {
	g := newRig(t)
	for i := range 10_000 {
		g.add(Entry{DossierID: fmt.Sprint("d", i), Body: answer(fmt.Sprint("p", i), "onfido", "document", "accepted", noon.Add(-time.Duration(i)*time.Minute))})
	}
	start := time.Now()
	for offset := 0; offset < 10_000; offset += 2000 {
		if _, l := g.list(fmt.Sprintf("startCreationDate=2020-01-01T00:00:00Z&limit=2000&offset=%d", offset)); len(l.Processes) != 2000 || l.Total != 10_000 {
			t.Fatalf("at %d: %d of %d", offset, len(l.Processes), l.Total)
		}
	}
	if took := time.Since(start); took > 30*time.Second { // some 100 ms; the bound is for a busy machine and the race detector
		t.Errorf("took %v", took)
	}
}
