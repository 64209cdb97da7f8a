package evidence

// faceTecTable follows the reference, sections 6.8 and 6.9. There is no document; the values of the last attempt stand beside the list
// of attempts and are the ones that count.
var faceTecTable = table{
	elements: []element{
		{"liveness", "liveness", Derived, `livenessDetected=success`},
		{"matching", "matching", Derived, `similarityScore=matchLevel`},
	},
	silent: []string{"liveness", "matching"},
}
