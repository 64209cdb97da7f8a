package evidence

import (
	"encoding/base64"
	"strings"
)

// claimsOf are the claims of a string of the answer: of a token, or of JSON that was sent as text. Nil for anything else.
func (r *reading) claimsOf(v *value) *value {
	claims, known := r.tokens[v]
	if !known {
		claims = tokenClaims(v)
		r.tokens[v] = claims
	}
	return claims
}

// tokenClaims reads what a signed token in compact form (RFC 7515, section 7.1) states, as a value whose pointers go on from the string's
// with "#". The signature is not verified: whoever sent the answer could have written the claims. Nil for anything else, encrypted tokens
// (RFC 7516) included.
func tokenClaims(v *value) *value {
	claims, malformed := parse(payloadOf(v.text))
	if malformed != "" || claims.kind != "object" {
		return nil
	}
	claims.walk(func(c *value) { c.pointer = v.pointer + "#" + strings.TrimPrefix(c.pointer, "/") })
	return claims
}

// payloadOf is the payload of a token, or the text itself where it is JSON; nil for anything else.
func payloadOf(text string) []byte {
	if strings.HasPrefix(text, "{") {
		return []byte(text)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil
	}
	return payload
}
