package templates

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// stretch is a piece of a text: plain, or one character that shows nothing of itself, by a name that can be seen.
type stretch struct{ text, name string }

// Characters that a reader of names meets by a name of their own.
var characterNames = map[rune]string{'\t': "TAB", '\n': "LF", '\r': "CR", 0x00a0: "NBSP", 0x00ad: "SHY", 0x200b: "ZWSP", 0x200c: "ZWNJ", 0x200d: "ZWJ",
	0x200e: "LRM", 0x200f: "RLM", 0x061c: "ALM", 0x202a: "LRE", 0x202b: "RLE", 0x202c: "PDF", 0x202d: "LRO", 0x202e: "RLO", 0x2066: "LRI", 0x2067: "RLI",
	0x2068: "FSI", 0x2069: "PDI", 0xfeff: "BOM"}

// stretches takes a text apart where a character cannot be seen, or would move or hide its neighbours. Together they are the text,
// but for what no page can hold: a byte that is no character, and NUL, stand as the replacement character.
func stretches(text string) []stretch {
	var all []stretch
	from, before := 0, rune(-1)
	for at := 0; at < len(text); {
		c, size := utf8.DecodeRuneInString(text[at:])
		if name := unseen(c, size, before, text[at]); name != "" {
			if from < at {
				all = append(all, stretch{text: text[from:at]})
			}
			from = at + size
			all = append(all, stretch{text: holdable(text[at:from], c), name: name})
		}
		at, before = at+size, c
	}
	if from == 0 {
		return []stretch{{text: text}}
	}
	if from < len(text) {
		all = append(all, stretch{text: text[from:]})
	}
	return all
}

func holdable(text string, c rune) string {
	if c == 0 || c == utf8.RuneError {
		return string(utf8.RuneError)
	}
	return text
}

// firstJoining is where the scripts begin whose letters joiners are a part of.
const firstJoining = 0x0590

// unseen names a character that cannot be seen; empty for one that can. A joiner after a letter of a script that joins is
// spelling, and a combining mark belongs to the letter before it.
func unseen(c rune, size int, before rune, first byte) string {
	switch {
	case c == utf8.RuneError && size == 1:
		return fmt.Sprintf("byte %02X", first)
	case ' ' <= c && c <= '~':
		return ""
	case c == 0x200c || c == 0x200d:
		if before >= firstJoining {
			return ""
		}
	case unicode.Is(unicode.M, c):
		if before >= 0 {
			return ""
		}
	case !unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Co, unicode.Noncharacter_Code_Point):
		return ""
	}
	if name, ok := characterNames[c]; ok {
		return name
	}
	return fmt.Sprintf("U+%04X", c)
}

// allSeen reports whether a text is all characters that can be seen: most are.
func allSeen(text string) bool {
	if strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) < 0 {
		return true
	}
	all := stretches(text)
	return len(all) == 1 && all[0].name == ""
}
