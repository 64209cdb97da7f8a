package audit

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// partNames are the names that may stand in the body of each part, in the order in which they are written.
var partNames = map[string][]string{"who": {"name", "address"}, "term": {"term"}, "purpose": {"case", "because"}, "shown": {"shown"}}

// formed reports whether the body of a part is an object of its names with texts, and in shown a list of texts, each name
// once and in exactly its letters. Of a name that stands twice one reader takes the one value and the next the other, and
// the commitment would prove both.
func (p part) formed() bool { return p.writtenPlainly() || p.readsOneWay() }

// writtenPlainly knows nearly every body that this program writes, as quickly as scanLeaf knows a leaf.
func (p part) writtenPlainly() bool {
	s := scanner{rest: string(p.body)}
	comma := "{"
	for _, name := range partNames[p.name] {
		if !s.next(comma + `"` + name + `":`) {
			continue
		}
		if comma = ","; p.name == "shown" {
			s.list()
		} else {
			s.text()
		}
	}
	s.expect("}")
	return !s.failed && s.rest == ""
}

// readsOneWay reads any JSON. The decoder refuses a name that stands twice, and what is no UTF-8.
func (p part) readsOneWay() bool {
	d := jsontext.NewDecoder(bytes.NewReader(p.body))
	if !takes(d, '{') {
		return false
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil || !slices.Contains(partNames[p.name], name.String()) || !takesValue(d, p.name == "shown") {
			return false
		}
	}
	if !takes(d, '}') {
		return false
	}
	_, err := d.ReadToken()
	return errors.Is(err, io.EOF)
}

// takes reads a token and reports whether it is of a kind.
func takes(d *jsontext.Decoder, kind jsontext.Kind) bool {
	token, err := d.ReadToken()
	return err == nil && token.Kind() == kind
}

func takesValue(d *jsontext.Decoder, list bool) bool {
	if !list {
		return takes(d, '"')
	}
	if !takes(d, '[') {
		return false
	}
	for d.PeekKind() == '"' {
		if !takes(d, '"') {
			return false
		}
	}
	return takes(d, ']')
}
