package evidence

import "testing"

// BenchmarkFields is the fields of the largest sample.
func BenchmarkFields(b *testing.B) {
	e := exampleOf(b, "onfido-accepted")
	r := e.reading()
	b.ReportAllocs()
	for b.Loop() {
		r.fields()
	}
}
