package house

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// threats are the rows that SECURITY.md must map to a test or a reason.
var threats = map[string]int{"N": 10, "Z": 6, "I": 8, "B": 8, "U": 12}

var testName = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")

func TestEveryThreatHasATestThatExistsOrAReason(t *testing.T) {
	page, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	written := testsOfTheHouse(t)
	for _, found := range testName.FindAllStringSubmatch(string(page), -1) {
		if !written[found[1]] {
			t.Errorf("SECURITY.md names %s, which is no test", found[1])
		}
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, " | "); len(cells) == 3 {
			rows[strings.TrimPrefix(cells[0], "| ")] = cells[2]
		}
	}
	for letter, n := range threats {
		for i := range n {
			id := fmt.Sprintf("%s-%02d", letter, i+1)
			if row := rows[id]; !testName.MatchString(row) && !strings.HasPrefix(row, "none: ") {
				t.Errorf("SECURITY.md has neither a test nor a reason for %s: %q", id, row)
			}
		}
	}
}

// testsOfTheHouse are the names of all tests and fuzz targets.
func testsOfTheHouse(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, pattern := range []string{"../../*/*_test.go", "../../*/*/*_test.go", "../../*/*/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range declared.FindAllStringSubmatch(string(source), -1) {
				names[found[1]] = true
			}
		}
	}
	return names
}

// leastVersions are the first versions without the holes that their projects have told of. An older one must not come
// back with a change of go.mod.
var leastVersions = map[string]string{
	"github.com/labstack/echo/v4":         "v4.16.0", // GHSA-2ffq, h9g5, r7w9, v753, 375p, 3pmx
	"golang.org/x/mod":                    "v0.40.0", // CVE-2026-56865, CVE-2026-56864: proofs that verify and should not
	"golang.org/x/oauth2":                 "v0.27.0", // CVE-2025-22868
	"github.com/go-jose/go-jose/v4":       "v4.1.4",  // CVE-2026-34986
	"github.com/coreos/go-oidc/v3":        "v3.21.0",
	"github.com/a-h/templ":                "v0.3.1020",
	"modernc.org/sqlite":                  "v1.62.0", // SQLite 3.51.3 and later: the WAL-reset corruption; checked at start too
	"github.com/jackc/pgx/v5":             "v5.9.2",  // CVE-2026-33815, 33816, 41889
	"github.com/gorilla/csrf":             "never",   // GO-2025-3884
	"github.com/codenotary/immudb":        "never",   // GO-2022-1117
	"github.com/golang-jwt/jwt/v5":        "v5.2.2",  // CVE-2025-30204
	"github.com/prometheus/client_golang": "v1.25.0",
}

func TestNoPinnedModuleHasAKnownHole(t *testing.T) {
	seen := 0
	for line := range strings.Lines(goList(t, "-m", "-f", "{{.Path}} {{.Version}}", "all")) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		least, known := leastVersions[path]
		if !known {
			continue
		}
		seen++
		if least == "never" || compareVersions(version, least) < 0 {
			t.Errorf("go.mod brings %s %s, and %s is the first without a known hole", path, version, least)
		}
	}
	if seen < 5 {
		t.Errorf("%d of the modules were found; the table is of another program", seen)
	}
}

// compareVersions compares v1.2.3 by its numbers; what follows a hyphen does not count.
func compareVersions(a, b string) int {
	as, bs := strings.Split(strings.TrimPrefix(a, "v"), "."), strings.Split(strings.TrimPrefix(b, "v"), ".")
	for i := range min(len(as), len(bs)) {
		number := func(s string) int {
			digits, _, _ := strings.Cut(s, "-")
			n, _ := strconv.Atoi(digits)
			return n
		}
		if c := cmp.Compare(number(as[i]), number(bs[i])); c != 0 {
			return c
		}
	}
	return 0
}
