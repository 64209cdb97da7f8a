package evidence

import (
	"testing"
	"time"
)

func TestDaysAreRead(t *testing.T) {
	for text, want := range map[string]day{
		"1989-07-30":                {1989, 7, 30, false},
		" 1989/7/30 ":               {1989, 7, 30, false},
		"19890730":                  {1989, 7, 30, false},
		"890730":                    {89, 7, 30, true},
		"30.07.1989":                {1989, 7, 30, false},
		"30-07-89":                  {89, 7, 30, true},
		"30 July 1989":              {1989, 7, 30, false},
		"1989-07-30T23:59:59+02:00": {1989, 7, 30, false},
		"1989-07-30T00:00:00":       {1989, 7, 30, false},
		"1989-07-30 00:00:00":       {1989, 7, 30, false},
		"2000-02-29":                {2000, 2, 29, false},
		"000229":                    {0, 2, 29, true},
	} {
		if got, ok := readDay(text); !ok || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, ok, want)
		}
	}
}

func TestWhatIsNoDay(t *testing.T) {
	for _, text := range []string{"", "1989", "1989-07", "1989-13-01", "1989-02-29", "1989-00-10", "1989-10-00", "89<<<<", "1989073", "-1989-07-30-", "30 Juil 1989",
		"30.007.1989", "1989-07-30-01", "١٩٨٩-٠٧-٣٠", "19890730T", "1989--07-30x"} {
		if got, ok := readDay(text); ok {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func FuzzReadDay(f *testing.F) {
	for _, text := range []string{"1989-07-30", "890730", "30 JUL 1989", "89<<<<", "9999-12-31T23:59:59Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := readDay(text)
		if !ok {
			return
		}
		if d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 || d.year < 0 || d.year > 9999 {
			t.Errorf("%q is read as %+v", text, d)
		}
		if !d.short && !sameDay(birthDate, d, d, time.Time{}) {
			t.Errorf("%q is not its own day", text)
		}
	})
}
