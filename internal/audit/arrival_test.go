package audit

import "testing"

func TestTheRecordOfAnArrivalIsFoundByProcessVersionAndHash(t *testing.T) {
	f := start(t)
	first, second := Process{ID: "p-1", Version: 1, SHA256: "aa"}, Process{ID: "p-1", Version: 2, SHA256: "bb"}
	want := map[Process]int64{{ID: "p-1", Version: 3, SHA256: "cc"}: -1, {ID: "p-2", Version: 1, SHA256: "aa"}: -1, {ID: "p-1", Version: 1, SHA256: "bb"}: -1, {}: -1}
	for _, e := range []Event{
		{Action: ProcessView, Outcome: OK, Process: first}, {Action: ProcessFetch, Outcome: OK, Process: first},
		{Action: ProcessFetch, Outcome: Refused, Process: second}, {Action: ProcessImport, Outcome: OK, Process: second},
	} {
		e.Actor = System
		receipt, err := f.Append(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if e.Action != ProcessView && e.Outcome == OK {
			want[e.Process] = receipt.Seq()
		}
	}
	for p, seq := range want {
		if got, err := f.Arrival(t.Context(), p); err != nil || got != seq {
			t.Errorf("%+v: %d, %v; want %d", p, got, err, seq)
		}
	}
}
