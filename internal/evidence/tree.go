package evidence

import (
	"cmp"
	"strconv"
	"strings"
)

// tree is the whole answer in received order, nothing left out and nothing repaired. What a check or a difference points at is marked,
// and what holds a bad mark stands open.
func (r *reading) tree(report Report) Node {
	t := &grower{r: r, checks: map[string]*pointed{}, differs: map[string]bool{}, words: map[string]string{}}
	for _, c := range report.Checks {
		wrongDigit := c.Group == groupDigits && c.Result == Fail
		if pointer := wholePointer(c.Pointer); pointer != "" && (c.Reporter != reporterPortal || wrongDigit) {
			t.point(pointer, c)
			t.about(pointer, c.Asked)
		}
	}
	for _, f := range report.Fields {
		t.words["/finalResult/"+escape(f.Name)] = t.factWords(f, r.finalValue(f.Name))
		for _, s := range f.Sources {
			if t.words[s.Pointer] == "" {
				t.words[s.Pointer] = t.factWords(f, nil)
			}
			if s.Relation == Differs && s.Medium != Customer {
				t.differs[wholePointer(s.Pointer)] = true
			}
		}
	}
	root, _ := t.grow(r.root, "")
	root.Open = true
	for i := range root.Children {
		if root.Children[i].Key == "providerSpecific" {
			root.Children[i].Open = true
		}
	}
	return root
}

// wholePointer drops the part of a string that a source may be.
func wholePointer(pointer string) string {
	whole, _, _ := strings.Cut(pointer, "#")
	return whole
}

// grower makes nodes of values.
type grower struct {
	r       *reading
	checks  map[string]*pointed // by pointer
	differs map[string]bool     // pointers of sources that differ
	words   map[string]string   // what stands at a pointer: the fact, or the question that an answer inside belongs to
}

// pointed are the checks that point at one place. Of a name that stands twice both values have the pointer, and one of them is counted.
type pointed struct {
	first   Check
	sum     summary
	counted bool
}

func (t *grower) point(pointer string, c Check) {
	p := t.checks[pointer]
	if p == nil {
		p = &pointed{first: c}
		t.checks[pointer] = p
	}
	switch c.Result {
	case Pass:
		p.sum.good++
	case Attention, Fail:
		p.sum.bad++
	}
}

// count is the sum of the checks, once.
func (p *pointed) count() summary {
	if p == nil || p.counted {
		return summary{}
	}
	p.counted = true
	return p.sum
}

// about gives the object around an answer the question that was asked.
func (t *grower) about(pointer, asked string) {
	i := strings.LastIndexByte(pointer, '/')
	if i <= 0 || !answerNames[pointer[i+1:]] {
		return
	}
	if parent := pointer[:i]; t.words[parent] == "" {
		t.words[parent] = asked
	}
}

// answerNames are the members in which an object holds the answer to its own check.
var answerNames = wordSet("result valid passed similarityLevel found matchLevel")

// factWords name a fact, and for a value that is open to all, what it stands for. They hold nothing of the person.
func (t *grower) factWords(f Field, v *value) string {
	words := lowerFirst(f.Label)
	if f.Class == Plain && v.string() != "" && t.r.classOf(v) == Plain {
		words = joinWords(words, t.r.note(f.Name, v.text))
	}
	return words
}

// summary counts the checks of a value and below.
type summary struct{ good, bad int }

// grow makes the node of v and all below. The depth is bounded by parse.
func (t *grower) grow(v *value, path string) (Node, summary) {
	n := Node{Pointer: v.pointer, Key: v.key, Kind: v.kind}
	own := t.mark(&n, v, path)
	if v.leaf() {
		n.Value, n.Class = v.text, t.r.classOf(v)
		return n, own
	}
	n.Class = Plain
	n.Children = make([]Node, 0, len(v.children))
	sum := own
	for _, child := range v.children {
		node, below := t.grow(child, childPath(path, v, child))
		n.Children = append(n.Children, node)
		n.Open = n.Open || node.Open || node.Mood == "bad"
		sum.good += below.good
		sum.bad += below.bad
	}
	n.Explain = joinWords(n.Explain, summaryWords(sum))
	return n, sum
}

// mark explains a value and sets its mood from the checks that point at it, from a difference, or from a repeated name.
func (t *grower) mark(n *Node, v *value, path string) summary {
	if n.Explain = explain(path, v); n.Explain == "" {
		n.Explain = t.words[v.pointer]
	}
	p := t.checks[v.pointer]
	switch {
	case p == nil:
	case !v.leaf():
		n.Explain = cmp.Or(n.Explain, p.first.Asked)
	default:
		n.Explain = p.first.Meaning
		if p.first.Group == groupDigits {
			n.Explain = p.first.Asked + " " + p.first.Meaning
		}
	}
	switch {
	case p != nil && p.sum.bad > 0, t.differs[v.pointer]:
		n.Mood = "bad"
	case p != nil && p.sum.good > 0:
		n.Mood = "good"
	}
	if v.broken {
		n.Explain = joinWords(n.Explain, "it holds what is no character, shown as it was spelled")
	}
	if v.duplicate {
		n.Mood, n.Explain = "bad", joinWords(n.Explain, "this name stood here before: the last one counts")
	}
	return p.count()
}

// summaryWords count what the checks below an element say; few checks need no count.
func summaryWords(s summary) string {
	switch {
	case s.bad > 0:
		return strconv.Itoa(s.bad) + " of " + counted(s.good+s.bad, "check", "checks") + " not clear"
	case s.good > 1:
		return strconv.Itoa(s.good) + " checks clear"
	}
	return ""
}

func joinWords(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
