package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
)

// loopback refuses an address that others could reach: what listens there guards nothing.
func loopback(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return fmt.Errorf("--listen %s is not an address and port, such as 127.0.0.1:8080", address)
	}
	ip, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return fmt.Errorf("--listen %s is refused: only loopback addresses are taken, such as 127.0.0.1:8080", address)
	}
	return nil
}

func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address)
	return host
}

func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; --listen 127.0.0.1:0 takes a free port", address, err)
	}
	return listener, nil
}

func baseURL(l net.Listener) string { return "http://" + l.Addr().String() }

// background is a server beside the portal.
type background struct {
	server *http.Server
	served chan error
}

func startBackground(l net.Listener, server *http.Server) *background {
	b := &background{server: server, served: make(chan error, 1)}
	go func() { b.served <- b.server.Serve(l) }()
	return b
}

// stop ends the server at once: nobody waits for its answers any more.
func (b *background) stop() error {
	err := b.server.Close()
	if served := <-b.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// wait serves until ctx ends, then finishes requests in flight.
func (b *background) wait(ctx context.Context) error {
	select {
	case err := <-b.served:
		return err
	case <-ctx.Done():
	}
	err := shutdown(b.server)
	<-b.served
	return err
}
