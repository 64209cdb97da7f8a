package house

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// asvs gives, for each section of OWASP ASVS 5.0, how many requirements it has and which of them are of level 3.
var asvs = map[string]struct {
	rows   int
	level3 []int
}{
	"1.1": {rows: 2}, "1.2": {10, []int{10}}, "1.3": {12, []int{12}}, "1.4": {rows: 3}, "1.5": {3, []int{3}},
	"2.1": {rows: 3}, "2.2": {rows: 3}, "2.3": {5, []int{5}}, "2.4": {2, []int{2}},
	"3.1": {1, []int{1}}, "3.2": {3, []int{3}}, "3.3": {5, []int{5}}, "3.4": {8, []int{7, 8}}, "3.5": {8, []int{6, 7, 8}}, "3.6": {1, []int{1}}, "3.7": {5, []int{3, 4, 5}},
	"4.1": {5, []int{4, 5}}, "4.2": {5, []int{2, 3, 4, 5}}, "4.3": {rows: 2}, "4.4": {rows: 4},
	"5.1": {rows: 1}, "5.2": {6, []int{4, 5, 6}}, "5.3": {3, []int{3}}, "5.4": {rows: 3},
	"6.1": {rows: 3}, "6.2": {rows: 12}, "6.3": {8, []int{5, 6, 7, 8}}, "6.4": {6, []int{5, 6}}, "6.5": {8, []int{6, 7, 8}}, "6.6": {4, []int{4}}, "6.7": {2, []int{1, 2}}, "6.8": {rows: 4},
	"7.1": {rows: 3}, "7.2": {rows: 4}, "7.3": {rows: 2}, "7.4": {rows: 5}, "7.5": {3, []int{3}}, "7.6": {rows: 2},
	"8.1": {4, []int{3, 4}}, "8.2": {4, []int{4}}, "8.3": {3, []int{2, 3}}, "8.4": {2, []int{2}},
	"9.1": {rows: 3}, "9.2": {rows: 4},
	"10.1": {rows: 2}, "10.2": {3, []int{3}}, "10.3": {5, []int{5}}, "10.4": {16, []int{12, 13, 14, 15, 16}}, "10.5": {rows: 5}, "10.6": {rows: 2}, "10.7": {rows: 3},
	"11.1": {4, []int{3, 4}}, "11.2": {5, []int{4, 5}}, "11.3": {5, []int{4, 5}}, "11.4": {rows: 4}, "11.5": {2, []int{2}}, "11.6": {2, []int{2}}, "11.7": {2, []int{1, 2}},
	"12.1": {5, []int{4, 5}}, "12.2": {rows: 2}, "12.3": {5, []int{5}},
	"13.1": {4, []int{2, 3, 4}}, "13.2": {6, []int{6}}, "13.3": {4, []int{3, 4}}, "13.4": {7, []int{6, 7}},
	"14.1": {rows: 2}, "14.2": {8, []int{5, 6, 7, 8}}, "14.3": {rows: 3},
	"15.1": {5, []int{4, 5}}, "15.2": {5, []int{4, 5}}, "15.3": {rows: 7}, "15.4": {4, []int{1, 2, 3, 4}},
	"16.1": {rows: 1}, "16.2": {rows: 5}, "16.3": {rows: 4}, "16.4": {rows: 3}, "16.5": {4, []int{4}},
	"17.1": {2, []int{2}}, "17.2": {8, []int{5, 6, 7, 8}}, "17.3": {rows: 2},
}

// named are the requirements of level 3 that the portal answers for, too.
var named = strings.Fields(`1.2.10 1.3.12 1.5.3 2.3.5 2.4.2 3.1.1 3.4.7 3.4.8 3.5.7 3.5.8 3.6.1 3.7.5 4.1.4 7.5.3 8.3.2 8.3.3 8.4.2 10.2.3 10.4.16
	11.2.4 11.3.4 12.3.5 13.1.2 13.1.3 13.2.6 13.3.4 14.2.5 14.2.6 14.2.7 15.2.4 15.4.1 15.4.2 15.4.3 15.4.4 16.5.4`)

func TestEveryRequirementOfTheStandardHasATestOrAReason(t *testing.T) {
	owed, all := map[string]bool{}, 0
	for section, s := range asvs {
		all += s.rows
		for i := range s.rows {
			if id := fmt.Sprintf("%s.%d", section, i+1); !slices.Contains(s.level3, i+1) || slices.Contains(named, id) {
				owed[id] = true
			}
		}
	}
	if all != 345 {
		t.Fatalf("the table of the standard has %d requirements", all)
	}
	page, err := os.ReadFile("../../docs/ASVS.md")
	if err != nil {
		t.Fatal(err)
	}
	written := testsOfTheHouse(t)
	for line := range strings.Lines(string(page)) {
		cells := strings.SplitN(strings.TrimPrefix(strings.TrimSpace(line), "| "), " | ", 2)
		if len(cells) < 2 || cells[0] == "rows" {
			continue
		}
		checkAnswer(t, cells[0], cells[1], written)
		for _, id := range requirements(t, cells[0]) {
			if !owed[id] {
				t.Errorf("docs/ASVS.md answers for %s, which is twice there, or not asked for", id)
			}
			delete(owed, id)
		}
	}
	if len(owed) > 0 {
		t.Errorf("docs/ASVS.md says nothing of %s", slices.Sorted(maps.Keys(owed)))
	}
}

// checkAnswer wants a test that exists, or a reason of one of the kinds that the page explains.
func checkAnswer(t *testing.T, rows, answer string, written map[string]bool) {
	t.Helper()
	tests := testName.FindAllStringSubmatch(answer, -1)
	for _, found := range tests {
		if !written[found[1]] {
			t.Errorf("docs/ASVS.md names %s, which is no test", found[1])
		}
	}
	kind, reason, _ := strings.Cut(strings.TrimSuffix(answer, " |"), ": ")
	isReason := slices.Contains([]string{"none", "decision", "operator"}, kind) && len(reason) > 3
	if len(tests) == 0 && !isReason {
		t.Errorf("docs/ASVS.md has neither a test nor a reason for %s", rows)
	}
}

var requirementRange = regexp.MustCompile(`^(\d+\.\d+\.)(\d+)(?:–(\d+\.\d+\.)(\d+))?$`)

// requirements reads a cell like "1.2.1–1.2.3, 1.2.10³".
func requirements(t *testing.T, cell string) (ids []string) {
	t.Helper()
	for part := range strings.SplitSeq(strings.ReplaceAll(cell, "³", ""), ", ") {
		m := requirementRange.FindStringSubmatch(part)
		if m == nil || m[3] != "" && m[3] != m[1] {
			t.Fatalf("docs/ASVS.md: %q is no requirement", part)
		}
		first, _ := strconv.Atoi(m[2])
		last, err := strconv.Atoi(m[4])
		if err != nil {
			last = first
		}
		for i := first; i <= last; i++ {
			ids = append(ids, fmt.Sprintf("%s%d", m[1], i))
		}
	}
	return ids
}
