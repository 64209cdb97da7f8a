package assure

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Text is a string, number or boolean of the API as text; anything else is empty. The published samples and the schema
// disagree about several types, so reading one never fails.
type Text string

// UnmarshalJSON never fails.
func (t *Text) UnmarshalJSON(b []byte) error {
	*t = ""
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		var s string
		if json.Unmarshal(b, &s) == nil {
			*t = Text(s)
		}
	case '{', '[', 'n':
	default:
		*t = Text(b)
	}
	return nil
}

// Flag is a boolean of the API, which its samples also send as the strings "true" and "false".
// Said is false if it is absent or neither.
type Flag struct{ Said, True bool }

// UnmarshalJSON never fails.
func (f *Flag) UnmarshalJSON(b []byte) error {
	var t Text
	_ = t.UnmarshalJSON(b)
	v, err := strconv.ParseBool(string(t))
	*f = Flag{Said: err == nil, True: v && err == nil}
	return nil
}
