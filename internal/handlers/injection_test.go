package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/assure-portal/portal/web/static"
)

// readScripts are ways to make a page run or load something, out of text (OWASP's cheat sheet of them has the families). Each
// is given as a value, a name, a status and a term. The browser journeys give them to a browser.
func readScripts(t *testing.T) (scripts []string) {
	t.Helper()
	file, err := os.ReadFile("testdata/scripts.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &scripts); err != nil {
		t.Fatal(err)
	}
	if len(scripts) < 60 {
		t.Fatalf("%d strings, want 60 at least", len(scripts))
	}
	return scripts
}

// hostile is an answer with a script in every place: values, names, provider, status.
func hostile(t *testing.T, i int, script string) (id string, body []byte) {
	t.Helper()
	id = fmt.Sprintf("hostile-%02d", i)
	result := map[string]any{script: script}
	for _, name := range []string{"firstName", "lastName", "lastNameSecondLine", "dateOfBirth", "placeOfBirth", "gender", "nationality", "documentType", "documentNumber",
		"issuingCountry", "dateOfIssue", "dateOfExpiry", "personalIdentificationNumber"} {
		result[name] = script
	}
	features := map[string]any{script: script, "firstName": script, "lastName": script + " ", "documentNumber": script, "mrzLine1": script, "list": []any{script, map[string]any{script: script}}}
	body, err := json.Marshal(map[string]any{"processId": id, "provider": script, "processType": script, "status": script, "depictions": []string{script}, "createdAt": "2026-03-05T09:14:05Z",
		"updatedAt": "2026-03-05T09:16:41Z", "finalResult": result, "providerSpecific": map[string]any{"features": features, script: []any{script}}, script: script, "rejectedReason": script})
	if err != nil {
		t.Fatal(err)
	}
	return id, body
}

func TestI01_NothingThatComesInBecomesMarkup(t *testing.T) {
	h, scripts := build(t), readScripts(t)
	for i, script := range scripts {
		_, body := hostile(t, i, script)
		h.keep(body, "")
	}
	for i, script := range scripts {
		t.Run(script, func(t *testing.T) {
			h.t = t
			id := fmt.Sprintf("hostile-%02d", i)
			for _, path := range []string{"/processes/" + id, "/processes?status=accepted"} {
				for _, user := range []string{"reviewer", "auditor"} {
					checkInert(t, path, h.send(ask{as: user, path: path}))
				}
			}
			page := document(t, h.send(ask{as: "reviewer", path: "/processes/" + id}).body)
			if shown := wholeText(page); strings.Count(shown, script) < 10 {
				t.Errorf("the page shows it %d times as it is", strings.Count(shown, script))
			}
		})
	}
	h.t = t
	checkInert(t, "the list", h.send(ask{as: "reviewer", path: "/processes"}))
	checkInert(t, "completeness", h.send(ask{as: "auditor", path: "/completeness"}))
}

func TestI01_NothingThatIsTypedBecomesMarkup(t *testing.T) {
	h := build(t)
	for i, script := range readScripts(t) {
		t.Run(script, func(t *testing.T) {
			h.t = t
			search := h.send(ask{as: "both", method: "POST", path: "/processes/search", form: form("q", script)})
			if search.status == http.StatusUnprocessableEntity && strings.Contains(script, "\n") {
				return // several lines are ids
			}
			found := h.send(ask{as: "both", path: search.header.Get("Location")})
			checkInert(t, "results", found)
			if box := wholeText(find(t, document(t, found.body), "textarea#q")...); !strings.Contains(box, strings.Split(script, "\n")[0]) {
				t.Errorf("the search box holds %q", box)
			}
			seq := h.trail.State().Size
			for range 3 { // reading the records of a test leaves some as well
				seq--
				record := h.send(ask{as: "auditor", path: "/audit/" + strconv.FormatInt(seq, 10)})
				checkInert(t, "record", record)
			}
			for name, fields := range map[string][]string{"case": {"purpose", "alert", "case", script}, "purpose": {"purpose", script}, "return": {"purpose", "alert", "return", script}} {
				checkInert(t, name, h.send(ask{as: "both", method: "POST", path: "/purpose", form: form(fields...)}))
			}
			checkInert(t, "status", h.send(ask{as: "both", path: "/processes?status=" + url.QueryEscape(script)}))
			checkInert(t, "address", h.send(ask{as: "both", path: "/processes/" + url.PathEscape(script)}))
			checkInert(t, "sign-in", h.send(ask{path: "/auth/callback?error=" + url.QueryEscape(script)}))
			if i%8 == 0 {
				checkInert(t, "trail", h.send(ask{as: "auditor", path: "/audit"}))
			}
		})
	}
}

// checkInert fails for any element, attribute or address that none of the portal's templates makes.
func checkInert(t *testing.T, where string, got answer) {
	t.Helper()
	if got.header.Get("Content-Type") != "text/html; charset=UTF-8" {
		if got.status < 300 || got.status >= 400 {
			t.Errorf("%s: %d of type %q", where, got.status, got.header.Get("Content-Type"))
		}
		if to := got.header.Get("Location"); to != "" && !strings.HasPrefix(to, "/") {
			t.Errorf("%s leads to %q", where, to)
		}
		return
	}
	ours := []string{static.URL("app.js"), static.URL("htmx.min.js")}
	for n := range document(t, got.body).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if !slices.Contains(ours, attribute(n, "src")) || n.FirstChild != nil {
				t.Errorf("%s: a script that is not ours: %v", where, n.Attr)
			}
		case "iframe", "object", "embed", "base", "style", "math", "template", "noscript", "animate", "marquee", "image", "frame", "applet":
			t.Errorf("%s: a <%s>", where, n.Data)
		}
		for _, a := range n.Attr {
			checkAttribute(t, where, n, a)
		}
	}
}

// addresses are the attributes that lead somewhere or fetch something.
var addresses = []string{"href", "src", "action", "formaction", "data", "srcset", "srcdoc", "background", "poster", "ping", "hx-get", "hx-post", "hx-delete", "hx-put"}

func checkAttribute(t *testing.T, where string, n *html.Node, a html.Attribute) {
	t.Helper()
	switch {
	case strings.HasPrefix(a.Key, "on"), a.Key == "style", strings.HasPrefix(a.Key, "hx-on"), a.Key == "hx-ext", strings.HasPrefix(a.Key, "data-hx"), a.Key == "http-equiv":
		t.Errorf("%s: <%s %s=%q>", where, n.Data, a.Key, a.Val)
	case slices.Contains(addresses, a.Key):
		inside := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, "#") || a.Val == "" || strings.HasPrefix(a.Val, "?")
		if !inside || strings.HasPrefix(a.Val, `/\`) {
			t.Errorf("%s: <%s %s=%q>", where, n.Data, a.Key, a.Val)
		}
	}
}

// wholeText is the text inside nodes as it stands.
func wholeText(nodes ...*html.Node) string {
	var b strings.Builder
	for _, top := range nodes {
		for n := range top.Descendants() {
			if n.Type == html.TextNode {
				b.WriteString(n.Data)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
