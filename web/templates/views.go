// Package templates holds the pages and their parts. A view struct says everything that its page shows, already in
// words and already masked: templates decide nothing, and what is not in the struct is not in the bytes sent.
package templates

import "slices"

// Page is what every page has around it.
type Page struct {
	Title     string // never personal
	RequestID string
	Demo      bool // every page says that the data is invented
	SignedIn  bool
	Person    string // name shown in the top bar
	Roles     string // "Reviewer", "Reviewer, Auditor"
	Nav       []NavItem
	Purposes  []Option // the working purpose, one form in the top bar
	Case      string
	Here      string // path to come back to after POST /purpose
	CanSearch bool
	Term      string // in the search box, when this page belongs to a search
	TrailNote string // shown loudly when the trail is closed
	Alert     *Link  // leads whoever reads the trail to what needs a look
	Printed   string // "Printed by … at …", shown on paper only
}

// NavItem is one entry of the navigation.
type NavItem struct {
	Label, Href string
	Current     bool
}

// Option is one choice of a select or a radio group.
type Option struct {
	Value, Label string
	Selected     bool
}

// Link is words with an address.
type Link struct {
	Label, Href string
	Current     bool
}

// Part is a stretch of text; Mark is "", "match" (search term), "removed" or "added" (difference).
type Part struct {
	Text string
	Mark string
}

// Instant is a time: machine form for <time datetime>, words with the zone for people.
type Instant struct {
	Machine, Words string
}

// StatusView is a status with shape, word and colour.
type StatusView struct {
	Code  string // data-status; unknown ones as received
	Word  string // "Accepted"
	Words string // "final, with a result"
}

// SearchPage is GET /processes.
type SearchPage struct {
	Page
	TermID                                   string // opaque id, kept in the filter form as s
	Understood                               string
	As                                       string // how the term is to be read, kept in the filter form
	Readings                                 []ReadingLink
	Saved                                    []SavedLink
	List                                     string // query of this list's address without a place in its pages
	Return                                   string // this list's address
	Columns                                  []ColumnChoice
	Total                                    string // digits or 10000+
	TotalWords                               string // "128 processes", "more than 10,000 processes"
	Freshness                                string
	Chips                                    []Chip
	From, To, UpdatedFrom, UpdatedTo, Within string
	Filters                                  []FilterGroup
	Sorts                                    []Link
	Sort                                     string
	Rows                                     []ResultRow
	NextHref, PrevHref                       string
	Empty                                    *EmptyState
	CSVHref                                  string // empty: this reader may not export
	CSVIdentityHref                          string
	ExportsHref                              string   // the register, which tells how far each export is; empty: this reader may not see it
	Missing                                  []string // pasted ids that are not held
	Masked                                   bool     // this reader's role masks person values
}

// ReadingLink is one way to read the term, with how many it finds and the address that reads it so; no address: read so now.
type ReadingLink struct{ Words, Count, Href string }

// SavedLink is a search that the reader keeps under a name.
type SavedLink struct {
	Name, Href, DeleteHref string
	Current                bool
}

// ColumnChoice is a column that a reader may hide.
type ColumnChoice struct {
	Code, Label string
	Shown       bool
}

// Shows reports whether a column is shown.
func (v SearchPage) Shows(code string) bool {
	return slices.ContainsFunc(v.Columns, func(c ColumnChoice) bool { return c.Code == code && c.Shown })
}

// Chip is a filter in force, with the address without it.
type Chip struct{ Label, RemoveHref string }

// FilterGroup is one parameter with its values.
type FilterGroup struct {
	Name, Legend string
	Options      []FilterOption
}

// FilterOption is one value with its count.
type FilterOption struct {
	Value, Label, Count string
	Checked             bool
}

// EmptyState says that nothing was found, what was searched and what to try.
type EmptyState struct {
	What  string
	Try   []string
	Reset string // href
	Ask   *AskForm
}

// AskForm asks Assure for a process that the portal does not hold.
type AskForm struct {
	Process, Dossier string
	Mistake          string // empty: none
}

// AskPage is AskForm by itself, after a mistake.
type AskPage struct {
	Page
	Form AskForm
}

// ResultRow is one line of the list.
type ResultRow struct {
	ProcessID, Href string
	SeenHref        string // who saw the process, in the trail; empty: this reader may not read it
	Created         Instant
	Status          StatusView
	Provider, Type  string
	Person          []Part // empty: the provider read no name
	Stated          []Part // what the customer stated, where that is the only name or what the search found
	Born, Document  []Part
	Country         string
	Updated         Instant
	Reference       []Part
	Dossier         string
	LookAt          string // worst finding only
	LookAtBad       bool
	Note            string // "imported by hand"
}

// Fact is a label with a value.
type Fact struct {
	Label, Value, Note string
	Machine            string // machine form where Value is a time
	Mono, Copy         bool
}

// ProcessPage is GET /processes/{processId} and the answer to a reveal.
type ProcessPage struct {
	Page
	ProcessID     string
	Heading       []Part // the person's name, masked as the role demands, or "Process without a name"
	Status        StatusView
	Provider      string // "Signicat Paper"
	Type          string
	Facts         []Fact // process, dossier, reference, created, finished, received
	Notices       []Notice
	Findings      []FindingView
	FindingsWords string // "3 things to look at", "Nothing to stop at"
	AllClear      bool   // a finished verification with a result, and nothing at all was found
	Reasons       []ReasonView
	NoResult      string     // why the final result column is empty; empty when there is one
	Fields        []FieldRow // in contract order, then unknown ones, then provider-only
	Questions     []QuestionView
	CheckGroups   []CheckGroup
	Tree          NodeView // root; show its children
	OpenHref      string   // the page with every part of the tree open
	CloseHref     string   // or closed
	Malformed     string
	Images        []ImageLink
	ImagesNote    string
	Versions      []VersionRow
	Seen          []string  // "opened 3 times by 2 colleagues"
	SeenHref      string    // who saw this process, in the trail, for auditors
	StatementHref string    // the access statement of this process, with SeenHref
	Tabs          []NavItem // of the provider's detail: as a tree, raw, and what else this reader may open
	RefreshHref   string    // form action; empty: not for this reader
	RefreshWhyNot string
	RevealHref    string    // form action; empty: not for this reader
	Purposes      []Option  // for the reveal form
	Position      *Position // place in the list one came from
	Paper         string    // on paper alone: which snapshot this is, to the last digit of its hash
	Back          string    // href of the results
}

// Position is the place in the list one came from.
type Position struct{ Words, PrevHref, NextHref string }

// Notice is a strip on top: imported by hand, gone upstream, older version, erased. Kind: info, warning, bad.
type Notice struct {
	Kind, Text string
	Link       *Link
}

// FindingView is one thing to look at.
type FindingView struct {
	Code, Text, Href string
	Severity         string // bad, notice, info
}

// ReasonView is a fail, status or rejection reason.
type ReasonView struct{ Code, Text, Meaning string }

// FieldRow is one row of the field table.
type FieldRow struct {
	Anchor, Name, Label string
	Relation            string // data-relation
	Words               string // "Same", "Same, written differently (date form)", "Different", ...
	Glyph               string // ✓ ≈ ✗ ! –
	Confirmed           bool
	ConfirmedWords      string // "confirmed by chip and print"
	Present             bool
	Value               []Part
	Note                string
	Masked              bool
	Revealed            bool   // open by this very request: a badge says so
	RevealField         string // value for the reveal form; empty: cannot be revealed by this reader
	Known               bool
	Sources             []SourceView
}

// SourceView is one place that states a field's value.
type SourceView struct {
	Pointer, Href, Name, Medium string
	Value                       []Part // shown when it is not the same as the final result; empty otherwise
	Relation, Words             string
	Masked, Unmapped            bool
	Customer                    bool // stands in the customer's own column
}

// QuestionView is one of the six questions.
type QuestionView struct {
	ID, Asked, Answer, Words, Glyph, Why string
	Checks                               []Link
}

// CheckGroup is the checks of one element.
type CheckGroup struct {
	Name, Words string // "4 of 5 clear"
	Bad         bool
	Checks      []CheckView
}

// CheckView is one check in one shape.
type CheckView struct {
	ID, Anchor, Asked, Answer, Meaning, Result, Words, Glyph, Href string
	Required                                                       string // "yes" or "no": whether the status depends on it; empty: not published
}

// NodeView is one value of the received JSON.
type NodeView struct {
	Anchor, Pointer, Key, Value, Explain, Mood string
	Leaf, Masked, Open                         bool
	Revealed                                   bool   // open by this very request: a badge says so
	RevealField                                string // value for the reveal form; empty: cannot be revealed by this reader
	Summary                                    string // "4 valid", "10 fields"
	Children                                   []NodeView
}

// ImageLink opens an attachment; it is not loaded with the page.
type ImageLink struct {
	Label, Href string
	Video       bool
}

// VersionRow is one snapshot.
type VersionRow struct {
	Number   int
	Href     string
	Received Instant
	Status   StatusView
	SHA      string
	Current  bool
	Words    string // "processing → rejected"
}

// PurposeForm asks for a purpose before the raw body, or one field, is shown.
type PurposeForm struct {
	Page
	Heading, Explain, Submit       string
	ProcessID, Field, Action, Back string
	View                           string // how the raw body is to be shown
	Purposes                       []Option
	Mistake                        string
}

// RawPage is the raw answer of a process with parts that fold: GET /processes/{processId}/raw?view=page.
type RawPage struct {
	Page
	ProcessID           string
	Words               string // "Version 2 of 3, received …, 1,204 bytes"
	SHA256              string // of the bytes, lower-case hex
	Purpose             string // for which it is open
	Tabs                []NavItem
	Notices             []Notice // what is wrong with it, with the line
	Body                *RawNode // nil: not one JSON value, see Plain
	After               string   // white space after the value
	Plain               []string // lines of a body that is no JSON, as they stand, with their ends
	FaultLine           int      // of Plain; 0: none known
	BytesHref           string
	OpenHref, CloseHref string   // the same page with all parts open, or closed
	Back                string   // href of the process
	Archive             *Archive // nil: none is kept
}

// Archive is a zip of everything that is kept of a process.
type Archive struct {
	Href, Words string // "zip, 3,204,112 bytes, received …"
	SHA256      string // of its bytes, lower-case hex
}

// RawNode is one JSON value spelled as received. Lead, Name, Colon, Value, the children, Tail, Closes and After are its
// text in order; together they are the body.
type RawNode struct {
	Line, CloseLine int
	Lead            string // white space before it
	Name, Colon     string // the name with its quotes, the colon with the white space around; empty for an element of a list
	Value           string // a leaf, an empty part, or the opening bracket
	Children        []RawNode
	Tail, Closes    string // white space before the closing bracket, and the bracket
	After           string // comma with the white space before it
	Holds           string // "12 entries"
	Open            bool
	Repeated        bool // its name stood before in the same object
}

// TrailPage is GET /audit.
type TrailPage struct {
	Page
	State                                string // "The portal checked itself 40 s ago: …"
	StateBad                             bool
	Questions                            []Link // six questions, each a filter
	Question                             *TrailQuestion
	Total                                string
	Process, Dossier, From, To           string
	People                               []Option // who can be chosen
	Actions                              []Option
	Outcomes                             []Option
	PurposeOptions                       []Option
	Chips                                []Chip
	Looked                               string // how far a page that ends early has looked
	Rows                                 []TrailRow
	OlderHref, NewestHref                string
	CSVHref, CSVIdentityHref, BundleHref string
	CheckpointHref, KeyHref              string
	Empty                                *EmptyState
}

// TrailRow is one record: a sentence first, codes second.
type TrailRow struct {
	Seq             string
	Href            string
	Time            Instant
	Who, Role       string
	WhoHref         string // the trail of this person
	Action, Outcome string
	Sentence        string
	Purpose, Case   string
	Because         string
	ProcessHref     string
}

// RecordPage is GET /audit/{seq}.
type RecordPage struct {
	Page
	Seq                      string
	Sentence                 string
	Facts                    []Fact
	Shown                    []Link
	Leaf                     string // the exact leaf as text
	Proof                    []string
	ProofWords               string
	Checkpoint               string
	PrevHref, NextHref, Back string
	Self, Address            string // of this page: within the portal, and whole, to copy
	Near                     []Link // its neighbours by other measures: of the same person, about the same process
}

// CompletenessPage is GET /completeness.
type CompletenessPage struct {
	Page
	Freshness, Since string
	Rows             []CompletenessRow
	CSVHref          string
	Gone             []GoneRow // held, and no longer at Assure
	GoneMore         string    // that there are more of them; empty: these are all
}

// GoneRow is one process that Assure no longer has.
type GoneRow struct {
	ProcessID, Href   string // Href empty: this person may not open it
	KeepHref          string // where the decision to keep it is posted; empty: this person may not decide
	Status            string
	LastSeen, FoundAt Instant
}

// CompletenessRow is one UTC day and status.
type CompletenessRow struct {
	Day, Status, Upstream, Held, Refused, Missing, Erased, Imported string
	Bad                                                             bool
	Why                                                             string
}

// AdminPage is GET /admin.
type AdminPage struct {
	Page
	Sync, Trail, Settings []Fact
	Blocked               []Fact // content that browsers refused to load or run
	Sessions              []SessionRow
}

// SessionRow is one live session.
type SessionRow struct {
	ID, Name, Roles, Since, Seen string
	Confirmed                    string // when the identity provider last confirmed the roles
	EndAction                    string
	Own                          bool
}

// ErrorPage is any refusal or failure, as a page or, for htmx, as a fragment.
type ErrorPage struct {
	Page
	Status  int
	Heading string
	What    string
	Hint    string
	Next    *Link // what makes it possible
	Back    *Link
}

// SendAgainPage gives a posted form back, to be sent again after something was done first.
type SendAgainPage struct {
	Page
	Status      int
	Heading     string
	What, Hint  string
	ConfirmHref string // opens in a tab of its own
	Action      string
	Fields      []HiddenField
}

// HiddenField is one field of a form as it was posted.
type HiddenField struct{ Name, Value string }

// GoOnPage goes on by itself (refresh and link): after the callback and at sign-out.
type GoOnPage struct {
	Page
	Heading, What, Href, LinkLabel string
}

// SignInPage is shown to a person without a session.
type SignInPage struct {
	Page
	Href   string // /auth/login?return=…
	Notice string // "You were signed out after 15 minutes without activity."
}

// HelpPage explains marks, keys and words.
type HelpPage struct{ Page }
