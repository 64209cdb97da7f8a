package demo

import (
	"strings"
	"time"
)

// plantEvery is how often a result disagrees with the detail that it was made from: one process in ten, since about six in ten
// have a result.
const plantEvery = 6

// planter counts results and spoils one fact in every sixth, in one of its sources alone.
type planter struct {
	seen int
	off  bool // while a process is made that must stay whole
}

// sow is called once for each result that could disagree. It reports whether it spoiled a source.
func (pl *planter) sow(d dice, final reading, sources ...reading) bool {
	if pl.off {
		return false
	}
	pl.seen++
	if pl.seen%plantEvery != plantEvery/2 {
		return false
	}
	source := pick(d, sources)
	var stated []string
	for _, name := range []string{"documentNumber", "lastName", "dateOfBirth", "dateOfExpiry", "personalIdentificationNumber"} {
		if source[name] != "" && source[name] == final[name] {
			stated = append(stated, name)
		}
	}
	if len(stated) == 0 {
		pl.seen-- // nothing to spoil here: the next one's turn
		return false
	}
	name := pick(d, stated)
	source[name] = misread(d, name, source[name])
	return true
}

// misread is a value as a tired eye or a camera would have it.
func misread(d dice, name, value string) string {
	switch {
	case strings.HasPrefix(name, "dateOf"):
		return anotherDay(d, value)
	case name == "lastName":
		return swapOne(d, value, "mnnmilliuvvuaooaeccertth", "MNNMILLIUVVUAOOAECCERTTH")
	default:
		return swapOne(d, value, "0OO01II15SS58BB82ZZ23773", "499467")
	}
}

// anotherDay exchanges day and month where that gives another date, and else takes a neighbouring day.
func anotherDay(d dice, date string) string {
	t, err := time.Parse(dateForm, date)
	if err != nil {
		return date
	}
	if t.Day() <= 12 && t.Day() != int(t.Month()) && d.oneIn(2) {
		return time.Date(t.Year(), time.Month(t.Day()), int(t.Month()), 0, 0, 0, 0, time.UTC).Format(dateForm)
	}
	if t.Day() == 1 {
		return t.AddDate(0, 0, 1).Format(dateForm)
	}
	return t.AddDate(0, 0, -1).Format(dateForm)
}

// swapOne exchanges one character by the first table that knows one of value's; tables are pairs, from and to.
func swapOne(d dice, value string, tables ...string) string {
	for _, table := range tables {
		other := map[byte]byte{}
		for i := 0; i+1 < len(table); i += 2 {
			other[table[i]] = table[i+1]
		}
		var places []int
		for i := range len(value) {
			if other[value[i]] != 0 {
				places = append(places, i)
			}
		}
		if len(places) > 0 {
			out, at := []byte(value), pick(d, places)
			out[at] = other[out[at]]
			return string(out)
		}
	}
	return value + "8"
}
