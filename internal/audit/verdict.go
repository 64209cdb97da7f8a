package audit

import (
	"fmt"
	"strings"
)

// verdict is the fault that decides, or what was proven.
func (v *inspection) verdict() Verdict {
	for _, exit := range precedence {
		if f, ok := v.found[exit]; ok {
			return Verdict{Exit: exit, FirstBad: f.seq, Warnings: v.warnings,
				Sentence: "Not sound: " + f.text + v.others() + "."}
		}
	}
	return Verdict{Exit: exitSound, FirstBad: -1, Warnings: v.warnings, Sentence: "Proven: " + v.proven() + ". Not proven: " + v.unproven() + "."}
}

// others says that there is more to look at.
func (v *inspection) others() string {
	switch len(v.found) {
	case 1:
		return ""
	case 2:
		return " (and a fault of another kind)"
	}
	return fmt.Sprintf(" (and faults of %d other kinds)", len(v.found)-1)
}

func (v *inspection) proven() string {
	by := "by a key that was not checked"
	if v.verifier != nil {
		by = "by the given key"
	}
	size := v.tree.tlog.size - v.unsigned
	claims := []string{fmt.Sprintf("the records of %s are those over which a checkpoint of size %d was signed %s", v.origin, size, by)}
	if v.filtered {
		claims[0] = fmt.Sprintf("the %d rows are records of %s, over which a checkpoint of size %d was signed %s", v.rows, v.origin, size, by)
	}
	if v.completeness {
		claims = append(claims, "no record that the query matches was left out")
	}
	claims = append(claims, v.resumedClaims()...)
	if v.older != nil {
		claims = append(claims, fmt.Sprintf("nothing among the first %d was changed since the older checkpoint", v.older.size))
	}
	if v.erased > 0 {
		claims = append(claims, fmt.Sprintf("personal details of %d records were erased, each with a record that says so", v.erased))
	}
	if v.snapshotsAsked {
		claims = append(claims, "the snapshots held are those that the records name")
	}
	return strings.Join(claims, "; ")
}

func (v *inspection) unproven() string {
	var gaps []string
	if v.older == nil {
		gaps = append(gaps, "anything about changes made before this export, because no older checkpoint was given")
	} else {
		gaps = append(gaps, "anything about changes made before the older checkpoint was signed")
	}
	if v.verifier == nil {
		gaps = append(gaps, "who signed it, because no key was given")
	}
	if v.filtered {
		gaps = append(gaps, "that no matching record was left out, because the bundle does not hold every leaf")
	}
	if v.unsigned > 0 {
		gaps = append(gaps, fmt.Sprintf("anything about the newest %d records, which no checkpoint covers yet", v.unsigned))
	}
	if len(v.resumptions) > 0 {
		gaps = append(gaps, "anything about the records that were lost with a restore")
	}
	return strings.Join(append(gaps, "that what was recorded was true"), "; ")
}
