package evidence

// checks brings every verdict of the provider into one shape.
func (r *reading) checks(fields []Field) []Check { panic("todo") }

// questions answers the six from the checks and fields of the report so far.
func (r *reading) questions(report Report) []Question { panic("todo") }

// reasons are fail, status and rejection reasons in words.
func (r *reading) reasons() []Reason { panic("todo") }

// depictions are the images that the answer names.
func (r *reading) depictions() []string { panic("todo") }

// findings are what a reviewer should look at first, worst first.
func (r *reading) findings(report Report) []Finding { panic("todo") }

// tree is the whole answer in received order.
func (r *reading) tree(report Report) Node { panic("todo") }
