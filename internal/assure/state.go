package assure

import "time"

// State is what an administrator is shown of the connection to Assure. No token, address or upstream's word stands in it.
type State struct {
	TokenUntil   time.Time // end of the access token in use; zero: none
	TokenFailed  bool      // the newest attempt to get one failed
	TokenRefused bool      // and it did because the endpoint refused the portal's credentials
	DownUntil    time.Time // the upstream stopped answering and is left alone until then; zero: it is asked
}

// State tells how the connection is, without asking anybody.
func (c *Client) State() State {
	s := State{DownUntil: c.breaker.open()}
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	if c.tokens.token != "" && within(c.now(), c.tokens.expiresAt, tokenLifeMax) {
		s.TokenUntil = c.tokens.expiresAt
	}
	s.TokenFailed, s.TokenRefused = c.tokens.failure != nil, IsUnauthorized(c.tokens.failure)
	return s
}
