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

// dayAt is the day that a spelling means. An open century is the latest that is possible for the kind of date at the time of the process;
// where none is, the nearest.
func dayAt(kind dateKind, text string, at time.Time) (time.Time, bool) {
	d, known := readDay(text)
	if !known {
		return time.Time{}, false
	}
	if d.short {
		d = d.inCentury(kind, at)
	}
	t := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == d.day // in that century there may be no 29 February
}

func (d day) inCentury(kind dateKind, at time.Time) day {
	century := at.Year() - at.Year()%100
	for _, first := range []int{century + 100, century, century - 100} {
		if whole := (day{year: first + d.year, month: d.month, day: d.day}); possibleYear(kind, whole, at) {
			return whole
		}
	}
	return day{year: century + d.year, month: d.month, day: d.day}
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

// readDay reads the spellings that providers and documents use: YYYY-MM-DD alone or as the start of a time or with an offset (ISO 8601),
// YYYYMMDD, YYMMDD (ICAO 9303 part 3, section 4.8), D.M.YYYY and D/M/YYYY with the day first, YYYY/MM/DD, and 30 JUL 1989 with English
// month names.
func readDay(text string) (day, bool) {
	year, month, d, spelled := dayParts(text)
	if !spelled {
		return day{}, false
	}
	return dayOfParts(year, month, d)
}

// isNoDay reports whether a text has one of the spellings of a day and means none that a calendar has. What has another reading, with the
// month first or the year last, is not accused.
func isNoDay(text string) bool {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "T")
	year, month, d, spelled := dayParts(text)
	if !spelled || !figures(year) || !figures(month) || !figures(d) {
		return false
	}
	if _, is := dayOfParts(year, month, d); is {
		return false
	}
	if _, monthFirst := dayOfParts(year, d, month); monthFirst && !strings.HasPrefix(text, year) {
		return false
	}
	_, yearLast := readDay(yearBefore(text))
	return !yearLast
}

// yearBefore has the year of eight figures before day and month.
func yearBefore(text string) string {
	if len(text) != len("30071989") || !figures(text) {
		return ""
	}
	return text[4:] + text[2:4] + text[:2]
}

// dayParts are year, month and day as they are spelled.
func dayParts(text string) (year, month, d string, spelled bool) {
	text = strings.TrimSpace(text)
	if len(text) > 40 {
		return "", "", "", false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			text = t.Format(time.DateOnly)
		}
	}
	if figures(text) {
		return runTogether(text)
	}
	parts := strings.Split(daySeparators.Replace(text), "-")
	if len(parts) != 3 {
		return "", "", "", false
	}
	return separated(parts)
}

var daySeparators = strings.NewReplacer(". ", "-", ".", "-", "/", "-", " ", "-")

func runTogether(text string) (year, month, d string, spelled bool) {
	switch len(text) {
	case 8:
		return text[:4], text[4:6], text[6:], true
	case 6:
		return text[:2], text[2:4], text[4:], true
	}
	return "", "", "", false
}

// separated takes three parts: year first if it has four figures, else day first. English month names may stand for the second.
func separated(parts []string) (year, month, d string, spelled bool) {
	month = parts[1]
	if n := monthNumber(month); n != "" {
		month = n
	}
	switch {
	case len(month) > 2:
		return "", "", "", false
	case len(parts[0]) == 4 && len(parts[2]) <= 2:
		return parts[0], month, parts[2], true
	case len(parts[0]) <= 2 && (len(parts[2]) == 4 || len(parts[2]) == 2):
		return parts[2], month, parts[0], true
	}
	return "", "", "", false
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
