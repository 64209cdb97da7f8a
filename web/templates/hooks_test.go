package templates_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"github.com/assure-portal/portal/web/templates"
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parse reads a page, or a fragment as htmx does: inside a template, so that a row alone stays a row.
func parse(t *testing.T, markup string) *html.Node {
	t.Helper()
	if !strings.HasPrefix(markup, "<!doctype html>") {
		markup = "<!doctype html><template>" + markup + "</template>"
	}
	doc, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func all(t *testing.T, doc *html.Node, selector string) []*html.Node {
	t.Helper()
	s, err := cascadia.ParseGroup(selector)
	if err != nil {
		t.Fatalf("selector %s: %v", selector, err)
	}
	return cascadia.QueryAll(doc, s)
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(textOf(c))
	}
	return b.String()
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func TestHooksForScripts(t *testing.T) {
	process := func(v templates.ProcessPage) templ.Component { return templates.Process(v) }
	for _, c := range []struct {
		name      string
		component templ.Component
		selector  string
		count     int
	}{
		{"each field has its row with a relation", process(cleanProcess()), "tr[data-field][data-relation]", 15},
		{"a confirmed field says so", process(cleanProcess()), `tr[data-field=documentNumber][data-confirmed=yes]`, 1},
		{"a copy is not called confirmed", process(cleanProcess()), `tr[data-field=placeOfBirth][data-confirmed]`, 0},
		{"a row that differs", process(differingProcess()), `tr[data-field=documentNumber][data-relation=differs]`, 1},
		{"sources carry their pointer", process(cleanProcess()), `tr[data-field=firstName] [data-pointer="/providerSpecific/mrz/firstName"]`, 1},
		{"the customer's source stands in its own column", process(differingProcess()), `tr[data-field=firstName] td:nth-of-type(4) [data-pointer="/userdata/firstName"]`, 1},
		{"there is no column of the customer without such a source", process(cleanProcess()), ".compare thead th", 4},
		{"with one there is", process(differingProcess()), ".compare thead th", 5},
		{"each leaf carries its pointer", process(cleanProcess()), ".tree [data-pointer]", 13},
		{"a masked leaf says so", process(cleanProcess()), `.tree [data-pointer="/providerSpecific/mrz/personalNumber"][data-masked]`, 1},
		{"an open leaf does not", process(cleanProcess()), `.tree [data-pointer="/processId"][data-masked]`, 0},
		{"each check has its result", process(differingProcess()), "[data-check][data-result]", 4},
		{"a failed check", process(differingProcess()), `[data-check="mrzChecksum.documentNumber"][data-result=fail]`, 1},
		{"six questions with their answers", process(cleanProcess()), "[data-question][data-answer]", 6},
		{"an answer that is still coming", process(pendingProcess()), "[data-answer=pending]", 6},
		{"each finding has its code", process(differingProcess()), "[data-finding]", 3},
		{"a clean process has no finding", process(cleanProcess()), "[data-finding]", 0},
		{"each result is a row", templates.Search(searchPage()), "tr[data-process]", 8},
		{"the total holds digits", templates.Search(searchPage()), `[data-total="128"]`, 1},
		{"or says that there are more", templates.Search(maskedSearch()), `[data-total="10000+"]`, 1},
		{"an empty search has a total too", templates.Search(emptySearch()), `[data-total="0"]`, 1},
		{"each record is a row with codes", templates.Trail(trailPage()), "tr[data-seq][data-action][data-outcome]", 7},
		{"a refused record", templates.Trail(trailPage()), `tr[data-seq="10476"][data-action="sign-in.refused"][data-outcome=refused]`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := len(all(t, parse(t, render(t, c.component)), c.selector)); got != c.count {
				t.Errorf("%s: %d elements, want %d", c.selector, got, c.count)
			}
		})
	}
}

func TestTextOfAnElement(t *testing.T) {
	long := cleanProcess()
	long.Tree.Children[0].Value = "  two  spaces\nand <b>markup</b> & סימן "
	for _, c := range []struct {
		name      string
		component templ.Component
		selector  string
		want      string
	}{
		{"a leaf is its value and nothing else", templates.Process(cleanProcess()), `.tree [data-pointer="/providerSpecific/mrzFeatureMatching/documentNumber"]`, "LEVENSHTEIN1"},
		{"an empty leaf is empty", templates.Process(cleanProcess()), `.tree [data-pointer="/providerSpecific/features/placeOfBirth"]`, ""},
		{"spaces, markup and other scripts stay as received", templates.Process(long), `.tree [data-pointer="/processId"]`, "  two  spaces\nand <b>markup</b> & סימן "},
		{"a marked difference does not tear its value", templates.Process(differingProcess()), `tr[data-field=documentNumber] td .value`, "NX4B70K12"},
		{"the other spelling likewise", templates.Process(differingProcess()), `tr[data-field=documentNumber] .stated .value`, "NX4B7OK12"},
		{"the characters that differ are marked", templates.Process(differingProcess()), `tr[data-field=documentNumber] ins`, "0"},
		{"a match does not tear the name", templates.Search(searchPage()), `tr[data-process] bdi`, "Sanne Marije de Wilde"},
		{"the total is digits", templates.Search(searchPage()), "[data-total]", "128"},
		{"the badge says whose word it is", templates.Process(cleanProcess()), ".identity .status", "Assure: accepted"},
		{"and whether that is final", templates.Process(cleanProcess()), ".identity .title p", "Assure: accepted (final, with a result)"},
		{"an unknown status stands as received", templates.Search(searchPage()), `.status[data-status=onHold]`, "onHold"},
		{"no final result has its reason in words", templates.Process(inconclusiveProcess()), ".no-result", inconclusiveProcess().NoResult},
		{"a fail reason stands in words", templates.Process(failedProcess()), ".reasons strong", "The person’s device did not meet the requirements"},
		{"an open value says so", templates.Process(revealedProcess()), "tr[data-field=personalIdentificationNumber] .badge", "Revealed for this view"},
		{"a signed-out person may sign in", templates.Error(errorPage()), "main a", "Sign in"},
		{"the title of a process names nobody", templates.Process(cleanProcess()), "title", "Process · Assure portal"},
		{"paper says who printed it", templates.Process(cleanProcess()), ".printed", "Printed by Maja Holt (Reviewer) from a page made on 2026-03-02 09:46:12 UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := all(t, parse(t, render(t, c.component)), c.selector)
			if len(found) == 0 {
				t.Fatalf("no %s", c.selector)
			}
			got := textOf(found[0])
			if strings.TrimSpace(c.want) == c.want {
				got = strings.TrimSpace(got)
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.selector, got, c.want)
			}
		})
	}
}

// What a view leaves empty must not be offered: a link or button that would refuse its reader.
func TestWhatIsNotGivenIsNotOffered(t *testing.T) {
	for _, c := range []struct {
		name      string
		component templ.Component
		absent    string
	}{
		{"no reveal for who may not", templates.Process(maskedProcess()), `[action$="/reveal"], [form=reveal-leaf]`},
		{"no raw body", templates.Process(maskedProcess()), `a[href*="/raw"]`},
		{"no refresh", templates.Process(maskedProcess()), `form[action$="/refresh"]`},
		{"no image", templates.Process(maskedProcess()), `a[href*="/images/"], img`},
		{"no records of a process for a reviewer", templates.Process(cleanProcess()), `a[href^="/audit"]`},
		{"no export of a list", templates.Search(searchPage()), `a[href^="/processes.csv"]`},
		{"no search box for an admin", templates.Admin(adminPage()), "[name=q]"},
		{"no purpose for an admin", templates.Admin(adminPage()), `form[action="/purpose"]`},
		{"nothing to end one's own session in the list", templates.Admin(adminPage()), `form[action="/admin/sessions/s2/end"]`},
		{"no navigation for a stranger", templates.Error(errorPage()), `nav, form, a[href="/help"]`},
		{"no demo banner outside the demo", templates.Error(errorPage()), ".demo"},
		{"images are not loaded with the page", templates.Process(cleanProcess()), "img, video"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if found := all(t, parse(t, render(t, c.component)), c.absent); len(found) > 0 {
				t.Errorf("%d elements match %s", len(found), c.absent)
			}
		})
	}
}

func TestFragmentsAreThePartsOfTheirPages(t *testing.T) {
	v := differingProcess()
	search := searchPage()
	for _, c := range []struct {
		name           string
		page, fragment templ.Component
	}{
		{"a row", templates.Process(v), templates.Row(v.Fields[8], v)},
		{"the results", templates.Search(search), templates.SearchResults(search)},
	} {
		t.Run(c.name, func(t *testing.T) {
			fragment := strings.TrimSpace(render(t, c.fragment))
			if !strings.Contains(render(t, c.page), fragment) {
				t.Errorf("the page does not hold the fragment:\n%s", fragment)
			}
		})
	}
}

func TestGoOn(t *testing.T) {
	for _, c := range []struct{ name, href, refresh, link string }{
		{"an address of the portal", "/processes?s=x&status=accepted", "0;url=/processes?s=x&status=accepted", "/processes?s=x&status=accepted"},
		{"an address of the identity provider", "https://idp.test/end?a=1&b=2", "0;url=https://idp.test/end?a=1&b=2", "https://idp.test/end?a=1&b=2"},
		{"a script is no address", "javascript:alert(1)", "0;url=about:invalid#TemplFailedSanitizationURL", "about:invalid#TemplFailedSanitizationURL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := parse(t, render(t, templates.GoOn(templates.GoOnPage{Heading: "Go on", Href: c.href, LinkLabel: "Go on"})))
			refresh := all(t, doc, "meta[http-equiv=refresh]")
			link := all(t, doc, "main a")
			if len(refresh) != 1 || len(link) != 1 {
				t.Fatalf("%d refreshes, %d links", len(refresh), len(link))
			}
			if got, _ := attr(refresh[0], "content"); got != c.refresh {
				t.Errorf("refresh %q, want %q", got, c.refresh)
			}
			if got, _ := attr(link[0], "href"); got != c.link {
				t.Errorf("link %q, want %q", got, c.link)
			}
		})
	}
}
