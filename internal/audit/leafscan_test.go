package audit

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// leafAsJSON is parseLeaf without its quick way.
func leafAsJSON(b []byte) (l leaf, ok bool) {
	if decodeStrict(b, &l) != nil || l.Version != leafVersion {
		return leaf{}, false
	}
	_, err := time.Parse(timeFormat, l.Time)
	return l, err == nil
}

// leaves are some of each shape, as they are stored.
func leaves(t testing.TB) (list [][]byte) {
	t.Helper()
	full := view("p-1")
	full.Because, full.Term, full.Shown, full.Rows = "because", "Term", []string{"p-1"}, 20
	full.Facts, full.Classes = map[string]string{"field": "firstName", "a": "b", "z": ""}, []string{"identity", "image"}
	foreign := view("p-ä")
	foreign.Actor.Subject = `a"b\c`
	for _, e := range []Event{full, view("p-1"), search("x", "p-2"), foreign, {Action: TrailStop, Outcome: OK, Actor: System}, {Action: AccessRefused, Outcome: Refused, Process: Process{Version: 3}}} {
		d, err := newDraft(e, testOrigin, "build-1")
		if err != nil {
			t.Fatal(err)
		}
		_, b, err := d.at(int64(len(list)*1_000_003), time.Date(2026, 3, 2, 9, 14, 5, 113e6, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	return list
}

func TestLeavesAsTheyAreWrittenAreReadTheQuickWay(t *testing.T) {
	for i, b := range leaves(t) {
		l, ok := scanLeaf(string(b))
		if want := i != 3; ok != want { // but for letters that JSON escapes
			t.Errorf("%s: read quickly %v", b, ok)
		}
		if want, _ := leafAsJSON(b); ok && !reflect.DeepEqual(l, want) {
			t.Errorf("%s: %+v, as JSON %+v", b, l, want)
		}
	}
}

// sameAsJSON is what the quick way owes: whatever it takes, JSON takes as the same; and what it does not, parseLeaf reads as
// JSON if that writes it so again.
func sameAsJSON(t *testing.T, b []byte) {
	t.Helper()
	want, ok := leafAsJSON(b)
	if _, quick := scanLeaf(string(b)); !quick {
		ok = ok && want.writtenSo(b)
	}
	got, err := parseLeaf(b)
	if (err == nil) != ok || ok && !reflect.DeepEqual(got, want) {
		t.Errorf("%s\nread as %+v (%v)\nas JSON %+v (%v)", b, got, err, want, ok)
	}
}

func TestALeafIsReadAsJSONReadsItWhateverIsChangedInIt(t *testing.T) {
	all := leaves(t)
	for _, b := range [][]byte{all[0], all[4]} { // every field, and none that may be left out
		for i := range b {
			sameAsJSON(t, slices.Delete(slices.Clone(b), i, i+1))
			for _, c := range []byte("\"\\0,} Z\x1f") {
				changed := slices.Clone(b)
				changed[i] = c
				sameAsJSON(t, changed)
				sameAsJSON(t, slices.Insert(slices.Clone(b), i, c))
			}
		}
	}
}

func FuzzLeaf(f *testing.F) {
	for _, b := range leaves(f) {
		f.Add(b)
	}
	for _, text := range []string{
		`{"v":1,"log":"o","seq":00,"time":"2026-03-02T09:14:05.113Z","action":"a","outcome":"ok","rows":0}`,
		`{"v":1,"log":"o","seq":1,"time":"2026-03-02T9:14:05.1130Z","action":"a","outcome":"ok","rows":0}`,
		`{"v":1,"log":"o","seq":1,"time":"2026-02-30T09:14:05.113Z","action":"a","outcome":"ok","rows":0}`,
		`{"v":1,"log":"o","seq":1,"time":"2026-03-02T09:14:05.113Z","action":"a","outcome":"ok","rows":0,"facts":{"a":"1","a":"2"}}`,
		`{"v":1,"log":"o","seq":99999999999999999999,"time":"2026-03-02T09:14:05.113Z","action":"a","outcome":"ok","rows":0}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(sameAsJSON)
}
