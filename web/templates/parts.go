package templates

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// htmxConfig keeps htmx within the portal's rules: nothing evaluated, no inline style, no pages kept in the browser's
// storage, requests to this origin alone. Failures are told in the region made for them, never in place of data; a
// 401 carries the address of the sign-in, which htmx follows by itself.
const htmxConfig = `{"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"includeIndicatorStyles":false,` +
	`"attributesToSettle":["class","width","height"],"historyCacheSize":0,"refreshOnHistoryMiss":true,` +
	`"historyRestoreAsHxRequest":false,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},` +
	`{"code":"401","swap":false,"error":true},{"code":"[45]..","swap":true,"error":true,"target":"#problem","swapOverride":"innerHTML"},` +
	`{"code":"...","swap":false}]}`

// assureSays is the badge's text: it says whose word the status is.
func assureSays(s StatusView) string {
	if s.Code == "" {
		return "Assure: no status"
	}
	return "Assure: " + s.Code
}

// hasCustomer reports whether the customer's own column is needed.
func hasCustomer(rows []FieldRow) bool {
	return slices.ContainsFunc(rows, func(row FieldRow) bool {
		return slices.ContainsFunc(row.Sources, func(s SourceView) bool { return s.Customer })
	})
}

// deviating counts the rows that ask for a look.
func deviating(rows []FieldRow) int {
	n := 0
	for _, row := range rows {
		switch row.Relation {
		case "differs", "absent", "unsourced":
			n++
		}
	}
	return n
}

func onlyDeviating(n int) string { return "Only what deviates (" + strconv.Itoa(n) + ")" }

// saysNothing reports that neither the final result nor any place speaks of the field.
func saysNothing(row FieldRow) bool { return len(row.Value) == 0 && len(row.Sources) == 0 }

// tells reports whether a source's own relation says more than its row's. Which place the others are held against matters
// only where one of them differs.
func tells(s SourceView, rowRelation string) bool {
	return s.Relation != rowRelation && (s.Relation != "single" || rowRelation == "differs")
}

// sourcesOf are a row's sources of the customer, or all others.
func sourcesOf(row FieldRow, customer bool) []SourceView {
	var chosen []SourceView
	for _, s := range row.Sources {
		if s.Customer == customer {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// anyRevealable reports whether a leaf of the tree can be opened by this reader.
func anyRevealable(n NodeView) bool {
	return n.RevealField != "" || slices.ContainsFunc(n.Children, anyRevealable)
}

// withinChoices are the ready-made spans of the filter; another one in the address is kept as it stands.
func withinChoices(current string) []Option {
	choices := []Option{{"", "Any time", false}, {"1d", "Last 24 hours", false}, {"7d", "Last 7 days", false},
		{"30d", "Last 30 days", false}, {"90d", "Last 90 days", false}}
	for i := range choices {
		if choices[i].Value == current {
			choices[i].Selected = true
			return choices
		}
	}
	return append(choices, Option{current, "Last " + strings.TrimSuffix(current, "d") + " days", true})
}

// severityGlyph gives a finding its shape.
func severityGlyph(severity string) string {
	switch severity {
	case "bad":
		return "✗"
	case "notice":
		return "!"
	}
	return "·"
}

// severityWord gives a finding its word, for those who hear the page.
func severityWord(severity string) string {
	switch severity {
	case "bad":
		return "Problem: "
	case "notice":
		return "Notice: "
	}
	return "For information: "
}

// worst is the severity of the first finding: they arrive worst first.
func worst(findings []FindingView) string {
	if len(findings) == 0 {
		return "none"
	}
	return findings[0].Severity
}

// noticeIcon gives a strip its shape.
func noticeIcon(kind string) string {
	switch kind {
	case "bad":
		return "circle-alert"
	case "warning":
		return "triangle-alert"
	case "good":
		return "shield-check"
	}
	return "info"
}

// behind says how many checks stand behind an answer.
func behind(n int) string {
	if n == 1 {
		return "1 check behind it"
	}
	return strconv.Itoa(n) + " checks behind it"
}

// needed says whether the status depends on a check.
func needed(required string) string {
	if required == "yes" {
		return "required: the status depends on it"
	}
	return "not required"
}

func versionName(n int) string { return "Version " + strconv.Itoa(n) }

// onward is the content of a refresh to an address of the portal or the identity provider; an address of any other
// kind than http is refused.
func onward(href string) string { return "0;url=" + string(templ.URL(href)) }

// saysMore reports whether the medium tells more than the source's own name and column do.
func saysMore(s SourceView) bool {
	return s.Medium != "" && !s.Customer && !strings.EqualFold(s.Medium, s.Name)
}

// optionsAtOnce is how many values of a filter stand open; the seven statuses do.
const optionsAtOnce = 7

// firstOptions are a filter's values that stand open, moreOptions those behind them. A group that is hardly longer stays whole.
func firstOptions(g FilterGroup) []FilterOption {
	return g.Options[:len(g.Options)-len(moreOptions(g))]
}

func moreOptions(g FilterGroup) []FilterOption {
	if len(g.Options) <= optionsAtOnce+2 {
		return nil
	}
	return g.Options[optionsAtOnce:]
}

func anyChecked(options []FilterOption) bool {
	return slices.ContainsFunc(options, func(o FilterOption) bool { return o.Checked })
}
