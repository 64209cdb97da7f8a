package sync

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	stdsync "sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/audit/audittest"
)

// BenchmarkFirstSynchronisation brings b.N processes in: listing, reads, versions, records, index. Beside it stand what the
// simulator, a process of its own, can answer to the same client that keeps nothing (ceiling), how far the heap rises and how
// much memory the program had at most, SQLite's included.
// The size is the number of iterations: -benchtime 200000x is a large company's month.
func BenchmarkFirstSynchronisation(b *testing.B) {
	url := startSimulator(b, b.N)
	client := must(assure.NewClient(assure.Options{BaseURL: url + "/assure", TokenURL: url + "/auth/open/connect/token", ClientID: "sim", ClientSecret: "sim"}))
	defer client.Close()
	now := func() time.Time { return time.Now().UTC() }
	held, _ := openStore(b, now)
	o := Options{Client: client, Store: held, Trail: audittest.NewAt(b, now), Now: now, Log: slog.New(slog.DiscardHandler)}
	ceiling := readAlone(b, client, min(b.N, 5000))
	heap := watchHeap()
	b.ResetTimer()
	totals, err := New(o).Once(b.Context(), time.Time{}, nil)
	b.StopTimer()
	if err != nil || totals.Changed != b.N {
		b.Fatalf("%v, %v", totals, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "processes/s")
	b.ReportMetric(ceiling, "ceiling/s")
	b.ReportMetric(float64(heap.peak())/(1<<20), "heap-peak-MiB")
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(used.Maxrss)/(1<<10), "resident-peak-MiB")
}

// simulatedProcesses, if set, makes this program the simulator of that many processes instead of running tests: in the same
// process as the portal it would be counted with the portal's memory.
const simulatedProcesses = "PORTAL_BENCH_SIMULATED"

func startSimulator(b *testing.B, processes int) (url string) {
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", simulatedProcesses, processes))
	stdin, stdout := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = stdin.Close(), cmd.Wait() })
	if _, err := fmt.Fscanln(stdout, &url); err != nil {
		b.Fatalf("the simulator said no address: %v", err)
	}
	return url
}

// simulate answers until its input ends.
func simulate(processes int) error {
	sim := assuretest.New(assuretest.Options{ClientID: "sim", ClientSecret: "sim"})
	newest, apart := time.Now().UTC().Add(-time.Hour), 20*24*time.Hour/time.Duration(processes)
	for i := range processes {
		at := newest.Add(-time.Duration(i) * apart).Truncate(time.Second)
		if err := sim.Add(assuretest.Entry{DossierID: dossierID(i), ExternalID: fmt.Sprint(i), Body: benchBody(i, at)}); err != nil {
			return err
		}
	}
	server := httptest.NewServer(sim.Handler())
	defer server.Close()
	fmt.Println(server.URL)
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// benchBody is an answer of the size that published samples have.
func benchBody(i int, at time.Time) []byte {
	return fmt.Appendf(nil, `{"processId":%q,"provider":"signicatpaper","status":"accepted","finalResult":{"firstName":"ANNA%d","lastName":"TESTSEN","dateOfBirth":"1990-03-02",`+
		`"documentNumber":"NX%07d","documentType":"passport","issuingCountry":"NLD","nationality":"NLD","dateOfExpiry":"2031-01-01"},"providerSpecific":{"verification":`+
		`{"score":0.98,"comment":"%0800d"},"features":[{"name":"mrz","value":"P<NLD"},{"name":"number","value":"NX%07d"}]},"createdAt":%q,"updatedAt":%q}`,
		processID(i), i%5000, i, i, i, at.Format(time.RFC3339), at.Add(time.Minute).Format(time.RFC3339))
}

// readAlone asks for the same as synchronisation does, as many at once, and keeps nothing: processes a second.
func readAlone(b *testing.B, client *assure.Client, many int) float64 {
	var next atomic.Int64
	var busy stdsync.WaitGroup
	start := time.Now()
	for range defaultWorkers {
		busy.Go(func() {
			for i := int(next.Add(1)) - 1; i < many; i = int(next.Add(1)) - 1 {
				if _, err := client.GetProcess(b.Context(), dossierID(i), processID(i)); err != nil {
					b.Error(err)
				}
				if _, err := client.UserData(b.Context(), dossierID(i)); !assure.IsNotFound(err) {
					b.Error(err)
				}
			}
		})
	}
	busy.Wait()
	return float64(many) / time.Since(start).Seconds()
}

// heapWatch samples how far the heap rises above where it began.
type heapWatch struct {
	end  context.CancelFunc
	done chan uint64
}

func watchHeap() heapWatch {
	ctx, cancel := context.WithCancel(context.Background())
	w := heapWatch{end: cancel, done: make(chan uint64, 1)}
	runtime.GC()
	before := heapInUse()
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		most := before
		for ctx.Err() == nil {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
			most = max(most, heapInUse())
		}
		w.done <- most - before
	}()
	return w
}

func (w heapWatch) peak() uint64 {
	w.end()
	return <-w.done
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
