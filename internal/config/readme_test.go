package config

import (
	"os"
	"strings"
	"testing"
)

func TestTheReadmeListsEveryVariableWithItsDefault(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range Manual() {
		row := "| `" + v.Name + "`"
		if v.Secret {
			row += " *"
		}
		switch {
		case v.Must:
			row += " | required |"
		case v.Default == "":
			row += " | none |"
		default:
			row += " | `" + v.Default + "` |"
		}
		if !strings.Contains(string(text), row) {
			t.Errorf("README.md has no row %q", row)
		}
	}
}
