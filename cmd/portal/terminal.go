package main

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/assure-portal/portal/internal/sync"
)

// barWidth is how many characters a progress bar has.
const barWidth = 30

// progressBar tells how far a run is: on a terminal as a bar that is drawn anew, elsewhere as a line for each tenth.
func progressBar(w io.Writer) func(sync.Progress) {
	drawn, tenth := time.Time{}, -1
	return func(p sync.Progress) {
		done, at := p.Done(), now()
		if p.Total == 0 {
			return
		}
		if t := done * 10 / p.Total; !isTerminal(w) && t > tenth {
			tenth = t
			fmt.Fprintf(w, "%d of %d processes, %s\n", done, p.Total, pace(p, at))
		}
		if isTerminal(w) && (done == p.Total || at.Sub(drawn) > 100*time.Millisecond) {
			drawn = at
			filled := done * barWidth / p.Total
			bar := strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled)
			fmt.Fprintf(w, "\r%s %d of %d processes, %s\x1b[K", bar, done, p.Total, pace(p, at))
			if done == p.Total {
				fmt.Fprintln(w)
			}
		}
	}
}

// pace is the rate so far and the time that is left at that rate.
func pace(p sync.Progress, at time.Time) string {
	rate, left := p.Pace(at)
	if rate == 0 {
		return "beginning"
	}
	return fmt.Sprintf("%.0f/s, %s left", rate, left.Round(time.Second))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// importLine writes one line for each file or line of an import.
func importLine(w io.Writer) func(sync.Imported) {
	return func(i sync.Imported) {
		switch name := printable(i.Name); {
		case i.Refused != "":
			fmt.Fprintf(w, "%s: refused: %s\n", name, i.Refused)
		case i.Changed:
			fmt.Fprintf(w, "%s: taken: process %s\n", name, i.ProcessID)
		default:
			fmt.Fprintf(w, "%s: held already: process %s\n", name, i.ProcessID)
		}
	}
}

// printable quotes a name that would break the line or steer the terminal.
func printable(name string) string {
	if strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return strconv.Quote(name)
	}
	return name
}

// operator is the operating-system user, by name if it has one.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
