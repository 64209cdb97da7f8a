package evidence

import (
	"strings"
	"testing"
)

func TestParseKeepsOrderTextAndPointers(t *testing.T) {
	root, malformed := parse([]byte(`{"b":1.0,"a":[true,null,{"x/y~z":"é"}],"n":9007199254740993,"b":"twice","d":"\ud800"}`))
	if malformed != "" {
		t.Fatal(malformed)
	}
	var got []string
	root.walk(func(v *value) {
		line := v.pointer + "=" + v.kind + ":" + v.text
		if v.duplicate {
			line += "(again)"
		}
		got = append(got, line)
	})
	want := []string{"=object:", "/b=number:1.0", "/a=array:", "/a/0=boolean:true", "/a/1=null:null", "/a/2=object:",
		"/a/2/x~1y~0z=string:é", "/n=number:9007199254740993", "/b=string:twice(again)", "/d=string:\\ud800"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestMalformedBodiesAreToldInWords(t *testing.T) {
	for name, tc := range map[string]struct{ body, want string }{
		"nothing":           {" \n", "it is empty"},
		"broken off":        {`{"a":`, "breaks off"},
		"two values":        {`{} {}`, "something follows"},
		"not JSON":          {`<html>`, "not JSON from byte 0"},
		"nested too deeply": {strings.Repeat("[", 1000), "nested too deeply"},
		"too many values":   {"[" + strings.Repeat("0,", maxValues) + "0]", "too many values"},
	} {
		t.Run(name, func(t *testing.T) {
			root, malformed := parse([]byte(tc.body))
			if root != nil || !strings.Contains(malformed, tc.want) {
				t.Errorf("root %v, malformed %q, want %q", root, malformed, tc.want)
			}
		})
	}
}

func TestWhatIsNoCharacterStandsAsItWasSpelled(t *testing.T) {
	for name, tc := range map[string]struct {
		body, pointer, text string
		broken              bool
	}{
		"half a pair":             {`{"a":"x\uD83Dy"}`, "/a", `x\uD83Dy`, true},
		"a second half alone":     {`{"a":"\ude00"}`, "/a", `\ude00`, true},
		"a whole pair":            {`{"a":"\ud83d\ude00"}`, "/a", "\U0001F600", false},
		"a pair and a half":       {`{"a":"\ud83d\ude00\ud83d\n\"é"}`, "/a", "\U0001F600\\ud83d\n\"é", true},
		"a byte that is no text":  {"{\"a\":\"x\xffy\"}", "/a", `x\xffy`, true},
		"the replacement itself":  {`{"a":"\ufffd"}`, "/a", "\uFFFD", false},
		"half a pair in a name":   {`{ "q" : 1 , "\ud800" : [ "x" ] }`, `/\ud800`, "", true},
		"right to left":           {`{"a":"\u202eabc\u0301"}`, "/a", "\u202eabc\u0301", false},
		"an element of a list":    {`[ "y" , "\udfff" ]`, "/1", `\udfff`, true},
		"after an escaped escape": {`{"a":"\\ud800\ud800"}`, "/a", `\ud800\ud800`, true},
	} {
		t.Run(name, func(t *testing.T) {
			root, malformed := parse([]byte(tc.body))
			if malformed != "" {
				t.Fatal(malformed)
			}
			found := false
			root.walk(func(v *value) {
				if v.pointer == tc.pointer {
					found = true
					if v.text != tc.text || v.broken != tc.broken {
						t.Errorf("%q, broken %v, want %q, %v", v.text, v.broken, tc.text, tc.broken)
					}
				}
			})
			if !found {
				t.Errorf("nothing stands at %s", tc.pointer)
			}
		})
	}
}

func TestTwoBrokenNamesAreNotOneNameTwice(t *testing.T) {
	root, _ := parse([]byte(`{"\ud800":1,"\ud801":2,"\ud800":3}`))
	for i, want := range []bool{false, false, true} {
		if root.children[i].duplicate != want {
			t.Errorf("member %d is a duplicate: %v", i, !want)
		}
	}
}
