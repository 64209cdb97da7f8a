// Command bench measures a built portal from outside, as its users meet it: how long `portal demo` takes to its first
// page, how fast result and process pages come with their durable records included, beside a bare net/http handler that
// sends as many bytes in the same run, how much memory it holds, how large the binary is. It talks to loopback alone, and
// every loop in it is bounded in count and in time. It prints a table and judges nothing.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"text/tabwriter"
	"time"
)

// Bounds of one measurement. Rounds alternate between portal and bare handler, so that a busy moment meets both.
const (
	rounds       = 3
	roundTime    = 3 * time.Second
	roundAnswers = 20_000
	wholeTime    = 10 * time.Minute
	restTime     = 2 * time.Second // after `ready`, before memory at rest is read
)

func main() {
	binary := flag.String("portal", "bin/portal", "the built program")
	processes := flag.Int("processes", 500, "made-up processes in the demo")
	bare := flag.Int("bare", 0, "serve the handler to compare with, this many bytes an answer (started by bench itself)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	do := func() error { return measure(ctx, *binary, *processes) }
	if *bare > 0 {
		do = func() error { return serveBare(*bare) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure runs everything and prints as it goes.
func measure(ctx context.Context, binary string, processes int) error {
	dir, err := os.MkdirTemp("", "portal-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := startPortal(ctx, binary, dir, processes)
	if err != nil {
		return err
	}
	defer p.stop()
	s, err := signIn(ctx, p.address, "both@demo.test")
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	first, err := s.get(ctx, "/processes")
	if err != nil {
		return err
	}
	p.firstPage = time.Since(p.begin)
	if err := printStart(binary, dir, p); err != nil {
		return err
	}
	if err := measurePages(ctx, p, s, first); err != nil {
		return err
	}
	return printMemory(p)
}

func printStart(binary, dir string, p *portal) error {
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	time.Sleep(restTime)
	rest, _, err := p.memory()
	if err != nil {
		return err
	}
	appended, err := durableAppend(dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "start of portal demo to `ready`\t%.2f s\t%d processes made, fetched and indexed\n", p.ready.Seconds(), p.processes)
	fmt.Fprintf(w, "start to the first result page\t%.2f s\tsign-in included\n", p.firstPage.Seconds())
	fmt.Fprintf(w, "binary\t%.1f MB\t\n", float64(info.Size())/1e6)
	fmt.Fprintf(w, "resident memory at rest\t%.0f MB\tportal, simulator and identity provider in one process\n", mb(rest))
	fmt.Fprintf(w, "this disk: append of 4 KB with fdatasync\t%.2f ms p50\ta durable record can cost no less\n", ms(appended))
	return w.Flush()
}

func printMemory(p *portal) error {
	now, peak, err := p.memory()
	if err != nil {
		return err
	}
	fmt.Printf("resident memory after this load: %.0f MB, at its peak: %.0f MB\n", mb(now), mb(peak))
	return nil
}

// page is one kind of page to ask for again and again; paths are taken in turn.
type page struct {
	name, action string
	paths        []string
}

func measurePages(ctx context.Context, p *portal, s *session, first []byte) error {
	ids := processIDs(first)
	if len(ids) == 0 {
		return fmt.Errorf("the first result page lists no process")
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\npage\tclients\tbytes\tp50 ms\tp99 ms\trequests/s\tbare p50 ms\tbare requests/s\tratio\t")
	for _, pg := range []page{{"results", "process.search", []string{"/processes"}}, {"process", "process.view", ids}} {
		for _, clients := range []int{1, 32} {
			if err := measurePage(ctx, w, p, s, pg, clients); err != nil {
				return fmt.Errorf("%s with %d clients: %w", pg.name, clients, err)
			}
		}
	}
	return w.Flush()
}

// measurePage measures portal and bare handler in turns and prints the median round of each.
func measurePage(ctx context.Context, w *tabwriter.Writer, p *portal, s *session, pg page, clients int) error {
	size, err := s.meanSize(ctx, pg.paths)
	if err != nil {
		return err
	}
	bare, err := startBare(ctx, size)
	if err != nil {
		return err
	}
	defer bare.stop()
	before, err := s.records(ctx, pg.action)
	if err != nil {
		return err
	}
	var ours, theirs []result
	answers := 0
	for range rounds {
		theirs = append(theirs, load(ctx, bare.session, []string{"/"}, clients))
		ours = append(ours, load(ctx, s, pg.paths, clients))
		answers += len(ours[len(ours)-1].latencies)
	}
	after, err := s.records(ctx, pg.action)
	if err != nil {
		return err
	}
	if after-before != answers {
		return fmt.Errorf("%d pages were answered, but %d records are in the trail", answers, after-before)
	}
	o, t := median(ours), median(theirs)
	if o.err != nil || t.err != nil {
		return fmt.Errorf("portal: %v; bare handler: %v", o.err, t.err)
	}
	_, err = fmt.Fprintf(w, "%s\t%d\t%d\t%.2f\t%.2f\t%.0f\t%.2f\t%.0f\t%.3f\t\n", pg.name, clients, size,
		ms(o.at(.50)), ms(o.at(.99)), o.rate(), ms(t.at(.50)), t.rate(), o.rate()/t.rate())
	return err
}

// median is the round in the middle by requests a second; if a round met an error, it is that round, so that none is lost.
func median(rs []result) result {
	slices.SortFunc(rs, func(a, b result) int { return cmp.Compare(a.rate(), b.rate()) })
	for _, r := range rs {
		if r.err != nil {
			return r
		}
	}
	return rs[len(rs)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }
