package evidence

import "strings"

// connect adds what Connect says about itself: an error, or tokens as strings. The portal shows what a token states and does not
// verify who signed it.
func (l *checklist) connect() {
	if e := l.r.element("error"); e != nil {
		l.add(subject{"error", "error", "", "Did the sign-in end without an error?"}, first(e.first("error", "code", "type"), e), verdict{Fail, connectErrorWords(e)})
	}
	for _, name := range []string{"idtoken", "userInfo"} {
		v := l.r.element(name)
		if v == nil || v.kind != "string" {
			continue
		}
		l.computed(subject{name + ".signature", name, "", "Is the token's signature right?"}, v.pointer, tokenVerdict(v.text))
	}
}

// isEncrypted tells the five parts of an encrypted token (RFC 7516) from the three of a signed one (RFC 7515).
func isEncrypted(token string) bool { return strings.Count(token, ".") == 4 }

func tokenVerdict(token string) verdict {
	if isEncrypted(token) {
		return verdict{NotDone, "the token is encrypted for somebody else; the portal cannot read it"}
	}
	return verdict{NotDone, "the portal shows what the token states and does not verify its signature"}
}

// connectErrors are the error codes of OpenID Connect Core 1.0 and RFC 6749, section 4.1.2.1.
var connectErrors = map[string]string{
	"access_denied":           "the person or the identity provider refused",
	"server_error":            "the identity provider failed",
	"temporarily_unavailable": "the identity provider was not available",
	"login_required":          "the person was not signed in there",
	"interaction_required":    "the identity provider needed something from the person",
	"consent_required":        "the person had not consented",
	"invalid_request":         "the request was not understood",
	"unauthorized_client":     "the company's client may not ask this",
}

func connectErrorWords(e *value) string {
	code := e.string()
	if code == "" {
		code = e.first("error", "code", "type").string()
	}
	if words, known := connectErrors[code]; known {
		return words
	}
	return "an error that the portal does not know"
}
