package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/auth"
)

func TestB07_HoweverManyAddressesComeTheMemoryIsBounded(t *testing.T) {
	l := newLimiters(func() time.Time { return time.Unix(0, 0) })
	one := allowance{1, 1}
	for i := range 3 * maxLimiters {
		l.take(fmt.Sprintf("address %d", i), one)
		if _, ok := l.take("the one that keeps coming", one); ok != (i == 0) {
			t.Fatalf("after %d others its limit was forgotten", i)
		}
	}
	if kept := l.byKey; len(kept.byKey) != maxLimiters || kept.order.Len() != maxLimiters {
		t.Errorf("%d and %d limiters are kept", len(kept.byKey), kept.order.Len())
	}
}

func TestB07_ACrowdHasABoundAndComesDownToNothing(t *testing.T) {
	c := crowd{shares: map[string]int{}}
	for range maxInFlight {
		if !c.enter() {
			t.Fatal("refused too early")
		}
	}
	if c.enter() {
		t.Error("one too many came in")
	}
	c.leave()
	if !c.enter() {
		t.Error("the place that became free is not given")
	}
	for range maxPerSession {
		if !c.enterShare("a", maxPerSession) {
			t.Fatal("a session is refused too early")
		}
	}
	if c.enterShare("a", maxPerSession) || !c.enterShare("b", maxPerSession) {
		t.Error("the bound is not one of each session")
	}
	for range maxPerSession {
		c.leaveShare("a")
	}
	c.leaveShare("b")
	if len(c.shares) != 0 {
		t.Errorf("%d sessions are remembered", len(c.shares))
	}
}

func TestOneCustomersNetworkCountsAsOneAddress(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64",
		"2001:db8:1:3::9": "2001:db8:1:3::/64", "::ffff:203.0.113.7": "::ffff:203.0.113.7", "fe80::1%eth0": "fe80::/64", "no address": "no address",
	} {
		if got := network(in); got != want {
			t.Errorf("%s counts as %s, want %s", in, got, want)
		}
	}
}

func TestReadersAreForgottenInOrderAndHoursBeginAnew(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 59, 0, 0, time.UTC)
	o := newOpens(func() time.Time { return now }, 60)
	person := func(i int) auth.Session { return auth.Session{Issuer: "i", Subject: fmt.Sprint(i)} }
	for i := range maxReaders + 10 {
		o.open(person(i), "p")
	}
	if kept := o.readers; len(kept.byKey) != maxReaders || kept.order.Len() != maxReaders {
		t.Errorf("%d and %d readers", len(kept.byKey), kept.order.Len())
	}
	last := person(maxReaders + 9)
	if n, _, isNew := o.open(last, "p"); n != 1 || isNew {
		t.Errorf("the same process again: %d, %t", n, isNew)
	}
	if n, _, isNew := o.open(last, "q"); n != 2 || !isNew || !o.alert(last) || o.alert(last) {
		t.Errorf("a second one: %d, %t, or an hour has two alerts", n, isNew)
	}
	now = now.Add(time.Minute)
	if n, hour, _ := o.open(last, "q"); n != 1 || hour.Hour() != 10 || !o.alert(last) {
		t.Errorf("in the next hour: %d at %s", n, hour)
	}
}

func TestReportsKeepNoAddressAndNothingTyped(t *testing.T) {
	const origin = "https://portal.example"
	for name, row := range map[string]struct {
		body string
		want []blocking
	}{
		"the older form": {`{"csp-report":{"document-uri":"https://portal.example/processes/Zaphirellek","effective-directive":"script-src-elem","blocked-uri":"https://evil.example/x.js?q=Zaphirellek","source-file":"https://portal.example/static/app.0f.js?Zaphirellek"}}`,
			[]blocking{{"script-src-elem", "https://evil.example", ""}}},
		"the newer form": {`[{"type":"csp-violation","url":"https://portal.example/processes/Zaphirellek","body":{"effectiveDirective":"require-trusted-types-for","blockedURL":"trusted-types-sink","sourceFile":"https://portal.example/static/htmx.min.0f.js"}},{"type":"deprecation","body":{}}]`,
			[]blocking{{"require-trusted-types-for", "trusted-types-sink", "htmx.min.0f.js"}}},
		"made-up words":       {`{"csp-report":{"effective-directive":"Zaphirellek Q","blocked-uri":"Zaphirellek Q","source-file":"file:///home/zaphirellek"}}`, []blocking{{"unknown", "something else", ""}}},
		"an extension":        {`{"csp-report":{"effective-directive":"style-src","blocked-uri":"moz-extension://abc"}}`, []blocking{{"style-src", "something else", ""}}},
		"a host that is none": {`{"csp-report":{"effective-directive":"img-src","blocked-uri":"https://` + strings.Repeat("z", 200) + `/"}}`, []blocking{{"img-src", "something else", ""}}},
		"nothing":             {``, nil},
		"no report":           {`{"a":1}`, nil},
		"a list of anything":  {`[1,2]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []blocking
			for _, r := range parseReports([]byte(row.body)) {
				got = append(got, r.kind(origin))
			}
			if fmt.Sprint(got) != fmt.Sprint(row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestReportsAreCapped(t *testing.T) {
	var b blocked
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for i := range maxBlocked + 7 {
		b.add(blocking{directive: "img-src", what: fmt.Sprintf("https://h%d.example", i)}, now)
	}
	b.add(blocking{directive: "img-src", what: "https://h0.example"}, now.Add(time.Minute))
	facts := b.facts()
	if len(facts) != maxBlocked+1 || facts[0].Value != "https://h0.example" || !strings.HasPrefix(facts[0].Note, "2 reports") || facts[maxBlocked].Value != "7" {
		t.Errorf("%d facts, first %+v, last %+v", len(facts), facts[0], facts[len(facts)-1])
	}
	many := "[" + strings.Repeat(`{"type":"csp-violation","body":{}},`, 500) + `{}]`
	if n := len(parseReports([]byte(many))); n != maxReported {
		t.Errorf("%d reports of one post", n)
	}
}
