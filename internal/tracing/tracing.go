// Package tracing tells an OpenTelemetry collector how long requests, records, runs and calls of Assure took, where one is
// configured. A span has a route's pattern, a method, a status and whether it failed: never an address, an id, a person or
// anything typed. Nothing is taken over from a caller and nothing is sent on to Assure.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const scope = "github.com/assure-portal/portal"

// Tracer begins spans that stand at the top. A nil one does nothing, so that a program without a collector has none.
// Safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// New makes a Tracer that sends spans as OTLP over HTTP to url, its whole address (http://127.0.0.1:4318/v1/traces), in batches of
// its own goroutine; what a collector does not take in time is dropped, and nothing waits for it. build names the program.
// What goes wrong is logged without its words: they name the collector and what was sent.
func New(ctx context.Context, url, build string, log *slog.Logger) (*Tracer, error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) { log.Warn("spans did not reach the collector") })) // the library's own place for it
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(url))
	if err != nil {
		return nil, fmt.Errorf("prepare tracing: %w", err)
	}
	about := resource.NewSchemaless(attribute.String("service.name", "portal"), attribute.String("service.version", build))
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	return &Tracer{provider: provider, tracer: provider.Tracer(scope)}, nil
}

// Close sends what waits, as long as ctx allows, and ends the Tracer.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("end tracing: %w", err)
	}
	return nil
}

// Start begins a span at the top of a trace.
func (t *Tracer) Start(ctx context.Context, name string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithNewRoot())
	return ctx, &Span{span}
}

// Child begins a span beneath that of ctx; none where ctx has none.
func Child(ctx context.Context, name string) (context.Context, *Span) {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx, nil
	}
	ctx, span := above.TracerProvider().Tracer(scope).Start(ctx, name)
	return ctx, &Span{span}
}

// Span is a stretch of time. A nil one does nothing. It belongs to one goroutine.
type Span struct{ span trace.Span }

// HTTP says which kind of request the span was and how it was answered. route is a pattern.
func (s *Span) HTTP(method, route string, status int) {
	if s == nil {
		return
	}
	s.span.SetName(method + " " + route)
	s.span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		s.span.SetStatus(codes.Error, "")
	}
}

// End ends the span. Of an error it says only that there was one, or that the caller left: its words could hold anything.
func (s *Span) End(err error) {
	if s == nil {
		return
	}
	switch {
	case errors.Is(err, context.Canceled):
		s.span.SetAttributes(attribute.Bool("canceled", true))
	case err != nil:
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// Transport makes a span of each call that is made beneath one.
func Transport(base http.RoundTripper) http.RoundTripper { return transport{base} }

type transport struct{ base http.RoundTripper }

// RoundTrip measures until the head of the answer.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, span := Child(req.Context(), req.Method)
	if span == nil {
		return t.base.RoundTrip(req)
	}
	res, err := t.base.RoundTrip(req.WithContext(ctx))
	status := 0
	if res != nil {
		status = res.StatusCode
	}
	span.HTTP(req.Method, pattern(req.URL.Path), status)
	span.End(err)
	return res, err
}

// words are the segments of Assure's addresses that are no ids (reference section 2.2).
var words = map[string]bool{"assure": true, "auth": true, "open": true, "connect": true, "token": true, "dossiers": true, "processes": true,
	"images": true, "video": true, "download": true, "raw": true, "external-id": true, "userdata": true}

// pattern is an address with a star in the place of everything that could be an id.
func pattern(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if s != "" && !words[s] {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, "/")
}
