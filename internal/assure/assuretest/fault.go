package assuretest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
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
)

// Fault goes wrong the next Times requests of a class.
type Fault struct {
	Class      Class
	Sort       Sort
	Times      int    // 0: once; below 0: until Heal
	Status     int    // for StatusCode
	RetryAfter string // header of StatusCode, either form; empty: none
	Size       int64  // for Oversized; 0: one byte more than 8 MiB
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
	case Oversized:
		body = append(bytes.Clone(body), bytes.Repeat([]byte{' '}, max(0, f.size()-len(body)))...)
	case ContentType:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(rec.Code)
	if f.Sort == Truncated || f.Sort == HangInBody {
		breakOff(w, r, body, f.Sort)
		return
	}
	_, _ = w.Write(body)
}

func (f Fault) size() int {
	if f.Size > 0 {
		return int(f.Size)
	}
	return 8<<20 + 1
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
