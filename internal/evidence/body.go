package evidence

import "strings"

// CheckBody says why a body is not acceptable for import, or "" (contract, portal import): it must be one object with string
// processId, provider, status and createdAt, and without authorization, which only the answer to Create process has. The words
// name members, never their values.
func CheckBody(body []byte) string {
	root, malformed := parse(body)
	switch {
	case malformed != "":
		return malformed
	case root.kind != "object":
		return "it is a JSON " + root.kind + ", not an object"
	case root.at("authorization") != nil:
		return "it is the answer to Create process and holds a token; only answers to Get process can be imported"
	}
	var faults []string
	for _, name := range []string{"processId", "provider", "status", "createdAt"} {
		if fault := missing(root.at(name)); fault != "" {
			faults = append(faults, name+" "+fault)
		}
	}
	if root.at("processId").string() == "" && len(faults) == 0 {
		return "processId is empty"
	}
	return strings.Join(faults, ", ")
}

// missing says why v is no string, or "".
func missing(v *value) string {
	switch {
	case v == nil:
		return "is missing"
	case v.kind != "string":
		return "is not a string"
	}
	return ""
}
