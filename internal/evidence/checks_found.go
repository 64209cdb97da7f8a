package evidence

import (
	"strconv"
	"strings"
)

// mostFoundAnswers bounds the answers that are taken up from where the portal knows nothing.
const mostFoundAnswers = 20

// found adds answers that do not pass and stand where no table says that a check is: a new element, a new member of a known one. What they
// ask is not known, so that they stand behind no question; that they are there is said. Their names are the answer's own and stand in the
// tree alone.
func (l *checklist) found() {
	judged := map[string]bool{}
	for _, c := range l.list {
		judged[c.Pointer] = true
	}
	count := 0
	walkPaths(l.r.detail, "providerSpecific", func(path string, v *value) {
		if count == mostFoundAnswers || !v.leaf() || judged[v.pointer] || plainLeaves[path] || !speaksAgainst(v, path) {
			return
		}
		count++
		l.add(subject{"found." + strconv.Itoa(count), "found", "", "An answer that the portal has no question for: is it clear?"}, v,
			verdict{Attention, "by its name and value it is not; what was asked the portal does not know"})
	})
}

// Answers that do not pass, whatever was asked, and the names under which a boolean says so.
var (
	badAnswers = wordSet("failed fail invalid rejected suspected consider caution declined denied mismatch not_passed no_match tampered fraud fraudulent")
	passNames  = wordSet("passed valid success successful succeeded verified clear match matches matched genuine authentic isvalid ispassed")
	failNames  = wordSet("mismatch error haserror failed expired isexpired tampered fraud suspected rejected spoof spoofing spoofed compromised")
)

func speaksAgainst(v *value, path string) bool {
	is, boolean := v.boolean()
	if !boolean {
		return v.kind == "string" && badAnswers[strings.ToLower(v.text)]
	}
	name := foldName(path[strings.LastIndexByte(path, '/')+1:])
	return !is && passNames[name] || is && failNames[name]
}
