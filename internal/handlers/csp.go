package handlers

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assure-portal/portal/web/templates"
)

// Bounds of what is kept of browsers' reports: anybody can post one.
const (
	maxCSPReport = 16 << 10 // bytes
	maxBlocked   = 50       // different ones; further ones are counted together
	maxReported  = 20       // of one post
)

// blocking is one kind of blocked content. It holds no address of a page and nothing that was typed.
type blocking struct {
	directive string // of the policy
	what      string // a keyword, or scheme and host alone
	where     string // one of our scripts, or empty
}

type blockings struct {
	n    int
	last time.Time
}

// blocked is what browsers reported since the start. Safe for concurrent use.
type blocked struct {
	mu    sync.Mutex
	kinds map[blocking]*blockings
	more  int // beyond maxBlocked
}

func (b *blocked) add(what blocking, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kinds == nil {
		b.kinds = map[blocking]*blockings{}
	}
	known := b.kinds[what]
	if known == nil {
		if len(b.kinds) >= maxBlocked {
			b.more++
			return
		}
		known = &blockings{}
		b.kinds[what] = known
	}
	known.n, known.last = known.n+1, now
}

// cspReport counts reports of browsers about blocked content and keeps of each what names no page and no person.
func (s *Server) cspReport(q *request) error {
	body, err := q.bounded(maxCSPReport)
	if err != nil {
		return q.NoContent(http.StatusRequestEntityTooLarge)
	}
	s.metrics.cspReports.Inc()
	for _, report := range parseReports(body) {
		s.blocked.add(report.kind(s.origin), s.Now())
	}
	return q.NoContent(http.StatusNoContent)
}

// cspReportBody is a report in the words of the Reporting API, or of the older report-uri.
type cspReportBody struct {
	Directive    string `json:"effectiveDirective"`
	Blocked      string `json:"blockedURL"`
	Source       string `json:"sourceFile"`
	OldDirective string `json:"effective-directive"`
	OldBlocked   string `json:"blocked-uri"`
	OldSource    string `json:"source-file"`
}

// parseReports reads both forms (Content Security Policy Level 3 section 5); what is neither gives nothing.
func parseReports(body []byte) []cspReportBody {
	var old struct {
		Report *cspReportBody `json:"csp-report"`
	}
	if err := json.Unmarshal(body, &old); err == nil && old.Report != nil {
		return []cspReportBody{*old.Report}
	}
	var all []struct {
		Type string        `json:"type"`
		Body cspReportBody `json:"body"`
	}
	if err := json.Unmarshal(body, &all); err != nil {
		return nil
	}
	var reports []cspReportBody
	for _, one := range all[:min(len(all), maxReported)] {
		if one.Type == "csp-violation" {
			reports = append(reports, one.Body)
		}
	}
	return reports
}

var cspWord = regexp.MustCompile(`^[a-z][a-z-]{0,39}$`)

func (r cspReportBody) kind(origin string) blocking {
	k := blocking{directive: cmp.Or(r.Directive, r.OldDirective), what: "something else"}
	if !cspWord.MatchString(k.directive) {
		k.directive = "unknown"
	}
	given := cmp.Or(r.Blocked, r.OldBlocked)
	if u, err := url.Parse(given); err == nil && (u.Scheme == "http" || u.Scheme == "https") && hostPattern.MatchString(u.Host) {
		k.what = u.Scheme + "://" + u.Host
	} else if cspWord.MatchString(given) {
		k.what = given
	}
	source, ours := strings.CutPrefix(cmp.Or(r.Source, r.OldSource), origin+"/static/")
	if ours && fileWord.MatchString(source) {
		k.where = source
	}
	return k
}

var (
	hostPattern = regexp.MustCompile(`^[A-Za-z0-9.\-:\[\]]{1,100}$`)
	fileWord    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,80}$`)
)

// facts are the kinds for the admin page, the one reported last first.
func (b *blocked) facts() []templates.Fact {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.kinds) == 0 {
		return []templates.Fact{{Label: "Reports", Value: "none since the start"}}
	}
	kinds := make([]blocking, 0, len(b.kinds))
	for k := range b.kinds {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(x, y blocking) int {
		return cmp.Or(b.kinds[y].last.Compare(b.kinds[x].last), strings.Compare(x.directive+x.what+x.where, y.directive+y.what+y.where))
	})
	var facts []templates.Fact
	for _, k := range kinds {
		value := k.what
		if k.where != "" {
			value += " by " + k.where
		}
		facts = append(facts, templates.Fact{Label: k.directive, Value: value, Mono: true,
			Note: counted(b.kinds[k].n, "report", "reports") + ", last " + instant(b.kinds[k].last).Words})
	}
	if b.more > 0 {
		facts = append(facts, templates.Fact{Label: "Further ones", Value: strconv.Itoa(b.more)})
	}
	return facts
}
