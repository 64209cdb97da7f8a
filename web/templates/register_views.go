package templates

// TrailQuestion is one of the six questions when its filter is in force: what the records below answer, and what they cannot.
type TrailQuestion struct {
	Label, Explains string
	Links           []Link
}

// RegisterPage is GET /audit/exports, and with Check the answer to a file.
type RegisterPage struct {
	Page
	Check                 *FileCheck
	People                []Option
	From, To              string
	Chips                 []Chip
	Rows                  []RegisterRow
	Looked                string // how far a page that ends early has looked
	OlderHref, NewestHref string
	CSVHref               string // of the records of exports
	Empty                 *EmptyState
}

// RegisterRow is one export.
type RegisterRow struct {
	Seq, Href     string // the record of its start
	Began         Instant
	Who, WhoHref  string
	What          string // "Trail, CSV"
	Query         string // in words
	Purpose, Case string
	Rows, SHA     string
	State         string // delivered, broken, open
	StateWords    string
	EndHref       string // the record of its end
}

// FileCheck says what a file is. Kind: good, warning, bad.
type FileCheck struct {
	Kind, Verdict string
	Explains      []string
	SHA, Size     string
	Rows          []RegisterRow
}

// WhosePage is GET /audit/person: whom the question "Who saw this person?" is about.
type WhosePage struct {
	Page
	Seeing string // the acts by which somebody sees a process, as the filter takes them
}

// PeoplePage is GET /audit/people: everybody who stands in the trail.
type PeoplePage struct {
	Page
	People []PersonRow
	More   string // said where not all are listed
}

// PersonRow is one of them.
type PersonRow struct {
	Name, Subject, Href string
	Last                Instant
}

// StatementForm is what a statement was asked for.
type StatementForm struct{ Process, Dossier, From, To string }

// StatementPage is GET /audit/statement; without processes the form alone.
type StatementPage struct {
	Page
	Form      StatementForm
	Made      string // when
	Range     string // which times it covers, in words
	Limits    []string
	None      string // said where the dossiers have no process
	Processes []StatementProcess
}

// StatementProcess is what is stated of one process.
type StatementProcess struct {
	ID, Dossier string
	First       string // since when the trail knows it
	Unknown     bool   // the trail has no record of it
	TrailHref   string
	Sections    []StatementSection
}

// StatementSection is one kind of access. Empty says that there was none.
type StatementSection struct {
	Title, Explains, Count string
	Rows                   []StatementRow
	Older, Empty           string
}

// StatementRow is one access.
type StatementRow struct {
	Time          Instant
	Purpose, What string
}
