package store

import (
	"slices"
	"strings"
	"time"
)

// birthLayouts are the usual ways to write a date with a four-digit year. Day before month and month before day are both
// read where both are possible: a reviewer types what stands on the paper.
var birthLayouts = []string{"2006-1-2", "2006.1.2", "2006/1/2", "20060102", "2-1-2006", "2.1.2006", "2/1/2006", "02012006", "1/2/2006",
	"2 January 2006", "2 Jan 2006", "January 2 2006", "Jan 2 2006", "2006-01-02T15:04:05Z07:00"}

// birthDates reads a text as a date in every usual way: YYYY-MM-DD each, none if it is no date.
func birthDates(text string) []string {
	if len(text) > 40 {
		return nil
	}
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, ",", " ")), " ")
	text = strings.NewReplacer(" . ", ".", ". ", ".", " / ", "/", " - ", "-").Replace(text)
	var dates []string
	for _, layout := range birthLayouts {
		if day, err := time.Parse(layout, text); err == nil {
			dates = append(dates, day.Format(time.DateOnly))
		}
	}
	slices.Sort(dates)
	return slices.Compact(dates)
}
