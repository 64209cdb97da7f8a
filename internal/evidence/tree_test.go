package evidence

import (
	"fmt"
	"strings"
	"testing"
)

// leavesOf lists pointer, kind and text of every leaf in order.
func leavesOf(n Node) []string {
	if n.Kind != "object" && n.Kind != "array" {
		return []string{n.Pointer + " " + n.Kind + " " + n.Value}
	}
	var out []string
	for _, child := range n.Children {
		out = append(out, leavesOf(child)...)
	}
	return out
}

func TestEveryLeafOfEverySampleStandsInTheTreeInOrder(t *testing.T) {
	for _, e := range examples(t) {
		var want []string
		e.root.walk(func(v *value) {
			if v.leaf() {
				want = append(want, fmt.Sprintf("%s %s %s", v.pointer, v.kind, v.text))
			}
		})
		got := leavesOf(e.report().Tree)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %d leaves in the tree, %d in the body", e.name, len(got), len(want))
		}
	}
}

func nodeAt(n Node, pointer string) *Node {
	if n.Pointer == pointer {
		return &n
	}
	for _, child := range n.Children {
		if found := nodeAt(child, pointer); found != nil {
			return found
		}
	}
	return nil
}

func TestTreeMarksWhatIsWrongAndOpensIt(t *testing.T) {
	tree := readBody(t, `{"providerSpecific":{"mrzChecksum":{"dateOfBirth":"INVALID","documentNumber":"VALID"},"mrzVerification":{"documentType":"VALID","dateOfBirth":"VALID"}}}`).Tree
	for pointer, want := range map[string]struct {
		mood string
		open bool
	}{
		"/providerSpecific/mrzChecksum":                {"", true},
		"/providerSpecific/mrzChecksum/dateOfBirth":    {"bad", false},
		"/providerSpecific/mrzChecksum/documentNumber": {"good", false},
		"/providerSpecific/mrzVerification":            {"", false},
	} {
		n := nodeAt(tree, pointer)
		if n == nil || n.Mood != want.mood || n.Open != want.open || n.Explain == "" {
			t.Errorf("%s: %+v, want %+v and words", pointer, n, want)
		}
	}
	if n := nodeAt(tree, "/providerSpecific/mrzChecksum"); !strings.Contains(n.Explain, "1 of 2 checks not clear") {
		t.Errorf("summary %q", n.Explain)
	}
}

func TestTreeKeepsDuplicatesUnknownsAndEmptyThings(t *testing.T) {
	tree := readBody(t, `{"a":1,"a":2,"x":{},"y":[],"providerSpecific":{"new":{"deep":["\u202e",9007199254740993]}}}`).Tree
	want := []string{"/a number 1", "/a number 2", "/providerSpecific/new/deep/0 string \u202e", "/providerSpecific/new/deep/1 number 9007199254740993"}
	if got := leavesOf(tree); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("leaves %q", got)
	}
	if n := tree.Children[1]; n.Mood != "bad" || !strings.Contains(n.Explain, "stood here before") {
		t.Errorf("a repeated name is %+v", n)
	}
	if tree.Children[2].Explain == "" || tree.Children[3].Explain == "" {
		t.Error("emptiness is not explained")
	}
}

func TestChecksOfANameThatStandsTwiceAreCountedOnce(t *testing.T) {
	report := readBody(t, `{"provider":"signicatvideoid","providerSpecific":{"ocr":{"securityChecks":{"nonExpired":{"valid":true},"nonExpired":{"valid":true}}}}}`)
	var said []string
	var look func(Node)
	look = func(n Node) {
		if strings.HasSuffix(n.Pointer, "/securityChecks") {
			said = append(said, n.Explain)
		}
		for _, child := range n.Children {
			look(child)
		}
	}
	look(report.Tree)
	if len(said) != 1 || !strings.HasSuffix(said[0], "2 checks clear") {
		t.Errorf("%q", said)
	}
}
