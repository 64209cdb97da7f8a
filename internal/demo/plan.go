package demo

import (
	"slices"
	"strings"
	"time"
)

// The seven statuses of a process.
const (
	pending      = "pending"
	processing   = "processing"
	accepted     = "accepted"
	rejected     = "rejected"
	inconclusive = "inconclusive"
	canceled     = "canceled"
	failed       = "failed"
)

// kind is a provider with what it offers.
type kind struct {
	provider string
	weight   int
	types    []string // empty: the provider has no process types
	statuses []string // those that it can end in, and those on the way
	detail   func(*made) content
}

// kinds is every provider that Assure has documented, oldest names included.
func kinds() []kind {
	all := []string{accepted, rejected, inconclusive, canceled, failed, pending, processing}
	quick := all[:6] // verified within the request: processing never shows
	login := []string{accepted, canceled, failed, pending}
	return []kind{
		{"onfido", 24, []string{"documentSelfie", "document", "documentVideo"}, all, onfidoContent},
		{"signicatvideoid", 20, []string{"high", "substantial", "substantialFullyAuto"}, all, videoIDContent},
		{"readid", 14, []string{"ready", "sdk"}, quick, readIDContent},
		{"signicatpaper", 9, nil, quick, paperContent},
		{"webid", 9, []string{"videoid", "accountid"}, all, webIDContent},
		{"signicatpictureid", 9, []string{"documentSelfie", "document"}, quick, pictureIDContent},
		{"facetec", 5, nil, quick, faceTecContent},
		{"eid", 4, []string{"attended", "unattended"}, quick, videoIDContent},
		{"connect:idin", 4, nil, login, connectContent},
		{"connect:itsme", 2, nil, login, connectContent},
	}
}

// outline says what sort of process number i is.
type outline struct {
	kind      kind
	ptype     string
	status    string
	live      bool // finishes while one watches
	scheduled bool // stands for its kind and status, so that the pair exists
}

// liveEvery is how often a process finishes while one watches, and liveMost how many do in all: more would only make
// the simulator busy.
const (
	liveEvery = 100
	liveMost  = 24
)

// outlines orders the plan: first every status of every provider, then every process type accepted, then by chance in
// the shares that a company might see. Number i is the same however many follow.
func outlines(o Options) []outline {
	fixed := scheduledOutlines()
	out := make([]outline, 0, o.Processes)
	live := 0
	for i := range o.Processes {
		d := newDice(o.Seed, "outline", i)
		switch {
		case i < len(fixed):
			out = append(out, fixed[i])
		case i%liveEvery == liveEvery-1 && live < liveMost:
			live++
			out = append(out, liveOutline(d))
		default:
			out = append(out, chanceOutline(d))
		}
	}
	return out
}

func scheduledOutlines() []outline {
	var out []outline
	for n, status := range []string{accepted, rejected, inconclusive, canceled, failed, pending, processing} {
		for _, k := range kinds() {
			if slices.Contains(k.statuses, status) {
				out = append(out, outline{kind: k, ptype: typeFor(k, status, n), status: status, scheduled: true})
			}
		}
	}
	for _, k := range kinds() {
		for _, t := range k.types {
			out = append(out, outline{kind: k, ptype: t, status: accepted, scheduled: true})
		}
	}
	return out
}

// typeFor takes the types in turn, save where the type cannot have the status: substantialFullyAuto is never
// inconclusive, and automatic VideoID is never seen processing.
func typeFor(k kind, status string, n int) string {
	switch {
	case len(k.types) == 0:
		return ""
	case k.provider == "signicatvideoid" && status == inconclusive:
		return "substantial"
	case k.provider == "signicatvideoid" && status == processing:
		return "high"
	default:
		return k.types[n%len(k.types)]
	}
}

func chanceOutline(d dice) outline {
	var shares []choice[kind]
	for _, k := range kinds() {
		shares = append(shares, choice[kind]{k.weight, k})
	}
	k := weighted(d, shares)
	status := weighted(d, []choice[string]{{70, accepted}, {9, rejected}, {9, inconclusive}, {7, canceled}, {5, failed}})
	if !slices.Contains(k.statuses, status) {
		status = accepted
	}
	return outline{kind: k, ptype: typeFor(k, status, d.IntN(6)), status: status}
}

func liveOutline(d dice) outline {
	slow := []kind{}
	for _, k := range kinds() {
		if slices.Contains(k.statuses, processing) {
			slow = append(slow, k)
		}
	}
	k := pick(d, slow)
	status := weighted(d, []choice[string]{{3, accepted}, {1, inconclusive}})
	return outline{kind: k, ptype: typeFor(k, processing, d.IntN(6)), status: status, live: true}
}

// final says whether a status is one that Assure never changes again.
func final(status string) bool { return status != pending && status != processing }

// withResult says whether the provider came to a verdict.
func withResult(status string) bool {
	return status == accepted || status == rejected || status == inconclusive
}

// daysBack is how far the made-up past reaches: within the 30 days that Assure lists.
const daysBack = 25

// times draws when a process was created and last updated, in whole seconds of UTC. All lie before midnight of o.Now's
// day, but for a few of the day itself; one of these that would not be over by o.Now is moved to the day before.
func times(d dice, o Options, out outline) (created, updated time.Time) {
	midnight := o.Now.UTC().Truncate(24 * time.Hour)
	back := d.between(1, daysBack)
	switch {
	case !final(out.status):
		back = 1
	case d.oneIn(25):
		back = 0
	}
	created = midnight.AddDate(0, 0, -back).Add(time.Duration(d.between(5*3600, 22*3600)) * time.Second)
	took := duration(d, out)
	if !created.Add(took).Before(o.Now) {
		created = created.AddDate(0, 0, -1)
	}
	return created, created.Add(took)
}

// duration is how long such a process takes, in whole seconds.
func duration(d dice, out outline) time.Duration {
	seconds := d.between(60, 360)
	switch {
	case out.status == pending:
		seconds = 0
	case out.status == canceled:
		seconds = d.between(15, 90)
	case out.status == failed:
		seconds = d.between(600, 1800)
	case out.status == processing:
		seconds = d.between(40, 120)
	case out.ptype == "high" || out.ptype == "videoid" || out.ptype == "attended":
		seconds = d.between(400, 5400) // a human looks
	case strings.HasPrefix(out.kind.provider, "connect:"), out.kind.provider == "facetec":
		seconds = d.between(20, 100)
	}
	return time.Duration(seconds) * time.Second
}
