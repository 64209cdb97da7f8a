package evidence

// FieldNames are the 15 documented final result fields in the contract's order.
func FieldNames() []string { panic("todo") }

// FieldLabel is a field's words for a person.
func FieldLabel(name string) string { panic("todo") }

// fields compares the final result with every place that speaks of the same fact.
func (r *reading) fields() []Field { panic("todo") }

// personOf takes from the fields what lists and headings show.
func personOf(fields []Field) Person { panic("todo") }
