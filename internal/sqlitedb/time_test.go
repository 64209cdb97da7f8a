package sqlitedb

import (
	"testing"
	"time"
)

func TestATimeComesBackToTheMillisecondInUTC(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 14, 5, 113_999_999, time.FixedZone("", 3600))
	if got, want := Instant(Millis(at)), time.Date(2026, 3, 2, 9, 14, 5, 113e6, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("%v, want %v", got, want)
	}
	if Millis(time.Time{}) != 0 || !Instant(0).IsZero() {
		t.Error("the zero time does not come back as itself")
	}
}
