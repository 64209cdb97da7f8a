package evidence

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func compareBodies(older, newer string) Changes {
	return Compare(Input{Body: []byte(older)}, Input{Body: []byte(newer), Now: exampleNow})
}

// told writes changes down, one a line: what a test states of them.
func told(c Changes) string {
	var lines []string
	for _, change := range c.List {
		line := fmt.Sprintf("%s %s", change.Kind, change.Pointer)
		if change.Kind == Changed && change.From != change.Pointer {
			line += " from " + change.From
		}
		if change.OldKind != "" {
			line += " " + change.OldKind + ":" + change.Old
		}
		if change.NewKind != "" {
			line += " -> " + change.NewKind + ":" + change.New
		}
		if change.Relation != "" {
			line += strings.TrimRight(fmt.Sprintf(" %s is %s %s", change.Field, change.Relation, change.Rule), " ")
		}
		if change.Repeated {
			line += " (repeated)"
		}
		lines = append(lines, line)
	}
	for _, m := range c.Moves {
		if !m.Shifted {
			lines = append(lines, "moved "+m.From+" to "+m.To)
		}
	}
	return strings.Join(lines, "\n")
}

func TestWhatChangedIsToldByPointer(t *testing.T) {
	for _, row := range []struct{ name, older, newer, want string }{
		{"nothing changed but the order of names", `{"a":1,"b":{"c":2,"d":[]}}`, `{"b":{"d":[],"c":2},"a":1}`, ``},
		{"white space and escapes are no change", `{"a":"\u00e9"}`, "{ \"a\" :\n\"é\" }", ``},
		{"a leaf came", `{"a":1}`, `{"a":1,"b":"x"}`, `added /b -> string:x`},
		{"a leaf went", `{"a":1,"b":"x"}`, `{"a":1}`, `removed /b string:x`},
		{"a leaf changed", `{"a":1}`, `{"a":2}`, `changed /a number:1 -> number:2`},
		{"a number keeps its digits", `{"a":9007199254740992}`, `{"a":9007199254740993}`, `changed /a number:9007199254740992 -> number:9007199254740993`},
		{"a text became a number of the same digits", `{"a":"1"}`, `{"a":1}`, `changed /a string:1 -> number:1`},
		{"an answer came where null stood", `{"a":null}`, `{"a":"x"}`, `changed /a null:null -> string:x`},
		{"an empty object is a leaf", `{"a":{}}`, `{"a":{"b":1}}`, "removed /a object:{}\nadded /a/b -> number:1"},
		{"a value gave way to an object", `{"a":1}`, `{"a":{"b":1,"c":2}}`, "removed /a number:1\nadded /a/b -> number:1\nadded /a/c -> number:2"},
		{"signs in a name are escaped", `{}`, `{"a/b":{"~c":1}}`, "removed  object:{}\nadded /a~1b/~0c -> number:1"},
		{"status first, final result next", `{"x":1,"finalResult":{"firstName":"Ada"},"status":"processing"}`, `{"x":2,"finalResult":{"firstName":"Ida"},"status":"accepted"}`,
			"changed /status string:processing -> string:accepted\nchanged /finalResult/firstName string:Ada -> string:Ida firstName is differs\nchanged /x number:1 -> number:2"},
		{"an element came in front", `{"a":["x","y"]}`, `{"a":["w","x","y"]}`, `added /a/0 -> string:w`},
		{"an element went from the middle", `{"a":["x","y","z"]}`, `{"a":["x","z"]}`, `removed /a/1 string:y`},
		{"an element changed in its place", `{"a":["x","y","z"]}`, `{"a":["x","v","z"]}`, `changed /a/1 string:y -> string:v`},
		{"two elements changed places", `{"a":["x","y","z"]}`, `{"a":["y","x","z"]}`, `moved /a/1 to /a/0`},
		{"a named element moved and changed", `{"a":[{"name":"p","valid":true},{"name":"q","valid":true}]}`, `{"a":[{"name":"q","valid":false},{"name":"p","valid":true}]}`,
			"changed /a/0/valid from /a/1/valid boolean:true -> boolean:false\nmoved /a/1 to /a/0"},
		{"another name is another element", `{"a":[{"name":"p","valid":true}]}`, `{"a":[{"name":"q","valid":true}]}`,
			"added /a/0/name -> string:q\nadded /a/0/valid -> boolean:true\nremoved /a/0/name string:p\nremoved /a/0/valid boolean:true"},
		{"a nameless element changed while another came before it", `{"a":[{"n":1},{"n":2,"m":3}]}`, `{"a":[{"n":0},{"n":1},{"n":2,"m":4}]}`,
			"added /a/0/n -> number:0\nchanged /a/2/m from /a/1/m number:3 -> number:4"},
		{"a name that stands twice is compared in order", `{"a":1,"a":2}`, `{"a":2,"a":1}`,
			"changed /a number:1 -> number:2 (repeated)\nchanged /a number:2 -> number:1 (repeated)"},
		{"a name that began to stand twice", `{"a":1}`, `{"a":1,"a":2}`, `added /a -> number:2 (repeated)`},
		{"a name that stands twice no more", `{"a":{"b":1},"a":{"b":2}}`, `{"a":{"b":1}}`, `removed /a/b number:2 (repeated)`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := told(compareBodies(row.older, row.newer)); got != row.want {
				t.Errorf("told\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

func TestAChangedFactIsComparedByTheRulesOfTheFieldTable(t *testing.T) {
	body := func(final, detail string) string {
		return `{"provider":"signicatpaper","status":"accepted","createdAt":"2026-03-02T09:14:05Z","finalResult":{` + final + `},"providerSpecific":{` + detail + `}}`
	}
	for _, row := range []struct{ name, older, newer, want string }{
		{"a name that lost its marks", body(`"lastName":"Müller"`, ``), body(`"lastName":"Muller"`, ``), `lastName is equivalent diacritics`},
		{"another name", body(`"lastName":"Möller"`, ``), body(`"lastName":"Müller"`, ``), `lastName is differs`},
		{"a country in another code", body(`"nationality":"NL"`, ``), body(`"nationality":"NLD"`, ``), `nationality is equivalent country code`},
		{"a boolean that was a text", body(`"livenessDetected":"true"`, ``), body(`"livenessDetected":true`, ``), `livenessDetected is equivalent boolean spelling`},
		{"a number that was a text says the same", body(`"documentNumber":"12345678"`, ``), body(`"documentNumber":12345678`, ``), `documentNumber is same`},
		{"a source in another date form", body(``, `"features":{"dateOfBirth":"30.07.1989"}`), body(``, `"features":{"dateOfBirth":"1989-07-30"}`), `dateOfBirth is equivalent date form`},
		{"a source that differs", body(``, `"features":{"documentNumber":"NX4B7OK12"}`), body(``, `"features":{"documentNumber":"NX4B70K12"}`), `documentNumber is differs`},
		{"a field that no table knows", body(`"shoeSize":"forty  two"`, ``), body(`"shoeSize":"forty two"`, ``), `shoeSize is equivalent spacing`},
		{"a verdict states no fact", body(``, `"mrzChecksum":{"dateOfBirth":"VALID"}`), body(``, `"mrzChecksum":{"dateOfBirth":"INVALID"}`), ``},
		{"a fact where none was stated has nothing to compare", body(`"lastName":null`, ``), body(`"lastName":"Müller"`, ``), ``},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := compareBodies(row.older, row.newer)
			if len(c.List) != 1 || c.List[0].Kind != Changed {
				t.Fatalf("told\n%s", told(c))
			}
			if _, relation, _ := strings.Cut(told(c), " -> "+c.List[0].NewKind+":"+c.List[0].New); strings.TrimSpace(relation) != row.want {
				t.Errorf("%q, want %q", relation, row.want)
			}
		})
	}
}

func TestADifferenceSpellsBothValues(t *testing.T) {
	c := compareBodies(`{"finalResult":{"documentNumber":"NX4B7OK12"}}`, `{"finalResult":{"documentNumber":"NX4B70K12"}}`)
	want := []Span{{"same", "NX4B7"}, {"removed", "O"}, {"added", "0"}, {"same", "K12"}}
	if len(c.List) != 1 || !slices.Equal(c.List[0].Edit, want) && !slices.Equal(c.List[0].Edit, []Span{want[0], want[2], want[1], want[3]}) {
		t.Errorf("%+v", c.List)
	}
}

func TestThePartsOfAChangedZoneAreToldApart(t *testing.T) {
	older := string(exampleOf(t, "onfido-accepted").body)
	c := compareBodies(older, strings.ReplaceAll(older, "<<", "<<X<"))
	var parts int
	for _, change := range c.List {
		for _, p := range change.Parts {
			parts++
			if p.Field == "" || !strings.HasPrefix(p.Pointer, change.Pointer+"#") || p.Class == Plain && FieldClass(p.Field) != Plain {
				t.Errorf("%+v", p)
			}
		}
	}
	if parts == 0 {
		t.Errorf("no parts in\n%s", told(c))
	}
}

func TestAnAnswerToACheckSaysWhatItWasAndIs(t *testing.T) {
	older := `{"provider":"signicatpaper","status":"accepted","providerSpecific":{"mrzChecksum":{"dateOfBirth":"VALID"}}}`
	c := compareBodies(older, strings.Replace(older, "VALID", "INVALID", 1))
	if len(c.List) != 1 || c.List[0].Asked == "" || c.List[0].OldResult != Pass || c.List[0].NewResult != Fail {
		t.Errorf("%+v", c.List)
	}
}

func TestTheFinalResultAsAWhole(t *testing.T) {
	for _, row := range []struct {
		older, newer string
		want         ChangeKind
	}{
		{`{"finalResult":null}`, `{"finalResult":{"firstName":"Ada"}}`, Added},
		{`{"finalResult":{"firstName":"Ada"}}`, `{"status":"rejected"}`, Removed},
		{`{"finalResult":{"firstName":"Ada"}}`, `{"finalResult":{"lastName":"Ada"}}`, Changed},
		{`{"finalResult":{"firstName":"Ada"},"status":"a"}`, `{"finalResult":{"firstName":"Ada"},"status":"b"}`, ""},
		{`{"status":"a"}`, `{"status":"b"}`, ""},
	} {
		if got := compareBodies(row.older, row.newer).FinalResult; got != row.want {
			t.Errorf("%s to %s: %q, want %q", row.older, row.newer, got, row.want)
		}
	}
}

// Whoever may not see one of two values may see neither: the other would tell what the first began with.
func TestAChangeHasTheStricterClassOfItsValues(t *testing.T) {
	c := compareBodies(`{"finalResult":{"nationality":"NLD"}}`, `{"finalResult":{"nationality":"eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOiJ0cnVlIn0.c2ln"}}`)
	if len(c.List) != 1 || c.List[0].Class != Raw {
		t.Errorf("%+v", c.List)
	}
	c = compareBodies(`{"providerSpecific":{"x":{"wozzle":"NLD"}}}`, `{"providerSpecific":{"x":{}}}`)
	for _, change := range c.List {
		if change.Kind == Removed && change.Class != Identity {
			t.Errorf("what no table knows has class %s", change.Class)
		}
	}
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	good := `{"status":"accepted","finalResult":{"firstName":"Ada"}}`
	for _, row := range []struct {
		older, newer string
		old, new     bool
	}{{`{`, good, true, false}, {good, `[]`, false, true}, {``, `null`, true, true}} {
		c := compareBodies(row.older, row.newer)
		if (c.OldMalformed != "") != row.old || (c.NewMalformed != "") != row.new || len(c.List) != 0 {
			t.Errorf("%s to %s: %+v", row.older, row.newer, c)
		}
		if readable := !row.old || !row.new; readable && c.Person.FirstName != "Ada" {
			t.Errorf("%s to %s: the person is %+v", row.older, row.newer, c.Person)
		}
	}
}

// leafOf is one leaf as applied counts it.
type leafOf struct{ pointer, kind, text string }

func leavesIn(root *value) []leafOf {
	var out []leafOf
	root.walk(func(v *value) {
		if leafy(v) {
			out = append(out, leafOf{v.pointer, v.kind, textOf(v)})
		}
	})
	return out
}

// applied does to the older leaves what the changes say: takes out what went or changed, moves what stays, puts in what came.
func applied(t *testing.T, c Changes, leaves []leafOf) []leafOf {
	t.Helper()
	left := map[leafOf]int{}
	for _, l := range leaves {
		left[l]++
	}
	var out []leafOf
	for _, change := range c.List {
		if change.Kind != Added {
			gone := leafOf{change.From, change.OldKind, change.Old}
			if left[gone]--; left[gone] < 0 {
				t.Fatalf("%+v was not there", gone)
			}
		}
		if change.Kind != Removed {
			out = append(out, leafOf{change.Pointer, change.NewKind, change.New})
		}
	}
	same := 0
	for l, n := range left {
		for range n {
			same++
			out = append(out, leafOf{moved(c.Moves, l.pointer), l.kind, l.text})
		}
	}
	if same != c.Same {
		t.Fatalf("%d leaves stayed, said to be %d", same, c.Same)
	}
	return out
}

// moved is where a pointer leads after the moves: the innermost counts, because it tells of the whole way.
func moved(moves []Move, pointer string) string {
	to, deepest := pointer, -1
	for _, m := range moves {
		if rest, inside := strings.CutPrefix(pointer, m.From); inside && (rest == "" || rest[0] == '/') && len(m.From) > deepest {
			to, deepest = m.To+rest, len(m.From)
		}
	}
	return to
}

func checkApplied(t *testing.T, older, newer string) {
	t.Helper()
	c := compareBodies(older, newer)
	a, malformedOld := parse([]byte(older))
	b, malformedNew := parse([]byte(newer))
	if malformedOld != "" || malformedNew != "" || a.kind != "object" || b.kind != "object" {
		if c.OldMalformed == "" && c.NewMalformed == "" || len(c.List) > 0 {
			t.Fatalf("%s to %s: %+v", older, newer, c)
		}
		return
	}
	less := func(a, b leafOf) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	got, want := slices.SortedFunc(slices.Values(applied(t, c, leavesIn(a))), less), slices.SortedFunc(slices.Values(leavesIn(b)), less)
	if !slices.Equal(got, want) {
		t.Fatalf("%s\nto %s\ngives %q\nwith %s %+v", older, newer, got, told(c), c.Moves)
	}
}

// madeValue draws JSON in which much is alike, so that elements have to be told apart.
func madeValue(r *rand.Rand, depth int) string {
	kind := r.IntN(8)
	if depth == 0 {
		kind = r.IntN(4)
	}
	switch kind {
	case 0, 1:
		return fmt.Sprintf("%q", string(rune('a'+r.IntN(4))))
	case 2:
		return fmt.Sprint(r.IntN(3))
	case 3:
		return []string{"true", "null", "{}", "[]"}[r.IntN(4)]
	case 4, 5:
		return madeMembers(r, depth)
	}
	elements := make([]string, r.IntN(6))
	for i := range elements {
		elements[i] = madeValue(r, depth-1)
	}
	return "[" + strings.Join(elements, ",") + "]"
}

func madeMembers(r *rand.Rand, depth int) string {
	names := []string{"name", "status", "finalResult", "a", "b/c", "~"}
	members := make([]string, 0, 4)
	for range r.IntN(5) {
		members = append(members, fmt.Sprintf("%q:%s", names[r.IntN(len(names))], madeValue(r, depth-1))) // now and then a name twice
	}
	return "{" + strings.Join(members, ",") + "}"
}

func TestTheChangesTurnTheOlderLeavesIntoTheNewer(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for range 3_000 {
		checkApplied(t, madeMembers(r, 4), madeMembers(r, 4))
	}
	all := examples(t)
	for i, e := range all {
		checkApplied(t, string(e.body), string(all[(i+1)%len(all)].body))
	}
}

func FuzzChanges(f *testing.F) {
	all := examples(f)
	for i, e := range all {
		f.Add(string(e.body), string(all[(i+1)%len(all)].body))
	}
	f.Add(`{"a":[1,2,3,{"name":"x"}],"a":[1]}`, `{"a":[3,{"name":"x","y":[]},1],"b":"\ud800"}`)
	f.Fuzz(checkApplied)
}

// wide is an object with a list of n elements that are drawn by element.
func wide(n int, element func(i int) string) string {
	elements := make([]string, n)
	for i := range elements {
		elements[i] = element(i)
	}
	return `{"provider":"onfido","providerSpecific":{"documentVerification":{"breakdowns":[` + strings.Join(elements, ",") + `]}}}`
}

// wideCases are the ways in which a hostile body could make a comparison of n leaves slow.
func wideCases(n int) map[string][2]string {
	long := strings.Repeat("Ünpronounceable ", 7)
	return map[string][2]string{
		"all turned round":   {wide(n, func(i int) string { return fmt.Sprint(i) }), wide(n, func(i int) string { return fmt.Sprint(n - i) })},
		"all alike":          {wide(n, func(int) string { return `"x"` }), wide(n/2, func(int) string { return `"x"` })},
		"all changed":        {wide(n, func(i int) string { return fmt.Sprintf(`"a%d"`, i) }), wide(n, func(i int) string { return fmt.Sprintf(`"b%d"`, i) })},
		"all of one name":    {wide(n, func(i int) string { return fmt.Sprintf(`{"name":"x","n":%d}`, i) }), wide(n, func(i int) string { return fmt.Sprintf(`{"name":"x","n":%d}`, i+1) })},
		"one name, n times":  {`{"a":1` + strings.Repeat(`,"a":1`, n) + `}`, `{"a":2` + strings.Repeat(`,"a":2`, n) + `}`},
		"long names, differ": {wide(n, func(i int) string { return fmt.Sprintf(`{"firstName":"%s%d"}`, long, i) }), wide(n, func(i int) string { return fmt.Sprintf(`{"firstName":"%s%d"}`, long, -i) })},
	}
}

func TestTenThousandLeavesAreCompared(t *testing.T) {
	for name, bodies := range wideCases(10_000) {
		t.Run(name, func(t *testing.T) {
			c := compareBodies(bodies[0], bodies[1])
			if len(c.List)+len(c.Moves) == 0 {
				t.Error("nothing told")
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	for name, bodies := range wideCases(10_000) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				compareBodies(bodies[0], bodies[1])
			}
		})
	}
}
