package evidence

import "time"

// reading is one snapshot while it is read: what the parts of a report look things up in.
type reading struct {
	root     *value // the whole answer
	final    *value // finalResult; nil if absent or no object
	detail   *value // providerSpecific; nil if absent or no object
	customer *value // userData, what the customer stated; nil if none was received
	provider string // code as received: "onfido", "connect:idin"
	ptype    string
	status   StatusInfo
	created  time.Time // zero if unreadable
	updated  time.Time
	now      time.Time
	earlier  []string          // statuses of the versions before, oldest first
	classes  map[*value]Class  // of every leaf
	gathered *gathered         // what places gathered, once
	tokens   map[*value]*value // the claims of tokens that came as strings
}

// Read makes the report of one snapshot. It never fails: what cannot be read is said in Malformed.
func Read(in Input) Report {
	r, malformed := readInput(in)
	if malformed != "" {
		return unreadable(malformed)
	}
	return r.report()
}

// readInput reads a body; malformed says in words why there is no reading of it.
func readInput(in Input) (r *reading, malformed string) {
	root, malformed := parse(in.Body)
	if malformed == "" && root.kind != "object" {
		malformed = "it is a JSON " + root.kind + ", not an object"
	}
	if malformed != "" {
		return nil, malformed
	}
	return newReading(root, in), ""
}

// report puts the parts together in the order in which they need each other.
func (r *reading) report() Report {
	root := r.root
	report := Report{MappingVersion: MappingVersion, ProcessID: root.at("processId").string(), Provider: r.provider,
		ProviderName: ProviderName(r.provider), ProcessType: r.ptype, Status: r.status,
		CreatedAt: root.at("createdAt").string(), UpdatedAt: root.at("updatedAt").string(), Created: r.created, Updated: r.updated,
		HasFinalResult: r.final != nil}
	report.Fields = r.fields()
	report.Person = personOf(report.Fields)
	report.Checks = r.checks(report.Fields)
	report.Questions = r.questions(report)
	report.Reasons = r.reasons()
	report.Depictions = r.depictions()
	report.Findings = r.findings(report)
	report.Tree = r.tree(report)
	return report
}

func newReading(root *value, in Input) *reading {
	r := &reading{root: root, final: object(root.at("finalResult")), detail: object(root.at("providerSpecific")),
		provider: root.at("provider").string(), ptype: root.at("processType").string(),
		status: DescribeStatus(root.at("status").string()), now: in.Now.UTC(), earlier: in.Earlier,
		created: instantOf(root.at("createdAt").string()), updated: instantOf(root.at("updatedAt").string())}
	r.classes = classesOf(root)
	if stated, malformed := parse(in.UserData); malformed == "" {
		r.customer = object(stated.at("userData"))
	}
	return r
}

// object is v if it is one, or the only one of a list; else nil.
func object(v *value) *value {
	switch {
	case v == nil:
		return nil
	case v.kind == "array" && len(v.children) == 1:
		v = v.children[0]
	}
	if v.kind != "object" {
		return nil
	}
	return v
}

// instantOf reads a time of Assure (reference section 4: ISO 8601, mostly with Z; WebID samples have offsets).
func instantOf(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// unreadable is the report of a body that is no JSON object.
func unreadable(malformed string) Report {
	r := &reading{}
	return Report{MappingVersion: MappingVersion, ProviderName: ProviderName(""), Status: DescribeStatus(""), Malformed: malformed,
		Questions: r.questions(Report{}), Findings: []Finding{{Code: findMalformed, Severity: Bad,
			Text: "What Assure sent cannot be read as one JSON object: " + malformed + ". The bytes are kept as they came."}}}
}

// Counts counts the relations of the documented fields.
func (r Report) Counts() Counts {
	var c Counts
	for _, f := range r.Fields {
		if !f.Known {
			continue
		}
		switch f.Relation {
		case Same:
			c.Same++
		case Equivalent:
			c.Equivalent++
		case Differs:
			c.Differs++
		case Unsourced:
			c.Unsourced++
		case Absent:
			c.Absent++
		case Single:
			c.Single++
		}
	}
	return c
}
