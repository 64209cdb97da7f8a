package demo

import (
	"slices"
	"testing"
	"time"
)

func TestOneDocumentHasTheNumberOfAnotherPerson(t *testing.T) {
	for n, want := range map[int]int{60: 0, 500: 1, 2500: 3} {
		made, summary := entries(t, options(n))
		if len(summary.Borrowed) != want {
			t.Errorf("of %d: %d borrowed numbers, want %d", n, len(summary.Borrowed), want)
		}
		byNumber := map[string][]answer{}
		for _, e := range made {
			a := read(t, e.Body)
			if number, ok := a.FinalResult["documentNumber"].(string); ok {
				byNumber[number] = append(byNumber[number], a)
			}
		}
		for _, e := range made {
			a := read(t, e.Body)
			if !slices.Contains(summary.Borrowed, a.ProcessID) {
				continue
			}
			others := slices.DeleteFunc(byNumber[a.FinalResult["documentNumber"].(string)], func(o answer) bool {
				return o.FinalResult["lastName"] == a.FinalResult["lastName"] && o.FinalResult["dateOfBirth"] == a.FinalResult["dateOfBirth"]
			})
			if len(others) == 0 || others[0].FinalResult["issuingCountry"] != a.FinalResult["issuingCountry"] {
				t.Errorf("of %d: nobody else has the number of %s", n, a.ProcessID)
			}
		}
	}
}

func TestAFinalStatusChangesWhileOneWatches(t *testing.T) {
	o := options(500)
	made, summary := entries(t, o)
	if len(summary.Reversed) != 1 {
		t.Fatalf("%d of 500", len(summary.Reversed))
	}
	for _, e := range made {
		first := read(t, e.Body)
		if first.ProcessID != summary.Reversed[0] {
			continue
		}
		if first.Status != pending || len(e.Later) != 2 {
			t.Fatalf("it begins as %s and has %d steps", first.Status, len(e.Later))
		}
		before, after := read(t, e.Later[0].Body), read(t, e.Later[1].Body)
		if before.Status != accepted || before.FinalResult == nil || after.Status != rejected || after.FinalResult != nil || after.ProcessID != before.ProcessID {
			t.Errorf("%s becomes %s", before.Status, after.Status)
		}
		if seen := e.Later[1].At.Sub(e.Later[0].At); seen < 30*time.Second || e.Later[1].At.Sub(o.Now) > 2*time.Minute || after.UpdatedAt <= before.UpdatedAt {
			t.Errorf("it is accepted for %s", seen)
		}
	}
}

func TestEverySeedHasOneOfEachRarity(t *testing.T) {
	for seed := range int64(12) {
		o := options(500)
		o.Seed = seed
		_, summary := entries(t, o)
		if len(summary.Borrowed) != 1 || len(summary.Reversed) != 1 {
			t.Errorf("seed %d: %d borrowed numbers, %d changed final statuses", seed, len(summary.Borrowed), len(summary.Reversed))
		}
	}
}
