package evidence

import "strings"

// reasons are why the process ended as it did, in words: the fail reason in both its shapes and the status reasons (reference,
// section 4), an agent's rejections, Paper's errors, and what WebID, iProov and Connect say.
func (r *reading) reasons() []Reason {
	var out []Reason
	add := func(v *value, meaning string, code []string, text *value) {
		if v != nil {
			out = append(out, Reason{Code: strings.Join(code, " / "), Text: r.safeText(text), Meaning: meaning, Pointer: v.pointer})
		}
	}
	if fail := r.root.at("failReason"); fail != nil && fail.kind != "null" {
		code := r.codes(fail, "type", "category", "reason")
		text := fail.first("message", "detail")
		if fail.leaf() {
			text = fail
		}
		add(fail, failWords(code), code, text)
	}
	for _, reason := range r.root.at("statusReasons").listed() {
		code := r.codes(reason, "type", "category", "subCategory")
		add(reason, statusReasonWords(code), code, reason.at("message"))
	}
	for _, reason := range r.element("manualApproval").at("rejectionReasons").listed() {
		add(reason, "the agent rejected: "+rejectionWords(reason.at("type").string()), r.codes(reason, "type"), reason.at("message"))
	}
	for _, e := range r.element("errors").items() {
		add(e, paperErrorWords(e.string()), nil, e)
	}
	if reason := r.element("identResponse").at("rejectionReason"); reason.string() != "" {
		add(reason, "WebID rejected: "+webIDRejection(reason.text), r.codes(reason), nil)
	}
	if text := r.element("iproovSession").at("errorString"); text.string() != "" {
		add(text, "the face check reported an error", nil, text)
	}
	if e := r.element("error"); e != nil {
		add(e, connectErrorWords(e), r.codes(e, "error", "code", "type"), e.first("error_description", "description", "message"))
	}
	return out
}

// codes are the parts of a code that are there, as received; of a leaf its own text.
func (r *reading) codes(v *value, names ...string) []string {
	if v.leaf() {
		if r.classOf(v) == Plain && v.string() != "" {
			return []string{v.text}
		}
		return nil
	}
	var parts []string
	for _, name := range names {
		if text := r.open(v.at(name)); text != "" && text != withheld {
			parts = append(parts, text)
		}
	}
	return parts
}

// safeText is a message without what may be personal. Paper prints the value at the end of its errors: what stands before it is its
// own words.
func (r *reading) safeText(v *value) string {
	text := v.string()
	switch {
	case text == "":
		return ""
	case r.classOf(v) == Plain:
		return text
	}
	if before, _, cut := strings.Cut(text, ", value "); cut && systemSentence(before) {
		return before + ", value " + withheld
	}
	return withheld
}

// failures are the causes of failed in our words. Providers publish no list; these are the samples' and the prose's (reference,
// section 4).
var failures = map[string]string{
	"system_requirements": "the person's device lacks something, such as a camera that may be used",
	"upload_failed":       "the image could not be taken over",
	"timeout":             "the person took too long",
	"expired":             "the person did not come in time",
	"session_expired":     "the session ended before it was completed",
	"unreadable_document": "the document could not be read",
	"process.failed":      "the company's own system ended it by request",
	"user.request":        "the company's own system ended it by request",
}

func failWords(code []string) string {
	for _, c := range code {
		if words, known := failures[strings.ToLower(c)]; known {
			return words
		}
	}
	return "a cause that the portal does not know"
}

// statusCategories are the categories of PictureID's status reasons (reference, section 6.7).
var statusCategories = map[string]string{
	"SecurityCheckFailed": "a security check failed",
	"Security":            "a security check failed or could not be made",
	"SimilarityLevel":     "the faces are not alike enough",
}

func statusReasonWords(code []string) string {
	if len(code) == 0 {
		return "a reason that the portal does not know"
	}
	words := ""
	for _, c := range code {
		if category, known := statusCategories[c]; known {
			words = category
		}
	}
	for _, check := range pictureIDChecks {
		if strings.EqualFold(check.name, code[len(code)-1]) {
			return strings.TrimPrefix(words+": ", ": ") + lowerFirst(check.asked)
		}
	}
	if words == "" {
		return "a reason that the portal does not know"
	}
	return words
}

// depictions are the images that the answer names.
func (r *reading) depictions() []string {
	var names []string
	for _, d := range r.root.at("depictions").members() {
		if name := d.string(); name != "" && d.kind == "string" {
			names = append(names, name)
		}
	}
	return names
}
