package evidence

import "strings"

// wholeName is a person's name in parts, against which a place is held that states it as a whole: PictureID's commonName, ReadID's
// nameOfHolder, the claim name of OpenID Connect.
type wholeName struct {
	first, last spelling
	middle      string // stated apart; a whole name may or may not have it
	second      string // the second line of the last name, for which a whole name may or may not have room
}

// wholeName is what the final result calls the person, or where it does not, the first place of the provider. What the customer stated is no
// reading that another could contradict.
func (r *reading) wholeName(statements map[string][]statement) wholeName {
	part := func(field string) spelling {
		stated := statements[field]
		if final := r.finalValue(field); present(final) || len(stated) > 0 && byProvider(stated[0]) {
			return heldOf(final, stated)
		}
		return spelling{}
	}
	return wholeName{part("firstName"), part("lastName"), middleOf(statements["firstName"]), strings.TrimSpace(part("lastNameSecondLine").text)}
}

func (n wholeName) known() bool { return n.first.text != "" || n.last.text != "" }

// orders are the whole name as it may be written: in turn the usual way and with the last name first.
func (n wholeName) orders() []string {
	orders := []string{spaced(n.first.text + " " + n.last.text), spaced(n.last.text + " " + n.first.text)}
	if n.middle != "" {
		orders = append(orders, spaced(n.first.text+" "+n.middle+" "+n.last.text), spaced(n.last.text+" "+n.first.text+" "+n.middle))
	}
	if n.second != "" {
		orders = append(orders, orders[0]+" "+n.second, spaced(n.last.text+" "+n.second+" "+n.first.text))
	}
	return orders
}

// compare says how a whole name compares with the parts. With only one of them known, what holds it may say more and nothing else.
func (n wholeName) compare(source spelling) (Relation, string) {
	for i, order := range n.orders() {
		lastFirst := i%2 == 1
		if source.text == order && !lastFirst {
			return Same, ""
		}
		if rule, same := sameName(source.text, order); same && lastFirst && rule != ruleTitle {
			return Equivalent, ruleOrder
		} else if same {
			return Equivalent, rule
		}
	}
	words := strings.Fields(wholeNameSeparators.Replace(source.text))
	if rule, same := n.inParts(words); same {
		return Equivalent, rule
	}
	if otherScript(source.text, n.orders()[0]) || n.heldBy(words) {
		return Single, ""
	}
	return Differs, ""
}

var wholeNameSeparators = strings.NewReplacer("<", " ", ",", " ", ";", " ")

// inParts reports whether some words, parted anywhere, spell the first and the last name, each by the rules for it: one may have been cut in
// a zone, or be initials. The rule of the part that changed more is named.
func (n wholeName) inParts(words []string) (rule string, same bool) {
	if n.first.text == "" || n.last.text == "" || len(words) > mostWords {
		return "", false
	}
	for i := 1; i < len(words); i++ {
		before, behind := spelling{text: strings.Join(words[:i], " ")}, spelling{text: strings.Join(words[i:], " ")}
		if rule, same := partRule(before, n.first, behind, n.last); same {
			return rule, true
		}
		if rule, same := partRule(behind, n.first, before, n.last); same {
			return rule, true
		}
	}
	return "", false
}

// mostWords bounds the ways in which a whole name is parted.
const mostWords = 16

func partRule(first, heldFirst, last, heldLast spelling) (rule string, same bool) {
	ruleFirst, sameFirst := equateNames(first, heldFirst)
	ruleLast, sameLast := equateNames(last, heldLast)
	if ruleFirst == ruleTitle && ruleLast == ruleTitle {
		return "", false // two titles left out may be one that was exchanged
	}
	if ruleLast == ruleTruncated || ruleLast == ruleTitle && ruleFirst != ruleTruncated && ruleFirst != ruleInitials {
		ruleFirst = ruleLast
	}
	return ruleFirst, sameFirst && sameLast
}

// heldBy reports whether the only part that is known begins or ends a whole name.
func (n wholeName) heldBy(words []string) bool {
	part := n.first.text + n.last.text
	if n.first.text != "" && n.last.text != "" {
		return false
	}
	for i := 1; i < min(len(words), mostWords); i++ {
		if _, begins := sameName(strings.Join(words[:i], " "), part); begins {
			return true
		}
		if _, ends := sameName(strings.Join(words[i:], " "), part); ends {
			return true
		}
	}
	return false
}

// nearest is the order of the parts that a whole name has most in common with: what a difference is shown against.
func (n wholeName) nearest(text string) string {
	best, most := "", -1
	for _, order := range n.orders() {
		alike := 0
		for _, span := range editOf(text, order) {
			if span.Kind == spanSame {
				alike += len(span.Text)
			}
		}
		if alike > most {
			best, most = order, alike
		}
	}
	return best
}
