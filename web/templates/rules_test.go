package templates_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/assure-portal/portal/web/static"
	"github.com/assure-portal/portal/web/templates"
)

// everyPage runs a rule on all pages, and on the fragments where it holds for them too.
func everyPage(t *testing.T, pages []page, rule func(*testing.T, *html.Node)) {
	t.Helper()
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) { rule(t, parse(t, render(t, p.component))) })
	}
}

func everything() []page { return append(wholePages(), fragments()...) }

func TestNothingInline(t *testing.T) {
	everyPage(t, everything(), func(t *testing.T, doc *html.Node) {
		if n := len(all(t, doc, "style, script:not([src])")); n > 0 {
			t.Errorf("%d inline scripts or styles", n)
		}
		for _, n := range all(t, doc, "*") {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
					t.Errorf("<%s %s>", n.Data, a.Key)
				}
			}
		}
	})
}

func TestIDsAreUnique(t *testing.T) {
	everyPage(t, everything(), func(t *testing.T, doc *html.Node) {
		seen := map[string]bool{}
		for _, n := range all(t, doc, "[id]") {
			id, _ := attr(n, "id")
			if id == "" || strings.ContainsAny(id, " \t\n") || seen[id] {
				t.Errorf("<%s id=%q> is empty, broken or there twice", n.Data, id)
			}
			seen[id] = true
		}
	})
}

func TestReferencesWithinAPageLeadSomewhere(t *testing.T) {
	everyPage(t, wholePages(), func(t *testing.T, doc *html.Node) {
		for _, name := range []string{"for", "aria-labelledby", "aria-describedby", "form"} {
			for _, n := range all(t, doc, "["+name+"]") {
				id, _ := attr(n, name)
				if len(all(t, doc, `[id="`+id+`"]`)) != 1 {
					t.Errorf("<%s %s=%q> points at nothing", n.Data, name, id)
				}
			}
		}
	})
}

func TestLinksAndControlsSayWhatTheyDo(t *testing.T) {
	everyPage(t, everything(), func(t *testing.T, doc *html.Node) {
		for _, n := range all(t, doc, "a, button") {
			if strings.TrimSpace(textOf(n)) == "" {
				t.Errorf("a <%s> without words", n.Data)
			}
		}
		for _, n := range all(t, doc, "a") {
			if href, _ := attr(n, "href"); href == "" || strings.HasPrefix(href, "about:invalid") {
				t.Errorf("link %q leads to %q", textOf(n), href)
			}
		}
		for _, n := range all(t, doc, "input:not([type=hidden]), select, textarea") {
			if !labelled(t, doc, n) {
				name, _ := attr(n, "name")
				t.Errorf("<%s name=%q> has no label", n.Data, name)
			}
		}
	})
}

func labelled(t *testing.T, doc, control *html.Node) bool {
	for n := control.Parent; n != nil; n = n.Parent {
		if n.Data == "label" {
			return true
		}
	}
	id, ok := attr(control, "id")
	return ok && len(all(t, doc, `label[for="`+id+`"]`)) == 1
}

func TestFormsWorkWithoutScripts(t *testing.T) {
	everyPage(t, everything(), func(t *testing.T, doc *html.Node) {
		for _, form := range all(t, doc, "form:not([method=dialog])") {
			action, _ := attr(form, "action")
			method, _ := attr(form, "method")
			if action == "" || method == "" {
				t.Errorf("a form with action %q and method %q", action, method)
			}
			if quick, ok := attr(form, "hx-"+method); !ok && hasQuickening(form) || ok && quick != action {
				t.Errorf("htmx would send %q elsewhere than the form: %q", action, quick)
			}
			id, _ := attr(form, "id")
			if len(all(t, form, "button[type=submit]"))+len(all(t, doc, `button[type=submit][form="`+id+`"]`)) == 0 {
				t.Errorf("the form to %s has no button", action)
			}
		}
	})
}

func hasQuickening(form *html.Node) bool {
	_, get := attr(form, "hx-get")
	_, post := attr(form, "hx-post")
	return get || post
}

func TestOutlineOfEveryPage(t *testing.T) {
	everyPage(t, wholePages(), func(t *testing.T, doc *html.Node) {
		for selector, want := range map[string]int{"html[lang]": 1, "h1": 1, "main#main": 1, `a.skip[href="#main"]`: 1, "#problem[role=alert]": 1, "#announce[role=status]": 1, "footer code": 1, "meta[name=htmx-config]": 1} {
			if got := len(all(t, doc, selector)); got != want {
				t.Errorf("%d of %s, want %d", got, selector, want)
			}
		}
		for _, table := range all(t, doc, "table") {
			if len(all(t, table, "caption")) != 1 || len(all(t, table, "th:not([scope])")) > 0 {
				t.Error("a table without a caption, or a heading without a scope")
			}
		}
	})
}

// The policy for markup must be there before htmx asks for it.
func TestOwnScriptRunsBeforeHtmx(t *testing.T) {
	everyPage(t, wholePages(), func(t *testing.T, doc *html.Node) {
		scripts := all(t, doc, "script")
		if len(scripts) != 2 {
			t.Fatalf("%d scripts", len(scripts))
		}
		own, _ := attr(scripts[0], "src")
		_, late := attr(scripts[0], "defer")
		if own != static.URL("app.js") || late {
			t.Errorf("first comes %s", own)
		}
		if other, _ := attr(scripts[1], "src"); other != static.URL("htmx.min.js") {
			t.Errorf("then comes %s", other)
		}
	})
}

func TestEveryIconIsInTheSprite(t *testing.T) {
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, static.URL("icons.svg"), nil))
	sprite := w.Body.String()
	everyPage(t, everything(), func(t *testing.T, doc *html.Node) {
		for _, use := range all(t, doc, "use") {
			href, _ := attr(use, "href")
			file, name, _ := strings.Cut(href, "#")
			if file != static.URL("icons.svg") || !strings.Contains(sprite, `<symbol id="`+name+`"`) {
				t.Errorf("no icon %s", href)
			}
		}
	})
}

// forbidden are the ways around templ's escaping. An address or an attribute that is put together elsewhere is refused
// here, so that no reader has to prove it safe.
var forbidden = []string{`templ\.Raw\b`, `JSUnsafeFuncCall`, `SafeURL`, `SafeCSS`, `SafeScript`, `JSExpression`, `\{\s*[\w.()]+\.\.\.\s*\}\s*(/?>|[\w-]+=|$)`, `\bsrcdoc\b`, `hx-on`, `hx-vals`, `\bstyle=`, `(?m)^script `, `(?m)^css `}

func TestTemplatesLeaveEscapingOn(t *testing.T) {
	sources, err := filepath.Glob("*.templ")
	if err != nil || len(sources) == 0 {
		t.Fatal("no templates found", err)
	}
	for _, path := range sources {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		code := strings.ReplaceAll(string(source), "{ children... }", "")
		for _, pattern := range forbidden {
			if found := regexp.MustCompile(pattern).FindString(code); found != "" {
				t.Errorf("%s: %q switches an escape off, or is an inline style or script", path, found)
			}
		}
	}
}

func TestWhatIsShownIsEscaped(t *testing.T) {
	v := cleanProcess()
	hostile := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	v.Heading, v.Facts[0].Value = text(hostile), hostile
	v.Fields[0].Value, v.Fields[0].Sources[0].Name, v.Fields[0].Sources[0].Href = text(hostile), hostile, "javascript:alert(1)"
	v.Tree.Children[0].Key, v.Tree.Children[0].Value, v.Tree.Children[0].Pointer = hostile, hostile, hostile
	v.Fields = v.Fields[:1]
	count := len(all(t, parse(t, render(t, templates.Process(cleanProcess()))), "script"))
	doc := parse(t, render(t, templates.Process(v)))
	if got := len(all(t, doc, "script")); got != count {
		t.Errorf("%d scripts, want %d", got, count)
	}
	if found := all(t, doc, `img, [onerror], a[href^="javascript"]`); len(found) > 0 {
		t.Errorf("%d elements came out of a value", len(found))
	}
	if got := textOf(all(t, doc, "h1")[0]); got != hostile {
		t.Errorf("heading %q", got)
	}
}
