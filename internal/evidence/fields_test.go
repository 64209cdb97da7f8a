package evidence

import (
	"fmt"
	"strings"
	"testing"
)

// fieldsText is a readable picture of the fields of a reading.
func fieldsText(fields []Field) string {
	var b strings.Builder
	for _, f := range fields {
		if len(f.Sources) == 0 && !f.Present {
			continue
		}
		fmt.Fprintf(&b, "  %s %q %s", f.Name, f.Value, f.Relation)
		if f.Rule != "" {
			fmt.Fprintf(&b, " (%s)", f.Rule)
		}
		if f.Confirmed {
			fmt.Fprintf(&b, " confirmed %v", f.Media)
		}
		if f.Note != "" {
			fmt.Fprintf(&b, " note %q", f.Note)
		}
		b.WriteByte('\n')
		for _, s := range f.Sources {
			fmt.Fprintf(&b, "    %s [%s, %s, %s] %q %s", s.Pointer, s.Name, s.Medium, s.Class, s.Raw, s.Relation)
			if s.Rule != "" {
				fmt.Fprintf(&b, " (%s)", s.Rule)
			}
			if s.Found {
				b.WriteString(" found")
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestFieldsOfExamplesAreAsReviewed(t *testing.T) {
	var b strings.Builder
	for _, e := range examples(t) {
		fmt.Fprintf(&b, "%s\n%s", e.name, fieldsText(e.reading().fields()))
	}
	golden(t, "fields.golden", b.String())
}
