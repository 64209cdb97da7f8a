package evidence

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRead feeds bodies of any kind: a report always comes, with six questions, every leaf in the tree, and nothing said of a person.
func FuzzRead(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.body)
	}
	for _, body := range []string{
		``, `{`, `[]`, `null`, `{"provider":7,"status":{},"finalResult":[],"providerSpecific":"x"}`,
		`{"a":1,"a":2}`, `{"n":9007199254740993,"s":"\ud800","t":"\u202e"}`,
		`{"provider":"onfido","status":"accepted","providerSpecific":{"documentVerification":{"breakdowns":[{"breakdown":[[]]}]}}}`,
		`{"providerSpecific":{"errors":{"x":{}},"session":{"session":{"mrzChecksum":1}},"matching":{"attempts":{"a":{"matchLevel":"8"}}}}}`,
		strings.Repeat(`{"a":`, 64) + `1` + strings.Repeat(`}`, 64),
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		report := Read(Input{Body: body, UserData: body, Now: exampleNow})
		if len(report.Questions) != 6 {
			t.Fatalf("%d questions", len(report.Questions))
		}
		root, malformed := parse(body)
		if (malformed != "" || root.kind != "object") != (report.Malformed != "") {
			t.Fatalf("malformed %q, reported %q", malformed, report.Malformed)
		}
		if report.Malformed != "" {
			return
		}
		leaves := 0
		root.walk(func(v *value) {
			if v.leaf() {
				leaves++
			}
		})
		if got := len(leavesOf(report.Tree)); got != leaves {
			t.Fatalf("%d leaves in the tree, %d in the body", got, leaves)
		}
		if !utf8.ValidString(wordsOf(report)) {
			t.Fatal("words are no valid text")
		}
	})
}

func TestTenThousandElementsAreRead(t *testing.T) {
	body := `{"provider":"signicatpaper","status":"accepted","providerSpecific":{"mrzChecksum":{` +
		strings.TrimSuffix(strings.Repeat(`"dateOfBirth":"INVALID",`, 10_000), ",") + `},"new":[` +
		strings.TrimSuffix(strings.Repeat(`"some text that says nothing",`, 10_000), ",") + `]}}`
	report := readBody(t, body)
	if len(report.Checks) < 10_000 || len(report.Findings) > 100 {
		t.Errorf("%d checks, %d findings", len(report.Checks), len(report.Findings))
	}
}

func BenchmarkRead(b *testing.B) {
	largest := exampleOf(b, "onfido-accepted")
	padding := `{"padding":[` + strings.TrimSuffix(strings.Repeat(`{"note":"some text that says nothing","number":12},`, 4000), ",") + `],`
	for name, body := range map[string][]byte{
		"largest sample": largest.body,
		"200 KB":         append([]byte(padding), largest.body[1:]...),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				Read(Input{Body: body, Now: exampleNow})
			}
		})
	}
}
