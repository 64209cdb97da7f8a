package evidence

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// text is the text of a string token that was read from an offset on. What is no character, half of a surrogate pair (RFC 8259, section 8.2)
// or a byte that is no UTF-8, stands in it as it was spelled: two different ones stay different. broken tells whether there is any.
func (p *parser) text(token jsontext.Token, from int64) (text string, broken bool) {
	text = token.String()
	if !strings.ContainsRune(text, utf8.RuneError) {
		return text, false
	}
	raw := p.body[from:p.decoder.InputOffset()]
	raw = raw[bytes.IndexByte(raw, '"')+1 : len(raw)-1]
	return unquote(raw)
}

// unquote takes the escapes out of the inside of a JSON string that is well formed but for its characters.
func unquote(raw []byte) (text string, broken bool) {
	var b strings.Builder
	for len(raw) > 0 {
		size := 0
		switch {
		case raw[0] != '\\':
			size, broken = plainCharacter(&b, raw), broken || !validCharacter(raw)
		case raw[1] == 'u':
			var whole bool
			size, whole = escapedCharacter(&b, raw)
			broken = broken || !whole
		default:
			b.WriteByte(simpleEscapes[raw[1]])
			size = 2
		}
		raw = raw[size:]
	}
	return b.String(), broken
}

var simpleEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func validCharacter(raw []byte) bool {
	c, size := utf8.DecodeRune(raw)
	return c != utf8.RuneError || size > 1
}

func plainCharacter(b *strings.Builder, raw []byte) (size int) {
	_, size = utf8.DecodeRune(raw)
	if validCharacter(raw) {
		b.Write(raw[:size])
	} else {
		b.WriteString(`\x` + strconv.FormatUint(uint64(raw[0]), 16))
	}
	return size
}

// escapeSize is the length of \uXXXX.
const escapeSize = 6

// escapedCharacter writes a \u escape, with the second one of a pair; whole is false for half a pair, which stays as it is.
func escapedCharacter(b *strings.Builder, raw []byte) (size int, whole bool) {
	c := codeUnit(raw)
	if !utf16.IsSurrogate(c) {
		b.WriteRune(c)
		return escapeSize, true
	}
	if rest := raw[escapeSize:]; len(rest) >= escapeSize && rest[0] == '\\' && rest[1] == 'u' {
		if pair := utf16.DecodeRune(c, codeUnit(rest)); pair != utf8.RuneError {
			b.WriteRune(pair)
			return 2 * escapeSize, true
		}
	}
	b.Write(raw[:escapeSize])
	return escapeSize, false
}

func codeUnit(raw []byte) rune {
	n, err := strconv.ParseUint(string(raw[2:escapeSize]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}
