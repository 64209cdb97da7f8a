package assuretest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/assure-portal/portal/internal/assure"
)

// The published OpenAPI description is not ours to distribute. Where it lies beside the repository, or where
// ASSURE_OPENAPI points to it, these tests hold the client, the simulator and the typed views to it.

// openAPI is what the tests look at of the description.
type openAPI struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Parameters []struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
		Schema   schema `json:"schema"`
	} `json:"parameters"`
	Responses map[string]struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Enum       []string          `json:"enum"`
	Maximum    *int              `json:"maximum"`
	Minimum    *int              `json:"minimum"`
}

func readOpenAPI(t *testing.T) openAPI {
	t.Helper()
	path := findOpenAPI(t)
	if path == "" {
		t.Skip("the OpenAPI description of Assure is not here: set ASSURE_OPENAPI to its path to compare with it")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var d openAPI
	if err := json.Unmarshal(b, &d); err != nil || len(d.Paths) == 0 {
		t.Fatalf("%s: %d paths, %v", path, len(d.Paths), err)
	}
	return d
}

func findOpenAPI(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("ASSURE_OPENAPI"); path != "" {
		return path
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "shared", "assure", "openapi.json")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// find gives the operation of a request. A path with a literal segment goes before one with a parameter there.
func (d openAPI) find(method, path string) (operation, bool) {
	var best string
	for template := range d.Paths {
		if fits(template, path) && (best == "" || strings.Count(template, "{") < strings.Count(best, "{")) {
			best = template
		}
	}
	o, ok := d.Paths[best][strings.ToLower(method)]
	return o, ok
}

func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return len(want) == len(got) && !slices.ContainsFunc(want, func(s string) bool {
		i := slices.Index(want, s)
		return !strings.HasPrefix(s, "{") && s != got[i]
	})
}

func (d openAPI) resolve(s schema) schema {
	for s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

// unknown lists the properties of a JSON value that a schema does not have. A schema without properties allows all.
func (d openAPI) unknown(s schema, v any, at string) []string {
	s = d.resolve(s)
	var names []string
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if s.Items == nil {
				return append(names, at+": an array")
			}
			names = append(names, d.unknown(*s.Items, item, at+"/"+strconv.Itoa(i))...)
		}
	case map[string]any:
		for name, value := range v {
			property, ok := s.Properties[name]
			if !ok && len(s.Properties) > 0 {
				names = append(names, at+"/"+name)
				continue
			}
			names = append(names, d.unknown(property, value, at+"/"+name)...)
		}
	}
	return names
}

// exchange is one request of the client and the simulator's answer.
type exchange struct {
	request *http.Request
	status  int
	content string
	body    []byte
}

// recorder answers from the simulator without a network and keeps what was said.
type recorder struct {
	handler http.Handler
	mu      sync.Mutex
	seen    []exchange
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	r.mu.Lock()
	defer r.mu.Unlock()
	if strings.HasPrefix(req.URL.Path, "/assure") {
		r.seen = append(r.seen, exchange{req, w.Code, w.Header().Get("Content-Type"), w.Body.Bytes()})
	}
	res := w.Result()
	res.ContentLength = int64(w.Body.Len())
	return res, nil
}

// converse has the client make every call it can, well and badly, and gives what was said.
func converse(t *testing.T) []exchange {
	t.Helper()
	sim := New(Options{ClientID: "sim", ClientSecret: "sim"})
	now := sim.o.Now()
	body := strings.Replace(string(answer("p1", "signicatvideoid", "high", "failed", now.Add(-1e9))), "{", `{"failReason":{"type":"a","message":"b"},"depictions":["front"],`, 1)
	entries := []Entry{
		{DossierID: "d1", ExternalReference: "r", ExternalID: "e", Body: []byte(body), Images: map[string]Media{"front": {Body: PlaceholderImage("front", 1)}},
			Video: &Media{ContentType: "video/mp4", Body: []byte("v")}, UserData: []byte(`{"dossierId":"d1","userData":{"firstName":"A","address":{"country":"NOR"}},"createdAt":"x","updatedAt":"y"}`)},
		{DossierID: "d1", Body: answer("p2", "readid", "sdk", "accepted", now.Add(-1e9)), Raw: []byte(`{}`), Zip: []byte("PK"), Redacted: []string{"selfie"}, Images: map[string]Media{"selfie": {Body: []byte("x")}}},
		{DossierID: "d1", Body: answer("p3", "webid", "videoid", "pending", now.Add(-1e9))},
	}
	for _, e := range entries {
		if err := sim.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	wire := &recorder{handler: sim.Handler()}
	c, err := assure.NewClient(assure.Options{BaseURL: "https://assure.test/assure", TokenURL: "https://assure.test/auth/open/connect/token", ClientID: "sim", ClientSecret: "sim", Transport: wire})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	callEverything(t, c, sim)
	return wire.seen
}

func callEverything(t *testing.T, c *assure.Client, sim *Simulator) {
	ctx := t.Context()
	now := sim.o.Now()
	last := assure.ListFilter{Start: now.Add(-assure.ListWindow), End: now, Statuses: assure.Statuses(), Offset: assure.MaxListOffset, Limit: assure.MaxListLimit, Ascending: true}
	var errs []error
	note := func(_ any, err error) { errs = append(errs, err) }
	note(c.ListProcesses(ctx, assure.ListFilter{Start: now.Add(-assure.ListWindow)}))
	note(c.ListProcesses(ctx, last))
	note(c.ListDossiers(ctx))
	note(c.GetDossier(ctx, "d1"))
	note(c.UserData(ctx, "d1"))
	note(c.GetProcess(ctx, "d1", "p1"))
	note(c.ExternalID(ctx, "d1", "p1"))
	note(c.Video(ctx, "d1", "p1"))
	note(c.Raw(ctx, "d1", "p2"))
	note(c.Download(ctx, "d1", "p2", false))
	note(c.Image(ctx, "d1", "p1", assure.Front))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, d := range assure.Depictions() {
		note(c.Image(ctx, "d1", "p2", d))
	}
	note(c.Download(ctx, "d1", "p3", true))
	note(c.Download(ctx, "d1", "p3", false))
	note(c.Video(ctx, "d1", "p3"))
	note(c.Raw(ctx, "d1", "p3"))
	note(c.GetProcess(ctx, "d1", "p9"))
	note(c.GetDossier(ctx, "d9"))
	note(c.UserData(ctx, "d9"))
	sim.RevokeTokens()
	note(c.ListDossiers(ctx))
	note(c.ListProcesses(ctx, assure.ListFilter{Start: now.Add(1e12), End: now}))
}

func TestTheClientAsksWhatTheDescriptionHas(t *testing.T) {
	d := readOpenAPI(t)
	for _, e := range converse(t) {
		path := strings.TrimPrefix(e.request.URL.Path, "/assure")
		o, ok := d.find(e.request.Method, path)
		if !ok {
			t.Errorf("%s %s is not described", e.request.Method, path)
			continue
		}
		for _, fault := range o.faults(e.request) {
			t.Errorf("%s %s: %s", e.request.Method, path, fault)
		}
	}
}

// faults compares the query of a request with the described parameters.
func (o operation) faults(r *http.Request) []string {
	var faults []string
	query := r.URL.Query()
	for _, p := range o.Parameters {
		if p.In != "query" {
			continue
		}
		if p.Required && !query.Has(p.Name) {
			faults = append(faults, p.Name+" is required")
		}
		for _, value := range query[p.Name] {
			if n, err := strconv.Atoi(value); p.Schema.Maximum != nil && (err != nil || n > *p.Schema.Maximum || n < *p.Schema.Minimum) {
				faults = append(faults, p.Name+"="+value+" is out of bounds")
			}
			if len(p.Schema.Enum) > 0 && !slices.Contains(p.Schema.Enum, value) {
				faults = append(faults, p.Name+"="+value+" is not in the enumeration")
			}
		}
		query.Del(p.Name)
	}
	for name := range query {
		faults = append(faults, name+" is not described")
	}
	return faults
}

func TestTheSimulatorAnswersWhatTheDescriptionHas(t *testing.T) {
	d := readOpenAPI(t)
	// Answers that the description leaves out although its own text or the error catalogue has them.
	silent := map[int]bool{http.StatusUnauthorized: true, http.StatusForbidden: true}
	for _, e := range converse(t) {
		path := strings.TrimPrefix(e.request.URL.Path, "/assure")
		o, _ := d.find(e.request.Method, path)
		described, ok := o.Responses[strconv.Itoa(e.status)]
		if !ok {
			if !silent[e.status] && !strings.HasSuffix(path, "/download") {
				t.Errorf("%s: status %d is not described", path, e.status)
			}
			continue
		}
		for _, content := range described.Content {
			var v any
			if e.content != "application/json" || strings.HasSuffix(path, "/raw") {
				continue
			}
			if err := json.Unmarshal(e.body, &v); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if names := d.unknown(content.Schema, v, ""); len(names) > 0 {
				t.Errorf("%s, status %d: not described: %v", path, e.status, names)
			}
		}
	}
}

func TestTheSimulatorsRoutesAreDescribed(t *testing.T) {
	d := readOpenAPI(t)
	for _, r := range New(Options{}).routes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		path = strings.NewReplacer("/assure/", "/", "{d}", "d1", "{p}", "p1").Replace(path)
		if _, ok := d.find(method, path); !ok {
			t.Errorf("%s %s", method, path)
		}
	}
}

func TestBoundsAndNamesAreThoseOfTheDescription(t *testing.T) {
	d := readOpenAPI(t)
	o, _ := d.find("GET", "/processes")
	for _, p := range o.Parameters {
		want, ok := map[string]int{"offset": assure.MaxListOffset, "limit": assure.MaxListLimit}[p.Name]
		if ok && (p.Schema.Maximum == nil || *p.Schema.Maximum != want) {
			t.Errorf("%s: %v", p.Name, p.Schema.Maximum)
		}
	}
	process := d.Components.Schemas["Process"]
	same := func(described []string, ours string) bool {
		slices.Sort(described)
		known := strings.Fields(strings.Trim(ours, "[]"))
		slices.Sort(known)
		return slices.Equal(described, known)
	}
	if !same(process.Properties["status"].Enum, fmt.Sprint(assure.Statuses())) {
		t.Errorf("statuses: %v", process.Properties["status"].Enum)
	}
	if !same(process.Properties["depictions"].Enum, fmt.Sprint(assure.Depictions())) {
		t.Errorf("depictions: %v", process.Properties["depictions"].Enum)
	}
	all := map[string]any{"processId": "p1"}
	for name := range process.Properties {
		if name != "processId" {
			all[name] = nil
		}
	}
	body, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := assure.ParseProcess(body); err != nil || len(p.Others) > 0 {
		t.Errorf("described and not known to us: %v, %v", p.Others, err)
	}
}

// Every described property of the result and of the provider's part has its field.
func TestTheViewsHaveEveryDescribedField(t *testing.T) {
	d := readOpenAPI(t)
	for name, view := range map[string]any{"FinalResultDetails": assure.FinalResult{}, "ProviderDetails": assure.ProviderDetails{},
		"ProcessWithDossierNode": processRow{}, "DossierResponse": struct {
			dossierRow
			Processes []slimRow `json:"processes"`
		}{}} {
		for _, missing := range d.missing(d.Components.Schemas[name], reflect.TypeOf(view), name) {
			t.Error(missing)
		}
	}
}

func (d openAPI) missing(s schema, t reflect.Type, at string) []string {
	s = d.resolve(s)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct {
		t = t.Elem()
	}
	if s.Items != nil {
		s = d.resolve(*s.Items)
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[assure.Flag]() {
		return nil // a map, a text, raw JSON: takes all
	}
	var names []string
	for name, property := range s.Properties {
		field, ok := fieldOf(t, name)
		if !ok {
			names = append(names, at+"."+name)
			continue
		}
		names = append(names, d.missing(property, field.Type, at+"."+name)...)
	}
	return names
}

// fieldOf finds the field that encoding/json would fill, which goes by any letter case.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.Anonymous && strings.EqualFold(tag, name) {
			return f, true
		}
	}
	return reflect.StructField{}, false
}
