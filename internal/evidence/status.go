package evidence

import (
	"slices"
	"strings"
)

// statuses are the seven of Assure (reference, section 4): two while the process runs, three that end with a result and
// two that end without one.
var statuses = map[string]StatusInfo{
	"pending":      {Words: "not final: created, the person has not started"},
	"processing":   {Words: "not final: the verification is running"},
	"accepted":     {Final: true, WithResult: true, Words: "final, with a result"},
	"rejected":     {Final: true, WithResult: true, Words: "final, with a result"},
	"inconclusive": {Final: true, WithResult: true, Words: "final, with a result: the provider could not decide"},
	"canceled":     {Final: true, Words: "final, without a result: the person ended it"},
	"failed":       {Final: true, Words: "final, without a result: an error or a time-out ended it"},
}

// DescribeStatus explains any status, known or not. An unknown one is taken neither as final nor as having a result.
func DescribeStatus(status string) StatusInfo {
	info, known := statuses[status]
	switch {
	case known:
		info.Known = true
	case status == "":
		info.Words = "no status was given"
	default:
		info.Words = "the portal does not know this status: it may or may not be final"
	}
	info.Status = status
	return info
}

// providerNames are the products behind the provider codes (reference, section 4). "paper" is an alias that one published
// sample has.
var providerNames = map[string]string{
	"onfido":            "Onfido",
	"signicatvideoid":   "Signicat VideoID",
	"eid":               "Electronic IDentification",
	"readid":            "Signicat ReadID",
	"signicatpaper":     "Signicat Paper",
	"paper":             "Signicat Paper",
	"webid":             "WebID",
	"signicatpictureid": "Signicat PictureID",
	"facetec":           "FaceTec",
	"connect":           "Connect",
}

// ProviderName is the product's name for a provider code: "signicatpaper" -> "Signicat Paper", "connect:idin" -> "Connect (idin)".
// An unknown code stands for itself.
func ProviderName(code string) string {
	if name, known := providerNames[code]; known {
		return name
	}
	if method, isConnect := strings.CutPrefix(code, "connect:"); isConnect {
		return "Connect (" + method + ")"
	}
	if code == "" {
		return "Unnamed provider"
	}
	return code
}

// KnownProvider reports whether the reference, section 4, names a provider code. Any method of Connect counts.
func KnownProvider(code string) bool {
	_, known := providerNames[family(code)]
	return known
}

// KnownProcessType reports whether the reference, section 4, names a process type of any provider.
func KnownProcessType(ptype string) bool {
	for _, documented := range processTypes {
		if slices.Contains(documented, ptype) {
			return true
		}
	}
	return false
}

// family is the provider whose shapes a provider code follows: the aliases and older names of the reference, section 4.
func family(code string) string {
	switch {
	case code == "eid":
		return "signicatvideoid"
	case code == "paper":
		return "signicatpaper"
	case strings.HasPrefix(code, "connect:"):
		return "connect"
	}
	return code
}
