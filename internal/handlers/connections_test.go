package handlers

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// peer is a connection of which only its other end and its closing matter.
type peer struct {
	net.Conn
	name, address string
	closed        bool
}

func (p *peer) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(p.address))
}
func (p *peer) Close() error { p.closed = true; return nil }

func TestB07_WhoOnlyHoldsConnectionsKeepsNobodyOut(t *testing.T) {
	const here, there, sixth, sixthToo = "203.0.113.7:1", "203.0.113.8:1", "[2001:db8::1]:1", "[2001:db8::2]:1"
	proxies := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	for name, tc := range map[string]struct {
		steps  []string // name@address opens; name+ is answered, name- waits again, name! ends
		closed []string
	}{
		"within the share nobody is closed":              {[]string{"a@" + here, "b@" + here, "c@" + here, "d@" + there}, nil},
		"beyond the share the one that waited longest":   {[]string{"a@" + here, "b@" + here, "c@" + here, "d@" + here}, []string{"a"}},
		"one that is answered is left alone":             {[]string{"a@" + here, "a+", "b@" + here, "c@" + here, "d@" + here}, []string{"b"}},
		"waiting again counts from then":                 {[]string{"a@" + here, "b@" + here, "c@" + here, "a+", "a-", "d@" + here}, []string{"b"}},
		"where all are answered the new one goes":        {[]string{"a@" + here, "a+", "b@" + here, "b+", "c@" + here, "c+", "d@" + here}, []string{"d"}},
		"one that ended makes room":                      {[]string{"a@" + here, "b@" + here, "c@" + here, "b!", "d@" + here}, nil},
		"another address has a share of its own":         {[]string{"a@" + here, "b@" + here, "c@" + here, "d@" + there, "e@" + there}, nil},
		"beyond all the one that waited longest of all":  {[]string{"a@" + there, "b@" + here, "c@" + here, "d@" + here, "e@" + sixth, "f@" + sixth}, []string{"a"}},
		"a network of IPv6 is one address":               {[]string{"a@" + sixth, "b@" + sixthToo, "c@" + sixth, "d@" + sixthToo}, []string{"a"}},
		"a proxy has no share, and all bound it alone":   {[]string{"a@198.51.100.1:1", "b@198.51.100.1:1", "c@198.51.100.1:1", "d@198.51.100.1:1", "e@198.51.100.1:1", "f@" + here}, []string{"a"}},
		"what is said of a closed one changes nothing":   {[]string{"a@" + here, "b@" + here, "c@" + here, "d@" + here, "a+", "a!", "a-", "e@" + here}, []string{"a", "b"}},
		"the end of one that is answered frees its room": {[]string{"a@" + here, "a+", "b@" + here, "c@" + here, "a!", "d@" + here}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := newConnections(5, 3, proxies)
			peers := map[string]*peer{}
			for _, step := range tc.steps {
				if name, address, opens := strings.Cut(step, "@"); opens {
					peers[name] = &peer{name: name, address: address}
					o.track(peers[name], http.StateNew)
					continue
				}
				state := map[byte]http.ConnState{'+': http.StateActive, '-': http.StateIdle, '!': http.StateClosed}[step[1]]
				o.track(peers[step[:1]], state)
			}
			var closed []string
			for name, p := range peers {
				if p.closed {
					closed = append(closed, name)
				}
			}
			if slices.Sort(closed); !slices.Equal(closed, tc.closed) {
				t.Errorf("closed are %q, want %q", closed, tc.closed)
			}
			for _, p := range peers {
				o.track(p, http.StateClosed)
			}
			if len(o.open)+len(o.shares)+o.waiting.Len() != 0 {
				t.Errorf("after all ended %d, %d and %d are remembered", len(o.open), len(o.shares), o.waiting.Len())
			}
		})
	}
}

func TestB07_HoweverManyConnectionsComeSoManyStayOpen(t *testing.T) {
	o := newConnections(maxConnections, maxOfAddress, nil)
	var peers []*peer
	for i := range 3 * maxConnections {
		p := &peer{address: "203.0." + strconv.Itoa(i%16) + ".7:1"}
		peers = append(peers, p)
		o.track(p, http.StateNew)
	}
	open := 0
	for _, p := range peers {
		if !p.closed {
			open++
		}
	}
	if open != maxConnections || len(o.open) != open {
		t.Errorf("%d are open, %d known, want %d", open, len(o.open), maxConnections)
	}
}
