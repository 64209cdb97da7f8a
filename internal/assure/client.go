package assure

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
)

// Options configures a Client.
type Options struct {
	BaseURL      string // https://api.signicat.com/assure; plain http to a loopback address alone
	TokenURL     string // https://api.signicat.com/auth/open/connect/token; the same rule
	ClientID     string
	ClientSecret string
	Now          func() time.Time                          // nil: time.Now
	Timeout      time.Duration                             // of one call with its repeats; 0: 10 s, media six times that
	MaxBody      int64                                     // bytes of a JSON answer; 0: 2 MiB, of a list 8 MiB. Media: 64 MiB, or MaxBody if that is more
	Transport    http.RoundTripper                         // nil: its own
	Wrap         func(http.RoundTripper) http.RoundTripper // nil: nothing stands around the transport
	// Wait lets the time between two tries go by, or less if its context ends; nil: it really waits.
	Wait func(context.Context, time.Duration)
}

// Client reads the API. It is safe for concurrent use. Every call ends with its context, and within the time-out.
type Client struct {
	base      string
	http      *http.Client
	tokens    *tokenSource
	now       func() time.Time
	timeout   time.Duration
	maxBody   int64
	maxList   int64
	maxMedia  int64
	retries   retryBudget
	breaker   breaker
	jitter    func(time.Duration) time.Duration
	wait      func(context.Context, time.Duration)
	life      context.Context
	end       context.CancelFunc
	closeIdle func()
}

// NewClient checks the options and connects to nothing yet. Close it.
func NewClient(o Options) (*Client, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Client{base: strings.TrimRight(o.BaseURL, "/"), now: o.Now, timeout: o.Timeout, maxBody: cmp.Or(o.MaxBody, maxJSONBody),
		maxList: cmp.Or(o.MaxBody, maxListBody), maxMedia: max(maxMediaBody, o.MaxBody), retries: retryBudget{saved: retryReserve}, jitter: jitter, wait: o.Wait, closeIdle: func() {}}
	if c.wait == nil {
		c.wait = wait
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.timeout <= 0 {
		c.timeout = callTimeout
	}
	if o.Transport == nil {
		own := newTransport()
		o.Transport, c.closeIdle = own, own.CloseIdleConnections
	}
	if o.Wrap != nil {
		o.Transport = o.Wrap(o.Transport)
	}
	c.http = newHTTPClient(o.Transport)
	c.life, c.end = context.WithCancel(context.Background())
	c.tokens = &tokenSource{http: c.http, url: o.TokenURL, id: o.ClientID, secret: o.ClientSecret, now: c.now, life: c.life}
	return c, nil
}

func (o Options) check() error {
	var faults []error
	faults = append(faults, checkURL("base URL", o.BaseURL), checkURL("token URL", o.TokenURL))
	if o.ClientID == "" || o.ClientSecret == "" {
		faults = append(faults, errors.New("assure: the client id and its secret are needed"))
	}
	return errors.Join(faults...)
}

// checkURL lets plain http to loopback addresses alone: the secret and the people's data travel on it.
func checkURL(name, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		return fmt.Errorf("assure: the %s is not an absolute URL", name)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("assure: the %s must be without user, query and fragment", name)
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("assure: the %s must be https (http is taken for loopback addresses alone)", name)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Close ends running calls, which fail with ErrClosed as later ones do, waits for a running refresh of the token, and
// closes idle connections.
func (c *Client) Close() {
	c.end()
	c.tokens.wait()
	c.closeIdle()
}

// ListProcesses reads one page of the processes created in the last 30 days, newest first unless asked otherwise.
// While it is paged through, new processes shift the pages: ask with a fixed End, or ascending.
func (c *Client) ListProcesses(ctx context.Context, f ListFilter) (ProcessList, error) {
	query, err := f.query()
	if err != nil {
		return ProcessList{}, err
	}
	q := c.json(query, "processes")
	q.max = c.maxList
	r, err := c.do(ctx, q)
	if err != nil {
		return ProcessList{}, fmt.Errorf("list processes: %w", err)
	}
	return parseProcessList(r.body)
}

func (f ListFilter) query() (url.Values, error) {
	if f.Start.IsZero() || f.Offset < 0 || f.Offset > MaxListOffset || f.Limit < 0 || f.Limit > MaxListLimit {
		return nil, apperr.New(apperr.BadRequest, "Assure lists from a start on, 2,000 at once, up to the 200,000th.", "")
	}
	q := url.Values{"startCreationDate": {wireTime(f.Start)}}
	if !f.End.IsZero() {
		q.Set("endCreationDate", wireTime(f.End))
	}
	for _, s := range f.Statuses {
		q.Add("status", string(s))
	}
	if f.Offset > 0 {
		q.Set("offset", strconv.Itoa(f.Offset))
	}
	if f.Limit > 0 {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	if f.Ascending {
		q.Set("order", "createdAtAscending")
	}
	return q, nil
}

// wireTime is the documented form, whole seconds in UTC.
func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// ListDossiers reads the last 100 dossiers, without their processes.
func (c *Client) ListDossiers(ctx context.Context) ([]Dossier, error) {
	r, err := c.do(ctx, c.json(nil, "dossiers"))
	if err != nil {
		return nil, fmt.Errorf("list dossiers: %w", err)
	}
	return parseDossiers(r.body)
}

// GetDossier reads a dossier with its processes, however old. An answer about another dossier is ErrOther.
func (c *Client) GetDossier(ctx context.Context, dossierID string) (Dossier, error) {
	r, err := c.dossierJSON(ctx, "get dossier", dossierID)
	if err != nil {
		return Dossier{}, err
	}
	d, err := parseDossier(r.body)
	if err == nil && d.DossierID != dossierID {
		return Dossier{}, fmt.Errorf("get dossier: %w", ErrOther)
	}
	return d, err
}

// UserData reads what the customer stated about the person of a dossier; IsNotFound if nothing was.
// An answer about another dossier is ErrOther.
func (c *Client) UserData(ctx context.Context, dossierID string) (Answer, error) {
	r, err := c.dossierJSON(ctx, "get user data", dossierID, "userdata")
	if err != nil {
		return Answer{}, err
	}
	members, err := topLevel(r.body)
	if err != nil {
		return Answer{}, fmt.Errorf("get user data: %w", err)
	}
	id, named := members["dossierId"]
	if named && !isString(id, dossierID) {
		return Answer{}, fmt.Errorf("get user data: %w", ErrOther)
	}
	if _, said := members["userData"]; !said && !named {
		return Answer{}, fmt.Errorf("get user data: an answer about nothing: %w", ErrUnreadable)
	}
	return Answer{Body: r.body, ReceivedAt: r.at}, nil
}

// GetProcess reads one process, byte for byte. An answer about another process is ErrOther; one that is no process comes as
// Unusable.
func (c *Client) GetProcess(ctx context.Context, dossierID, processID string) (Answer, error) {
	if err := checkIDs(dossierID, processID); err != nil {
		return Answer{}, err
	}
	q := c.json(nil, "dossiers", dossierID, "processes", processID)
	q.keep = true
	r, err := c.do(ctx, q)
	if err != nil {
		return Answer{}, fmt.Errorf("get process: %w", err)
	}
	p, err := ParseProcess(r.body)
	if err != nil {
		return Answer{}, fmt.Errorf("get process: %w", &Unusable{Body: r.body, Cause: err})
	}
	if p.ProcessID != processID {
		return Answer{}, fmt.Errorf("get process: %w", ErrOther)
	}
	return Answer{Body: r.body, ReceivedAt: r.at}, nil
}

// ExternalID reads the provider's own id of a process; empty where there is none.
func (c *Client) ExternalID(ctx context.Context, dossierID, processID string) (string, error) {
	r, err := c.processJSON(ctx, "get external id", dossierID, processID, "external-id")
	if err != nil {
		return "", err
	}
	var answer struct {
		ExternalID Text `json:"externalId"`
	}
	if err := json.Unmarshal(r.body, &answer); err != nil {
		return "", fmt.Errorf("get external id: %w", ErrUnreadable)
	}
	return string(answer.ExternalID), nil
}

// Raw reads the provider's own document, readid only, byte for byte; ErrNotReady until the process is over.
func (c *Client) Raw(ctx context.Context, dossierID, processID string) (Answer, error) {
	if err := checkIDs(dossierID, processID); err != nil {
		return Answer{}, err
	}
	q := c.json(nil, "dossiers", dossierID, "processes", processID, "raw")
	q.may204 = true
	r, err := c.do(ctx, q)
	if err != nil {
		return Answer{}, fmt.Errorf("get raw: %w", err)
	}
	if _, err := topLevel(r.body); err != nil {
		return Answer{}, fmt.Errorf("get raw: %w", err)
	}
	return Answer{Body: r.body, ReceivedAt: r.at}, nil
}

// Image reads one image. Its content type is what its bytes are: image/jpeg, image/png or application/octet-stream.
// IsForbidden means that a requested redaction was not complete.
func (c *Client) Image(ctx context.Context, dossierID, processID string, d Depiction) (Media, error) {
	if !d.Known() {
		return Media{}, apperr.New(apperr.BadRequest, "There is no such image.", "")
	}
	m, err := c.media(ctx, "get image", url.Values{"depiction": {string(d)}}, []string{octets, "image/*"}, false,
		dossierID, processID, "images")
	if err != nil {
		return Media{}, err
	}
	m.ContentType = imageType(m.Body)
	return m, nil
}

// Video reads the video of a signicatvideoid or onfido process.
func (c *Client) Video(ctx context.Context, dossierID, processID string) (Media, error) {
	return c.media(ctx, "get video", nil, []string{"video/*", octets}, false, dossierID, processID, "video")
}

// Download reads the archive of everything about a process; ErrNotReady until it is made. Timestamps are to be asked
// for at signicatvideoid alone, and fail where there are none.
func (c *Client) Download(ctx context.Context, dossierID, processID string, includeTimestamps bool) (Media, error) {
	var query url.Values
	if includeTimestamps {
		query = url.Values{"includeTimestamps": {"true"}}
	}
	return c.media(ctx, "download", query, []string{"application/zip", octets}, true, dossierID, processID, "download")
}

const octets = "application/octet-stream"

func (c *Client) media(ctx context.Context, name string, query url.Values, types []string, may204 bool, dossierID, processID, last string) (Media, error) {
	if err := checkIDs(dossierID, processID); err != nil {
		return Media{}, err
	}
	r, err := c.do(ctx, call{path: []string{"dossiers", dossierID, "processes", processID, last}, query: query, types: types,
		max: c.maxMedia, timeout: c.timeout * mediaPatience, may204: may204})
	if err != nil {
		return Media{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(r.body) == 0 {
		return Media{}, fmt.Errorf("%s: an empty body: %w", name, ErrUnreadable)
	}
	return Media{ContentType: r.header.Get("Content-Type"), Body: r.body}, nil
}

// imageType goes by the bytes: the API calls every image application/octet-stream.
func imageType(body []byte) string {
	switch t := http.DetectContentType(body); t {
	case "image/jpeg", "image/png":
		return t
	}
	return octets
}

func (c *Client) dossierJSON(ctx context.Context, name, dossierID string, rest ...string) (reply, error) {
	if err := checkIDs(dossierID); err != nil {
		return reply{}, err
	}
	r, err := c.do(ctx, c.json(nil, append([]string{"dossiers", dossierID}, rest...)...))
	if err != nil {
		return reply{}, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

func (c *Client) processJSON(ctx context.Context, name, dossierID, processID string, rest ...string) (reply, error) {
	if err := checkIDs(processID); err != nil {
		return reply{}, err
	}
	return c.dossierJSON(ctx, name, dossierID, append([]string{"processes", processID}, rest...)...)
}

// json is a call whose answer is JSON.
func (c *Client) json(query url.Values, path ...string) call {
	return call{path: path, query: query, types: []string{"application/json"}, max: c.maxBody, timeout: c.timeout}
}

func isString(b json.RawMessage, want string) bool {
	var s string
	return json.Unmarshal(b, &s) == nil && s == want
}
