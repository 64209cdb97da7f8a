package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

// talk sends text over a connection and reads the first line of the answer.
func talk(t *testing.T, address, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, text); err != nil {
		return "" // refused while it was still being sent
	}
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}

func TestB07_HeadersAndTheirTimeAreBounded(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := startBackground(listener, newServer(ok))
	defer server.stop()
	address := listener.Addr().String()
	for name, tc := range map[string]struct{ request, want string }{
		"a usual request":         {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "204"},
		"headers of 64 kibibytes": {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", "431"},
		"two lengths":             {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "400"},
		"a length and chunks":     {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"},
		"no host":                 {"GET / HTTP/1.1\r\n\r\n", "400"},
		"options of everything":   {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "204"},
	} {
		if got := talk(t, address, tc.request); !strings.Contains(got, " "+tc.want+" ") {
			t.Errorf("%s: %q, want %s", name, got, tc.want)
		}
	}
	for what, bound := range map[string]bool{"header time": server.server.ReadHeaderTimeout > 0 && server.server.ReadHeaderTimeout <= readTimeout, "body time": server.server.ReadTimeout > 0,
		"write time": server.server.WriteTimeout > 0, "idle time": server.server.IdleTimeout > 0, "header bytes": server.server.MaxHeaderBytes == maxHeaderBytes} {
		if !bound {
			t.Errorf("the %s has no bound", what)
		}
	}
}
