package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// Every process of a list is reached from its first row by the links to the next alone, and back, across pages.
func TestAListIsWalkedFromProcessToProcess(t *testing.T) {
	h := build(t)
	h.people(60)
	list := document(t, h.send(ask{as: "reviewer", path: "/processes?provider=readid"}).body)
	rows := find(t, list, "tr[data-process] a[href^='/processes/']")
	total, err := strconv.Atoi(attribute(find(t, list, "[data-total]")[0], "data-total"))
	if err != nil || len(rows) != 50 || total < 60 {
		t.Fatalf("%d rows of %d, error %v", len(rows), total, err)
	}
	first := attribute(rows[0], "href")
	seen := map[string]bool{}
	at, way := first, "next"
	for n := 1; n <= total; n++ {
		w := h.send(ask{as: "reviewer", path: at})
		if w.status != http.StatusOK || !strings.Contains(w.body, fmt.Sprintf("%d of %d", n, total)) {
			t.Fatalf("%s: %d, not number %d of %d", at, w.status, n, total)
		}
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		seen[u.Path] = true
		links := find(t, document(t, w.body), "a[data-go="+way+"]")
		if last := n == total; last != (len(links) == 0) {
			t.Fatalf("number %d has %d links to the next", n, len(links))
		}
		if len(links) > 0 {
			at = attribute(links[0], "href")
		}
	}
	if len(seen) != total {
		t.Errorf("%d different processes on the way, want %d", len(seen), total)
	}
	back := find(t, document(t, h.send(ask{as: "reviewer", path: at}).body), "a[data-go=prev]")
	if len(back) != 1 {
		t.Fatal("no way back from the last")
	}
	if w := h.send(ask{as: "reviewer", path: attribute(back[0], "href")}); !strings.Contains(w.body, fmt.Sprintf("%d of %d", total-1, total)) {
		t.Error("the way back does not lead to the one before the last")
	}
}
