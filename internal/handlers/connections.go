package handlers

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
)

// Bounds of open connections. A browser opens six at most, and a company may come from one address.
const (
	maxConnections = 4096
	maxOfAddress   = 512
)

// connections bounds how many are open, in all and of one address. Where there is one too many, the one that has waited
// longest for a request, or for the rest of its headers, is closed: whoever only holds connections keeps nobody out, and
// nobody else of the same address either. Safe for concurrent use.
type connections struct {
	most, share int
	proxies     []netip.Prefix // everybody comes from theirs, so they have no share

	mu      sync.Mutex
	open    map[net.Conn]*connection
	shares  map[string]int // open ones by address
	waiting *list.List     // of *connection, the one that has waited longest first
}

type connection struct {
	conn    net.Conn
	address string        // whose share it takes; empty: nobody's
	waits   *list.Element // nil while it is being answered
}

func newConnections(most, share int, proxies []netip.Prefix) *connections {
	return &connections{most: most, share: share, proxies: proxies, open: map[net.Conn]*connection{}, shares: map[string]int{}, waiting: list.New()}
}

// TrackConnection is the ConnState hook of the server that serves the portal: it bounds the open connections.
func (s *Server) TrackConnection(c net.Conn, state http.ConnState) { s.connections.track(c, state) }

func (o *connections) track(c net.Conn, state http.ConnState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.open[c]
	switch {
	case state == http.StateNew:
		o.enter(&connection{conn: c, address: o.addressOf(c)})
	case known == nil: // one that was closed here
	case state == http.StateIdle:
		known.waits = o.waiting.PushBack(known)
	case state == http.StateActive:
		o.answered(known)
	default:
		o.leave(known)
	}
}

// enter takes a connection in and closes another, or this very one, for each bound that it breaks; o.mu is held.
func (o *connections) enter(c *connection) {
	o.open[c.conn] = c
	o.shares[c.address]++
	c.waits = o.waiting.PushBack(c)
	if c.address != "" && o.shares[c.address] > o.share {
		o.closeOne(c.address)
	}
	if len(o.open) > o.most {
		o.closeOne("")
	}
}

// closeOne closes the connection that has waited longest, of an address if one is given; o.mu is held.
func (o *connections) closeOne(address string) {
	for e := o.waiting.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*connection); address == "" || c.address == address {
			o.leave(c)
			_ = c.conn.Close() // it is given up either way
			return
		}
	}
}

// answered takes a connection off the list of those that wait; o.mu is held.
func (o *connections) answered(c *connection) {
	if c.waits != nil {
		o.waiting.Remove(c.waits)
		c.waits = nil
	}
}

// leave forgets a connection; o.mu is held.
func (o *connections) leave(c *connection) {
	o.answered(c)
	delete(o.open, c.conn)
	if o.shares[c.address]--; o.shares[c.address] == 0 {
		delete(o.shares, c.address)
	}
}

// addressOf is whose share a connection takes.
func (o *connections) addressOf(c net.Conn) string {
	peer, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return c.RemoteAddr().String()
	}
	ip := peer.Addr().Unmap()
	if slices.ContainsFunc(o.proxies, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return ""
	}
	return network(ip.String())
}
