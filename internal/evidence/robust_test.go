package evidence

import (
	"fmt"
	"strings"
	"testing"
)

// replaced is a copy of v in which every value that with maps to another stands for it; with returns nil to keep one.
func replaced(v *value, with func(*value) *value) *value {
	if other := with(v); other != nil {
		other.pointer, other.key = v.pointer, v.key
		return other
	}
	c := *v
	c.children = nil
	for _, child := range v.children {
		c.children = append(c.children, replaced(child, with))
	}
	return &c
}

// wrongKinds are what may stand where something else was promised.
func wrongKinds() []*value {
	deep := &value{kind: "object", children: []*value{{kind: "array", key: "result", children: []*value{{kind: "null", text: "null"}}}}}
	return []*value{{kind: "null", text: "null"}, {kind: "string"}, {kind: "number", text: "-1e999"}, {kind: "boolean", text: "true"}, {kind: "array"}, {kind: "object"}, deep}
}

// everyPlace thins out the places: the samples share most of their shapes.
const everyPlace = 3

func TestWrongKindsAnywhereNeverPanic(t *testing.T) {
	for _, e := range examples(t) {
		var places []string
		e.root.walk(func(v *value) { places = append(places, v.pointer) })
		for i, place := range places {
			if place == "" || i%everyPlace != 0 {
				continue // a body that is no object is not read at all
			}
			kinds := wrongKinds()
			other := kinds[i/everyPlace%len(kinds)]
			root := replaced(e.root, func(v *value) *value {
				if v.pointer == place {
					return other
				}
				return nil
			})
			report := example{e.name, nil, root}.report()
			if len(report.Questions) != 6 {
				t.Fatalf("%s with %s at %s: %d questions", e.name, other.kind, place, len(report.Questions))
			}
		}
	}
}

// Every string is exchanged for a word of its own: none but those of the plain class may be said outside fields and tree, or be plain in
// the tree where the sample's own value was not.
func TestCanariesInEveryLeafAreNotRepeated(t *testing.T) {
	for _, e := range examples(t) {
		before := e.reading()
		canaries := map[*value]string{}
		count := 0
		root := replaced(e.root, func(v *value) *value {
			if v.kind != "string" || v.pointer == "/status" || v.pointer == "/provider" {
				return nil
			}
			count++
			c := &value{kind: "string", text: fmt.Sprintf("Canary%cq%dz", 'a'+count%26, count)}
			if before.classOf(v) != Plain {
				canaries[c] = c.text
			}
			return c
		})
		changed := example{e.name, nil, root}
		r, report := changed.reading(), changed.report()
		said := wordsOf(report)
		for v, canary := range canaries {
			if strings.Contains(said, canary) {
				t.Errorf("%s: %s is repeated in words", e.name, v.pointer)
			}
			if r.classOf(v) == Plain {
				t.Errorf("%s: %s became plain", e.name, v.pointer)
			}
		}
	}
}

// wordsOf is all that a report says outside its fields and its tree's values: what goes to every role.
func wordsOf(report Report) string {
	var said strings.Builder
	for _, f := range report.Findings {
		said.WriteString(f.Text + "|" + f.Target + "\n")
	}
	for _, c := range report.Checks {
		said.WriteString(c.ID + "|" + c.Asked + "|" + c.Answer + "|" + c.Meaning + "\n")
	}
	for _, q := range report.Questions {
		said.WriteString(q.Asked + "|" + q.Why + "\n")
	}
	for _, reason := range report.Reasons {
		said.WriteString(reason.Code + "|" + reason.Text + "|" + reason.Meaning + "\n")
	}
	var explained func(Node)
	explained = func(n Node) {
		said.WriteString(n.Explain + "\n")
		for _, child := range n.Children {
			explained(child)
		}
	}
	explained(report.Tree)
	return said.String()
}
