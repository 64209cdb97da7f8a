package audit

import (
	"encoding/json"
	"strconv"
)

// scanLeaf reads a leaf in exactly the form in which this program writes it: its fields in their order, no spaces, plain
// ASCII without escapes. That is nearly every leaf, and several times as fast as JSON in general; ok is false for any
// other, which parseLeaf then reads as JSON. The strings of the leaf are parts of text.
func scanLeaf(text string) (l leaf, ok bool) {
	s := scanner{rest: text}
	s.expect(`{"v":1,"log":`)
	l.Version, l.Log = leafVersion, s.text()
	s.expect(`,"seq":`)
	l.Seq = s.number()
	s.expect(`,"time":`)
	l.Time = s.text()
	s.expect(`,"action":`)
	l.Action = Action(s.text())
	s.expect(`,"outcome":`)
	l.Outcome = Outcome(s.text())
	l.Issuer, l.Actor = s.optional(`,"issuer":`), s.optional(`,"actor":`)
	l.Role, l.Session, l.Request = s.optional(`,"role":`), s.optional(`,"session":`), s.optional(`,"request":`)
	if s.next(`,"process":`) {
		l.Process = s.process()
	}
	if s.next(`,"classes":`) {
		l.Classes = s.list()
	}
	s.expect(`,"rows":`)
	l.Rows = s.number()
	l.Purpose = s.optional(`,"purpose":`)
	if s.next(`,"facts":`) {
		l.Facts = s.words()
	}
	l.Build = s.optional(`,"build":`)
	if s.next(`,"commit":`) {
		l.Commit = s.words()
	}
	s.expect("}")
	return l, !s.failed && s.rest == ""
}

// shownIn reads the part shown, in the form in which it is written as quickly as scanLeaf reads a leaf.
func shownIn(body []byte) ([]string, error) {
	s := scanner{rest: string(body)}
	s.expect(`{"shown":`)
	list := s.list()
	if s.expect("}"); !s.failed && s.rest == "" {
		return list, nil
	}
	var p shownPart
	err := json.Unmarshal(body, &p)
	return p.Shown, err
}

// scanner takes pieces from the front of a text until one is not what was expected.
type scanner struct {
	rest   string
	failed bool
}

// next takes a piece if it is the next.
func (s *scanner) next(piece string) bool {
	if s.failed || len(s.rest) < len(piece) || s.rest[:len(piece)] != piece {
		return false
	}
	s.rest = s.rest[len(piece):]
	return true
}

func (s *scanner) expect(piece string) {
	if !s.next(piece) {
		s.failed = true
	}
}

func (s *scanner) optional(key string) string {
	if !s.next(key) {
		return ""
	}
	return s.text()
}

// text takes a string that stands for itself between its quotes.
func (s *scanner) text() string {
	if !s.next(`"`) {
		s.failed = true
		return ""
	}
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			text := s.rest[:i]
			s.rest = s.rest[i+1:]
			return text
		case c < ' ' || c == '\\' || c >= 0x7f:
			s.failed = true
			return ""
		}
	}
	s.failed = true
	return ""
}

// number takes a decimal number without a sign and without zeros in front.
func (s *scanner) number() int64 {
	n := 0
	for n < len(s.rest) && '0' <= s.rest[n] && s.rest[n] <= '9' {
		n++
	}
	v, err := strconv.ParseInt(s.rest[:n], 10, 64)
	if err != nil || n > 1 && s.rest[0] == '0' {
		s.failed = true
	}
	s.rest = s.rest[n:]
	return v
}

func (s *scanner) process() *leafProcess {
	var p leafProcess
	s.expect(`{"id":`)
	p.ID, p.Dossier = s.text(), s.optional(`,"dossier":`)
	if s.next(`,"version":`) {
		p.Version = int(s.number())
	}
	p.SHA256 = s.optional(`,"sha256":`)
	if s.next(`,"mapping":`) {
		p.Mapping = int(s.number())
	}
	s.expect("}")
	return &p
}

func (s *scanner) list() []string {
	s.expect("[")
	words := []string{s.text()}
	for s.next(",") {
		words = append(words, s.text())
	}
	s.expect("]")
	return words
}

// words takes an object of strings whose names ascend, so that none stands twice.
func (s *scanner) words() map[string]string {
	s.expect("{")
	words, last := map[string]string{}, ""
	for first := true; first || s.next(","); first = false {
		name := s.text()
		s.expect(":")
		if name <= last && !first {
			s.failed = true
		}
		words[name], last = s.text(), name
	}
	s.expect("}")
	return words
}
