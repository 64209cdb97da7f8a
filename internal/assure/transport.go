package assure

import (
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"
)

// Bounds of one connection. Without pings a connection that died silently would be used again and again, and every
// call on it would end in a time-out. Silence and the missing answer to a ping together are well below the time-out of
// a call, so that its repeat goes over a new connection.
const (
	dialTimeout    = 3 * time.Second
	tlsTimeout     = 5 * time.Second
	headerTimeout  = 8 * time.Second
	idleTimeout    = 60 * time.Second
	pingAfter      = 3 * time.Second
	pingTimeout    = 3 * time.Second
	writeTimeout   = 10 * time.Second
	connsPerHost   = 32
	idlePerHost    = 16
	maxHeaderBytes = 64 << 10
	maxErrorBody   = 64 << 10
)

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    idlePerHost,
		MaxConnsPerHost:        connsPerHost,
		MaxResponseHeaderBytes: maxHeaderBytes,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout, WriteByteTimeout: writeTimeout},
	}
}

// newHTTPClient follows no redirect: the API has none, and one would carry the token elsewhere.
func newHTTPClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// readBounded reads all of r, at most max bytes: one byte more is ErrTooLarge, an early end ErrTruncated, each with what was
// read until then.
func readBounded(r io.Reader, max int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, max+1))
	switch {
	case int64(len(b)) > max:
		return b, ErrTooLarge
	case err == nil:
		return b, nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil, &connError{cause: err}
	}
	return b, ErrTruncated
}

// readAnswer reads the body of a usable answer. A body whose end nothing marks could be cut anywhere unnoticed.
func readAnswer(res *http.Response, max int64) ([]byte, error) {
	marked := res.ContentLength >= 0 || len(res.TransferEncoding) > 0 || res.ProtoMajor >= 2 || res.Uncompressed
	if !marked {
		return nil, ErrTruncated
	}
	if res.ContentLength > max {
		return nil, ErrTooLarge
	}
	return readBounded(res.Body, max)
}

// hasType reports whether an answer's content type is one of types, where "image/*" stands for all images.
// An answer may leave its type out.
func hasType(header http.Header, types []string) bool {
	value := header.Get("Content-Type")
	if value == "" {
		return true
	}
	got, _, err := mime.ParseMediaType(value)
	if err != nil {
		return false
	}
	for _, t := range types {
		if prefix, any := strings.CutSuffix(t, "*"); got == t || any && strings.HasPrefix(got, prefix) {
			return true
		}
	}
	return false
}
