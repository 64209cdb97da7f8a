package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"
)

// reading is one way to understand a term: as the whole or the beginning of a key of some kind.
type reading struct {
	kind, value string
	prefix      bool
}

// idKinds are what may be pasted as a list.
var idKinds = []string{keyProcess, keyDossier, keyExternal, keyReference}

// readings are the ways to understand a term other than as a name. A process is found if any of them finds it: what a
// reviewer has at hand need not be named first. Numbers hold a digit; the beginning of a key counts from minPrefix letters on.
func readings(term string) []reading {
	var all []reading
	for _, day := range birthDates(term) {
		all = append(all, reading{keyBorn, day, false})
	}
	if number := compact(term); strings.ContainsFunc(number, unicode.IsDigit) {
		long := utf8.RuneCountInString(number) >= minPrefix
		all = append(all, reading{keyDocument, number, long}, reading{keyPersonal, number, long})
	}
	if id := identifier(term); compact(id) != "" {
		for _, kind := range idKinds {
			all = append(all, reading{kind, id, utf8.RuneCountInString(id) >= minPrefix})
		}
	}
	return all
}

// nameTerm gives the spellings of each word of a term that can be a name; nil for one that cannot: without a letter, or
// of more words than any name has.
func nameTerm(term string) [][]string {
	if !strings.ContainsFunc(term, unicode.IsLetter) {
		return nil
	}
	var words [][]string
	for _, word := range split(term) {
		words = append(words, spellings(word))
		if len(words) > maxTermWords {
			return nil
		}
	}
	return slices.DeleteFunc(words, func(s []string) bool { return len(s) == 0 })
}

// Reading is one way in which a term can be meant.
type Reading struct {
	Code, Words string // Words: "a name"
	Count       int    // processes that it finds, before any filter
}

// readName is the code of a reading as a name. Those of keys follow from their kind.
const readName = "name"

var readingOf = map[string]string{keyBorn: "born", keyDocument: "document", keyPersonal: "personal", keyProcess: "id", keyDossier: "id", keyExternal: "id",
	keyReference: "reference"}

// readingWords are the readings in the order in which they are told.
var readingWords = []struct{ code, words string }{{readName, "a name"}, {"born", "a date of birth"}, {"document", "a document number"},
	{"personal", "a personal number"}, {"id", "an id"}, {"reference", "a reference"}}

// ReadingCodes are the ways in which a term can be meant.
func ReadingCodes() (codes []string) {
	for _, r := range readingWords {
		codes = append(codes, r.code)
	}
	return codes
}

// readings are those that were tried; the rows of a term are known.
func (c candidates) readings() (all []Reading) {
	if !c.limited || c.isPasted {
		return nil
	}
	found := map[string]*roaring.Bitmap{}
	if len(c.names) > 0 {
		found[readName] = c.named
	}
	for kind, set := range c.byKey {
		code := readingOf[kind]
		if found[code] == nil {
			found[code] = roaring.New()
		}
		found[code].Or(set)
	}
	for _, r := range readingWords {
		if set := found[r.code]; set != nil {
			all = append(all, Reading{r.code, r.words, int(set.GetCardinality())})
		}
	}
	return all
}

// understood says how the term was read: as asked for, or by the readings that found something, or by all that were tried.
func (c candidates) understood() string {
	if !c.limited || c.isPasted {
		return ""
	}
	var tried, found []string
	for _, r := range c.readings() {
		if c.as != "" && c.as != r.Code {
			continue
		}
		tried = append(tried, r.Words)
		if r.Count > 0 {
			found = append(found, r.Words)
		}
	}
	switch {
	case len(found) > 0:
		return alternatives(found)
	case len(tried) > 0:
		return alternatives(tried)
	}
	return "something without letters or digits"
}

// alternatives joins words: "a name, an id or a reference".
func alternatives(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// pasted finds a list of ids or references, each whole, and notes its place. What is pasted twice counts once.
func (x *index) pasted(ctx context.Context, ids []string) (c candidates, err error) {
	c = candidates{limited: true, isPasted: true, pasted: map[uint32]int{}}
	places := map[string]int{}
	var values []string
	for i, id := range ids {
		value := identifier(id)
		if _, twice := places[value]; !twice {
			places[value] = i
			values = append(values, value)
		}
	}
	held := map[string]bool{}
	err = x.lookUpAll(ctx, values, func(value string, row uint32) {
		held[value] = true
		if at, known := c.pasted[row]; !known || places[value] < at {
			c.pasted[row] = places[value]
		}
	})
	for _, value := range values {
		if !held[value] {
			c.missing = append(c.missing, ids[places[value]])
		}
	}
	return c, err
}

// lookUpAll tells the rows of ids and references that are exactly one of values.
func (x *index) lookUpAll(ctx context.Context, values []string, each func(value string, row uint32)) error {
	list, err := json.Marshal(values)
	if err != nil {
		return err
	}
	kinds, err := json.Marshal(idKinds)
	if err != nil {
		return err
	}
	rows, err := x.db.Reader.QueryContext(ctx, `SELECT l.value, l.row FROM json_each(?) v CROSS JOIN json_each(?) k
		CROSS JOIN lookup l ON l.kind = k.value AND l.value = v.value`, string(list), string(kinds))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		var row uint32
		if err := rows.Scan(&value, &row); err != nil {
			return err
		}
		each(value, row)
	}
	return rows.Err()
}
