package handlers_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// benchBodies are the largest sample, and one of 200 KB whose elements no table knows.
func benchBodies(b *testing.B) map[string][]byte {
	b.Helper()
	largest, err := os.ReadFile("../assure/testdata/onfido-accepted.json")
	if err != nil {
		b.Fatal(err)
	}
	const part = `{"note":"some text that says nothing","number":12},`
	padding := `{"padding":[` + strings.TrimSuffix(strings.Repeat(part, 200_000/len(part)), ",") + `],`
	return map[string][]byte{"largest sample": largest, "200 KB": append([]byte(padding), largest[1:]...)}
}

// BenchmarkProcessPage reads a body and makes the whole page of it, as for a reviewer.
func BenchmarkProcessPage(b *testing.B) {
	now := time.Date(2026, 3, 2, 9, 46, 12, 0, time.UTC)
	for name, body := range benchBodies(b) {
		b.Run(name, func(b *testing.B) {
			benchPage(b, body, func(page *bytes.Buffer) error {
				report := evidence.Read(evidence.Input{Body: body, Now: now})
				return templates.Process(handlers.ReviewersPage(report, now)).Render(context.Background(), page)
			})
		})
		b.Run(name+", raw", func(b *testing.B) {
			benchPage(b, body, func(page *bytes.Buffer) error {
				return templates.Raw(handlers.RawView(store.Head{}, body, "open")).Render(context.Background(), page)
			})
		})
	}
}

func benchPage(b *testing.B, body []byte, make func(*bytes.Buffer) error) {
	b.Helper()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	var page bytes.Buffer
	for b.Loop() {
		page.Reset()
		if err := make(&page); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(page.Len())/1024, "KB/page")
}
