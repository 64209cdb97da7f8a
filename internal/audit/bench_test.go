package audit

import (
	"cmp"
	"context"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// The benchmarks of this file each measure what a limit speaks of beside what it compares with, in turns in one run, and
// print limit and ratio together. They judge nothing: on a busy machine, run them again. Each does its work once whatever
// -benchtime says. PORTAL_BENCH_RECORDS is how many records the long ones take.

func benchRecords() int {
	if n, err := strconv.Atoi(os.Getenv("PORTAL_BENCH_RECORDS")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// once runs a benchmark's work a single time.
func once(b *testing.B, work func()) {
	done := false
	for b.Loop() {
		if !done {
			work()
		}
		done = true
	}
	b.ReportMetric(0, "ns/op")
}

// median of times; none is zero.
func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}

func took(b *testing.B, times *[]time.Duration, n int, do func() error) {
	b.Helper()
	for range n {
		began := time.Now()
		if err := do(); err != nil {
			b.Fatal(err)
		}
		*times = append(*times, time.Since(began))
	}
}

func µs(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// BenchmarkOneAppend: a record with leaf, hashes and a signed head of its own, against 4 KB appended to a plain file with
// fdatasync. Records share heads as a rule: plain-ratio is theirs. There is no anchor, which would be synced on this disk, too.
func BenchmarkOneAppend(b *testing.B) {
	f := start(b)
	f.o.AnchorFile = ""
	f.fillBatch(5000, "Example") // a tree that has some height, a log that is overwritten in place
	file, err := os.Create(filepath.Join(b.TempDir(), "plain"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 4096)
	var disk, plain, sealed []time.Duration
	once(b, func() {
		for range 10 {
			took(b, &disk, 40, func() error {
				_, err := file.Write(block)
				return cmp.Or(err, syscall.Fdatasync(int(file.Fd())))
			})
			took(b, &plain, 40, func() error { _, err := f.Append(b.Context(), view("p-1")); return err })
			took(b, &sealed, 40, func() error {
				d, err := newDraft(view("p-1"), testOrigin, "build-1")
				if err == nil {
					_, err = f.submit(b.Context(), d, true)
				}
				return err
			})
		}
	})
	b.ReportMetric(µs(median(disk)), "disk-p50-µs")
	b.ReportMetric(µs(median(plain)), "append-p50-µs")
	b.ReportMetric(µs(median(sealed)), "signed-p50-µs")
	b.ReportMetric(µs(median(plain))/µs(median(disk)), "plain-ratio")
	b.ReportMetric(µs(median(sealed))/µs(median(disk)), "ratio")
	b.ReportMetric(1.3, "limit")
}

// BenchmarkWaitingAppends: 64 at once that share commits, against as many that are committed one by one.
func BenchmarkWaitingAppends(b *testing.B) {
	const waiting, rounds = 64, 20
	f := start(b)
	single := start(b).bare()
	defer single.close()
	var shared, alone []time.Duration
	once(b, func() {
		for range 5 {
			took(b, &shared, 1, func() error { return f.appendAtOnce(b.Context(), waiting, rounds) })
			took(b, &alone, 1, func() error {
				for range waiting * rounds / 4 { // a quarter of them: it takes as long as it is to show
					d, err := newDraft(view("p-1"), testOrigin, "build-1")
					if err == nil {
						_, err = single.append(b.Context(), []*draft{d}, false, time.Now())
					}
					if err = cmp.Or(err, single.tidy(b.Context())); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
	b.ReportMetric(waiting*rounds/median(shared).Seconds(), "shared/s")
	b.ReportMetric(waiting*rounds/4/median(alone).Seconds(), "alone/s")
	b.ReportMetric(4*median(alone).Seconds()/median(shared).Seconds(), "ratio")
	b.ReportMetric(5, "least")
}

// bare closes the trail and opens its file without everything around it.
func (f *fixture) bare() *log {
	f.t.Helper()
	f.close()
	l, err := openLog(f.t.Context(), f.o.Path, f.key)
	if err != nil {
		f.t.Fatal(err)
	}
	return l
}

func (f *fixture) appendAtOnce(ctx context.Context, appenders, each int) error {
	errs := make(chan error, appenders)
	var wait sync.WaitGroup
	for range appenders {
		wait.Go(func() {
			for range each {
				if _, err := f.Append(ctx, view("p-1")); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wait.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// BenchmarkIntegrity: a batch of 64 with hashes, tree and, each fourth time, a signed head, against the same rows without.
func BenchmarkIntegrity(b *testing.B) {
	l, rows := start(b).bare(), start(b).bare()
	defer l.close()
	defer rows.close()
	var whole, bare []time.Duration
	once(b, func() {
		for i := range 200 {
			batch := drafts(b, 64)
			took(b, &whole, 1, func() error { _, err := l.append(b.Context(), batch, i%4 == 3, time.Now()); return err })
			took(b, &bare, 1, func() error { return rows.appendRows(b.Context(), batch) })
			if err := cmp.Or(l.tidy(b.Context()), rows.tidy(b.Context())); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(µs(median(whole)), "batch-µs")
	b.ReportMetric(µs(median(bare)), "rows-µs")
	b.ReportMetric(µs(median(whole))/µs(median(bare)), "ratio")
	b.ReportMetric(1.1, "limit")
}

func drafts(b *testing.B, n int) (batch []*draft) {
	b.Helper()
	for range n {
		d, err := newDraft(view("p-1"), testOrigin, "build-1")
		if err != nil {
			b.Fatal(err)
		}
		batch = append(batch, d)
	}
	return batch
}

// appendRows is what append does, without everything that proves it.
func (l *log) appendRows(ctx context.Context, batch []*draft) (err error) {
	if l.add == nil {
		if l.add, err = newAdder(ctx, l.db.Writer); err != nil {
			return err
		}
	}
	err = l.db.InTx(ctx, func(tx *sql.Tx) error {
		add := l.add.within(ctx, tx)
		for _, d := range batch {
			seq, now := l.edge.size, time.Now()
			leaf, bytes, err := d.at(seq, now)
			if err != nil {
				return err
			}
			if err := cmp.Or(add.details(ctx, seq, d), add.plain(ctx, seq, leaf, bytes, now)); err != nil {
				return err
			}
			l.edge.size++
			l.pages -= d.pages()
		}
		return nil
	})
	return cmp.Or(err, l.db.SameFile())
}

// BenchmarkVerify: a whole file, in seconds for a million records, as the command does it: it collects garbage at this pace.
func BenchmarkVerify(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	f := start(b)
	f.fillBatch(benchRecords(), "Example")
	if err := f.makeLines(b.Context()); err != nil {
		b.Fatal(err)
	}
	size := f.State().Size
	f.close()
	var times []time.Duration
	once(b, func() {
		took(b, &times, 3, func() error {
			if v := Verify(b.Context(), VerifyOptions{File: f.o.Path, Key: f.VerifierKey()}); v.Exit != 0 {
				b.Fatalf("%+v", v)
			}
			return nil
		})
	})
	b.ReportMetric(float64(size)/median(times).Seconds(), "records/s")
	b.ReportMetric(median(times).Seconds()*1e6/float64(size), "s/million")
	b.ReportMetric(10, "limit")
}

// BenchmarkAppendsBesideAnExport: everything is exported, in clear and so from the leaves, while eight append.
func BenchmarkAppendsBesideAnExport(b *testing.B) {
	f := start(b)
	f.fillBatch(benchRecords(), "Example")
	var mu sync.Mutex
	var times []time.Duration
	once(b, func() {
		x, err := f.BeginExport(b.Context(), Event{Actor: ada}, ExportOptions{Identity: true, Detail: true})
		if err != nil {
			b.Fatal(err)
		}
		ctx, stop := context.WithCancel(b.Context())
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				for ctx.Err() == nil {
					began := time.Now()
					if _, err := f.Append(b.Context(), view("p-1")); err != nil {
						b.Error(err)
						return
					}
					mu.Lock()
					times = append(times, time.Since(began))
					mu.Unlock()
				}
			})
		}
		err = x.WriteCSV(b.Context(), io.Discard)
		stop()
		wait.Wait()
		if err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(float64(len(times)), "appends")
	b.ReportMetric(µs(median(times))/1e3, "p50-ms")
	b.ReportMetric(µs(slices.Max(times))/1e3, "worst-ms")
	b.ReportMetric(100, "limit-ms")
	b.ReportMetric(float64(f.logSize())/1e6, "log-MB")
	b.ReportMetric(64, "limit-MB")
}

// BenchmarkHashes is what the two implementations of the tree cost for a record that is verified.
func BenchmarkHashes(b *testing.B) {
	t, hash := newTree(), tlog.RecordHash([]byte("record"))
	for b.Loop() {
		if _, err := t.add(hash); err != nil {
			b.Fatal(err)
		}
	}
}
