package handlers_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// allBodies are the published samples, the complete bodies that the reading of evidence is tested with, and the hostile ones.
func allBodies(t testing.TB) map[string][]byte {
	t.Helper()
	bodies := hostileBodies()
	for _, pattern := range []string{"../assure/testdata/*.json", "../evidence/testdata/complete/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 13 {
			t.Fatalf("%d files match %s: %v", len(files), pattern, err)
		}
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if name := filepath.Base(file); !strings.HasPrefix(name, "api-") {
				bodies[strings.TrimSuffix(name, ".json")] = body
			}
		}
	}
	return bodies
}

// hostileBodies are well formed and as awkward as JSON may be.
func hostileBodies() map[string][]byte {
	answer := func(n int, detail string) []byte {
		return fmt.Appendf(nil, `{"processId":"bad0bad0-0000-4000-8000-%012d","provider":"onfido","status":"accepted","createdAt":"2026-03-05T09:14:05Z","providerSpecific":%s}`, n, detail)
	}
	return map[string][]byte{
		"64 levels":       answer(1, strings.Repeat(`{"in":[`, 32)+`"the bottom"`+strings.Repeat(`]}`, 32)),
		"10,000 elements": answer(2, `{"many":[`+strings.TrimSuffix(strings.Repeat(`1,`, 10_000), ",")+`]}`),
		"numbers":         answer(3, `{"big":9007199254740993,"huge":1e999,"small":-0.10,"exponent":1E+2}`),
		"surrogates":      answer(4, `{"half":"\ud800","other half":"\udc00 end","pair":"\ud83d\ude00","na\ud800me":"x"}`),
		"directions":      answer(5, `{"name":"سانه ماريا","override":"NX4B7`+"\u202e"+`K12","marks":"e`+"\u0301\u0302\u0303"+`","\u202ename":"isolated"}`),
		"controls":        answer(6, `{"escaped":"a\u0000b\u001b\r\n\tc","markup":"</bdi></div><script>alert(1)</script>","spaces":"  two  "}`),
		"white space":     []byte(" {\r\n\t\"processId\" : \"bad0bad0-0000-4000-8000-000000000007\",\n\n\"provider\":\"webid\" ,\"status\": \"pending\",\"createdAt\" :\n\"2026-03-05T09:14:05Z\",\"empty\":{ },\"none\":[\n] }\n\n"),
		"twice":           answer(8, `{"name":"first","other":{"x":1,"x":[1]},"name":"last"}`),
	}
}

func rawPage(t *testing.T, body []byte, parts string) *nethtml.Node {
	t.Helper()
	view := handlers.RawView(store.Head{Envelope: store.Envelope{ProcessID: paper}, Version: 1, Versions: 1}, body, parts)
	view.Tabs = []templates.NavItem{{Label: "Raw JSON", Href: "/x", Current: true}}
	var page bytes.Buffer
	if err := templates.Raw(view).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	return document(t, page.String())
}

// exactly is all text below a node.
func exactly(n *nethtml.Node) string {
	if n.Type == nethtml.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(exactly(c))
	}
	return b.String()
}

// readable is a body as a page can hold it: a reader of HTML makes one line end of two.
func readable(body []byte) string {
	text := strings.ReplaceAll(string([]rune(string(body))), "\r\n", "\n")
	return strings.ReplaceAll(text, "\x00", "\ufffd")
}

func TestTheRawPageIsTheBody(t *testing.T) {
	for name, body := range allBodies(t) {
		for _, parts := range []string{"", "open", "closed"} {
			doc := rawPage(t, body, parts)
			if got := exactly(find(t, doc, "#raw")[0]); got != readable(body) {
				t.Errorf("%s: the text of the page is not the body:\n%.300q\n%.300q", name, got, readable(body))
			}
			if len(find(t, doc, "#raw > details")) != 1 || len(find(t, doc, "#raw script")) > 0 {
				t.Errorf("%s is not laid out as one part", name)
			}
		}
	}
}

func TestEachLineOfTheRawPageHasItsNumber(t *testing.T) {
	for name, body := range allBodies(t) {
		lines := find(t, rawPage(t, body, "open"), "#raw [id]")
		for i, n := range lines {
			if attribute(n, "id") != strconv.Itoa(i+1) {
				t.Fatalf("%s: line %d is called %s", name, i+1, attribute(n, "id"))
			}
		}
	}
}

func TestPartsOfTheRawPageFold(t *testing.T) {
	bodies := allBodies(t)
	for _, c := range []struct{ name, body, parts, open, closed string }{
		{"what is short stands open", "connect-accepted", "", "#raw details details", ""},
		{"what is long is closed", "10,000 elements", "", "#raw > details > details", "#raw details details details"},
		{"and says what it holds", "10,000 elements", "", "", "#raw summary[data-holds='10,000 elements']"},
		{"all can be opened", "10,000 elements", "open", "#raw details details details", ""},
		{"all can be closed but the whole", "connect-accepted", "closed", "#raw > details", "#raw details details"},
		{"what holds a name twice is open even then", "twice", "closed", "#raw > details > details", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := rawPage(t, bodies[c.body], c.parts)
			for selector, want := range map[string]bool{c.open: true, c.closed: false} {
				if selector == "" {
					continue
				}
				parts := find(t, doc, selector)
				if len(parts) == 0 {
					t.Fatalf("nothing is %s", selector)
				}
				for _, n := range parts {
					if n.Data == "summary" {
						n = n.Parent
					}
					if got := slices.ContainsFunc(n.Attr, func(a nethtml.Attribute) bool { return a.Key == "open" }); got != want {
						t.Errorf("%s is open: %v", selector, got)
					}
				}
			}
		})
	}
}

func TestWhatIsWrongWithARawBodyIsSaidInWords(t *testing.T) {
	for _, c := range []struct {
		name, body, says, line string
		marked                 int
	}{
		{"a name that stands twice", string(hostileBodies()["twice"]), "“name” stood before", "#14", 2},
		{"names that hold different halves of pairs are not the same", `{"\ud800":1,"\ud801":2}`, "", "", 0},
		{"names that are spelled differently may be the same", `{"a":1,"\u0061":2}`, "“a” stood before", "#3", 1},
		{"no JSON", "{\"a\": 1,\n\"b\": tru\n}", "not one JSON value from byte", "#2", 1},
		{"an end that is missing", `{"a": [1, 2`, "breaks off after 11 bytes", "#1", 1},
		{"two values", `{} {}`, "something follows the JSON value", "", 0},
		{"nothing", "", "There is nothing in it", "", 0},
		{"bytes that are no characters", "\xff\xfe\x00", "not one JSON value", "#1", 1},
		{"deeper than a browser nests", strings.Repeat("[", 300) + strings.Repeat("]", 300), "nested too deeply to be folded", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := rawPage(t, []byte(c.body), "")
			notices := text(find(t, doc, ".notice")...)
			if !strings.Contains(notices, c.says) || (c.says == "") != (notices == "") {
				t.Errorf("it says %q", notices)
			}
			if c.line != "" && len(find(t, doc, ".notice a[href='"+c.line+"']")) != 1 {
				t.Errorf("nothing leads to %s", c.line)
			}
			if n := len(find(t, doc, "#raw [data-twice], #raw [data-fault]")); n != c.marked {
				t.Errorf("%d lines are marked", n)
			}
			if got := strings.TrimSpace(exactly(find(t, doc, "#raw")[0])); got != strings.TrimSpace(readable([]byte(c.body))) {
				t.Errorf("shown as %q", got)
			}
		})
	}
}
