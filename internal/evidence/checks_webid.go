package evidence

import "strings"

func (l *checklist) webID() {
	ident := l.r.element("identResponse")
	if object(ident) == nil {
		return
	}
	const group = "identResponse"
	answers := passWhen(true, "it was", "it was not")
	if ident.at("responseType").string() == "expired" { // nobody came: the flag is no verdict (reference, section 6.6)
		answers["false"] = verdict{NotDone, "the person did not come in time"}
	}
	success := subject{"identResponse.success", group, "", "Was the identification successful?"}
	call := isAgentCall(l.r.ptype, ident)
	if call || isAutomatic(ident) { // by bank account it is not said that anybody looked at a document
		success.question = askDocument
	}
	l.judge(success, ident.at("success"), answers)
	if call {
		l.judge(subject{"identResponse.call", group, askLive, "Was the live call with the agent successful?"}, ident.at("success"), answers)
	}
	same := passWhen(false, "they are", "the agent confirmed other data than were sent")
	if success, _ := ident.at("success").boolean(); !success {
		same["false"] = verdict{NotDone, "nobody was identified whose data could be compared"}
	}
	l.judge(subject{"identResponse.mismatch", group, askStated, "Are the data those that were sent beforehand?"}, ident.at("mismatch"), same)
	if reason := ident.at("rejectionReason"); reason.string() != "" {
		l.add(subject{"identResponse.rejectionReason", group, askDocument, "Did WebID reject?"}, reason,
			verdict{Fail, webIDRejection(reason.string())})
	}
}

// isAgentCall tells the live call with an agent from identification by bank account (reference, sections 4 and 6.6).
func isAgentCall(processType string, ident *value) bool {
	return !isAutomatic(ident) && (processType == "videoid" || ident.at("identMode").string() == "video_ident")
}

// isAutomatic tells of a document that a program looked at: no agent called.
func isAutomatic(ident *value) bool {
	return strings.Contains(strings.ToLower(ident.at("identMode").string()+" "+ident.at("actionType").string()), "auto")
}

// webIDRejections are reasons in our words. WebID publishes no list; these are seen in samples.
var webIDRejections = map[string]string{
	"document_not_accepted": "the document was not accepted",
	"photo_does_not_match":  "the person is not the one in the photograph",
	"user_not_cooperative":  "the person did not cooperate",
}

func webIDRejection(reason string) string {
	if words, known := webIDRejections[reason]; known {
		return words
	}
	return "a reason that the portal does not know"
}
