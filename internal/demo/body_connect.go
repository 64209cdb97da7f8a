package demo

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// connectContent is what an identity method of Signicat Connect answered: an id token's claims and userInfo as object,
// as signed JWT or encrypted. Its final result is not normalised, and there is none if userInfo is encrypted.
func connectContent(m *made) content {
	switch m.status {
	case canceled:
		return content{detailFirst: true, detail: object{{"error", object{{"error", "access_denied"}, {"error_description", "User cancelled"}}}}}
	case failed:
		return content{detailFirst: true, detail: object{{"error", object{{"error", "server_error"}, {"error_description", "The authentication was aborted."}}}}}
	case accepted:
		return connectIdentified(m)
	default:
		return content{}
	}
}

func connectIdentified(m *made) content {
	facts := m.connectFacts()
	final, consumer := facts.copied(), facts.copied()
	c := content{detailFirst: true}
	encrypted := !m.scheduled && m.oneIn(6)
	if !encrypted {
		m.sow(final, facts)
		c.final = final.members("firstName", "lastName", "dateOfBirth", "gender", "nationality", "personalIdentificationNumber")
	}
	subject := "demo-" + m.ref("subject")[:12]
	idToken := object{
		{"sub", subject}, {"iss", "https://connect.example.test/oidc"}, {"aud", "demo-client"},
		{"amr", "urn:signicat:oidc:method:" + strings.TrimPrefix(m.kind.provider, "connect:")},
		{"exp", m.updated.Add(time.Hour).Unix()}, {"iat", m.updated.Unix()},
	}
	var info any
	claims := m.connectClaims(facts, consumer, subject)
	switch {
	case encrypted:
		info = m.sealed()
	case m.number%3 == 0:
		info = token{claims: claims, signature: m.noise(256)}
	default:
		info = claims
	}
	c.detail = object{{"idtoken", idToken}, {"userInfo", info}}
	return c
}

// connectFacts are unnormalised: iDIN knows initials and genders as numbers, both know countries by two letters.
func (m *made) connectFacts() reading {
	r := truth(m.person, m.doc).only("firstName", "lastName", "dateOfBirth", "gender")
	r["nationality"] = m.person.home.alpha2
	if m.kind.provider == "connect:idin" {
		r["firstName"] = initials(m.person.first)
		r["gender"] = map[string]string{"M": "1", "F": "2"}[m.person.gender]
		r["personalIdentificationNumber"] = m.fill("SIMBANK000000####")
		return r
	}
	r["gender"] = map[string]string{"M": "male", "F": "female"}[m.person.gender]
	r["personalIdentificationNumber"] = m.person.personal
	return r
}

func initials(names string) string {
	var out strings.Builder
	for _, name := range strings.FieldsFunc(names, func(r rune) bool { return r == ' ' || r == '-' }) {
		out.WriteRune([]rune(name)[0])
	}
	return strings.ToUpper(out.String())
}

// connectClaims has the standard claims and, from iDIN, the method's own of the same facts.
func (m *made) connectClaims(r, consumer reading, subject string) object {
	o := object{{"sub", subject}}
	o = append(o, r.members("firstName=given_name", "lastName=family_name", "dateOfBirth=birthdate", "gender", "personalIdentificationNumber=signicat.national_id")...)
	address := object{{"country", m.person.home.alpha2}, {"postal_code", m.fill("00##ZZ")}, {"locality", "SIMDORP"}, {"street_address", m.fill("Teststraat 1#")}}
	if m.kind.provider == "connect:idin" {
		o = append(o, consumer.members("personalIdentificationNumber=consumer.bin", "firstName=consumer.initials", "lastName=consumer.legallastname")...)
		o.add("consumer.dateofbirth", strings.ReplaceAll(consumer["dateOfBirth"], "-", ""))
	} else {
		o.add("nationality", m.person.home.alpha2)
		o.add("place_of_birth", m.person.place)
	}
	o.add("address", address)
	return o
}

// token is a signed JWT whose signature is noise: nobody holds the key of an identity method that does not exist.
type token struct {
	claims    object
	signature []byte
}

// compact is the token as it travels (RFC 7515 section 7.1).
func (t token) compact() (string, error) {
	payload, err := t.claims.bytes(compact)
	if err != nil {
		return "", fmt.Errorf("claims: %w", err)
	}
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256","kid":"demo","typ":"JWT"}`)) + "." + part(payload) + "." + part(t.signature), nil
}

// sealed is an encrypted JWT that nobody can open.
func (m *made) sealed() string {
	part := base64.RawURLEncoding.EncodeToString
	head := part([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM","kid":"demo"}`))
	return strings.Join([]string{head, part(m.noise(256)), part(m.noise(12)), part(m.noise(420)), part(m.noise(16))}, ".")
}

func (m *made) noise(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(m.Uint32())
	}
	return out
}
