package evidence

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// adultAge is the age in years under which a person is marked: the portal's own rule, whatever a company's may be.
const adultAge = 18

// groupDigits is the group of the MRZ's check digits, computed by the portal.
const groupDigits = "mrz digits"

// portal adds what the portal itself can tell from the fields: do readings agree, is the document in date, is the result there, and
// what the customer stated.
func (l *checklist) portal(fields []Field) {
	l.agreement(fields)
	l.digits()
	l.inDate(fields)
	l.adult(fields)
	l.resultThere(fields)
	for _, f := range fields {
		l.stated(f)
	}
}

// agreement is one check over all fields: each differing one has a finding of its own.
func (l *checklist) agreement(fields []Field) {
	differ, agree := 0, 0
	for _, f := range fields {
		switch {
		case readingsHave(f, Differs):
			differ++
		case readingsHave(f, Same), readingsHave(f, Equivalent):
			agree++
		}
	}
	c := verdict{NotDone, "no value stands in two places"}
	switch {
	case differ > 0:
		c = verdict{Fail, counted(differ, "field differs", "fields differ") + ", " + counted(agree, "agrees", "agree")}
	case agree > 0:
		c = verdict{Pass, counted(agree, "field agrees", "fields agree") + " wherever stated"}
	}
	l.computed(subject{"portal.agreement", "portal", askConsistent, "Do all places state the same?"}, "", c)
}

// readingsHave reports whether a source other than the customer's own word has the relation.
func readingsHave(f Field, relation Relation) bool {
	return slices.ContainsFunc(f.Sources, func(s Source) bool { return s.Medium != Customer && s.Relation == relation })
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// digits adds the check digits of the machine-readable zones, as the portal computes them (ICAO 9303 part 3, section 4.9).
func (l *checklist) digits() {
	for _, d := range l.r.mrzDigits() {
		c := verdict{Pass, "right"}
		if !d.Valid {
			c = verdict{Fail, "it is " + d.Got + " and should be " + d.Want}
		}
		asked := "MRZ check digit of " + strings.ToLower(FieldLabel(d.Part)) + "?"
		if d.Part == "composite" {
			asked = "MRZ check digit of the whole zone?"
		}
		l.computed(subject{"mrz." + d.Part, groupDigits, askConsistent, asked}, d.Pointer, c)
	}
}

// inDate holds the document's last day against the day of creation and today's. The meaning names no day: dates of a document are
// personal.
func (l *checklist) inDate(fields []Field) {
	expiry, pointer, found := l.r.factDate(fields, "dateOfExpiry")
	never, _ := l.r.element("document").at("nonExpiring").boolean()
	c := verdict{NotDone, "no date of expiry was read"}
	switch {
	case !found && never:
		c = verdict{Pass, "the document never expires"}
	case !found:
	case !l.r.created.IsZero() && expiry.Before(dayOf(l.r.created)):
		c = verdict{Fail, "the document had expired when the process was created"}
	case expiry.Before(dayOf(l.r.now)):
		c = verdict{Attention, "the document has expired since"}
	default:
		c = verdict{Pass, "the document is in date"}
	}
	l.computed(subject{"portal.inDate", "portal", askComplete, "Is the document in date?"}, pointer, c)
}

// adult adds the person's age when the process was created, where a date of birth was read.
func (l *checklist) adult(fields []Field) {
	birth, pointer, found := l.r.factDate(fields, "dateOfBirth")
	if !found || l.r.created.IsZero() || birth.After(l.r.created) {
		return
	}
	c := verdict{Pass, "18 or older when the process was created"}
	if birth.AddDate(adultAge, 0, 0).After(l.r.created) {
		c = verdict{Attention, "younger than 18 when the process was created"}
	}
	l.computed(subject{"portal.adult", "portal", askComplete, "Is the person of age?"}, pointer, c)
}

// resultThere holds the final result against the documented rule that accepted processes have one (reference, section 4).
func (l *checklist) resultThere(fields []Field) {
	if l.r.status.Status != "accepted" && l.r.final == nil {
		return
	}
	c := verdict{Attention, "accepted, and no final result was sent"}
	switch {
	case l.r.final != nil:
		c = countPresent(fields)
	case l.r.encrypted():
		c = verdict{NotDone, "none is given where the identity provider's answer is encrypted"}
	}
	l.computed(subject{"portal.result", "portal", askComplete, "Is there a final result?"}, "/finalResult", c)
}

func countPresent(fields []Field) verdict {
	present, known := 0, 0
	for _, f := range fields {
		if f.Known {
			known++
		}
		if f.Known && f.Present {
			present++
		}
	}
	if present == 0 {
		return verdict{Attention, "the final result is empty"}
	}
	return verdict{Pass, strconv.Itoa(present) + " of " + strconv.Itoa(known) + " fields"}
}

// encrypted reports whether userInfo is a token that only its recipient can read: then there is no final result even if accepted
// (reference, section 5).
func (r *reading) encrypted() bool {
	return isEncrypted(r.element("userInfo").string())
}

// statedVerdicts say how what the customer stated compares with what was read.
var statedVerdicts = map[Relation]verdict{
	Same:       {Pass, "the same"},
	Equivalent: {Pass, "the same, written differently"},
	Differs:    {Fail, "different"},
}

func (l *checklist) stated(f Field) {
	for _, s := range f.Sources {
		c, compared := statedVerdicts[s.Relation]
		if s.Medium != Customer || !compared {
			continue
		}
		pointer := ""
		if f.Present {
			pointer = "/finalResult/" + escape(f.Name)
		}
		l.computed(subject{"stated." + f.Name, "stated", askStated, f.Label + " as the customer stated?"}, pointer, c)
	}
}

// factDate is the date that a field has: of the final result, else of the first place that states it, in any spelling that is read.
func (r *reading) factDate(fields []Field, name string) (date time.Time, pointer string, found bool) {
	for _, f := range fields {
		if f.Name != name {
			continue
		}
		if date, ok := r.dateOf(name, f.Value); f.Present && ok {
			return date, "/finalResult/" + escape(name), true
		}
		for _, s := range f.Sources {
			if date, ok := r.dateOf(name, s.Raw); ok && s.Medium != Customer {
				return date, s.Pointer, true
			}
		}
	}
	return time.Time{}, "", false
}

// dateOf is the day that a text means in a field of this process.
func (r *reading) dateOf(field, text string) (time.Time, bool) {
	return dayAt(dateKindOf(field), text, latest(r.created, r.now))
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
