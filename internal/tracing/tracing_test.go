package tracing

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// recorder is a collector that keeps what it is sent.
type recorder struct {
	*httptest.Server
	mu    sync.Mutex
	spans []string // name, whether it stands below another, whether it failed
}

func newRecorder(t *testing.T) *recorder {
	r := &recorder{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		var sent collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &sent); err != nil {
			t.Error(err)
		}
		r.take(&sent)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *recorder) take(sent *collector.ExportTraceServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range sent.ResourceSpans {
		for _, in := range of.ScopeSpans {
			for _, s := range in.Spans {
				line := s.Name
				if len(s.ParentSpanId) > 0 {
					line = "- " + line
				}
				for _, a := range s.Attributes {
					if a.Key == "http.response.status_code" || a.Key == "canceled" {
						line += " " + strings.TrimSpace(strings.TrimPrefix(a.Value.String(), "int_value:"))
					}
				}
				if s.Status != nil && s.Status.Code == 2 {
					line += " failed" + s.Status.Message
				}
				r.spans = append(r.spans, line)
			}
		}
	}
}

func TestSpansSayWhatAndHowLongAndNothingElse(t *testing.T) {
	r := newRecorder(t)
	tracer, err := New(t.Context(), r.URL+"/v1/traces", "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Traceparent") != "" {
			t.Error("the trace is sent on to Assure")
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	defer upstream.Close()

	ctx, request := tracer.Start(t.Context(), "request")
	_, record := Child(ctx, "record")
	record.End(errors.New("a name in an error"))
	_, left := Child(ctx, "record")
	left.End(context.Canceled)
	call, _ := http.NewRequestWithContext(ctx, http.MethodGet, upstream.URL+"/assure/dossiers/secret-dossier/processes/secret-process/images/front?name=secret", nil)
	res, err := Transport(http.DefaultTransport).RoundTrip(call)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	request.HTTP(http.MethodGet, "/processes/:id", 503)
	request.End(nil)
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"- record failed", "- record bool_value:true", "- GET /assure/dossiers/*/processes/*/images/* 418", "GET /processes/:id 503 failed"}
	if !slices.Equal(r.spans, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(r.spans, "\n"), strings.Join(want, "\n"))
	}
}

func TestWithoutACollectorThereAreNoSpans(t *testing.T) {
	var tracer *Tracer
	ctx, span := tracer.Start(t.Context(), "request")
	if _, child := Child(ctx, "record"); ctx != t.Context() || span != nil || child != nil {
		t.Errorf("spans %v, %v", span, child)
	}
	span.HTTP(http.MethodGet, "/", 200)
	span.End(nil)
	if err := tracer.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
