package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"github.com/assure-portal/portal/internal/evidence"
)

// Every leaf of every body stands on its page under its pointer. The bodies are read by the standard library here, which
// knows nothing of the reading that the page is made of.
func TestEveryLeafOfEveryBodyIsOnItsPage(t *testing.T) {
	h := build(t)
	bodies := allBodies(t)
	names := slices.Sorted(maps.Keys(bodies))
	for i, name := range names { // several bodies are of one process: each becomes one of its own
		bodies[name] = processIDs.ReplaceAll(bodies[name], fmt.Appendf(nil, "${1}%s", idNumber(i)))
		h.keep(bodies[name], "dossier-"+strconv.Itoa(i))
	}
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			h.t = t
			checkLeavesShown(t, name, bodies[name], h.send(ask{as: "both", path: "/processes/" + idNumber(i)}).body)
		})
	}
}

var processIDs = regexp.MustCompile(`("processId"\s*:\s*")[^"]*`)

func idNumber(i int) string { return fmt.Sprintf("1eaf1eaf-0000-4000-8000-%012d", i) }

func checkLeavesShown(t *testing.T, name string, body []byte, page string) {
	t.Helper()
	onPage := map[string][]*nethtml.Node{}
	for _, n := range find(t, document(t, page), "section.tree [data-pointer]") {
		onPage[attribute(n, "data-pointer")] = append(onPage[attribute(n, "data-pointer")], n)
	}
	received := leavesOf(t, body)
	for pointer, want := range received {
		checkLeafShown(t, pointer, want, onPage[pointer])
		delete(onPage, pointer)
	}
	if len(received) < 4 || name != "surrogates" && name != "twice" && len(onPage) > 0 {
		t.Errorf("%d leaves received, and on the page stand also %v", len(received), slices.Collect(maps.Keys(onPage)))
	}
}

// checkLeafShown finds the last place of a pointer: of a name that stands twice the standard library keeps the last one.
func checkLeafShown(t *testing.T, pointer, want string, places []*nethtml.Node) {
	t.Helper()
	if strings.ContainsRune(pointer+want, '\ufffd') {
		return // half of a pair, which the standard library cannot read: the page's own test has it
	}
	if len(places) == 0 {
		t.Errorf("%s is not on the page", pointer)
		return
	}
	n := places[len(places)-1]
	if slices.ContainsFunc(n.Attr, func(a nethtml.Attribute) bool { return a.Key == "data-masked" }) {
		want = evidence.Mask(want)
	}
	if got := exactly(n); got != strings.ReplaceAll(want, "\x00", "\ufffd") {
		t.Errorf("%s is %q on the page, want %q", pointer, got, want)
	}
}

// leavesOf are the leaves of a body by their JSON Pointers; an empty object or list is one.
func leavesOf(t *testing.T, body []byte) map[string]string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var whole any
	if err := decoder.Decode(&whole); err != nil {
		t.Fatal(err)
	}
	leaves := map[string]string{}
	gatherLeaves("", whole, leaves)
	return leaves
}

func gatherLeaves(pointer string, v any, into map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			gatherLeaves(pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), child, into)
		}
		if len(v) == 0 {
			into[pointer] = "{}"
		}
	case []any:
		for i, child := range v {
			gatherLeaves(pointer+"/"+strconv.Itoa(i), child, into)
		}
		if len(v) == 0 {
			into[pointer] = "[]"
		}
	case string:
		into[pointer] = v
	case json.Number:
		into[pointer] = v.String()
	case bool:
		into[pointer] = strconv.FormatBool(v)
	case nil:
		into[pointer] = "null"
	}
}

func TestHalfAPairIsShownAsItWasSpelled(t *testing.T) {
	h := build(t)
	h.keep(hostileBodies()["surrogates"], "dossier-1")
	page := document(t, h.send(ask{as: "both", path: "/processes/bad0bad0-0000-4000-8000-000000000004"}).body)
	for pointer, want := range map[string]string{"half": `\ud800`, "other half": `\udc00 end`, "pair": "\U0001F600", `na\ud800me`: "x"} {
		n := find(t, page, `section.tree [data-pointer="/providerSpecific/`+strings.ReplaceAll(pointer, `\`, `\\`)+`"]`)
		if len(n) != 1 || exactly(n[0]) != want && exactly(n[0]) != evidence.Mask(want) {
			t.Errorf("%s: %d places, %q", pointer, len(n), text(n...))
		}
	}
}

// What is wrong stands open, and what is well stands closed but for the provider's own detail.
func TestTheTreeIsOpenWhereSomethingIsWrong(t *testing.T) {
	h := build(t).furnish()
	wrong := 0
	for name := range samples(t) {
		page := document(t, h.send(ask{as: "reviewer", path: "/processes/{" + name + "}"}).body)
		for _, part := range find(t, page, ".nodes details") {
			open := slices.ContainsFunc(part.Attr, func(a nethtml.Attribute) bool { return a.Key == "open" })
			bad := len(find(t, part, "[data-mood=bad]")) > 0
			if detail := attribute(part, "id") == "p.providerSpecific"; open != (bad || detail) {
				t.Errorf("%s: %s is open: %v, and holds something wrong: %v", name, attribute(part, "id"), open, bad)
			}
			if bad {
				wrong++
			}
		}
	}
	if wrong == 0 {
		t.Error("no sample has anything wrong")
	}
}

func TestTwoMembersOfOneNameHaveOneAnchor(t *testing.T) {
	h := build(t)
	h.keep(hostileBodies()["twice"], "dossier-1")
	page := document(t, h.send(ask{as: "reviewer", path: "/processes/bad0bad0-0000-4000-8000-000000000008"}).body)
	anchors := find(t, page, `[id="p.providerSpecific.name"]`)
	if len(anchors) != 1 || text(find(t, anchors[0], ".value")...) != "last" {
		t.Errorf("%d anchors: %q", len(anchors), text(anchors...))
	}
}
