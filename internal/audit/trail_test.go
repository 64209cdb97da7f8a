package audit_test

import (
	"testing"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/audit/audittest"
)

func TestSmoke(t *testing.T) {
	tr := audittest.New(t)
	r, err := tr.Append(t.Context(), audit.Event{Action: audit.AuditView, Outcome: audit.OK, Actor: audit.Actor{Subject: "s", Name: "Ada Example"}, Shown: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := tr.Find(t.Context(), audit.Filter{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	recs, err := tr.Records(t.Context(), r, p.Seqs)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range recs {
		t.Logf("%+v %s", rec, rec.Leaf)
	}
	pr, err := tr.Prove(t.Context(), 2)
	t.Log(pr, err, tr.State())
}
