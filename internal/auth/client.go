package auth

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Bounds of every request to the identity provider. go-oidc has none of its own: it reads whole bodies, waits for ever
// and fetches keys for each token with an unknown key id.
const (
	providerTimeout = 5 * time.Second // a person waits for it
	maxProviderBody = 1 << 20         // bytes; discovery and key sets are some kilobytes
	keyPause        = 10 * time.Second

	// A connection serves the requests of one sign-in and no later one: a provider that closes it after five seconds, as
	// Node's does, would now and then do so under a request for tokens, which nobody may send twice.
	idleTimeout = 2 * time.Second

	keyBurst = 3 // fetches without a pause: right after a start the provider may change its keys
)

// boundedClient copies a client and adds the bounds. Redirects are not followed: the addresses are configured or
// discovered, and a redirect would carry a code or a token elsewhere.
func boundedClient(from *http.Client) *http.Client {
	client := &http.Client{}
	if from != nil {
		*client = *from
	}
	if client.Transport == nil {
		client.Transport = &http.Transport{
			Proxy:       http.ProxyFromEnvironment,
			DialContext: (&net.Dialer{Timeout: providerTimeout}).DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: providerTimeout, ResponseHeaderTimeout: providerTimeout,
			MaxIdleConns: 4, IdleConnTimeout: idleTimeout,
		}
	}
	client.Transport = boundedBody{client.Transport}
	client.Timeout = providerTimeout
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// boundedBody fails the reading of a body that is too long, rather than cutting it off.
type boundedBody struct{ next http.RoundTripper }

func (b boundedBody) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxProviderBody)
	return response, nil
}

// keyTransport fetches the provider's key set once in keyPause after a few times in a row, and gives the same answer until
// then, so that tokens with made-up key ids cannot make the portal flood its identity provider.
type keyTransport struct {
	next  http.RoundTripper
	now   func() time.Time
	limit *rate.Limiter

	mu   sync.Mutex
	body []byte
	err  error
}

func newKeyTransport(next http.RoundTripper, now func() time.Time) *keyTransport {
	return &keyTransport{next: next, now: now, limit: rate.NewLimiter(rate.Every(keyPause), keyBurst)}
}

func (k *keyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.limit.AllowN(k.now(), 1) {
		k.body, k.err = fetch(k.next, r)
	}
	if k.err != nil {
		return nil, k.err
	}
	return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(k.body)), Body: io.NopCloser(bytes.NewReader(k.body)), Request: r}, nil
}

// fetch makes every answer but 200 an error, so that callers can tell a provider that fails from a token that is wrong.
func fetch(transport http.RoundTripper, r *http.Request) ([]byte, error) {
	response, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered %d", response.StatusCode)
	}
	return body, nil
}
