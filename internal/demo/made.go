package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// made is one process in the making.
type made struct {
	outline
	dice
	seed             int64
	number           int // 0, 1, 2 …
	id               string
	person           person
	doc              document
	created, updated time.Time
	planter          *planter
	planted          bool
	borrowed         bool // its document has another person's number
	lends            bool // its document's number is the one that another may have
	reversed         bool // its final status changes while one watches
}

// content is what a provider adds to the head of a body.
type content struct {
	reasons     []object // statusReasons
	depictions  []string // nil: the body has no such element
	extra       object   // elements of this provider alone, before the result
	final       object   // finalResult; nil: none
	detail      object   // providerSpecific; nil: none
	detailFirst bool     // ReadID and Connect write the detail before the result
	failReason  object

	images   []string // depictions that can be fetched
	redacted []string // depictions that answer 403
	video    bool
}

const timeForm = "2006-01-02T15:04:05Z"

// body puts a process together in the element order of its provider.
func (m *made) body(c content) ([]byte, error) {
	o := object{{"processId", m.id}, {"provider", m.kind.provider}}
	o.opt("processType", m.ptype)
	o.add("status", m.status)
	if c.failReason != nil {
		o.add("failReason", c.failReason)
	}
	if c.reasons != nil {
		o.add("statusReasons", c.reasons)
	}
	if c.depictions != nil {
		o.add("depictions", c.depictions)
	}
	o = append(o, c.extra...)
	parts := []member{{"finalResult", c.final}, {"providerSpecific", c.detail}}
	if c.detailFirst {
		parts[0], parts[1] = parts[1], parts[0]
	}
	for _, part := range parts {
		if part.value.(object) != nil {
			o = append(o, part)
		}
	}
	o.add("createdAt", m.created.Format(timeForm))
	o.add("updatedAt", m.updated.Format(timeForm))
	raw, err := o.bytes(layoutOf(m.number))
	if err != nil {
		return nil, fmt.Errorf("process %d of %s: %w", m.number, m.kind.provider, err)
	}
	return raw, nil
}

// sow gives the planter a chance to make one source disagree with the final result. It throws dice of its own, so that
// nothing else of the process changes with it.
func (m *made) sow(final reading, sources ...reading) {
	if m.planter.sow(newDice(m.seed, "plant", m.number), final, sources...) {
		m.planted = true
	}
}

// capitals is the document read as print: capitals, accents kept.
func (m *made) capitals() reading {
	return truth(m.person, m.doc).with(m.person.upper, "firstName", "lastName", "placeOfBirth")
}

// chip is the document read as a chip or MRZ has it: capitals A to Z.
func (m *made) chip() reading {
	return truth(m.person, m.doc).with(latin, "firstName", "lastName", "placeOfBirth")
}

// ref makes an id that belongs to this process.
func (m *made) ref(purpose string) string { return uuid(m.seed, purpose, m.number) }

// spelled writes a yes or no as a boolean, as the schema says, or as a string, as the published samples do.
func (m *made) spelled(yes bool) any {
	if m.number%2 == 0 {
		return yes
	}
	return strconv.FormatBool(yes)
}

// externalID is the provider's own id, where it has one.
func (m *made) externalID() string {
	switch p := m.kind.provider; {
	case p == "webid":
		return m.actionID()
	case p == "facetec" || strings.HasPrefix(p, "connect:"):
		return ""
	case p == "readid" && !final(m.status):
		return m.id // ReadID's session id is known only at the end
	default:
		return m.ref("external")
	}
}

// failure words a failReason. Only VideoID's and PictureID's are published; the keys of the last form come from the
// request to fail a process.
func (m *made) failure() object {
	if m.oneIn(6) {
		return object{{"category", "User.Request"}, {"reason", "Process.Failed"}, {"message", "Failed by request."}}
	}
	form := func(kind, message string) object { return object{{"type", kind}, {"message", message}} }
	timeout := form("timeout", "The end-user did nothing for too long.")
	switch m.kind.provider {
	case "signicatvideoid", "eid":
		return form("system_requirements", "The following requirements were not met: camera,microphone.")
	case "signicatpictureid":
		return form("upload_failed", "ERROR: signicatpictureid uploadImage()")
	case "signicatpaper":
		return form("unreadable_document", "It was not possible to read the document.")
	case "readid":
		return form("session_expired", "The ReadID session expired before it was committed.")
	default:
		return timeout
	}
}

// expiredDocument says whether the plan wants a document that ran out.
func (o outline) expiredDocument() bool {
	switch o.kind.provider {
	case "signicatpaper", "eid":
		return o.status == rejected
	case "signicatvideoid":
		return o.status == rejected && o.ptype == "substantial"
	case "signicatpictureid":
		return o.status == inconclusive
	default:
		return false
	}
}

// documentKind draws a document that the provider can read.
func (o outline) documentKind(d dice) string {
	type shares = []choice[string]
	switch o.kind.provider {
	case "onfido":
		if o.ptype == "document" && d.oneIn(2) {
			return driversLicense
		}
		return weighted(d, shares{{5, passport}, {4, identityCard}, {1, residencePermit}})
	case "signicatvideoid", "eid":
		return weighted(d, shares{{4, passport}, {5, identityCard}, {1, residencePermit}})
	case "webid":
		return weighted(d, shares{{1, passport}, {4, identityCard}})
	case "signicatpaper":
		if o.status == inconclusive {
			return driversLicense
		}
		return weighted(d, shares{{1, passport}, {1, identityCard}})
	default:
		return weighted(d, shares{{3, passport}, {2, identityCard}})
	}
}
