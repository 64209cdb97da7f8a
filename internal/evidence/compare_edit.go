package evidence

// Kinds of spans: what both have, what only the source has, what only the value that it is held against has.
const (
	spanSame    = "same"
	spanRemoved = "removed"
	spanAdded   = "added"
)

// longestEdit is the length in runes beyond which two values are told apart as wholes.
const longestEdit = 400

// editOf is the shortest way from the source to the value, as stretches of runes: without the added ones they spell the source,
// without the removed ones the value.
func editOf(source, value string) []Span {
	a, b := []rune(source), []rune(value)
	var e edit
	if len(a) > longestEdit || len(b) > longestEdit {
		e.put(spanRemoved, a...)
		e.put(spanAdded, b...)
		return e.spans
	}
	common := longestCommon(a, b)
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			e.put(spanSame, a[i])
			i++
			j++
		case common[i+1][j] >= common[i][j+1]:
			e.put(spanRemoved, a[i])
			i++
		default:
			e.put(spanAdded, b[j])
			j++
		}
	}
	e.put(spanRemoved, a[i:]...)
	e.put(spanAdded, b[j:]...)
	return e.spans
}

// longestCommon holds, for each pair of positions, how many runes the rests have in common, in order.
func longestCommon(a, b []rune) [][]int {
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}

// edit gathers runes into spans.
type edit struct{ spans []Span }

func (e *edit) put(kind string, runes ...rune) {
	if len(runes) == 0 {
		return
	}
	if n := len(e.spans); n > 0 && e.spans[n-1].Kind == kind {
		e.spans[n-1].Text += string(runes)
		return
	}
	e.spans = append(e.spans, Span{Kind: kind, Text: string(runes)})
}
