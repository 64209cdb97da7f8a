package audit

import (
	"context"
	"maps"
	"testing"
)

func TestAReceiptCoversWhatItsRecordSays(t *testing.T) {
	f := start(t)
	export := Event{Action: ProcessExport, Outcome: OK, Actor: ada, Query: "status=accepted"}
	with := func(e Event, change func(*Event)) Event {
		change(&e)
		return e
	}
	for name, tc := range map[string]struct {
		event                                  Event
		process, version, any, shown, q, trail bool
	}{
		"a process page":                  {event: view("p-1"), process: true, version: true, any: true},
		"an image":                        {event: with(view("p-1"), func(e *Event) { e.Action = ProcessImage }), process: true, version: true, any: true},
		"another version":                 {event: with(view("p-1"), func(e *Event) { e.Process.Version = 1 }), any: true},
		"a version beside another":        {event: with(view("p-1"), func(e *Event) { e.Process.Version, e.Beside = 3, Beside{Version: 2, SHA256: "00"} }), process: true, version: true, any: true},
		"another version beside another":  {event: with(view("p-1"), func(e *Event) { e.Process.Version, e.Beside = 3, Beside{Version: 1, SHA256: "00"} }), any: true},
		"a version beside, refused":       {event: with(view("p-1"), func(e *Event) { e.Beside, e.Outcome = Beside{Version: 1, SHA256: "00"}, Refused })},
		"another process":                 {event: view("p-2")},
		"a list":                          {event: search("x", "p-1", "p-2"), shown: true},
		"a list that lacks one":           {event: search("x", "p-1")},
		"a page that names a list":        {event: with(view("p-9"), func(e *Event) { e.Shown = []string{"p-1", "p-2"} })},
		"an export":                       {event: export, q: true},
		"an export by another query":      {event: with(export, func(e *Event) { e.Query = "status=accepted&type=x" })},
		"the end of an export":            {event: with(export, func(e *Event) { e.Action = ProcessExportDone })},
		"a look at the trail":             {event: Event{Action: AuditView, Outcome: OK, Actor: ada, Process: Process{ID: "p-1", Version: 2}}, trail: true},
		"a look at the trail, refused":    {event: Event{Action: AuditView, Outcome: Refused, Actor: ada}},
		"a refused page":                  {event: with(view("p-1"), func(e *Event) { e.Outcome = Refused })},
		"the record of a refusal":         {event: with(view("p-1"), func(e *Event) { e.Action, e.Outcome = AccessRefused, Refused })},
		"a page that failed":              {event: with(view("p-1"), func(e *Event) { e.Outcome = Failed })},
		"an act whose end is not known":   {event: with(view("p-1"), func(e *Event) { e.Outcome = Unknown })},
		"a refresh, which shows nothing":  {event: with(view("p-1"), func(e *Event) { e.Action = ProcessRefresh })},
		"an arrival, which shows nothing": {event: with(view("p-1"), func(e *Event) { e.Action = ProcessFetch })},
		"a sign-in":                       {event: Event{Action: SignIn, Outcome: OK, Actor: ada, Shown: []string{"p-1", "p-2"}, Query: "status=accepted"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, ctx := f.append(tc.event), ForRequest(t.Context(), tc.event.RequestID)
			for what, pair := range map[string][2]bool{
				"process and version": {r.CoversProcess(ctx, "p-1", 2), tc.version}, "any version": {r.CoversProcess(ctx, "p-1", 0), tc.any},
				"list": {r.CoversShown(ctx, []string{"p-1", "p-2"}), tc.shown}, "query": {r.CoversQuery(ctx, "status=accepted"), tc.q},
				"trail": {recordsOpen(ctx, f, r), tc.trail}, "no process": {r.CoversProcess(ctx, "", 0), false}, "no query": {r.CoversQuery(ctx, ""), false},
				"class": {r.CoversClass("identity"), tc.any || name == "another process" || name == "a page that names a list" ||
					name == "a refresh, which shows nothing" || name == "an arrival, which shows nothing"},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: covered %v", what, pair[0])
				}
			}
		})
	}
}

func recordsOpen(ctx context.Context, f *fixture, r Receipt) bool {
	f.t.Helper()
	records, err := f.Records(ctx, r, []int64{0})
	return err == nil && len(records) == 1
}

func TestTheZeroReceiptCoversNothing(t *testing.T) {
	f := start(t)
	var r Receipt
	ctx := t.Context()
	if r.CoversProcess(ctx, "", 0) || r.CoversShown(ctx, nil) || r.CoversQuery(ctx, "") || r.CoversClass("") || recordsOpen(ctx, f, r) {
		t.Error("it does")
	}
}

func TestAReceiptServesNoOtherRequest(t *testing.T) {
	f := start(t)
	look := Event{Action: AuditView, Outcome: OK, Actor: ada, RequestID: "r-1"}
	export := Event{Action: ProcessExport, Outcome: OK, Actor: ada, RequestID: "r-1", Query: "status=accepted"}
	list := search("x", "p-1")
	list.RequestID = "r-1"
	page, listed, exported, trail := f.append(view("p-1")), f.append(list), f.append(export), f.append(look)
	for name, tc := range map[string]struct {
		ctx  context.Context
		want bool
	}{
		"of its own request":       {ForRequest(t.Context(), "r-1"), true},
		"of another":               {ForRequest(t.Context(), "r-2"), false},
		"of none":                  {t.Context(), false},
		"within one of its own":    {ForRequest(ForRequest(t.Context(), "r-1"), "r-2"), false},
		"that is done, in context": {context.WithoutCancel(ForRequest(t.Context(), "r-1")), true},
	} {
		for what, covered := range map[string]bool{
			"a process": page.CoversProcess(tc.ctx, "p-1", 2), "a list": listed.CoversShown(tc.ctx, []string{"p-1"}),
			"an export": exported.CoversQuery(tc.ctx, "status=accepted"), "the trail": recordsOpen(tc.ctx, f, trail),
		} {
			if covered != tc.want {
				t.Errorf("%s in a request %s: %v", what, name, covered)
			}
		}
	}
}

func TestARecordNamesTheSnapshotBesideItsOwn(t *testing.T) {
	f := start(t)
	e := view("p-1")
	e.Facts, e.Beside = map[string]string{"field": "firstName"}, Beside{Version: 1, SHA256: "abcd"}
	r := f.append(e)
	records, err := f.Records(t.Context(), f.append(Event{Action: AuditView, Outcome: OK, Actor: ada}), []int64{r.Seq()})
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	want := map[string]string{"field": "firstName", "beside_version": "1", "beside_sha256": "abcd"}
	if got := records[0].Facts; !maps.Equal(got, want) || len(e.Facts) != 1 {
		t.Errorf("facts %v, want %v; the caller's are %v", got, want, e.Facts)
	}
}
