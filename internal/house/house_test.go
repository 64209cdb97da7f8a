// Package house holds the architecture as a test: which package may import which, where a library stops, where SQL stands,
// how long a function may be. It has no code of its own. A change of shape begins by changing the tables here.
package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/assure-portal/portal/"

// room is one package of ours: what it may import of ours beside internal/apperr, and why no more.
type room struct {
	may []string
	why string
}

const all = "*" // may import every package of ours

var house = map[string]room{
	"cmd/portal": {[]string{all}, ""},

	"internal/handlers": {[]string{"internal/assure", "internal/audit", "internal/auth", "internal/config", "internal/evidence", "internal/store", "internal/sync", "internal/tracing",
		"web/static", "web/templates"}, "a handler reaches data through store and audit alone, so that no page can go round the receipt; what the demo makes is for the demo"},
	"web/templates": {[]string{"web/static"}, "templates decide nothing: what they show arrives in a view struct, already masked and in words"},
	"web/static":    {nil, "files to embed know nothing of the program"},

	"internal/tracing": {nil, "spans know of no data, so that none can stand in them"},
	"internal/sync":    {[]string{"internal/assure", "internal/audit", "internal/store", "internal/tracing"}, "synchronisation brings answers from Assure to the store, and nothing to a person"},
	"internal/store": {[]string{"internal/audit", "internal/evidence", "internal/sqlitedb"},
		"the store serves readers and synchronisation alike, so it depends on neither; it needs audit for the receipt"},
	"internal/auth":     {[]string{"internal/audit", "internal/sqlitedb"}, "sign-in works without any process held"},
	"internal/audit":    {[]string{"internal/sqlitedb"}, "the trail must be checkable without trusting the rest of the program"},
	"internal/evidence": {nil, "evidence is pure: one snapshot in, one report out, so that anybody can repeat it"},
	"internal/assure":   {nil, "the client speaks Assure's words and knows nothing of ours"},
	"internal/sqlitedb": {nil, "opening a data file is the bottom of the house"},
	"internal/config":   {nil, "configuration is values, read before any part exists"},
	"internal/apperr":   {nil, "shared by all, so it may depend on nobody"},
	"internal/demo":     {[]string{"internal/assure/assuretest"}, "made-up data reaches the portal through the real client alone"},

	"internal/assure/assuretest": {[]string{"internal/assure"}, "the simulator is judged by the client and the published API"},
	"internal/audit/audittest":   {[]string{"internal/audit", "internal/sqlitedb"}, "a helper of tests: a trail to write to"},

	"internal/house":  {nil, "rules are checked from outside"},
	"e2e":             {nil, "browser journeys see the program as a person does"},
	"bench":           {nil, "measurements see the program as its users do"},
	"scripts/testsum": {nil, "a tool of the build"},
}

// forTests are what any test may import beside what its package may: real SQLite, the simulator, a trail, made-up data.
var forTests = []string{"internal/sqlitedb", "internal/assure", "internal/assure/assuretest", "internal/audit", "internal/audit/audittest", "internal/demo"}

// fence keeps a library, with everything below it, inside some packages (only) or out of some (never).
type fence struct {
	library     string
	only, never []string
	why         string
}

var fences = []fence{
	{library: "github.com/labstack/echo", only: []string{"internal/handlers", "cmd/portal"}, why: "echo stays at the edge, so that the move to its next major version is a mechanical change"},
	{library: "github.com/coreos/go-oidc", only: []string{"internal/auth"}, why: "there is one place that believes an ID token"},
	{library: "github.com/zitadel/oidc", only: []string{"internal/demo"}, why: "an identity provider is part of the demo, not of the portal"},
	{library: "modernc.org/sqlite", only: []string{"internal/sqlitedb"}, why: "pragmas and guards are set where a file is opened, and another engine would start there"},
	{library: "go.opentelemetry.io", only: []string{"internal/tracing"}, why: "one place decides what a span may hold, and programs without a collector pay nothing"},
	{library: "net/http", never: []string{"internal/audit", "internal/store", "internal/evidence"}, why: "trail, store and evidence work the same for a request, a command and a test"},
	{library: "sync", never: []string{"internal/evidence"}, why: "evidence shares nothing between goroutines, and the race detector is told to leave it out"},
}

// sqlRooms are the packages whose statements an engine for several replicas would have to translate.
var sqlRooms = []string{"internal/audit", "internal/auth", "internal/store", "internal/sync"}

// pkg is what `go list` tells of one package.
type pkg struct {
	ImportPath, Dir                    string
	GoFiles                            []string
	TestGoFiles, XTestGoFiles          []string
	Imports, TestImports, XTestImports []string
}

func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func (p pkg) empty() bool { return len(p.GoFiles)+len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 }

// packages lists the tree with the build constraints of this machine; packages without a file to build are left out.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports", "./...")
	cmd.Dir, cmd.Stderr = "../..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var found []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		if !p.empty() {
			found = append(found, p)
		}
	}
	if len(found) < 10 {
		t.Fatalf("go list found %d packages: the rules below would check next to nothing", len(found))
	}
	return found
}

func TestEveryPackageHasItsRoomAndKeepsToIt(t *testing.T) {
	for _, p := range packages(t) {
		for _, broken := range wrongEdges(p) {
			t.Error(broken)
		}
	}
}

// wrongEdges says which imports of ours the table does not allow, and why.
func wrongEdges(p pkg) []string {
	r, ok := house[p.name()]
	if !ok {
		return []string{fmt.Sprintf("package %s is not in the table of the house: say there what it may import and why no more", p.name())}
	}
	var broken []string
	for _, to := range ours(p.Imports) {
		if !allowed(r.may, to) {
			broken = append(broken, fmt.Sprintf("%s imports %s: not allowed, because %s", p.name(), to, r.why))
		}
	}
	for _, to := range ours(slices.Concat(p.TestImports, p.XTestImports)) {
		if to != p.name() && !allowed(slices.Concat(r.may, forTests), to) {
			broken = append(broken, fmt.Sprintf("a test of %s imports %s: not allowed, because %s", p.name(), to, r.why))
		}
	}
	return broken
}

func ours(imports []string) []string {
	var names []string
	for _, path := range imports {
		if name, ok := strings.CutPrefix(path, module); ok {
			names = append(names, name)
		}
	}
	return names
}

func allowed(may []string, to string) bool {
	return to == "internal/apperr" || slices.Contains(may, all) || slices.Contains(may, to)
}

func TestLibrariesStayBehindTheirFences(t *testing.T) {
	for _, p := range packages(t) {
		for _, broken := range wrongLibraries(p) {
			t.Error(broken)
		}
	}
}

func wrongLibraries(p pkg) []string {
	var broken []string
	for _, f := range fences {
		at := slices.IndexFunc(p.Imports, func(path string) bool { return path == f.library || strings.HasPrefix(path, f.library+"/") })
		if at < 0 {
			continue
		}
		if slices.Contains(f.never, p.name()) || f.only != nil && !slices.Contains(f.only, p.name()) {
			broken = append(broken, fmt.Sprintf("%s imports %s: not allowed, because %s", p.name(), p.Imports[at], f.why))
		}
	}
	return broken
}

func TestRulesNoticeWhatTheyForbid(t *testing.T) {
	for _, c := range []struct {
		name string
		p    pkg
		want string // part of the only complaint
	}{
		{"a package without a room", pkg{ImportPath: module + "internal/attic"}, "internal/attic is not in the table"},
		{"an edge outwards", pkg{ImportPath: module + "internal/store", Imports: []string{module + "internal/handlers"}}, "the store serves readers"},
		{"a handler that opens a data file", pkg{ImportPath: module + "internal/handlers", Imports: []string{module + "internal/sqlitedb"}}, "round the receipt"},
		{"a test that borrows a page", pkg{ImportPath: module + "internal/audit", XTestImports: []string{module + "web/templates"}}, "a test of internal/audit"},
		{"echo below the edge", pkg{ImportPath: module + "internal/auth", Imports: []string{"github.com/labstack/echo/v4"}}, "echo stays at the edge"},
		{"a request in the trail", pkg{ImportPath: module + "internal/audit", Imports: []string{"net/http"}}, "a command and a test"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := append(wrongEdges(c.p), wrongLibraries(c.p)...)
			if len(got) != 1 || !strings.Contains(got[0], c.want) {
				t.Errorf("complaints %q, want one with %q", got, c.want)
			}
		})
	}
}

// statement recognises SQL by how a literal begins. Writing it in capitals is the house style.
var statement = regexp.MustCompile(`^\s*(WITH\s+(RECURSIVE\s+)?\w+|SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|REPLACE\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s)`)

// aboutTheEngine is a statement that reads no table of ours; sqlitedb may ask such things.
var aboutTheEngine = regexp.MustCompile(`^SELECT sqlite_version\(\)$|^(SELECT .* FROM|UPDATE) sqlite_(schema|dbpage)\b`)

func TestSQLStandsInFourPackages(t *testing.T) {
	for _, p := range packages(t) {
		if slices.Contains(sqlRooms, p.name()) {
			continue
		}
		eachFile(t, p, func(files *token.FileSet, f *ast.File) {
			for at, text := range literals(f) {
				if statement.MatchString(text) && !(p.name() == "internal/sqlitedb" && aboutTheEngine.MatchString(text)) {
					t.Errorf("%s: SQL outside %s: another engine must find every statement there", files.Position(at), strings.Join(sqlRooms, ", "))
				}
			}
		})
	}
}

func TestSQLIsToldFromWords(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT seq FROM entry": true, "\n\tUPDATE session SET seen = ?": true, "DELETE FROM session": true, "INSERT INTO entry(seq) VALUES (?)": true,
		"INSERT OR IGNORE INTO term(id) VALUES (?)": true, "WITH page AS (SELECT 1)": true,
		"DELETE /assure/dossiers/all": false, "Select a purpose": false, "UPDATE": false, "with=identity": false,
	} {
		if statement.MatchString(text) != want {
			t.Errorf("%q taken for SQL: %t", text, !want)
		}
	}
}

// literals yields the string literals of a file with their place.
func literals(f *ast.File) func(func(token.Pos, string) bool) {
	return func(yield func(token.Pos, string) bool) {
		for n := range ast.Preorder(f) {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				continue
			}
			if text, err := strconv.Unquote(l.Value); err == nil && !yield(l.Pos(), text) {
				return
			}
		}
	}
}

// maxLines is the longest function; a reader should see the whole of one at once.
const maxLines = 80

func TestNoFunctionIsTooLongToRead(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		eachFile(t, p, func(files *token.FileSet, f *ast.File) {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				seen++
				if lines := files.Position(fn.End()).Line - files.Position(fn.Pos()).Line + 1; lines > maxLines {
					t.Errorf("%s: %s has %d lines, more than %d", files.Position(fn.Pos()), fn.Name.Name, lines, maxLines)
				}
			}
		})
	}
	if seen < 100 {
		t.Errorf("only %d functions found: this rule checks next to nothing", seen)
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue // tests alone
		}
		said := false
		eachFile(t, p, func(_ *token.FileSet, f *ast.File) { said = said || f.Doc != nil })
		if !said {
			t.Errorf("%s has no package comment", p.name())
		}
	}
}

// eachFile parses the files of p that are neither tests nor generated.
func eachFile(t *testing.T, p pkg, visit func(*token.FileSet, *ast.File)) {
	t.Helper()
	for _, name := range p.GoFiles {
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("parse: %v", err)
			continue
		}
		if !ast.IsGenerated(f) {
			visit(files, f)
		}
	}
}

// TestSQLiteRunsOnTheLibcItWasMadeFor: modernc.org/libc is generated together with modernc.org/sqlite, whose documentation
// allows no other version of it.
func TestSQLiteRunsOnTheLibcItWasMadeFor(t *testing.T) {
	chosen := goList(t, "-m", "-f", "{{.Version}}", "modernc.org/libc")
	theirs, err := os.ReadFile(goList(t, "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`modernc\.org/libc (v\S+)`).FindSubmatch(theirs)
	if m == nil || string(m[1]) != chosen {
		t.Errorf("go.mod chooses modernc.org/libc %s, modernc.org/sqlite asks for %s", chosen, m)
	}
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir, cmd.Stderr = "../..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}
