package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/assure-portal/portal/internal/config"
)

// healthTimeout is how long a portal may take to say that it is ready.
const healthTimeout = 5 * time.Second

type healthcheckCommand struct{}

func (healthcheckCommand) Run(e *env) error {
	settings, err := config.Read(config.NeedAddress, os.LookupEnv, os.ReadFile)
	if err != nil {
		return err
	}
	address := reachable(settings.Listen)
	ctx, cancel := context.WithTimeout(e.ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true} // no proxy: the portal is on this machine
	res, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return fmt.Errorf("no answer from the portal at %s: %w", address, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the portal at %s is not ready: status %d", address, res.StatusCode)
	}
	_, err = fmt.Fprintln(e.stdout, "ready")
	return err
}

// reachable is the address to ask for one to listen on: everywhere becomes this machine.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "", err == nil && ip.IsUnspecified() && ip.Is4():
		return net.JoinHostPort("127.0.0.1", port)
	case err == nil && ip.IsUnspecified():
		return net.JoinHostPort("::1", port)
	}
	return listen
}
