package templates_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/assure-portal/portal/web/templates"
)

// A value stays the text that it is, and what cannot be seen in it is named.
func TestCharactersThatCannotBeSeenAreNamed(t *testing.T) {
	for _, c := range []struct{ name, text, named string }{
		{"plain letters", "Sanne Marije", ""},
		{"letters with marks of their own", "Żółć Ångström", ""},
		{"a letter with a combining mark", "e\u0301lodie", ""},
		{"a combining mark with nothing to combine with", "\u0301lodie", "U+0301"},
		{"Hebrew and Arabic", "סימן سانه", ""},
		{"a joiner inside a Persian word", "می\u200cخواهم", ""},
		{"a joiner between Latin letters", "Mül\u200cler", "ZWNJ"},
		{"a right-to-left override", "NX4B7\u202eK12", "RLO"},
		{"isolates and marks", "\u2066a\u2069\u200e", "LRI PDI LRM"},
		{"a space that does not break", "de\u00a0Wilde", "NBSP"},
		{"a space of no width", "de\u200bWilde", "ZWSP"},
		{"line end and tab", "a\nb\tc\r", "LF TAB CR"},
		{"control characters", "a\x1bb\u0085", "U+001B U+0085"},
		{"a character of private use", "\ue000", "U+E000"},
		{"a tag", "\U000E0041", "U+E0041"},
		{"half a pair as it was spelled", `\ud800`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := cleanProcess()
			v.Tree.Children[0].Value, v.Fields[0].Value = c.text, text(c.text)
			doc := parse(t, render(t, templates.Process(v)))
			for _, selector := range []string{`.tree [data-pointer="/processId"]`, `tr[data-field=firstName] td .value`} {
				n := all(t, doc, selector)[0]
				if got := textOf(n); got != c.text {
					t.Errorf("%s: text %q, want %q", selector, got, c.text)
				}
				if got := namesIn(t, n); got != c.named {
					t.Errorf("%s: named %q, want %q", selector, got, c.named)
				}
			}
		})
	}
}

// What no page can hold stands as the replacement character, by its name.
func TestWhatAPageCannotHoldIsNamed(t *testing.T) {
	v := cleanProcess()
	v.Tree.Children[0].Value = "a\x00b\xe9c"
	n := all(t, parse(t, render(t, templates.Process(v))), `.tree [data-pointer="/processId"]`)[0]
	if got := textOf(n); got != "a\ufffdb\ufffdc" {
		t.Errorf("text %q", got)
	}
	if got := namesIn(t, n); got != "U+0000 byte E9" {
		t.Errorf("named %q", got)
	}
}

// namesIn are the names of unseen characters; each stands in an element that keeps its direction to itself.
func namesIn(t *testing.T, n *html.Node) string {
	t.Helper()
	var names []string
	for _, e := range all(t, n, "[data-char]") {
		name, _ := attr(e, "data-char")
		names = append(names, name)
		if e.Data != "bdi" {
			t.Errorf("%s stands in <%s>", name, e.Data)
		}
	}
	return strings.Join(names, " ")
}
