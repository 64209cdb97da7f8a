package templates_test

import (
	"github.com/a-h/templ"

	"github.com/assure-portal/portal/web/templates"
)

// page is one rendered component by a name that says its state.
type page struct {
	name      string
	component templ.Component
}

// wholePages are all pages in all their states.
func wholePages() []page {
	signedOut := templates.Page{Title: "Signed out", RequestID: "4f1c0aa29b77e1d03c5a", Demo: true}
	return []page{
		{"process-accepted-clean", templates.Process(cleanProcess())},
		{"process-differing", templates.Process(differingProcess())},
		{"process-inconclusive-imported", templates.Process(inconclusiveProcess())},
		{"process-pending", templates.Process(pendingProcess())},
		{"process-failed-gone", templates.Process(failedProcess())},
		{"process-masked", templates.Process(maskedProcess())},
		{"process-revealed", templates.Process(revealedProcess())},
		{"search", templates.Search(searchPage())},
		{"search-empty", templates.Search(emptySearch())},
		{"search-masked", templates.Search(maskedSearch())},
		{"trail", templates.Trail(trailPage())},
		{"trail-broken", templates.Trail(brokenTrail())},
		{"record", templates.Record(recordPage())},
		{"register-checked", templates.Register(checkedPage())},
		{"register", templates.Register(registerPage())},
		{"statement", templates.Statement(statementPage())},
		{"statement-form", templates.Statement(templates.StatementPage{Page: asAuditor("Access statement", "/audit/statement")})},
		{"people", templates.People(peoplePage())},
		{"whose", templates.Whose(templates.WhosePage{Page: asAuditor("Who saw this person?", "/audit/person")})},
		{"completeness", templates.Completeness(completenessPage())},
		{"admin", templates.Admin(adminPage())},
		{"changes", templates.Changes(changesPage())},
		{"raw-form", templates.AskPurpose(rawForm())},
		{"help", templates.Help(templates.HelpPage{Page: signedIn("Help", "/help")})},
		{"error-signed-out", templates.Error(errorPage())},
		{"sign-in", templates.SignIn(templates.SignInPage{Page: signedOut, Href: "/auth/login", Notice: "You are signed out of the portal."})},
		{"go-on", templates.GoOn(templates.GoOnPage{Page: signedOut, Heading: "Signed out", What: "Your identity provider is told next.", Href: "https://idp.test/end?x=1&y=2", LinkLabel: "Go on"})},
	}
}

// fragments are what htmx swaps into a page.
func fragments() []page {
	v := revealedProcess()
	return []page{
		{"results", templates.SearchResults(searchPage())},
		{"row-revealed", templates.Row(v.Fields[12], v)},
		{"problem", templates.ErrorFragment(errorPage())},
	}
}
