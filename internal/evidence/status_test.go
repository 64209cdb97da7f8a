package evidence

import "testing"

func TestStatusesSayWhetherTheyAreFinalAndHaveAResult(t *testing.T) {
	for status, want := range map[string]StatusInfo{
		"pending": {Known: true}, "processing": {Known: true},
		"accepted": {Known: true, Final: true, WithResult: true}, "rejected": {Known: true, Final: true, WithResult: true},
		"inconclusive": {Known: true, Final: true, WithResult: true},
		"canceled":     {Known: true, Final: true}, "failed": {Known: true, Final: true},
		"Accepted": {}, "cancelled": {}, "": {},
	} {
		got := DescribeStatus(status)
		if got.Words == "" || got.Status != status {
			t.Errorf("%q: %+v lacks words or its status", status, got)
		}
		got.Words, got.Status = "", ""
		if got != want {
			t.Errorf("%q is %+v, want %+v", status, got, want)
		}
	}
}

func TestProviderNames(t *testing.T) {
	for code, want := range map[string]string{
		"onfido": "Onfido", "signicatpaper": "Signicat Paper", "eid": "Electronic IDentification", "connect:idin": "Connect (idin)",
		"smileid": "smileid", "": "Unnamed provider",
	} {
		if got := ProviderName(code); got != want {
			t.Errorf("%q is called %q, want %q", code, got, want)
		}
	}
}
