package handlers

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/web/templates"
)

// sight is what a person sees of a class.
type sight int

const (
	never      sight = iota // not on any page of this role
	masked                  // bullets, and nothing opens it
	revealable              // bullets until revealed with a purpose
	open
)

// sights is the contract's masking table: class by class, what each role sees of a value on a page. Images and the raw
// body have routes of their own; what stands inside the body as text of these classes opens with a purpose, like a number.
var sights = map[evidence.Class]map[auth.Role]sight{
	evidence.Plain:          {auth.Reviewer: open, auth.Auditor: open, auth.Inspector: open},
	evidence.Identity:       {auth.Reviewer: open, auth.Auditor: masked, auth.Inspector: revealable},
	evidence.DocumentNumber: {auth.Reviewer: open, auth.Auditor: masked, auth.Inspector: revealable},
	evidence.PersonalNumber: {auth.Reviewer: revealable, auth.Auditor: masked, auth.Inspector: revealable},
	evidence.Image:          {auth.Reviewer: revealable, auth.Auditor: masked, auth.Inspector: revealable},
	evidence.Raw:            {auth.Reviewer: revealable, auth.Auditor: masked, auth.Inspector: revealable},
}

// eyes is what one person may see on one page: the roles, and what this very request revealed.
type eyes struct {
	roles    []auth.Role
	revealed string // final result name or JSON Pointer; empty: nothing
}

// sight is the best that any role of the person gives; an unknown class counts as the strictest.
func (e eyes) sight(c evidence.Class) sight {
	best := masked
	for _, r := range e.roles {
		best = max(best, sights[c][r])
	}
	return best
}

// sees reports whether a value of class c under name or pointer stands open on the page.
func (e eyes) sees(c evidence.Class, names ...string) bool {
	s := e.sight(c)
	if s == open {
		return true
	}
	if s != revealable || e.revealed == "" {
		return false
	}
	return slices.Contains(names, e.revealed)
}

// text is a value as this person sees it.
func (e eyes) text(c evidence.Class, value string, names ...string) (shown string, isMasked bool) {
	if value == "" || e.sees(c, names...) {
		return value, false
	}
	return evidence.Mask(value), true
}

// parts is a difference as this person sees it: of a masked one only the characters that differ.
// Where most of it differs, that would be nearly the whole value: then nothing but bullets.
func (e eyes) parts(isMasked bool, edit []evidence.Span) []templates.Part {
	if isMasked && mostDiffers(edit) {
		return []templates.Part{{Text: evidence.Mask(textOf(edit)), Mark: markOf(edit)}}
	}
	parts := make([]templates.Part, 0, len(edit))
	for _, s := range edit {
		p := templates.Part{Text: s.Text}
		switch {
		case s.Kind == "removed" || s.Kind == "added":
			p.Mark = s.Kind
		case isMasked:
			p.Text = bullets(s.Text)
		}
		parts = append(parts, p)
	}
	return parts
}

// mostDiffers reports whether more than half of a value's characters lie in differing spans.
func mostDiffers(edit []evidence.Span) bool {
	differing, all := 0, 0
	for _, s := range edit {
		n := utf8.RuneCountInString(s.Text)
		all += n
		if s.Kind != "same" {
			differing += n
		}
	}
	return differing*2 > all
}

// markOf is the kind of the first differing span.
func markOf(edit []evidence.Span) string {
	for _, s := range edit {
		if s.Kind != "same" {
			return s.Kind
		}
	}
	return ""
}

func textOf(edit []evidence.Span) string {
	var text strings.Builder
	for _, s := range edit {
		text.WriteString(s.Text)
	}
	return text.String()
}

// classesSeen lists the classes that stand open for this person: what the record says is what the page shows.
func (e eyes) classesSeen() []string {
	var seen []string
	for _, c := range evidence.Classes() {
		if e.sight(c) == open {
			seen = append(seen, string(c))
		}
	}
	return seen
}

// classesRevealed lists what may stand open in the answer to a reveal. Which class the one field is of is known only
// when the snapshot is opened, after the record.
func (e eyes) classesRevealed() []string {
	seen := e.classesSeen()
	for _, c := range evidence.Classes() {
		if e.sight(c) == revealable && (strings.HasPrefix(e.revealed, "/") || evidence.FieldClass(e.revealed) == c) {
			seen = append(seen, string(c))
		}
	}
	return seen
}

func bullets(text string) string {
	out := make([]rune, 0, len(text))
	for range text {
		out = append(out, '•')
	}
	return string(out)
}
