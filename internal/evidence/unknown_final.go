package evidence

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// traceUnknown adds places that state fields of the final result which the portal does not know: leaves of the same name, and leaves of the
// same text. Here answers to checks are looked through as well, and what a table knows as another fact: nobody said where such a field
// comes from.
func (r *reading) traceUnknown(g *gathered, d *detective) {
	unknown := r.unknownFinal()
	if len(unknown) == 0 {
		return
	}
	t := tracer{d: d, byName: map[string][]place{}, byText: map[string][]place{}}
	t.index(r.detail, r.detail, nil)
	added := 0
	for _, v := range unknown {
		field := finalName(v)
		for _, p := range t.placesOf(field, v) {
			if added == mostFound {
				return
			}
			if !slices.ContainsFunc(g.statements[field], func(s statement) bool { return s.pointer == p.leaf.pointer }) {
				added++
				d.add(field, p.leaf, p.names)
			}
		}
	}
}

// finalName is the name of a field of the final result: its place below it.
func finalName(v *value) string { return strings.TrimPrefix(v.pointer, "/finalResult/") }

// place is a leaf with the names above it and its own, list indexes left out.
type place struct {
	leaf   *value
	names  []string
	listed bool // one of a list
}

type tracer struct {
	d              *detective
	byName, byText map[string][]place
}

func (t tracer) index(v, parent *value, names []string) {
	if claims := t.claims(v); claims != nil {
		v = claims
	}
	if v.leaf() && len(names) > 0 && v.string() != "" {
		p := place{v, names, isIndex(parent)}
		own := foldName(names[len(names)-1])
		t.byName[own], t.byText[v.text] = append(t.byName[own], p), append(t.byText[v.text], p)
	}
	for _, child := range v.members() {
		below := names
		if v.kind == "object" {
			below = append(names[:len(names):len(names)], child.key)
		}
		t.index(child, v, below)
	}
}

func (t tracer) claims(v *value) *value {
	if v.leaf() && v.kind == "string" && (isJWT(v.text) || strings.HasPrefix(v.text, "{")) {
		return t.d.r.claimsOf(v)
	}
	return nil
}

// placesOf are the places of the same name, whatever they state, then the others of the same text. Elements of a list have no name of their
// own.
func (t tracer) placesOf(field string, final *value) []place {
	var out []place
	names := strings.Split(field, "/")
	if own := foldName(names[len(names)-1]); !saysNothing[own] && !figures(own) {
		for _, p := range t.byName[own] {
			if !p.listed && !t.d.ofOthers(p.names) && (isVerdict(final) || !isVerdict(p.leaf)) {
				out = append(out, p)
			}
		}
	}
	alike := t.byText[final.text]
	if tellsApart(final) || len(alike) == 1 && !isVerdict(final) && utf8.RuneCountInString(final.text) > 1 {
		for _, p := range alike {
			if !slices.ContainsFunc(out, func(o place) bool { return o.leaf == p.leaf }) {
				out = append(out, p)
			}
		}
	}
	return out
}

// tellsApart reports whether a text hardly stands anywhere by chance.
func tellsApart(v *value) bool {
	switch {
	case isVerdict(v), answerWords[strings.ToLower(v.text)]:
		return false
	case v.kind == "number":
		return figureCount(v.text) >= fewestInNumber
	}
	return utf8.RuneCountInString(v.text) >= shortestSecret
}

// saysNothing are names, folded, that many places have which state different facts.
var saysNothing = wordSet(`value values text content data raw fieldvalue normalized normalised original name key field fieldname label type attribute id
	code status result valid passed success error message reason score confidence x y width height side found`)
