package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reading is one way to understand a term: as the whole or the beginning of a key of some kind.
type reading struct {
	kind, value string
	prefix      bool
}

// end is the first value after all that the reading finds.
func (r reading) end() string {
	if r.prefix {
		return r.value + "\U0010FFFF"
	}
	return r.value + "\x00"
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

// understood says how the term was read: the readings that found something, or all that were tried.
func (c candidates) understood() string {
	if !c.limited || c.isPasted {
		return ""
	}
	var tried, found []string
	add := func(words string, any bool) {
		if !slices.Contains(tried, words) {
			tried = append(tried, words)
		}
		if any && !slices.Contains(found, words) {
			found = append(found, words)
		}
	}
	if len(c.names) > 0 {
		add("a name", !c.named.IsEmpty())
	}
	for _, k := range []struct{ kind, words string }{{keyBorn, "a date of birth"}, {keyDocument, "a document number"},
		{keyPersonal, "a personal number"}, {keyProcess, "an id"}, {keyDossier, "an id"}, {keyExternal, "an id"}, {keyReference, "a reference"}} {
		if set, ok := c.byKey[k.kind]; ok {
			add(k.words, !set.IsEmpty())
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
