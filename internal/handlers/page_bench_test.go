package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// benchBodies are the largest sample, one of 200 KB whose elements no table knows, and one of 200 KB of checks.
func benchBodies(b *testing.B) map[string][]byte {
	b.Helper()
	largest, err := os.ReadFile("../assure/testdata/onfido-accepted.json")
	if err != nil {
		b.Fatal(err)
	}
	const part = `{"note":"some text that says nothing","number":12},`
	padding := `{"padding":[` + strings.TrimSuffix(strings.Repeat(part, 200_000/len(part)), ",") + `],`
	return map[string][]byte{"largest sample": largest, "200 KB": append([]byte(padding), largest[1:]...), "200 KB of checks": bodyOfChecks("VideoID", 200_000)}
}

// checkPlaces are where an answer has room for any number of checks: what stands before them, one of them, and what stands behind.
var checkPlaces = map[string][3]string{
	"VideoID":   {`"ocr":{"firstName":"ELIN","securityChecks":{"nonExpired":{"valid":true}`, `,"check%d":{"valid":true}`, `}}`},
	"features":  {`"ocr":{"features":[{"name":"OVI","found":true,"side":"front"}`, `,{"name":"Header %d","found":true,"side":"front"}`, `]}`},
	"PictureID": {`"document":{"securityChecks":{"nonExpired":{"passed":true}`, `,"check%d":{"passed":true}`, `}}`},
	"Onfido":    {`"documentVerification":{"breakdowns":{"dataValidation":{"breakdown":{"mrz":{"result":"clear"}`, `,"check%d":{"result":"clear"}`, `}}}}`},
	"Paper":     {`"mrzFeatureMatching":{"lastName":"FULL_MATCH"`, `,"field%d":"FULL_MATCH"`, `}`},
	"FaceTec":   {`"matching":{"attempts":[{"matchLevel":0}`, `,{"matchLevel":0,"algorithm":"a%d"}`, `]}`},
	"unknown":   {`"newElement":{"a":{"passed":false}`, `,"check%d":{"passed":false}`, `}`},
	"one name":  {`"ocr":{"securityChecks":{"nonExpired":{"valid":true}`, `,"nonExpired":{"valid":true,"n":%d}`, `}}`},
}

// bodyOfChecks is an answer of about so many bytes, nearly all of it checks in one place.
func bodyOfChecks(place string, size int) []byte {
	var body bytes.Buffer
	body.WriteString(`{"processId":"5182bb7e-a82f-597d-bb1d-fa09d02146b0","provider":"signicatvideoid","processType":"substantial","status":"accepted",` +
		`"createdAt":"2026-03-02T09:14:05Z","updatedAt":"2026-03-02T09:16:41Z","providerSpecific":{` + checkPlaces[place][0])
	for n := 0; body.Len() < size; n++ {
		fmt.Fprintf(&body, checkPlaces[place][1], n)
	}
	body.WriteString(checkPlaces[place][2] + `}}`)
	return body.Bytes()
}

// BenchmarkPageOfManyChecks tells how much longer eight times as many checks take: about eight times, not sixty-four, because
// nothing looks through all of them for each.
func BenchmarkPageOfManyChecks(b *testing.B) {
	for place := range checkPlaces {
		b.Run(place, func(b *testing.B) {
			small, large := bodyOfChecks(place, 40_000), bodyOfChecks(place, 320_000)
			var took [2]time.Duration
			for b.Loop() {
				for i, body := range [][]byte{small, large} {
					start := time.Now()
					makePage(b, body)
					took[i] += time.Since(start)
				}
			}
			b.ReportMetric(float64(took[1])/float64(took[0]), "times-for-8x(limit-16)")
		})
	}
}

// makePage reads a body and makes its page, as for a reviewer.
func makePage(b *testing.B, body []byte) {
	b.Helper()
	now := time.Date(2026, 3, 2, 9, 46, 12, 0, time.UTC)
	report := evidence.Read(evidence.Input{Body: body, Now: now})
	if err := templates.Process(handlers.ReviewersPage(report, now)).Render(b.Context(), io.Discard); err != nil {
		b.Fatal(err)
	}
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
