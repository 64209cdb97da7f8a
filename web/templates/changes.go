package templates

import "strconv"

// ChangesPage is GET /processes/{processId}/changes: an older version beside a newer one.
type ChangesPage struct {
	Page
	ProcessID    string
	Older, Newer VersionRow // Newer alone where only one version is held
	Words        string     // "2 values changed, 1 was added; 214 stayed as they were"
	Notices      []Notice   // status and final result first
	Groups       []ChangeGroup
	Moved        []MoveView
	MovedWords   string // how many elements of lists stand in another order; empty: none
	Tabs         []NavItem
	Action       string // of the form that chooses two versions; empty: nothing to choose from
	List         string // the query of the list one came from, kept by the form
	Olders       []Option
	Newers       []Option
	Back         string // href of the process page
}

// ChangeGroup is the changes of one part of the answer.
type ChangeGroup struct {
	Name string
	Rows []ChangeRow
}

// ChangeRow is one leaf that changed, or one fact inside its text.
type ChangeRow struct {
	Kind, Relation, Field string // added, removed, changed; relation and field empty where the leaf states no fact
	Label                 string // the fact, the check, or the leaf's own name
	Pointer, From         string
	OldHref, NewHref      string // the leaf on the page of its version; empty where it is not there
	Old, New              []Part
	Masked                bool
	Words, Glyph, Note    string
	Bad                   bool
	Part                  bool
}

// MoveView is an element of a list that stands elsewhere among those that stayed.
type MoveView struct{ From, To, Href string }

func versionNumber(n int) string { return strconv.Itoa(n) }
