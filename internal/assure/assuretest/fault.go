package assuretest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Class groups the paths that requests are counted and faults injected by.
type Class string

// The classes.
const (
	Any        Class = "" // for faults and counts: every class
	Token      Class = "token"
	List       Class = "list"
	Dossiers   Class = "dossiers"
	Dossier    Class = "dossier"
	Process    Class = "process"
	Images     Class = "images"
	Video      Class = "video"
	Raw        Class = "raw"
	Download   Class = "download"
	ExternalID Class = "external-id"
	UserData   Class = "userdata"
	Write      Class = "write"
	Other      Class = "other"
)

// Sort is what goes wrong.
type Sort int

// The sorts of fault.
const (
	StatusCode  Sort = iota // answers Fault.Status in the API's error form
	Hang                    // answers nothing until the client goes away
	HangInBody              // sends headers and half the body, then as Hang
	Truncated               // breaks off in the middle of the body
	OtherID                 // the right answer with another's process and dossier id
	Oversized               // the right answer, blown up with spaces to Fault.Size bytes
	ContentType             // the right answer called text/html
	NotJSON                 // 200 with a body that is no JSON
	Reset                   // resets the connection
	Drip                    // the right answer, a byte each Fault.Every
	Endless                 // 200 with a body that never ends
	Bomb                    // 200 with a gzip body that unfolds to Fault.Size bytes
	Empty                   // 200 with no body
	Answer                  // 200 with Fault.Body as JSON
)

// sortNames are what the sorts are called in a request for a fault.
var sortNames = []string{StatusCode: "status", Hang: "hang", HangInBody: "hang-in-body", Truncated: "truncated", OtherID: "other-id",
	Oversized: "oversized", ContentType: "content-type", NotJSON: "not-json", Reset: "reset", Drip: "drip", Endless: "endless", Bomb: "bomb",
	Empty: "empty", Answer: "answer"}

// Sorts lists every sort of fault.
func Sorts() []Sort {
	all := make([]Sort, len(sortNames))
	for i := range all {
		all[i] = Sort(i)
	}
	return all
}

// String is the sort's name.
func (s Sort) String() string {
	if s < 0 || int(s) >= len(sortNames) {
		return "sort " + strconv.Itoa(int(s))
	}
	return sortNames[s]
}

// UnmarshalText reads a sort's name.
func (s *Sort) UnmarshalText(text []byte) error {
	at := slices.Index(sortNames, string(text))
	if at < 0 {
		return fmt.Errorf("no such fault: %q; there are %s", text, strings.Join(sortNames, ", "))
	}
	*s = Sort(at)
	return nil
}

// Fault goes wrong the next Times requests of a class.
type Fault struct {
	Class      Class         `json:"class"`
	Sort       Sort          `json:"sort"`
	Times      int           `json:"times"`      // 0: once; below 0: until Heal
	Status     int           `json:"status"`     // for StatusCode
	RetryAfter string        `json:"retryAfter"` // header of StatusCode, either form; empty: none
	Size       int64         `json:"size"`       // for Oversized and Bomb, in bytes; 0: one byte more than 8 MiB
	Every      time.Duration `json:"every"`      // for Drip; 0: a second
	Body       string        `json:"body"`       // for Answer
}

// faults holds what is to go wrong, and the counts.
type faults struct {
	mu     sync.Mutex
	left   []Fault
	counts map[Class]int
}

// Fail adds a fault. Faults of one class come in the order they were added.
func (s *Simulator) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.left = append(s.faults.left, f)
}

// Heal takes all faults away.
func (s *Simulator) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.left = nil
}

// Requests counts the requests of a class so far, refused and failed ones included. Any counts all but those for tokens.
func (s *Simulator) Requests(c Class) int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if c != Any {
		return s.faults.counts[c]
	}
	sum := 0
	for class, n := range s.faults.counts {
		if class != Token {
			sum += n
		}
	}
	return sum
}

// next counts a request and takes its fault, if there is one.
func (f *faults) next(c Class) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[Class]int{}
	}
	f.counts[c]++
	for i := range f.left {
		fault := &f.left[i]
		if fault.Times == 0 || fault.Class != c && (fault.Class != Any || c == Token) {
			continue
		}
		if fault.Times > 0 {
			fault.Times--
		}
		return *fault, true
	}
	return Fault{}, false
}

// route counts requests of a class and lets faults happen to them.
func (s *Simulator) route(c Class, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fault, ok := s.faults.next(c)
		if !ok {
			next(w, r)
			return
		}
		// The body is read to its end, so that the server notices when the client goes away.
		_, _ = io.Copy(io.Discard, r.Body)
		switch fault.Sort {
		case StatusCode:
			s.failWithStatus(w, r, fault)
		case Hang:
			<-r.Context().Done()
		case NotJSON:
			writeBytes(w, "application/json", []byte(`{"processId": "`))
		case Answer:
			writeBytes(w, "application/json", []byte(fault.Body))
		case Empty:
			writeBytes(w, "application/json", nil)
		case Endless:
			endless(w, r)
		case Bomb:
			bomb(w, fault.size())
		case Reset:
			reset(w)
		default:
			spoil(w, r, fault, next)
		}
	}
}

func (s *Simulator) failWithStatus(w http.ResponseWriter, r *http.Request, f Fault) {
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	s.problem(w, r, f.Status, "Injected fault", "Nothing of this text may reach a person.")
}

// spoil makes the right answer and sends it wrong.
func spoil(w http.ResponseWriter, r *http.Request, f Fault, next http.HandlerFunc) {
	rec := httptest.NewRecorder()
	next(rec, r)
	body := rec.Body.Bytes()
	maps.Copy(w.Header(), rec.Header())
	switch f.Sort {
	case OtherID:
		body = otherIDs(body, r)
	case ContentType:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	blanks := int64(0)
	if f.Sort == Oversized {
		blanks = max(0, f.size()-int64(len(body)))
	}
	w.Header().Set("Content-Length", fmt.Sprint(int64(len(body))+blanks))
	w.WriteHeader(rec.Code)
	switch f.Sort {
	case Truncated, HangInBody:
		breakOff(w, r, body, f.Sort)
	case Drip:
		drip(w, r, body, cmp.Or(f.Every, time.Second))
	default:
		_, _ = w.Write(body)
		_, _ = io.CopyN(w, blank{}, blanks)
	}
}

func (f Fault) size() int64 { return cmp.Or(f.Size, 8<<20+1) }

// blank is white space without end: what JSON may have after its end, and what is never kept in memory here.
type blank struct{}

func (blank) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// drip sends a byte at a time until the client goes away.
func drip(w http.ResponseWriter, r *http.Request, body []byte, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for i := range body {
		_, _ = w.Write(body[i : i+1])
		_ = http.NewResponseController(w).Flush()
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
}

// endless sends white space until the client goes away.
func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		if _, err := io.CopyN(w, blank{}, 64<<10); err != nil {
			return
		}
	}
}

// bomb sends few bytes that become many, until the client has had enough.
func bomb(w http.ResponseWriter, size int64) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	for at := int64(0); err == nil && at < size; at += 256 << 10 {
		if _, err = io.CopyN(z, blank{}, min(256<<10, size-at)); err == nil {
			err = errors.Join(z.Flush(), http.NewResponseController(w).Flush())
		}
	}
	_ = z.Close()
}

func otherIDs(body []byte, r *http.Request) []byte {
	for _, id := range []string{r.PathValue("d"), r.PathValue("p")} {
		if id != "" {
			body = bytes.ReplaceAll(body, []byte(id), []byte("00000000-0000-4000-a000-000000000000"))
		}
	}
	return body
}

// breakOff sends half and then ends the connection, at once or when the client does.
func breakOff(w http.ResponseWriter, r *http.Request, body []byte, sort Sort) {
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	if sort == HangInBody {
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

// reset ends the connection with a TCP reset where it can.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
