package auth

import (
	"testing"
	"time"
)

func TestTheUsualHourIsThatOfThePersonsOwnWork(t *testing.T) {
	f := start(t)
	person, other := Session{Issuer: "i", Subject: "a"}, Session{Issuer: "i", Subject: "b"}
	hour := f.clock.Now().Truncate(time.Hour)
	keep := func(who Session, back time.Duration, opened int) {
		t.Helper()
		if err := f.KeepHour(t.Context(), who, hour.Add(-back), opened); err != nil {
			t.Fatal(err)
		}
	}
	usual := func(who Session, want int) {
		t.Helper()
		if got, err := f.UsualHour(t.Context(), who); err != nil || got != want {
			t.Errorf("usual is %d, want %d, %v", got, want, err)
		}
	}
	for i := range 4 {
		keep(person, time.Duration(i+1)*time.Hour, 10)
	}
	keep(person, 0, 1000) // the present hour says nothing of what is usual
	usual(person, 0)
	keep(person, 24*time.Hour, 30)
	keep(person, 24*time.Hour, 60)
	keep(person, 24*time.Hour, 40) // counts only grow
	usual(person, 20)
	usual(other, 0)
	f.clock.move(29 * 24 * time.Hour)
	usual(person, 0)
	hour = f.clock.Now().Truncate(time.Hour)
	keep(other, 0, 1)
	if n := f.rows("opened_hour"); n != 1 {
		t.Errorf("%d hours are kept, want the one of the last 28 days", n)
	}
}
