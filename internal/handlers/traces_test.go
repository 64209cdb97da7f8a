package handlers_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	gosync "sync"
	"testing"

	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/tracing"
)

func TestI06_SpansNameRoutesAndNobody(t *testing.T) {
	var mu gosync.Mutex
	var sent bytes.Buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&sent, req.Body)
	}))
	defer collector.Close()
	tracer, err := tracing.New(t.Context(), collector.URL, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h := canaryHouseWith(t, func(o *handlers.Options) { o.Tracer = tracer })
	for _, a := range []ask{
		{as: "reviewer", path: "/processes?s={term}"}, {as: "reviewer", path: "/processes/{canary}"}, {as: "reviewer", path: "/processes/{canary}/images/front"},
		{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "firstName", "purpose", "audit", "because", "canary words")},
		{as: "auditor", path: "/audit?process={canary}"}, {as: "reviewer", path: "/no/such/secret-path"},
	} {
		h.send(a)
	}
	h.must(tracer.Close(t.Context()))
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{"GET /processes/:id", "POST /processes/:id/reveal", "GET /audit", "record"} {
		if !bytes.Contains(sent.Bytes(), []byte(want)) {
			t.Errorf("no span of %q", want)
		}
	}
	if names := visible(sent.String()); len(names) > 0 {
		t.Errorf("spans hold %v", names)
	}
	for _, secret := range []string{canaryID, h.names["term"], "dossier-canary", "zaphi", "canary words", "secret-path", "127.0.0.1", "reviewer"} {
		if bytes.Contains(sent.Bytes(), []byte(secret)) {
			t.Errorf("spans hold %q", secret)
		}
	}
}
