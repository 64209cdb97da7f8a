package static

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// manifest says what is vendored: which package in which version, under which licence, and the bytes it came as.
type manifest struct {
	Packages []struct {
		Name, Version, Licence, Source string
		Files                          []struct {
			Path   string
			SHA256 string
		}
	}
}

func TestManifestNamesEveryVendoredFile(t *testing.T) {
	text, err := embedded.ReadFile("vendor/MANIFEST.json")
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{"MANIFEST.json": true}
	for _, p := range m.Packages {
		if p.Version == "" || p.Licence == "" || !strings.HasSuffix(p.Source, "@"+p.Version) {
			t.Errorf("%s: version %q, licence %q, source %q", p.Name, p.Version, p.Licence, p.Source)
		}
		licence := false
		for _, f := range p.Files {
			listed[f.Path] = true
			licence = licence || path.Base(f.Path) == "LICENSE"
			body, err := embedded.ReadFile("vendor/" + f.Path)
			if sum := sha256.Sum256(body); err != nil || hex.EncodeToString(sum[:]) != f.SHA256 {
				t.Errorf("%s is not the file of %s (%v)", f.Path, p.Source, err)
			}
		}
		if !licence {
			t.Errorf("%s comes without its licence", p.Name)
		}
	}
	for _, name := range vendored(t) {
		if !listed[name] {
			t.Errorf("vendor/%s is not in the manifest", name)
		}
	}
}

func vendored(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(embedded, "vendor", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(name, "vendor/"))
		}
		return err
	})
	if err != nil || len(names) == 0 {
		t.Fatal("no vendored files", err)
	}
	return names
}

func get(target string) *http.Response {
	w := httptest.NewRecorder()
	w.Header().Set("Cache-Control", "no-store") // as the server sets it for every answer
	w.Header().Set("Vary", "HX-Request, Cookie")
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w.Result()
}

func TestServedUnderHashedNames(t *testing.T) {
	for name, contentType := range map[string]string{"app.css": "text/css; charset=utf-8", "oat.min.css": "text/css; charset=utf-8",
		"app.js": "text/javascript; charset=utf-8", "htmx.min.js": "text/javascript; charset=utf-8", "icons.svg": "image/svg+xml", "favicon.svg": "image/svg+xml"} {
		t.Run(name, func(t *testing.T) {
			res := get(URL(name))
			if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != contentType {
				t.Errorf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
			}
			if got := res.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
				t.Errorf("Cache-Control %q", got)
			}
			if got := res.Header.Get("Vary"); got != "" {
				t.Errorf("the bytes vary with %q", got)
			}
			hashed := regexp.MustCompile(`^/static/[a-z.]+\.[0-9a-f]{16}\.(css|js|svg)$`)
			if !hashed.MatchString(URL(name)) {
				t.Errorf("address %s", URL(name))
			}
		})
	}
}

func TestOtherNamesAreNotFound(t *testing.T) {
	for _, target := range []string{"/static/", "/static/app.css", "/static/vendor/htmx/htmx.min.js", "/static/vendor/MANIFEST.json",
		"/static/static.go", "/static/app.0000000000000000.css", "/static/../static.go", "/app.css"} {
		t.Run(target, func(t *testing.T) {
			res := get(target)
			if res.StatusCode != http.StatusNotFound || strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%d, Cache-Control %q", res.StatusCode, res.Header.Get("Cache-Control"))
			}
		})
	}
}

func TestUnknownNamePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a template may refer to a file that is not there")
		}
	}()
	URL("no-such.css")
}

func TestStyleSheetRefersToHashedNames(t *testing.T) {
	css := string(published().files[strings.TrimPrefix(URL("app.css"), prefix)].body)
	if !strings.Contains(css, `@import url("`+URL("oat.min.css")+`") layer(oat);`) {
		t.Error("Oat is not imported under its hashed name into the layer below ours")
	}
	for _, found := range reference.FindAllStringSubmatch(css, -1) {
		if res := get(found[1]); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", found[1], res.StatusCode)
		}
	}
}

func TestContentChangesTheName(t *testing.T) {
	files := fstest.MapFS{}
	for name, body := range map[string]string{"app.css": `@import url("oat.min.css");`, "app.js": "1", "favicon.svg": "<svg/>",
		"vendor/htmx/htmx.min.js": "2", "vendor/oat/oat.min.css": "a{}", "vendor/lucide/x.svg": "<svg><path d='M0'/></svg>"} {
		files[name] = &fstest.MapFile{Data: []byte(body)}
	}
	before, err := publish(files)
	if err != nil {
		t.Fatal(err)
	}
	files["vendor/oat/oat.min.css"].Data = []byte("b{}")
	after, err := publish(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"oat.min.css", "app.css"} {
		if before.urls[name] == after.urls[name] {
			t.Errorf("%s keeps its name although what it says or imports changed", name)
		}
	}
	if before.urls["app.js"] != after.urls["app.js"] {
		t.Error("app.js changed its name for nothing")
	}
}

func TestPublishRefusesBrokenFiles(t *testing.T) {
	for _, c := range []struct{ name, file, body, want string }{
		{"a reference to nothing", "app.css", `a { background: url("gone.svg"); }`, `"gone.svg"`},
		{"an icon that is none", "vendor/lucide/x.svg", "no drawing", "vendor/lucide/x.svg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for _, name := range []string{"app.css", "app.js", "favicon.svg", "vendor/htmx/htmx.min.js", "vendor/oat/oat.min.css"} {
				files[name] = &fstest.MapFile{}
			}
			files[c.file] = &fstest.MapFile{Data: []byte(c.body)}
			if _, err := publish(files); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %s", err, c.want)
			}
		})
	}
}

// A page may fetch from this origin alone; a style sheet of ours that needs more would be blocked by the policy.
func TestNothingIsFetchedFromElsewhere(t *testing.T) {
	for _, name := range []string{"app.css", "app.js", "favicon.svg"} {
		body, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`https?://[^" ]*`).FindString(string(body)); found != "" && found != "http://www.w3.org/2000/svg" {
			t.Errorf("%s names %s", name, found)
		}
	}
}
