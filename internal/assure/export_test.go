package assure

import (
	"net/http"
	"time"
)

// CallTimeout is the time-out of a call unless Options say otherwise.
const CallTimeout = callTimeout

// BreakerFailures and BreakerPause are the bounds of the breaker.
const (
	BreakerFailures = breakerFailures
	BreakerPause    = breakerPause
)

// NewTransport is the transport that a client makes for itself.
func NewTransport() *http.Transport { return newTransport() }

// Hasten makes a client repeat at once and bounds its media.
func (c *Client) Hasten(maxMedia int64) {
	c.jitter = func(time.Duration) time.Duration { return 0 }
	c.maxMedia = maxMedia
}

// WaitForToken returns when no refresh runs.
func (c *Client) WaitForToken() { c.tokens.wait() }
