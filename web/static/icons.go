package static

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// drawing is what stands between the svg tags of one icon.
var drawing = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)

// iconSprite joins the vendored icons into one file of symbols, so that a page fetches a single file and refers to
// icons.svg#name. Stroke and size come from the style sheet, through the element that uses the symbol.
func iconSprite(files fs.FS) ([]byte, error) {
	names, err := fs.Glob(files, "vendor/lucide/*.svg")
	if err != nil {
		return nil, err
	}
	var sprite bytes.Buffer
	sprite.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">` + "\n")
	for _, name := range names {
		icon, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		found := drawing.FindSubmatch(icon)
		if found == nil {
			return nil, fmt.Errorf("%s is not an icon", name)
		}
		shapes := strings.Join(strings.Fields(string(found[1])), " ")
		fmt.Fprintf(&sprite, "<symbol id=%q viewBox=\"0 0 24 24\">%s</symbol>\n", strings.TrimSuffix(path.Base(name), ".svg"), shapes)
	}
	sprite.WriteString("</svg>\n")
	return sprite.Bytes(), nil
}
