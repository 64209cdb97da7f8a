// Package static holds the portal's own and vendored browser files, embedded and served under content-hashed names that
// browsers may keep for ever. Vendored files are served byte for byte as their packages ship them; vendor/MANIFEST.json
// says which packages, and a test holds it to the bytes.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"
)

//go:embed app.css app.js favicon.svg vendor
var embedded embed.FS

// published is made once, from bytes that never change while the program runs.
var published = sync.OnceValue(func() *assets {
	all, err := publish(embedded)
	if err != nil {
		panic(err) // the program was built from broken files; TestPublish says so before that
	}
	return all
})

// assets are the served files by their hashed name, and the address of each plain name. Read-only once made.
type assets struct {
	files map[string]asset
	urls  map[string]string
}

type asset struct {
	body        []byte
	contentType string
}

// prefix is where the portal's routes put Handler.
const prefix = "/static/"

// Handler serves the embedded files below /static/ under their hashed names; anything else is not found.
// Safe for concurrent use.
func Handler() http.Handler {
	all := published()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, prefix)
		file, ok := all.files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Del("Vary") // the same bytes for everybody
		h.Set("Content-Type", file.contentType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.body))
	})
}

// Has reports whether Handler serves a file at this path.
func Has(path string) bool {
	_, ok := published().files[strings.TrimPrefix(path, prefix)]
	return ok
}

// URL is the content-hashed address of a file by its plain name: "app.css", "htmx.min.js", "icons.svg".
// It panics on a name that does not exist: names are constants of the templates.
func URL(name string) string {
	url, ok := published().urls[name]
	if !ok {
		panic("static: no file " + name)
	}
	return url
}

// publish names every file by its content: those without references first, then the style sheet that refers to them.
func publish(files fs.FS) (*assets, error) {
	all := &assets{files: map[string]asset{}, urls: map[string]string{}}
	sprite, err := iconSprite(files)
	if err != nil {
		return nil, err
	}
	all.add("icons.svg", sprite)
	for _, name := range []string{"app.js", "favicon.svg", "vendor/htmx/htmx.min.js", "vendor/oat/oat.min.css"} {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		all.add(path.Base(name), body)
	}
	css, err := fs.ReadFile(files, "app.css")
	if err != nil {
		return nil, err
	}
	if css, err = all.resolve(css); err != nil {
		return nil, err
	}
	all.add("app.css", css)
	return all, nil
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func (all *assets) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
	all.files[hashed] = asset{body: body, contentType: contentTypes[ext]}
	all.urls[name] = prefix + hashed
}

// reference is url("name") in our own style sheet; data: addresses stand in vendored ones alone.
var reference = regexp.MustCompile(`url\("([^"]*)"\)`)

// resolve puts the hashed address in the place of each plain name.
func (all *assets) resolve(css []byte) ([]byte, error) {
	var unknown string
	out := reference.ReplaceAllFunc(css, func(match []byte) []byte {
		name := string(reference.FindSubmatch(match)[1])
		url, ok := all.urls[name]
		if !ok {
			unknown = name
		}
		return fmt.Appendf(nil, "url(%q)", url)
	})
	if unknown != "" {
		return nil, fmt.Errorf("app.css refers to %q, which is not served", unknown)
	}
	return out, nil
}
