package evidence

// DescribeStatus explains any status, known or not.
func DescribeStatus(status string) StatusInfo { panic("todo") }

// ProviderName is the product's name for a provider code: "signicatpaper" -> "Signicat Paper", "connect:idin" -> "Connect (idin)".
func ProviderName(code string) string { panic("todo") }

// Mask replaces each character by a bullet, keeping the last two from length 6 on (contract, masking table).
func Mask(value string) string { panic("todo") }

// CheckBody says why a body is not acceptable for import, or "" (contract: string processId, provider, status, createdAt; no authorization).
func CheckBody(body []byte) string { panic("todo") }

// FieldClass is the class of a final result field by its name; an unknown name counts as Identity, or as PersonalNumber
// where the name looks like one (contract, masking table).
func FieldClass(name string) Class { panic("todo") }

// Classes lists all, least strict first.
func Classes() []Class { panic("todo") }

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
