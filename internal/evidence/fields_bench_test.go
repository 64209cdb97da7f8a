package evidence

import (
	"strings"
	"testing"
)

// BenchmarkFields is the fields of the largest sample.
func BenchmarkFields(b *testing.B) {
	r := exampleOf(b, "onfido-accepted").reading()
	b.ReportAllocs()
	for b.Loop() {
		r.gathered = nil
		r.fields()
	}
}

// BenchmarkFieldsOfALargeBody is the fields of an answer of 200 KB, most of it in elements that no table knows.
func BenchmarkFieldsOfALargeBody(b *testing.B) {
	const part = `{"surname":"BERG","note":"nothing of note","score":0.25,"checked":true},`
	body := `{"provider":"readid","finalResult":{"lastName":"BERG"},"providerSpecific":{"consolidatedIdentityData":{"lastName":"BERG"},"extra":[` +
		strings.TrimSuffix(strings.Repeat(part, 200_000/len(part)), ",") + `]}}`
	root, malformed := parse([]byte(body))
	if malformed != "" {
		b.Fatal(malformed)
	}
	r := newReading(root, Input{Body: []byte(body), Now: exampleNow})
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		r.gathered = nil
		r.fields()
	}
}
