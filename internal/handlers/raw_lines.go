package handlers

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/assure-portal/portal/web/templates"
)

// Bounds of what is laid out with parts that fold: as far as a browser nests elements, and as many lines as one page carries.
// What goes beyond is shown as the plain text that it is.
const (
	maxRawDepth  = 200
	maxRawValues = 200_000
)

var (
	errRawDepth  = errors.New("it is nested too deeply to be folded")
	errRawValues = errors.New("it holds too many values to be folded")
)

// rawLayout lays a body out one value a line, spelled as received: its texts in order, white space included, are the body.
type rawLayout struct {
	body     []byte
	decoder  *jsontext.Decoder
	at       int // end of what was laid out
	line     int
	values   int
	repeated []repeatedName
}

// repeatedName is a name that stood before in its object.
type repeatedName struct {
	name string
	line int
}

// layRaw lays out one JSON value with the white space around it. fault is the byte from which the body is no JSON, or -1.
func layRaw(body []byte) (l *rawLayout, root templates.RawNode, after string, fault int64, err error) {
	l = &rawLayout{body: body, decoder: jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	if root, err = l.value(0); err == nil {
		if _, err = l.decoder.ReadToken(); err == io.EOF {
			return l, root, string(body[l.at:]), -1, nil
		}
		if err == nil {
			err = errors.New("something follows the JSON value")
		}
	}
	fault = -1
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		fault = syntactic.ByteOffset
	}
	return l, root, "", fault, err
}

// value reads one value. White space and a name before it belong to its line.
func (l *rawLayout) value(depth int) (templates.RawNode, error) {
	if depth > maxRawDepth {
		return templates.RawNode{}, errRawDepth
	}
	if l.values++; l.values > maxRawValues {
		return templates.RawNode{}, errRawValues
	}
	token, err := l.decoder.ReadToken()
	if err != nil {
		return templates.RawNode{}, err
	}
	l.line++
	n := templates.RawNode{Line: l.line}
	n.Lead, n.Value = l.spelled()
	switch token.Kind() {
	case '{':
		return n, l.inside(&n, '}', depth)
	case '[':
		return n, l.inside(&n, ']', depth)
	}
	return n, nil
}

// spelled is the token just read as it stands in the body, and what stands before it.
func (l *rawLayout) spelled() (lead, token string) {
	raw := l.body[l.at:l.decoder.InputOffset()]
	rest := bytes.TrimLeft(raw, " \t\r\n,:")
	l.at += len(raw)
	return string(raw[:len(raw)-len(rest)]), string(rest)
}

// inside reads the members or elements of a part up to its closing bracket. An empty part is one line.
func (l *rawLayout) inside(n *templates.RawNode, closing jsontext.Kind, depth int) error {
	names := map[string]bool{}
	for l.decoder.PeekKind() != closing {
		child, err := l.child(closing == '}', names, depth)
		if err != nil {
			return err
		}
		if before := len(n.Children) - 1; before >= 0 {
			comma := strings.IndexByte(child.Lead, ',') + 1
			n.Children[before].After, child.Lead = child.Lead[:comma], child.Lead[comma:]
		}
		n.Children = append(n.Children, child)
	}
	if _, err := l.decoder.ReadToken(); err != nil {
		return err
	}
	n.Tail, n.Closes = l.spelled()
	if len(n.Children) == 0 {
		n.Value, n.Tail, n.Closes = n.Value+n.Tail+n.Closes, "", ""
		return nil
	}
	l.line++
	n.CloseLine = l.line
	return nil
}

func (l *rawLayout) child(named bool, names map[string]bool, depth int) (templates.RawNode, error) {
	if !named {
		return l.value(depth + 1)
	}
	token, err := l.decoder.ReadToken()
	if err != nil {
		return templates.RawNode{}, err
	}
	name := token.String()
	lead, spelled := l.spelled()
	if strings.ContainsRune(name, utf8.RuneError) {
		name = spelled // what is no character is told apart by its spelling alone
	}
	child, err := l.value(depth + 1)
	child.Lead, child.Name, child.Colon = lead, spelled, child.Lead
	if child.Repeated = names[name]; child.Repeated {
		l.repeated = append(l.repeated, repeatedName{name, child.Line})
	}
	names[name] = true
	return child, err
}
