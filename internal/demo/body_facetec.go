package demo

// faceTecContent is liveness and matching; no document is involved. Level 8 was sampled as accepted, middling levels
// as inconclusive, none as rejected.
func faceTecContent(m *made) content {
	switch m.status {
	case failed:
		return content{failReason: m.failure()}
	case accepted:
		return content{
			final:  object{{"livenessDetected", m.spelled(true)}, {"similarityScore", "high"}},
			detail: faceTecDetail(m, true, 8),
		}
	case inconclusive:
		return content{detail: faceTecDetail(m, true, m.between(3, 4), m.between(4, 5), 5)}
	case rejected:
		if m.oneIn(3) {
			return content{detail: faceTecDetail(m, false)}
		}
		return content{detail: faceTecDetail(m, true, 0, 0, 0)}
	default:
		return content{}
	}
}

// faceTecDetail has an attempt for each level; without liveness nothing is matched.
func faceTecDetail(m *made, live bool, levels ...int) object {
	o := object{{"liveness", object{
		{"faceScanSecurityChecks", object{
			{"auditTrailVerificationCheckSucceeded", true}, {"replayCheckSucceeded", live},
			{"faceScanLivenessCheckSucceeded", live}, {"sessionTokenCheckSucceeded", true},
		}},
		{"error", false}, {"success", live},
	}}}
	if len(levels) == 0 {
		return o
	}
	var attempts []object
	for i, level := range levels {
		a := object{{"algorithm", []string{"facePortrait", "idPhoto", "idPhotoLowQuality"}[i]}}
		if m.number%4 == 1 {
			a = object{} // the schema does not know the algorithm
		}
		attempts = append(attempts, append(a, object{{"matchLevel", level}, {"imageProcessing", "faceFound"}, {"success", level > 0}, {"error", false}}...))
	}
	matching := object{{"attempts", attempts}}
	o.add("matching", append(matching, attempts[len(attempts)-1]...))
	return o
}
