package evidence

import (
	"slices"
	"strings"
)

// expectation is the status that a provider's checks lead to.
type expectation struct {
	statuses   []string // any of these; none: nothing can be said
	documented bool     // published by Signicat; otherwise the portal's own reading of samples
}

// mappings lead from checks to status, a function a family (reference, sections 6.1 to 6.8). WebID's, ReadID's, Paper's and VideoID's are
// published, the others are inferred from samples there.
var mappings = map[string]func(*reading) expectation{
	"readid":            readIDStatus,
	"signicatpaper":     paperStatus,
	"webid":             webIDStatus,
	"signicatvideoid":   videoIDStatus,
	"onfido":            onfidoStatus,
	"signicatpictureid": pictureIDStatus,
	"facetec":           faceTecStatus,
}

// statusAtOdds tells where a status with a result is none that the checks lead to.
func (f *finder) statusAtOdds() {
	mapping := mappings[family(f.r.provider)]
	if mapping == nil || !f.r.status.WithResult {
		return
	}
	expected := mapping(f.r)
	if len(expected.statuses) == 0 || slices.Contains(expected.statuses, f.r.status.Status) {
		return
	}
	by := "by the published rule"
	severity := f.badIfAccepted()
	if !expected.documented {
		by, severity = "by the portal's own reading of samples", Notice
	}
	f.add(findAtOdds, severity, "/status", "The status is "+f.r.status.Status+"; the checks lead to "+strings.Join(expected.statuses, " or ")+", "+by)
}

func published(statuses ...string) expectation { return expectation{statuses, true} }
func inferred(statuses ...string) expectation  { return expectation{statuses, false} }

// readIDStatus follows the published mapping; the face check is from a sample (reference, section 6.3).
func readIDStatus(r *reading) expectation {
	identity := r.readIDIdentity()
	chip := strings.ToUpper(identity.at("chipVerification").string())
	clone := strings.ToUpper(identity.at("chipCloneDetection").string())
	face, known := r.element("iproovSession").at("passed").boolean()
	switch {
	case object(identity) == nil:
		return expectation{}
	case chip == "FAILED":
		return published("rejected")
	case chip == "SUCCEEDED" && (clone == "FAILED" || known && !face):
		return published("inconclusive")
	case chip == "SUCCEEDED" && (clone == "SUCCEEDED" || clone == "NOT_AVAILABLE"):
		return published("accepted")
	}
	return published("inconclusive", "rejected") // the rule accepts no other answers, nor missing ones
}

// paperStatus follows the published mapping (reference, section 6.4): an error or a failed verification rejects, and a document without
// MRZ is never accepted.
func paperStatus(r *reading) expectation {
	verified, known := r.element("verification").at("status").boolean()
	kind := r.element("verification").at("type").string()
	switch {
	case len(r.element("errors").items()) > 0, known && !verified, paperInvalid(r):
		return published("rejected")
	case kind == "FEATURES_ONLY", known && len(r.element("mrz").members()) == 0:
		return published("inconclusive")
	case known:
		return published("accepted")
	}
	return expectation{}
}

func paperInvalid(r *reading) bool {
	for _, group := range []string{"mrzChecksum", "mrzVerification"} {
		for _, v := range r.element(group).members() {
			if strings.EqualFold(v.string(), "INVALID") {
				return true
			}
		}
	}
	return false
}

// webIDStatus follows the published outcomes read from the two flags (reference, section 6.6).
func webIDStatus(r *reading) expectation {
	ident := r.element("identResponse")
	success, known := ident.at("success").boolean()
	mismatch, _ := ident.at("mismatch").boolean()
	switch {
	case !known:
		return expectation{}
	case mismatch:
		return published("inconclusive")
	case success:
		return published("accepted")
	}
	return published("rejected")
}

// videoIDStatus knows only what speaks against accepted: VideoID's own verdict is copied and stands nowhere in the detail (reference,
// section 6.2). The automatic type never ends inconclusive.
func videoIDStatus(r *reading) expectation {
	against := videoIDAgainst(r)
	auto := r.ptype == "substantialFullyAuto"
	switch {
	case r.status.Status == "accepted" && against, auto && r.status.Status == "inconclusive" && against:
		if auto {
			return published("rejected")
		}
		return published("rejected", "inconclusive")
	case auto && r.status.Status == "inconclusive":
		return published("accepted", "rejected")
	}
	return expectation{}
}

func videoIDAgainst(r *reading) bool {
	ocr := r.element("ocr")
	if similarityLevels[strings.ToLower(ocr.at("similarityScore").string())].result == Fail {
		return true
	}
	for _, check := range ocr.at("securityChecks").checks() {
		if valid, known := answerOf(check).boolean(); known && !valid {
			return true
		}
	}
	return len(r.element("manualApproval").at("rejectionReasons").listed()) > 0
}

// onfidoStatus is inferred from captions and field texts (reference, section 6.1).
func onfidoStatus(r *reading) expectation {
	document, face := r.element("documentVerification"), r.element("facialSimilarity")
	result, sub := strings.ToLower(document.at("result").string()), strings.ToLower(document.at("subResult").string())
	likeness := strings.ToLower(face.at("result").string())
	switch {
	case result == "":
		return expectation{}
	case sub == "rejected":
		return inferred("rejected")
	case result != "clear", sub == "suspected", sub == "caution", likeness != "" && likeness != "clear":
		return inferred("inconclusive", "rejected")
	}
	return inferred("accepted")
}

// pictureIDStatus is inferred from samples (reference, section 6.7).
func pictureIDStatus(r *reading) expectation {
	checks := r.element("document").at("securityChecks")
	if object(checks) == nil {
		return expectation{}
	}
	failed := false
	for _, known := range pictureIDChecks {
		check := checks.at(known.name)
		if known.always && check == nil {
			return inferred("rejected", "inconclusive")
		}
		passed, said := answerOf(check).boolean()
		if said && !passed {
			failed = true
		}
		if similarityLevels[strings.ToLower(check.at("similarityLevel").string())].result == Fail {
			failed = true
		}
	}
	if failed {
		return inferred("inconclusive", "rejected")
	}
	return inferred("accepted")
}

// faceTecStatus is inferred from samples: the highest level is accepted, no match at all rejected, anything between inconclusive
// (reference, section 6.8).
func faceTecStatus(r *reading) expectation {
	live, known := r.element("liveness").at("success").boolean()
	level := lastLevel(r.element("matching"))
	switch {
	case known && !live:
		return inferred("rejected")
	case level == "":
		return expectation{}
	case level == fullMatch:
		return inferred("accepted")
	case level == "0":
		return inferred("rejected")
	}
	return inferred("inconclusive", "accepted")
}

// lastLevel is the level that counts: the one that stands apart, else the last attempt's.
func lastLevel(matching *value) string {
	if level := matching.at("matchLevel").string(); level != "" {
		return level
	}
	attempts := matching.at("attempts").members()
	if len(attempts) == 0 {
		return ""
	}
	return attempts[len(attempts)-1].at("matchLevel").string()
}
