package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object whose members keep their order, because answers of Assure differ in it by provider and the
// portal must show bytes as received.
type object []member

type member struct {
	name  string
	value any // string, bool, int, int64, float64, nil, token, object, []object, []string or []any
}

// add appends a member whatever its value.
func (o *object) add(name string, value any) { *o = append(*o, member{name, value}) }

// opt appends a member unless it is empty.
func (o *object) opt(name, value string) {
	if value != "" {
		o.add(name, value)
	}
}

// layout says how a body is written down.
type layout int

const (
	compact  layout = iota
	indented        // two spaces, as in the published samples
	escaped         // compact, everything beyond ASCII as \uXXXX
)

// layoutOf spreads the layouts: most bodies are compact.
func layoutOf(number int) layout {
	return [...]layout{compact, indented, compact, escaped, compact, indented, compact}[number%7]
}

// bytes writes the object down.
func (o object) bytes(as layout) ([]byte, error) {
	raw, err := appendJSON(nil, o)
	if err != nil {
		return nil, err
	}
	switch as {
	case indented:
		var out bytes.Buffer
		if err := json.Indent(&out, raw, "", "  "); err != nil {
			return nil, fmt.Errorf("indent: %w", err)
		}
		out.WriteByte('\n')
		return out.Bytes(), nil
	case escaped:
		return escapeBeyondASCII(raw), nil
	default:
		return raw, nil
	}
}

func appendJSON(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return jsontext.AppendQuote(b, v)
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case float64:
		return strconv.AppendFloat(b, v, 'f', -1, 64), nil
	case token:
		text, err := v.compact()
		if err != nil {
			return nil, err
		}
		return jsontext.AppendQuote(b, text)
	case object:
		return appendObject(b, v)
	case []object:
		return appendArray(b, v)
	case []string:
		return appendArray(b, v)
	case []any:
		return appendArray(b, v)
	default:
		return nil, fmt.Errorf("no JSON for %T", value)
	}
}

func appendObject(b []byte, o object) (_ []byte, err error) {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = jsontext.AppendQuote(b, m.name); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendJSON(b, m.value); err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return append(b, '}'), nil
}

func appendArray[T any](b []byte, values []T) (_ []byte, err error) {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendJSON(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// escapeBeyondASCII is safe on whole JSON text, since only strings hold such characters.
func escapeBeyondASCII(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+64)
	for _, r := range string(raw) {
		if r < 0x80 {
			out = append(out, byte(r))
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}
