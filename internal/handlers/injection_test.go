package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/assure-portal/portal/web/static"
)

// scripts are ways to make a page run or load something, out of text (OWASP's cheat sheet of them has the families). Each
// is given as a value, a name, a status and a term.
var scripts = []string{
	`<script>alert(1)</script>`, `"><script>alert(1)</script>`, `'><script>alert(1)</script>`, `</script><script>alert(1)</script>`,
	`<script src=//evil.example/x.js></script>`, `<script src="data:text/javascript,alert(1)"></script>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`, `<ScRiPt>alert(1)</sCrIpT>`,
	`<script/x>alert(1)</script>`, "<script\n>alert(1)</script\n>", `<script type=module>import("//evil.example")</script>`, `<!--<script>alert(1)//-->`,
	`<img src=x onerror=alert(1)>`, `"><img src=x onerror=alert(1)>`, `<img src="javascript:alert(1)">`, `<img/src=x/onerror=alert(1)>`,
	`<img src=x:x onerror=alert&lpar;1&rpar;>`, `<img srcset="//evil.example/x 1x">`, `<image xlink:href="//evil.example/x">`, `<svg onload=alert(1)>`,
	`<svg><script>alert(1)</script></svg>`, `<svg><animate onbegin=alert(1) attributeName=x></svg>`, `<svg><use href="data:image/svg+xml,x#x"/></svg>`, `<svg/onload=alert(1)//`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`, `<math href="javascript:alert(1)">x</math>`,
	`<iframe src="javascript:alert(1)"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>"></iframe>`, `<object data="javascript:alert(1)"></object>`, `<embed src="javascript:alert(1)">`,
	`<base href="//evil.example/">`, `<meta http-equiv="refresh" content="0;url=//evil.example">`, `<link rel=stylesheet href=//evil.example/x.css>`, `<style>@import "//evil.example/x.css";</style>`,
	`<body onload=alert(1)>`, `<body background="javascript:alert(1)">`, `<input autofocus onfocus=alert(1)>`, `<select autofocus onfocus=alert(1)>`,
	`<textarea autofocus onfocus=alert(1)>`, `</textarea><script>alert(1)</script>`, `</title><script>alert(1)</script>`, `</option></select><script>alert(1)</script>`,
	`<details open ontoggle=alert(1)>`, `<video><source onerror=alert(1)></video>`, `<audio src=x onerror=alert(1)>`, `<marquee onstart=alert(1)>`,
	`<form action="javascript:alert(1)"><button>x</button></form>`, `<button formaction="javascript:alert(1)">x</button>`, `<a href="javascript:alert(1)">x</a>`, `<a href="JaVaScRiPt:alert(1)">x</a>`,
	`<a href="data:text/html,<script>alert(1)</script>">x</a>`, `<a href="vbscript:msgbox(1)">x</a>`, `javascript:alert(1)`, `JAVASCRIPT:alert(1)`,
	`" onmouseover="alert(1)`, `' onmouseover='alert(1)`, `" autofocus onfocus="alert(1)" x="`, "` onmouseover=`alert(1)",
	`" style="background:url(//evil.example)" x="`, `" hx-get="/auth/logout" hx-trigger="load" x="`, `<div hx-post="/purpose" hx-trigger="load"></div>`, `<div hx-on:click="alert(1)">x</div>`,
	`" data-action="x" formaction="//evil.example`, `<div data-hx-get="/processes" hx-ext="x">x</div>`, `{{constructor.constructor("alert(1)")()}}`, `${alert(1)}`,
	`&lt;script&gt;alert(1)&lt;/script&gt;`, `&#60;script&#62;alert(1)&#60;/script&#62;`, `%3Cscript%3Ealert(1)%3C/script%3E`, `\u003cscript\u003ealert(1)\u003c/script\u003e`,
	`+ADw-script+AD4-alert(1)+ADw-/script+AD4-`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<template><script>alert(1)</script></template>`, `]]><script>alert(1)</script>`,
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
	if len(scripts) < 60 {
		t.Fatalf("%d strings, want 60 at least", len(scripts))
	}
	h := build(t)
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
	for i, script := range scripts {
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
