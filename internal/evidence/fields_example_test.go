package evidence

import (
	"slices"
	"strings"
	"testing"
)

// selfContradictions are the samples in which the published material disagrees with itself.
var selfContradictions = map[string]string{
	"signicatvideoid-accepted.high": "lastName", // the software misread the surname and the agent corrected it
}

func TestOnUnchangedSamplesOnlyKnownContradictionsDiffer(t *testing.T) {
	for _, e := range examples(t) {
		var differ []string
		for _, f := range e.reading().fields() {
			if f.Relation == Differs || f.Relation == Unsourced {
				differ = append(differ, f.Name)
			}
		}
		if got := strings.Join(differ, " "); got != selfContradictions[e.name] {
			t.Errorf("%s: %q differ, want %q", e.name, got, selfContradictions[e.name])
		}
	}
}

func TestEveryFinalValueIsTracedToEveryEqualLeafThatCanBeItsSource(t *testing.T) {
	traced := 0
	for _, e := range append(examples(t), sentBodies(t)...) {
		r := e.reading()
		for _, f := range r.fields() {
			var equal []string
			r.detail.walk(func(v *value) {
				if f.Present && v.leaf() && v.text == f.Value {
					equal = append(equal, v.pointer)
				}
			})
			if len(equal) == 0 {
				continue
			}
			traced++
			if !slices.ContainsFunc(f.Sources, func(s Source) bool { return s.Raw == f.Value && slices.Contains(equal, s.Pointer) }) {
				t.Errorf("%s: %s %q stands at %v and has the sources %s", e.name, f.Name, f.Value, equal, sourceWords(f))
			}
		}
	}
	if traced < 150 {
		t.Errorf("only %d values stand in the detail", traced)
	}
}

func TestEverySourcePointsAtWhatTheBodyHolds(t *testing.T) {
	for _, e := range append(examples(t), sentBodies(t)...) {
		leaves := map[string]string{}
		e.root.walk(func(v *value) { leaves[v.pointer] = v.text })
		for _, f := range e.reading().fields() {
			for _, s := range f.Sources {
				text, there := leaves[wholePointer(s.Pointer)]
				if !there || s.Raw == "" || !strings.Contains(s.Pointer, "#") && text != s.Raw {
					t.Errorf("%s: %s states %q, the body %q", e.name, s.Pointer, s.Raw, text)
				}
				if strictness[s.Class] < strictness[FieldClass(f.Name)] {
					t.Errorf("%s: %s has class %s, its field %s", e.name, s.Pointer, s.Class, FieldClass(f.Name))
				}
			}
		}
	}
}

// respellings are other spellings of a value, each by a rule, told independently of the code under test. Empty: the rule says nothing of it.
var respellings = map[string]map[string]func(string) string{
	"dateOfBirth":                  {"without dashes": digitsOnly, "as in an MRZ": shortDate, "day first": dayFirst},
	"dateOfIssue":                  {"without dashes": digitsOnly, "day first": dayFirst},
	"dateOfExpiry":                 {"without dashes": digitsOnly, "as in an MRZ": shortDate, "day first": dayFirst},
	"firstName":                    {"in small letters": strings.ToLower, "in another order": otherOrder, "hyphenated": hyphenated},
	"lastName":                     {"in capitals": strings.ToUpper, "hyphenated": hyphenated},
	"placeOfBirth":                 {"in small letters": strings.ToLower},
	"gender":                       {"as a word": func(s string) string { return map[string]string{"F": "FEMALE", "M": "male"}[s] }},
	"nationality":                  {"by two letters": twoLetters, "by three": threeLetters},
	"issuingCountry":               {"by two letters": twoLetters, "by three": threeLetters},
	"documentType":                 {"in capitals": strings.ToUpper, "with underscores": func(s string) string { return strings.ReplaceAll(s, "tyC", "ty_C") }},
	"documentNumber":               {"in groups": grouped, "in small letters": strings.ToLower},
	"personalIdentificationNumber": {"in groups": grouped},
	"similarityScore":              {"in capitals": strings.ToUpper},
	"livenessDetected":             {"in capitals": strings.ToUpper},
}

func digitsOnly(s string) string {
	if !dayPattern.MatchString(s) {
		return ""
	}
	return strings.ReplaceAll(s, "-", "")
}

func shortDate(s string) string {
	if s = digitsOnly(s); s == "" {
		return ""
	}
	return s[2:]
}

func dayFirst(s string) string {
	if digitsOnly(s) == "" {
		return ""
	}
	return s[8:] + "." + s[5:7] + "." + s[:4]
}

func otherOrder(s string) string {
	words := strings.Fields(s)
	slices.Reverse(words)
	return strings.Join(words, " ")
}

func hyphenated(s string) string { return strings.ReplaceAll(s, " ", "-") }

func grouped(s string) string {
	if len(s) < 4 {
		return ""
	}
	return s[:3] + " " + s[3:5] + "-" + s[5:]
}

var letterCodes = map[string]string{"NOR": "NO", "NLD": "NL", "PRT": "PT", "FIN": "FI", "DEU": "DE"}

func twoLetters(s string) string { return letterCodes[s] }

func threeLetters(s string) string {
	for three, two := range letterCodes {
		if two == s {
			return three
		}
	}
	return ""
}

func TestAnyValueSpelledOtherwiseByARuleIsEquivalent(t *testing.T) {
	tried := 0
	for _, e := range examples(t) {
		r := e.reading()
		for _, h := range heldSources(t, e, r.fields()) {
			if selfContradictions[e.name] == h.field || strings.Contains(h.source.Pointer, "#") || h.source.Medium == Derived && h.source.Rule != "" {
				continue
			}
			original := h.leaf.text
			for rule, respell := range respellings[h.field] {
				h.leaf.text = respell(original)
				if h.leaf.text == "" || h.leaf.text == original {
					continue
				}
				tried++
				if got := rowNamed(r, h.field); got.Relation == Differs {
					t.Errorf("%s: %s %q for %q (%s) differs", e.name, h.source.Pointer, h.leaf.text, original, rule)
				}
			}
			h.leaf.text = original
		}
	}
	if tried < 300 {
		t.Errorf("only %d spellings were tried", tried)
	}
}

func TestReadingNeverPanicsWhateverStandsWhere(t *testing.T) {
	for _, e := range examples(t) {
		r := e.reading()
		e.root.walk(func(v *value) {
			for _, other := range []value{{kind: "object"}, {kind: "array", children: []*value{{kind: "null", text: "null"}}}, {kind: "number", text: "1e999"},
				{kind: "string", text: strings.Repeat("<", 90)}, {kind: "string", text: "\ufffd\u202e\u0301"}, {kind: "null", text: "null"}} {
				was := *v
				v.kind, v.text, v.children = other.kind, other.text, other.children
				r.final, r.detail = object(e.root.at("finalResult")), object(e.root.at("providerSpecific"))
				personOf(r.fields())
				r.mrzDigits()
				*v = was
			}
		})
	}
}
