package evidence

import (
	"encoding/base64"
	"strings"
)

// tokenClaims reads what a signed token in compact form (RFC 7515, section 7.1) states, as a value whose pointers go on from the string's
// with "#". The signature is not verified: whoever sent the answer could have written the claims. Nil for anything else, encrypted tokens
// (RFC 7516) included.
func tokenClaims(v *value) *value {
	parts := strings.Split(v.text, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil
	}
	claims, malformed := parse(payload)
	if malformed != "" || claims.kind != "object" {
		return nil
	}
	claims.walk(func(c *value) { c.pointer = v.pointer + "#" + strings.TrimPrefix(c.pointer, "/") })
	return claims
}
