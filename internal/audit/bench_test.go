package audit

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkAppend1 is one appender: each record waits for its own commit.
func BenchmarkAppend1(b *testing.B) { benchmarkAppend(b, 1) }

// BenchmarkAppend64 is 64 appenders at once, whose records share commits.
func BenchmarkAppend64(b *testing.B) { benchmarkAppend(b, 64) }

func benchmarkAppend(b *testing.B, appenders int) {
	f := start(b)
	times := make([][]time.Duration, appenders)
	b.ResetTimer()
	var wait sync.WaitGroup
	for a := range appenders {
		wait.Go(func() {
			for range (b.N + appenders - 1 - a) / appenders {
				began := time.Now()
				if _, err := f.Append(b.Context(), view("p-1")); err != nil {
					b.Error(err)
					return
				}
				times[a] = append(times[a], time.Since(began))
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	report(b, slices.Concat(times...))
}

// BenchmarkDisk is the floor: 4 KB appended to a plain file and synced, what one durable record costs at least.
func BenchmarkDisk(b *testing.B) {
	file, err := os.Create(filepath.Join(b.TempDir(), "plain"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 4096)
	var times []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := file.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(began))
	}
	report(b, times)
}

// BenchmarkCSV is an export of ten thousand records, written nowhere.
func BenchmarkCSV(b *testing.B) {
	f := start(b)
	f.fillBatch(10_000, "Example")
	rows := 0
	for b.Loop() {
		x, err := f.BeginExport(b.Context(), Event{Actor: ada}, ExportOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if err := x.WriteCSV(b.Context(), writerFunc(func(p []byte) (int, error) { return len(p), nil })); err != nil {
			b.Fatal(err)
		}
		rows += 10_000
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkVerify is a whole file of ten thousand records.
func BenchmarkVerify(b *testing.B) {
	f := start(b)
	f.fillBatch(10_000, "Example")
	f.close()
	records := 0
	for b.Loop() {
		if v := Verify(b.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
			b.Fatalf("%+v", v)
		}
		records += 10_000
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}

func report(b *testing.B, times []time.Duration) {
	b.Helper()
	if len(times) == 0 {
		return
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(len(times))/b.Elapsed().Seconds(), "ops/s")
}
