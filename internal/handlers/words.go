package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/web/templates"
)

// instant shows a time in UTC with the zone named; empty for the zero time.
func instant(t time.Time) templates.Instant {
	if t.IsZero() {
		return templates.Instant{}
	}
	t = t.UTC()
	return templates.Instant{Machine: t.Format("2006-01-02T15:04:05.000Z"), Words: t.Format("2006-01-02 15:04:05 UTC")}
}

// columnInstant is for a column whose head names the zone.
func columnInstant(t time.Time) templates.Instant {
	i := instant(t)
	i.Words = strings.TrimSuffix(i.Words, " UTC")
	return i
}

// shortInstant is the list's form: seconds left out.
func shortInstant(t time.Time) templates.Instant {
	i := instant(t)
	if i.Machine != "" {
		i.Words = t.UTC().Format("2006-01-02 15:04")
	}
	return i
}

// inWords says a duration as a person would: its two largest units.
func inWords(d time.Duration) string {
	d = d.Abs().Round(time.Second)
	units := []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}}
	var parts []string
	for _, u := range units {
		n := d / u.size
		d -= n * u.size
		if n == 0 {
			continue
		}
		word := u.name
		if u.name == "day" && n > 1 {
			word = "days"
		}
		if parts = append(parts, fmt.Sprintf("%d %s", n, word)); len(parts) == 2 {
			break
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

// counted says a number with its noun: "1 process", "2 processes".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// statusView gives a status its word; an unknown one is shown as received.
func statusView(info evidence.StatusInfo) templates.StatusView {
	word := info.Status
	if info.Known && word != "" {
		word = strings.ToUpper(word[:1]) + word[1:]
	}
	return templates.StatusView{Code: info.Status, Word: word, Words: info.Words}
}

// relationWords are the words of the column "Compared" with their glyphs.
var relationWords = map[evidence.Relation]struct{ words, glyph string }{
	evidence.Same:       {"Same", "✓"},
	evidence.Equivalent: {"Same, written differently", "≈"},
	evidence.Differs:    {"Different", "✗"},
	evidence.Unsourced:  {"Origin not found", "?"},
	evidence.Absent:     {"Not in final result", "!"},
	evidence.Single:     {"Nothing to compare", "–"},
}

func compared(r evidence.Relation, rule string) (words, glyph string) {
	w := relationWords[r]
	if r == evidence.Equivalent && rule != "" {
		return w.words + " (" + rule + ")", w.glyph
	}
	return w.words, w.glyph
}

// requiredWords say whether a status depends on a check; of most nobody published it.
var requiredWords = map[evidence.Requirement]string{evidence.Required: "yes", evidence.Optional: "no"}

var answerWords = map[evidence.Answer]struct{ words, glyph string }{
	evidence.Yes:        {"yes", "✓"},
	evidence.Look:       {"look", "!"},
	evidence.No:         {"no", "✗"},
	evidence.Never:      {"never tested by this provider", "–"},
	evidence.NotDoneNow: {"not done this time", "–"},
	evidence.Pending:    {"still coming", "…"},
}

var resultWords = map[evidence.Result]struct{ words, glyph string }{
	evidence.Pass:      {"pass", "✓"},
	evidence.Attention: {"attention", "!"},
	evidence.Fail:      {"fail", "✗"},
	evidence.NotDone:   {"not done", "–"},
}

var severityWords = map[evidence.Severity]string{evidence.Bad: "bad", evidence.Notice: "notice", evidence.Info: "info"}

var mediumWords = map[evidence.Medium]string{
	evidence.Chip: "chip", evidence.MRZ: "MRZ", evidence.Print: "printed text", evidence.Agent: "agent",
	evidence.IdentityProvider: "identity provider", evidence.Customer: "customer", evidence.Derived: "computed by the provider",
}
