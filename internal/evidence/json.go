package evidence

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of what is read: far above any documented answer, so that a hostile body cannot take memory or stack.
const (
	maxDepth  = 200
	maxValues = 200_000
)

// value is one JSON value in received order. A nil value stands for an absent one, so that lookups chain.
type value struct {
	pointer   string // JSON Pointer, RFC 6901
	key       string // member name or array index
	kind      string // object, array, string, number, boolean, null
	text      string // leaves: strings unquoted, others as their JSON text
	children  []*value
	duplicate bool // a member of this name stood in the object before
	broken    bool // its name or text holds what is no character: it stands there as it was spelled
}

var (
	errTooDeep = errors.New("it is nested too deeply")
	errTooMany = errors.New("it holds too many values")
)

// parse reads a body. malformed says in words why it is no single JSON value; the root is then nil.
func parse(body []byte) (root *value, malformed string) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, "it is empty"
	}
	p := parser{body: body, decoder: jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	root, err := p.read("", "", 0)
	if err == nil {
		if _, err = p.decoder.ReadToken(); err == io.EOF {
			return root, ""
		}
		return nil, "something follows the JSON value"
	}
	return nil, malformedWords(err, len(body))
}

func malformedWords(err error, size int) string {
	switch {
	case errors.Is(err, errTooDeep), errors.Is(err, errTooMany):
		return err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "it breaks off after " + strconv.Itoa(size) + " bytes"
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return "it is not JSON from byte " + strconv.FormatInt(syntactic.ByteOffset, 10) + " on"
	}
	return "it is not JSON"
}

type parser struct {
	body    []byte
	decoder *jsontext.Decoder
	count   int
}

func (p *parser) read(pointer, key string, depth int) (*value, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	if p.count++; p.count > maxValues {
		return nil, errTooMany
	}
	from := p.decoder.InputOffset()
	token, err := p.decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	v := &value{pointer: pointer, key: key}
	switch token.Kind() {
	case '{':
		v.kind = "object"
		return v, p.members(v, depth)
	case '[':
		v.kind = "array"
		return v, p.elements(v, depth)
	case '"':
		v.kind = "string"
		v.text, v.broken = p.text(token, from)
	case '0':
		v.kind, v.text = "number", token.String()
	case 'n':
		v.kind, v.text = "null", "null"
	default:
		v.kind, v.text = "boolean", token.String()
	}
	return v, nil
}

func (p *parser) members(v *value, depth int) error {
	seen := map[string]bool{}
	for p.decoder.PeekKind() != '}' {
		from := p.decoder.InputOffset()
		name, err := p.decoder.ReadToken()
		if err != nil {
			return err
		}
		key, broken := p.text(name, from)
		child, err := p.read(v.pointer+"/"+escape(key), key, depth+1)
		if err != nil {
			return err
		}
		child.duplicate, seen[key] = seen[key], true
		child.broken = child.broken || broken
		v.children = append(v.children, child)
	}
	_, err := p.decoder.ReadToken()
	return err
}

func (p *parser) elements(v *value, depth int) error {
	for p.decoder.PeekKind() != ']' {
		key := strconv.Itoa(len(v.children))
		child, err := p.read(v.pointer+"/"+key, key, depth+1)
		if err != nil {
			return err
		}
		v.children = append(v.children, child)
	}
	_, err := p.decoder.ReadToken()
	return err
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func escape(key string) string { return pointerEscapes.Replace(key) }

// at follows member names; nil where one is absent. Of duplicate members the last counts, as in most readers.
func (v *value) at(path ...string) *value {
	for _, key := range path {
		v = v.member(key)
	}
	return v
}

// member is the member of an object, or of the only object of a list: some answers wrap one so.
func (v *value) member(key string) *value {
	v = object(v)
	if v == nil {
		return nil
	}
	for i := len(v.children) - 1; i >= 0; i-- {
		if v.children[i].key == key {
			return v.children[i]
		}
	}
	return nil
}

// leaf reports whether the value holds no others.
func (v *value) leaf() bool { return v != nil && v.kind != "object" && v.kind != "array" }

// string is the text of a leaf that is neither null nor absent, else empty.
func (v *value) string() string {
	if !v.leaf() || v.kind == "null" {
		return ""
	}
	return v.text
}

// walk calls fn for the value and all below it, in received order.
func (v *value) walk(fn func(*value)) {
	if v == nil {
		return
	}
	fn(v)
	for _, c := range v.children {
		c.walk(fn)
	}
}
