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
		"/a/2/x~1y~0z=string:é", "/n=number:9007199254740993", "/b=string:twice(again)", "/d=string:\uFFFD"}
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
