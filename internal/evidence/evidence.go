// Package evidence reads one snapshot of a process into one report: every field with the places that state it and how
// they compare, every provider check in one shape, six questions, findings worst first, and the whole tree of what was
// received. It is pure: no I/O, no clock, and it never loses, repairs or judges what it does not know.
package evidence

import "time"

// MappingVersion changes whenever a table here changes what a report says about the same bytes.
const MappingVersion = 5

// Class says how personal a value is; the contract's masking table decides who sees which.
type Class string

// Classes, from least to most strictly kept.
const (
	Plain          Class = "plain"
	Identity       Class = "identity" // names, birth, gender, contact
	DocumentNumber Class = "document"
	PersonalNumber Class = "personal"
	Image          Class = "image"
	Raw            Class = "raw" // JWT strings and the raw body
)

// Relation is how the sources of a field compare with its final result.
type Relation string

// Relations, as the contract orders them from worst to best.
const (
	Differs    Relation = "differs"
	Unsourced  Relation = "unsourced"
	Absent     Relation = "absent"
	Equivalent Relation = "equivalent"
	Same       Relation = "same"
	Single     Relation = "single"
)

// Medium is what a source was read from.
type Medium string

// Media.
const (
	Chip             Medium = "chip"
	MRZ              Medium = "mrz"
	Print            Medium = "print"
	Agent            Medium = "agent"
	IdentityProvider Medium = "identity provider"
	Customer         Medium = "customer"
	Derived          Medium = "derived" // computed by the provider (scores, liveness): never a confirmation
)

// Input is one snapshot as stored.
type Input struct {
	Body     []byte    // exact bytes of the Get process answer
	UserData []byte    // what the customer stated (GET userdata), nil if none was received
	Now      time.Time // UTC; decides "expired now"
	Earlier  []string  // statuses of the versions before this one, oldest first
}

// Span is a stretch of runes of a difference. Kind "same": both values have it; "removed": only the source has it; "added": only the
// value that it is held against has it. Without the added spans the texts spell the source, without the removed ones the value.
type Span struct {
	Kind string
	Text string
}

// Source is one place that states the fact.
type Source struct {
	Pointer  string // JSON Pointer into the body, "#part" appended for a part of an MRZ line or JWT
	Name     string // short human name: "mrz", "features", "manual approval"
	Medium   Medium
	Raw      string // as received; JSON strings unquoted, others as JSON text
	Relation Relation
	Rule     string // the rule that made it equivalent: "date form", "country code", ...; empty otherwise
	Edit     []Span // when Relation is Differs: this source against the final result, or where that lacks the value, the first source
	Found    bool   // found by the portal in no table of ours: an unmapped source
	Class    Class
}

// Field is one fact: a final result field, or one that only the provider has.
type Field struct {
	Name      string // finalResult name, or the provider's own for provider-only fields
	Label     string // words for a person: "First name"
	Class     Class
	Value     string // final result as received, empty if !Present
	Present   bool   // the final result has it
	Note      string // "Netherlands", "valid", "expired 12 days ago"; never personal beyond the field's own class
	Relation  Relation
	Rule      string
	Confirmed bool     // two different media state the value
	Media     []Medium // distinct media that agree with the value; scores and places that the portal found itself are none
	Sources   []Source
	Known     bool // one of the 15 documented fields
}

// Result of a check.
type Result string

// Results.
const (
	Pass      Result = "pass"
	Attention Result = "attention"
	Fail      Result = "fail"
	NotDone   Result = "none"
)

// Check is one verdict of the provider, in one shape for all providers.
type Check struct {
	ID       string // stable anchor: "mrzChecksum.documentNumber"
	Group    string // "mrzChecksum"
	Asked    string // what was asked, in our words
	Answer   string // as received
	Meaning  string // the answer in our words
	Result   Result
	Pointer  string
	Question string // the question it stands behind: document, face, live, consistent, complete, stated; empty: none
	Reporter string // "Onfido", "Signicat Paper"
	// Supporting: passing says that the question could be tested, not that the answer is yes ("Is the image sharp?").
	Supporting bool
	Required   Requirement
}

// Requirement says whether the status depends on a check, where the reference says so or a published sample shows it.
type Requirement string

// Requirements.
const (
	Required    Requirement = "required" // accepted without it contradicts the rule
	Optional    Requirement = "optional" // accepted samples lack it, or the rule leaves it out: failed, it asks for a look and says no more
	Unspecified Requirement = ""         // nobody published it
)

// Answer to a question.
type Answer string

// Answers.
const (
	Yes        Answer = "yes"
	Look       Answer = "look"
	No         Answer = "no"
	Never      Answer = "never"
	NotDoneNow Answer = "notdone"
	Pending    Answer = "pending"
)

// Question is one of the six, always in the same order: document, face, live, consistent, complete, stated.
type Question struct {
	ID     string
	Asked  string // "Document tested as genuine?"
	Answer Answer
	Why    string   // "3 of 4 checksums valid"
	Checks []string // ids of the checks behind it
}

// Severity of a finding.
type Severity int

// Severities.
const (
	Bad    Severity = 3
	Notice Severity = 2
	Info   Severity = 1
)

// Finding is something to look at before anything else. Text holds no personal value.
type Finding struct {
	Code     string // stable, for search and CSV: "field-differs", "document-expired", ...
	Severity Severity
	Text     string
	Target   string // anchor on the page: "field-documentNumber", "check-...", a JSON Pointer
	Field    string
	Process  string // id of another process that it leads to; empty for none
}

// Node is one value of the received JSON, in received order.
type Node struct {
	Pointer  string
	Key      string
	Kind     string // object, array, string, number, boolean, null
	Value    string // leaves: strings unquoted, numbers as their text
	Explain  string // our words about the element or value, empty if unknown
	Mood     string // "", "good", "bad": so that deviation is loud
	Class    Class
	Children []Node
	Open     bool // something inside is worth looking at
}

// StatusInfo says what a status means.
type StatusInfo struct {
	Status     string
	Known      bool
	Final      bool
	WithResult bool   // ends with a result (accepted, rejected, inconclusive)
	Words      string // "final, with a result", "not final: verification is running"
}

// Reason is one fail reason, status reason or rejection reason in words. No part of it is personal.
type Reason struct {
	Code    string // as received, e.g. "Document / SecurityCheckFailed / NonExpired"
	Text    string // as received if it holds nothing personal, else as much of it; the whole stands in the tree, by its class
	Meaning string // our words
	Pointer string
}

// Report is everything the portal says about one snapshot.
type Report struct {
	MappingVersion int
	ProcessID      string
	Provider       string
	ProviderName   string
	ProcessType    string
	Status         StatusInfo
	CreatedAt      string // as received
	UpdatedAt      string
	Created        time.Time // zero if unreadable
	Updated        time.Time
	HasFinalResult bool
	Fields         []Field // the 15 in contract order, then unknown final result fields, then provider-only ones
	Checks         []Check
	Questions      []Question
	Findings       []Finding // worst first
	Reasons        []Reason
	Depictions     []string
	Tree           Node   // the whole body, root pointer ""
	Malformed      string // why the body could not be read as one JSON object; the rest is then empty
	// Person is what an index and a heading need; each from the final result, else the first source.
	Person Person
}

// Person is the few values that lists show.
type Person struct {
	FirstName, LastName, DateOfBirth, Nationality                          string
	DocumentNumber, DocumentType, IssuingCountry, PersonalNumber, MRZNames string
	// StatedFirstName and StatedLastName are what the customer stated, whatever the provider read; empty if nothing.
	StatedFirstName, StatedLastName string `json:",omitempty"`
}

// Counts are the relation counts for search and CSV, over the documented fields.
type Counts struct {
	Same, Equivalent, Differs, Unsourced, Absent, Single int
}
