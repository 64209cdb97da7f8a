package handlers_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/net/html"
)

// shownProof is what a record's page says of its proof, read as somebody would who copies it from the page.
type shownProof struct {
	words string
	leaf  []byte
	steps tlog.RecordProof
	tree  tlog.Tree // of the checkpoint on the page, whose signature is good
}

func (h *house) shownProof(seq int64, verifier note.Verifier) (p shownProof) {
	h.t.Helper()
	w := h.send(ask{as: "auditor", path: fmt.Sprint("/audit/", seq)})
	if w.status != http.StatusOK {
		h.t.Fatalf("record %d: status %d", seq, w.status)
	}
	doc := document(h.t, w.body)
	exact := func(selector string) string {
		nodes := find(h.t, doc, selector)
		if len(nodes) != 1 || nodes[0].FirstChild == nil || nodes[0].FirstChild.Type != html.TextNode {
			h.t.Fatalf("record %d: %d of %s", seq, len(nodes), selector)
		}
		return nodes[0].FirstChild.Data
	}
	p.words, p.leaf = text(find(h.t, doc, "section[aria-labelledby=proof-title] p")...), []byte(exact("pre[aria-labelledby=leaf-title]"))
	for _, step := range find(h.t, doc, "ol.hashes li") {
		hash, err := hex.DecodeString(text(step))
		if err != nil || len(hash) != tlog.HashSize {
			h.t.Fatalf("record %d: %q is no hash", seq, text(step))
		}
		p.steps = append(p.steps, tlog.Hash(hash))
	}
	n, err := note.Open([]byte(exact("pre[aria-labelledby=checkpoint-title]")), note.VerifierList(verifier))
	h.must(err)
	lines := strings.SplitN(n.Text, "\n", 4)
	_, err = fmt.Sscan(lines[1], &p.tree.N)
	h.must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	h.must(err)
	p.tree.Hash = tlog.Hash(root)
	return p
}

func TestTheHashesOnARecordsPageProveIt(t *testing.T) {
	h := build(t)
	for range 20 {
		h.send(ask{as: "reviewer", path: "/processes/" + h.simulated()})
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(h.send(ask{as: "auditor", path: "/audit/key"}).body))
	h.must(err)
	for seq := range h.trail.State().Size {
		p := h.shownProof(seq, verifier)
		if err := tlog.CheckRecord(p.steps, p.tree.N, p.tree.Hash, seq, tlog.RecordHash(p.leaf)); err != nil {
			t.Errorf("record %d in a tree of %d: %v", seq, p.tree.N, err)
		}
		if !containsAll(p.words, fmt.Sprintf("Record %d is leaf %d", seq, seq), fmt.Sprintf("a tree of %d record", p.tree.N), base64.StdEncoding.EncodeToString(p.tree.Hash[:])) {
			t.Errorf("record %d: the page says %q", seq, p.words)
		}
		if !strings.Contains(string(p.leaf), fmt.Sprintf(`"seq":%d,`, seq)) || len(p.steps) == 0 {
			t.Errorf("record %d: leaf %s, %d hashes", seq, p.leaf, len(p.steps))
		}
		// The same steps prove neither another place nor another record.
		if tlog.CheckRecord(p.steps, p.tree.N, p.tree.Hash, (seq+1)%p.tree.N, tlog.RecordHash(p.leaf)) == nil ||
			tlog.CheckRecord(p.steps, p.tree.N, p.tree.Hash, seq, tlog.RecordHash(append(p.leaf, ' '))) == nil {
			t.Errorf("record %d: its hashes prove something else", seq)
		}
	}
}
