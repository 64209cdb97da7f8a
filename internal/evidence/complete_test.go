package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// completeBodies are clean accepted answers of one invented person in which every member that the schema or the samples name is present, one
// of each provider and spelling: what the published samples leave out stands here.
func completeBodies(t testing.TB) []example { return bodiesIn(t, "testdata/complete", 13) }

// bodiesIn reads a folder of bodies, by name; want is how many there must be, so that no test passes for lack of them.
func bodiesIn(t testing.TB, folder string, want int) []example {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.json")
	if err != nil || len(files) != want {
		t.Fatalf("%d bodies in %s, want %d: %v", len(files), folder, want, err)
	}
	var out []example
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root, malformed := parse(body)
		if malformed != "" {
			t.Fatalf("%s: %s", file, malformed)
		}
		out = append(out, example{strings.TrimSuffix(filepath.Base(file), ".json"), body, root})
	}
	return out
}

func TestCompleteCleanBodiesAreQuiet(t *testing.T) {
	for _, e := range completeBodies(t) {
		report := e.report()
		for _, f := range report.Fields {
			if f.Relation == Differs || f.Relation == Unsourced || f.Relation == Absent {
				t.Errorf("%s: %s is %s: %s", e.name, f.Name, f.Relation, sourceWords(f))
			}
			for _, s := range f.Sources {
				if s.Found {
					t.Errorf("%s: %s stands in no table: %s", e.name, f.Name, s.Pointer)
				}
			}
		}
		for _, f := range report.Findings {
			if f.Severity > Info || strings.HasPrefix(f.Code, "unknown-") {
				t.Errorf("%s: %s: %s", e.name, f.Code, f.Text)
			}
		}
		for _, c := range report.Checks {
			if c.Result == Fail || c.Result == Attention || strings.HasSuffix(c.Meaning, unknownAnswer) {
				t.Errorf("%s: %s is %s: %s", e.name, c.ID, c.Result, c.Meaning)
			}
		}
	}
}

func TestEveryMemberOfACompleteBodyIsExplained(t *testing.T) {
	for _, e := range append(completeBodies(t), examples(t)...) {
		var look func(Node)
		look = func(n Node) {
			if n.Pointer != "" && n.Explain == "" && (n.Kind != "null") {
				t.Errorf("%s: %s has no words", e.name, n.Pointer)
			}
			for _, child := range n.Children {
				look(child)
			}
		}
		look(e.report().Tree)
	}
}

// shapes are what may stand where a value was promised, and what may then still not be said: nothing of it states another value.
func shapes(v *value) map[string]*value {
	return map[string]*value{
		"null":              {kind: "null", text: "null"},
		"nothing":           {kind: "string"},
		"an empty object":   {kind: "object"},
		"an empty list":     {kind: "array"},
		"a list of it":      {kind: "array", children: []*value{v}},
		"a list of nothing": {kind: "array", children: []*value{{kind: "null", text: "null", key: "0"}}},
	}
}

// atOddsShapes are the only findings of weight that a missing or wrapped part may bring: the published rules of ReadID and Paper ask for it.
func atOddsShape(pointer string) bool {
	return strings.Contains(pointer, "chip") || strings.Contains(pointer, "consolidatedIdentityData") || strings.HasSuffix(pointer, "/mrz")
}

func TestMissingAndWrappedPartsLoseNothingAndSayNothingFalse(t *testing.T) {
	for _, e := range completeBodies(t) {
		answers := answersOf(e.report().Questions)
		var places []*value
		e.root.walk(func(v *value) { places = append(places, v) })
		for i, place := range places[1:] {
			if i%everyPlace != 0 && place.leaf() {
				continue
			}
			for name, other := range shapes(place) {
				root := replaced(e.root, func(v *value) *value {
					if v == place {
						return other
					}
					return nil
				})
				report := example{e.name, nil, root}.report()
				what := e.name + " with " + name + " for " + place.pointer
				quiet(t, what, report, atOddsShape(place.pointer))
				for question, answer := range answersOf(report.Questions) {
					if answer == Yes && answers[question] != Yes {
						t.Errorf("%s: %s says yes", what, question)
					}
				}
			}
		}
	}
}

// quiet holds a report against what may be said of a clean body.
func quiet(t *testing.T, what string, report Report, mayBeAtOdds bool) {
	t.Helper()
	for _, f := range report.Fields {
		if f.Relation == Differs {
			t.Errorf("%s: %s differs: %s", what, f.Name, sourceWords(f))
		}
	}
	for _, f := range report.Findings {
		if f.Severity == Bad && !(mayBeAtOdds && f.Code == findAtOdds) {
			t.Errorf("%s: %s: %s", what, f.Code, f.Text)
		}
	}
}

// An answer may hold the elements of two providers, or a member in both spellings: of one person they agree.
func TestBodiesOfOnePersonMergedAreQuiet(t *testing.T) {
	bodies := completeBodies(t)
	for _, e := range bodies {
		for _, other := range bodies {
			merged := merge(e.root, other.root)
			quiet(t, e.name+" with "+other.name, example{e.name, nil, merged}.report(), false)
		}
	}
}

// merge is a with every member of b's detail that it lacks, at any depth.
func merge(a, b *value) *value {
	out := *a
	out.children = nil
	for _, child := range a.children {
		if twin := b.at(child.key); twin != nil && child.kind == "object" && (a.pointer != "" || child.key == "providerSpecific") {
			child = merge(child, twin)
		}
		out.children = append(out.children, child)
	}
	for _, child := range b.children {
		if a.pointer != "" && a.at(child.key) == nil && b.kind == "object" {
			out.children = append(out.children, child)
		}
	}
	return &out
}
