package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestShareOfLatencies(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, c := range []struct {
		name      string
		latencies []time.Duration
		share     float64
		want      time.Duration
	}{
		{"half of a hundred answers took at most the fiftieth", hundred, .50, 50},
		{"all but one of a hundred", hundred, .99, 99},
		{"of one answer it is that one", hundred[:1], .99, 1},
		{"of no answer it is nothing", nil, .50, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (result{latencies: c.latencies}).at(c.share); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

func TestMedianRoundIsTheOneInTheMiddleOrTheBrokenOne(t *testing.T) {
	slow, fast := result{took: 3 * time.Second, latencies: make([]time.Duration, 3)}, result{took: time.Second, latencies: make([]time.Duration, 30)}
	middle := result{took: time.Second, latencies: make([]time.Duration, 10)}
	if got := median([]result{fast, slow, middle}); got.rate() != middle.rate() {
		t.Errorf("%v requests/s, want %v", got.rate(), middle.rate())
	}
	broken := result{took: time.Second, err: errors.New("503")}
	if got := median([]result{fast, broken, middle}); got.err == nil {
		t.Error("the round with the error was left out")
	}
}

func TestLoadEndsAtItsFirstBadAnswerAndCountsTheGoodOnes(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) > 20 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	s, err := newSession(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := load(t.Context(), s, []string{"/a", "/b"}, 4)
	if len(r.latencies) != 20 || r.err == nil {
		t.Errorf("%d good answers and error %v, want 20 and an error", len(r.latencies), r.err)
	}
}
