package assure

import "time"

// Hasten makes a client repeat at once and bounds its media.
func (c *Client) Hasten(maxMedia int64) {
	c.jitter = func(time.Duration) time.Duration { return 0 }
	c.maxMedia = maxMedia
}

// WaitForToken returns when no refresh runs.
func (c *Client) WaitForToken() { c.tokens.wait() }
