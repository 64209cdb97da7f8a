package evidence

// chipAnswers are ReadID's answers about the chip (reference, section 6.3).
var chipAnswers = scale{
	"succeeded":     {Pass, "succeeded"},
	"failed":        {Fail, "failed"},
	"not_available": {NotDone, "this chip does not offer it"},
}

// assuranceTypes are iProov's kinds of assurance. Only genuine presence is published with Assure (reference, section 6.3).
var assuranceTypes = scale{
	"genuine_presence": {Pass, "a real person, present at the time"},
	"liveness":         {Pass, "a live person"},
}

// assuranceNames are the three names of one member, in the sample, the schema and the schema's getter (reference, section 7).
var assuranceNames = []string{"iProovAssuranceType", "iproovAssuranceType", "getiProovAssuranceType"}

func (l *checklist) readID() {
	identity := l.r.readIDIdentity()
	if object(identity) != nil {
		l.judge(subject{"chipVerification", "chip", askDocument, "Are the chip's data signed by the issuer and unchanged?"},
			identity.at("chipVerification"), chipAnswers)
		l.judge(subject{"chipCloneDetection", "chip", askDocument, "Is the chip the original, not a copy?"},
			identity.at("chipCloneDetection"), chipAnswers)
	}
	l.iproov(l.r.element("iproovSession"))
}

// readIDIdentity is the element with ReadID's verdicts; the older wrapper may hold them without one.
func (r *reading) readIDIdentity() *value {
	if identity := r.element("consolidatedIdentityData"); identity != nil {
		return identity
	}
	if session := r.detail.at("session"); session.at("chipVerification") != nil {
		return session
	}
	return nil
}

// iproov adds the face check that ReadID offers as an add-on: one verdict, that a live person was there and was the one whose picture
// was enrolled.
func (l *checklist) iproov(session *value) {
	if object(session) == nil {
		return
	}
	const group = "iproovSession"
	passed := session.at("passed")
	l.judge(subject{"iproovSession.passed", group, askLive, "Was a live person there?"}, passed, passWhen(true, "passed", "not passed"))
	l.judge(subject{"iproovSession.face", group, askFace, "Was it the person whose picture was taken from the document?"}, passed,
		passWhen(true, "passed", "not passed"))
	for _, check := range []struct {
		name, asked string
		answers     scale
	}{
		{"finished", "Did the session come to its end?", passWhen(true, "it did", "it did not")},
		{"hasError", "Did the session run without an error?", passWhen(false, "it did", "it reported an error")},
	} {
		if v := session.at(check.name); v != nil {
			l.judge(subject{"iproovSession." + check.name, group, askLive, check.asked}, v, check.answers)
		}
	}
	for _, name := range assuranceNames {
		if v := session.at(name); v != nil {
			l.judge(subject{"iproovSession.assuranceType", group, askLive, "What does passing assure?"}, v, assuranceTypes)
		}
	}
}
