package handlers

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

func TestADurationIsSaidInItsTwoLargestUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 400 * time.Millisecond: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 2*time.Minute + 36*time.Second: "2 min 36 s",
		time.Hour + time.Second: "1 h 1 s", 24 * time.Hour: "1 day", 49*time.Hour + 5*time.Minute + time.Second: "2 days 1 h", -time.Minute: "1 min",
	} {
		if got := inWords(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

func TestANumberIsSaidWithItsNoun(t *testing.T) {
	for n, want := range map[int]string{0: "0 rows", 1: "1 row", 2: "2 rows", 999: "999 rows", 1000: "1,000 rows", 1234567: "1,234,567 rows"} {
		if got := counted(n, "row", "rows"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestATimeIsInUTCWithItsZoneNamed(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 14, 5, 113e6, time.FixedZone("", 3600))
	if got, want := instant(at), (templates.Instant{Machine: "2026-03-02T09:14:05.113Z", Words: "2026-03-02 09:14:05 UTC"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if instant(time.Time{}) != (templates.Instant{}) {
		t.Error("no time has words")
	}
}

func TestAMaskedDifferenceShowsOnlyTheCharactersThatDiffer(t *testing.T) {
	edit := []evidence.Span{{Kind: "same", Text: "Søren "}, {Kind: "removed", Text: "K"}, {Kind: "added", Text: "C"}, {Kind: "same", Text: "laus"}}
	for _, row := range []struct {
		masked bool
		want   []templates.Part
	}{
		{false, []templates.Part{{Text: "Søren "}, {Text: "K", Mark: "removed"}, {Text: "C", Mark: "added"}, {Text: "laus"}}},
		{true, []templates.Part{{Text: "••••••"}, {Text: "K", Mark: "removed"}, {Text: "C", Mark: "added"}, {Text: "••••"}}},
	} {
		if got := (eyes{}).parts(row.masked, edit); !reflect.DeepEqual(got, row.want) {
			t.Errorf("masked %v: %+v", row.masked, got)
		}
	}
}

func TestAMaskedValueThatMostlyDiffersStaysMasked(t *testing.T) {
	edit := []evidence.Span{{Kind: "removed", Text: "Haugla"}, {Kind: "same", Text: "nd"}}
	if got, want := (eyes{}).parts(true, edit), []templates.Part{{Text: "••••••nd", Mark: "removed"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("masked: %+v, want %+v", got, want)
	}
	if got := (eyes{}).parts(false, edit); len(got) != 2 || got[0].Text != "Haugla" {
		t.Errorf("open: %+v", got)
	}
}

func TestAPageWithoutFindingsSaysWhetherThereWasAnythingToFind(t *testing.T) {
	for status, want := range map[string]string{
		"accepted": "Nothing to stop at", "rejected": "Nothing to stop at", "inconclusive": "Nothing to stop at",
		"pending": "Not finished: nothing to stop at so far", "processing": "Not finished: nothing to stop at so far",
		"failed": "Ended without a result: nothing was verified", "canceled": "Ended without a result: nothing was verified",
		"parked": "Nothing found, but the portal does not know this status",
	} {
		v := processView{report: evidence.Report{Status: evidence.DescribeStatus(status)}}
		if _, got := v.findings(); got != want {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}

func TestASearchInTheTrailSaysItsFiltersAndNothingOfItsTerm(t *testing.T) {
	r := audit.Record{Action: audit.ProcessSearch, Outcome: audit.OK, Rows: 20, Facts: map[string]string{"status": "accepted", "provider": "connect:idin", "s": "opaque", "page": "further"}}
	if got, want := sentence(r), "searched, 20 found: provider connect:idin, status accepted"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestThePortalsOwnChecksAreNeverPassedOffAsTheProviders(t *testing.T) {
	for group, own := range map[string]bool{"portal": true, "stated": true, "mrz digits": true, "mrzChecksum": false, "documentVerification": false} {
		if words := groupWords(group); strings.Contains(words, "portal") != own || own && words == group {
			t.Errorf("%s is headed %q", group, words)
		}
	}
}

func TestSightFollowsTheContractsTable(t *testing.T) {
	for _, row := range []struct {
		class          evidence.Class
		roles          string
		seen, openable bool
	}{
		{evidence.Plain, "auditor", true, false}, {evidence.Plain, "inspector", true, false}, {evidence.Plain, "reviewer", true, false},
		{evidence.Identity, "reviewer", true, false}, {evidence.Identity, "auditor", false, false}, {evidence.Identity, "inspector", false, true},
		{evidence.DocumentNumber, "reviewer", true, false}, {evidence.DocumentNumber, "auditor", false, false}, {evidence.DocumentNumber, "inspector", false, true},
		{evidence.PersonalNumber, "reviewer", false, true}, {evidence.PersonalNumber, "auditor", false, false}, {evidence.PersonalNumber, "inspector", false, true},
		{evidence.Raw, "reviewer", false, true}, {evidence.Raw, "auditor", false, false}, {evidence.Raw, "inspector", false, true},
		{evidence.Identity, "reviewer auditor", true, false}, {evidence.PersonalNumber, "reviewer auditor", false, true},
		{evidence.Identity, "admin", false, false}, {evidence.Identity, "", false, false}, {"unheard of", "reviewer", false, false},
	} {
		var roles []auth.Role
		for r := range strings.FieldsSeq(row.roles) {
			roles = append(roles, auth.Role(r))
		}
		if got := (eyes{roles: roles}).sees(row.class, "x"); got != row.seen {
			t.Errorf("%s sees %s: %v", row.roles, row.class, got)
		}
		if got := (eyes{roles: roles, revealed: "x"}).sees(row.class, "x"); got != (row.seen || row.openable) {
			t.Errorf("%s opens %s: %v", row.roles, row.class, got)
		}
		if got := (eyes{roles: roles, revealed: "y"}).sees(row.class, "x"); got != row.seen {
			t.Errorf("%s opens %s under another name: %v", row.roles, row.class, got)
		}
	}
}

func TestATermIsMarkedWhereANameBeginsWithIt(t *testing.T) {
	for _, row := range []struct {
		name, term string
		want       []templates.Part
	}{
		{"Sanne de Wilde", "wil SAN", []templates.Part{{Text: "San", Mark: "match"}, {Text: "ne de "}, {Text: "Wil", Mark: "match"}, {Text: "de"}}},
		{"Sanne", "anne", []templates.Part{{Text: "Sanne"}}},
		{"Sanne", "", []templates.Part{{Text: "Sanne"}}},
		{"İpek", "i", []templates.Part{{Text: "İ", Mark: "match"}, {Text: "pek"}}}, // lower case has another length in bytes
		{"Müller", "mueller", []templates.Part{{Text: "Müller", Mark: "match"}}},
	} {
		if got := marked(row.name, store.NameMarks(row.name, row.term)...); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%q in %q: %+v", row.term, row.name, got)
		}
	}
}

func TestIdsArePastedOneALine(t *testing.T) {
	for term, want := range map[string][]string{"": nil, "a": nil, "a\n": nil, "\n\n a \r\n": nil, "a\nb": {"a", "b"}, " a \r\n\r\nb\r\n": {"a", "b"}} {
		if got := pastedIDs(term); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", term, got, want)
		}
	}
}

func TestAPlaceInAListHoldsAnythingOfASearchAndNothingElse(t *testing.T) {
	for list, want := range map[string]string{"": "/processes", "status=failed&s=abc": "/processes?s=abc&status=failed", "status=failed&after=x": "/processes?after=x&status=failed"} {
		if _, ok := placeOf(list); !ok || backTo(list) != want {
			t.Errorf("%q leads to %q, want %q", list, backTo(list), want)
		}
	}
	for _, list := range []string{"q=Sanne", "with=identity", "%zz", "//evil.example", "status=a;b"} {
		if _, ok := placeOf(list); ok || backTo(list) != "/processes" {
			t.Errorf("%q is taken and leads to %q", list, backTo(list))
		}
	}
}

func TestAnAnchorIsOneForEachPointer(t *testing.T) {
	seen := map[string]string{}
	for _, pointer := range []string{"/a/b", "/a.b", "/a b", "/a%20b", "/a~1b", "/A/b", "/å", "/a/b#name", "/a", "", "/a\"b", "/a//b", "/a/_2f_b", "/a_2f_b"} {
		a := anchor(pointer)
		if before, taken := seen[a]; taken || strings.ContainsAny(a, " \t\"") {
			t.Errorf("%q and %q share %q", pointer, before, a)
		}
		seen[a] = pointer
	}
}

// What agrees is told by its medium, and beside a source that differs by its name: a difference is never said to be confirmed.
func TestOnlySourcesThatAgreeAreToldAsConfirming(t *testing.T) {
	const final = `{"provider":"signicatvideoid","processType":"high","status":"accepted","createdAt":"2026-03-02T09:14:05Z","finalResult":{"lastName":"BERG"},"providerSpecific":{`
	for name, tc := range map[string]struct{ detail, words string }{
		"all agree":                          {`"ocr":{"lastName":"BERG"},"manualApproval":{"lastName":"Berg"}`, "confirmed by printed text and agent"},
		"the agent differs":                  {`"ocr":{"lastName":"BERG"},"manualApproval":{"lastName":"BURG"}`, ""},
		"two agree and a third differs":      {`"ocr":{"lastName":"BERG"},"manualApproval":{"lastName":"Berg"},"mrz":{"lastName":"BURG"}`, "only ocr (printed text) and manual approval (agent) agree"},
		"one of a medium agrees, one not":    {`"ocr":{"lastName":"BERG"},"manualApproval":{"lastName":"Berg"},"features":{"lastName":"BURG"}`, "only ocr (printed text) and manual approval (agent) agree"},
		"a place that the portal found adds": {`"ocr":{"lastName":"BERG"},"x":{"surname":"BERG"}`, ""},
	} {
		report := evidence.Read(evidence.Input{Body: []byte(final + tc.detail + `}}`)})
		v := processView{report: report, eyes: eyes{roles: []auth.Role{auth.Reviewer}}}
		for _, f := range report.Fields {
			if row := v.field(f); f.Name == "lastName" && row.ConfirmedWords != tc.words {
				t.Errorf("%s: %q, want %q", name, row.ConfirmedWords, tc.words)
			}
		}
	}
}
