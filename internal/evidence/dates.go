package evidence

import (
	"strconv"
	"strings"
	"time"
)

// dateKind says in which direction from the process a date lies: what decides the century of two figures.
type dateKind int

const (
	birthDate  dateKind = iota // not in the future, at most oldestAge years back
	issueDate                  // not in the future, at most fifty years back
	expiryDate                 // up to fifty years either way
)

func dateKindOf(field string) dateKind {
	switch {
	case field == "dateOfBirth":
		return birthDate
	case field == "dateOfExpiry":
		return expiryDate
	}
	return issueDate
}

// day is a calendar day without a zone. The year of two figures is kept open.
type day struct {
	year, month, day int
	short            bool // year is 0 to 99
}

// sameDay reports whether two spellings can only mean one day. Of an open century any that is possible for the kind of date
// at the time of the process will do: six figures cannot tell a child from somebody a hundred years older.
func sameDay(kind dateKind, a, b day, at time.Time) bool {
	if a.short && !b.short {
		a, b = b, a
	}
	if a.month != b.month || a.day != b.day {
		return false
	}
	if b.short && !a.short {
		return a.year%100 == b.year && possibleYear(kind, a, at)
	}
	return a.year == b.year
}

func possibleYear(kind dateKind, d day, at time.Time) bool {
	if at.IsZero() {
		return true
	}
	t := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	switch kind {
	case birthDate:
		return !t.After(at) && d.year >= at.Year()-oldestAge
	case issueDate:
		return !t.After(at) && d.year > at.Year()-50
	}
	return d.year > at.Year()-50 && d.year <= at.Year()+50
}

// readDay reads the spellings that providers and documents use: YYYY-MM-DD alone or as the start of a time, YYYYMMDD, YYMMDD (ICAO
// 9303 part 3, section 4.8), D.M.YYYY and D/M/YYYY with the day first, YYYY/MM/DD, and 30 JUL 1989 with English month names.
func readDay(text string) (day, bool) {
	text = strings.TrimSpace(text)
	if len(text) > 40 {
		return day{}, false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil {
			text = t.Format(time.DateOnly)
		}
	}
	if figures(text) {
		return runTogether(text)
	}
	parts := strings.Split(daySeparators.Replace(text), "-")
	if len(parts) != 3 {
		return day{}, false
	}
	return separated(parts)
}

var daySeparators = strings.NewReplacer(". ", "-", ".", "-", "/", "-", " ", "-")

func runTogether(text string) (day, bool) {
	switch len(text) {
	case 8:
		return dayOfParts(text[:4], text[4:6], text[6:])
	case 6:
		return dayOfParts(text[:2], text[2:4], text[4:])
	}
	return day{}, false
}

// separated takes three parts: year first if it has four figures, else day first. English month names may stand for the second.
func separated(parts []string) (day, bool) {
	month := parts[1]
	if n := monthNumber(month); n != "" {
		month = n
	}
	if len(month) > 2 {
		return day{}, false
	}
	switch {
	case len(parts[0]) == 4 && len(parts[2]) <= 2:
		return dayOfParts(parts[0], month, parts[2])
	case len(parts[0]) <= 2 && (len(parts[2]) == 4 || len(parts[2]) == 2):
		return dayOfParts(parts[2], month, parts[0])
	}
	return day{}, false
}

func monthNumber(name string) string {
	if len(name) < 3 {
		return ""
	}
	for m := time.January; m <= time.December; m++ {
		if long := m.String(); strings.EqualFold(name, long) || strings.EqualFold(name, long[:3]) {
			return strconv.Itoa(int(m))
		}
	}
	return ""
}

func dayOfParts(year, month, d string) (day, bool) {
	if !figures(year) || !figures(month) || !figures(d) {
		return day{}, false
	}
	out := day{year: number(year), month: number(month), day: number(d), short: len(year) == 2}
	full := out.year
	if out.short {
		full += 2000 // a leap year by either century that matters
	}
	t := time.Date(full, time.Month(out.month), out.day, 0, 0, 0, 0, time.UTC)
	return out, out.month >= 1 && out.month <= 12 && t.Day() == out.day && out.day > 0
}

// number is the value of a few figures.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func figures(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// openDay compares the six figures of an MRZ date in which some are unknown, and therefore fillers (ICAO 9303 part 3, section 4.8),
// with a whole date: those that are there must agree. A date without any figure states nothing.
func openDay(zone string, d day) bool {
	if len(zone) != 6 || !strings.Contains(zone, "<") || strings.Trim(zone, "<") == "" {
		return false
	}
	whole := twoFigures(d.year%100) + twoFigures(d.month) + twoFigures(d.day)
	for i := range zone {
		if zone[i] != '<' && zone[i] != whole[i] {
			return false
		}
	}
	return true
}

func twoFigures(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
