package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"time"
)

const answerTime = 30 * time.Second // no single answer takes longer, or the measurement fails

// session is a client with cookies and as many kept connections as there are clients at most.
type session struct {
	base string
	http *http.Client
}

func newSession(base string) (*session, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &session{base: base, http: &http.Client{Jar: jar, Timeout: answerTime,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}}, nil
}

// get reads a whole page; any status but 200 is an error.
func (s *session) get(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		return nil, err
	}
	_, body, err := s.do(r)
	return body, err
}

func (s *session) do(r *http.Request) (*http.Response, []byte, error) {
	answer, err := s.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", r.Method, r.URL.Path, answer.Status)
	}
	return answer, body, err
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes the way of a browser: portal, the demo's identity provider and its form, back to the portal.
func signIn(ctx context.Context, portal, user string) (*session, error) {
	s, err := newSession(portal)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, portal+"/auth/login", nil)
	if err != nil {
		return nil, err
	}
	answer, body, err := s.do(r)
	if err != nil {
		return nil, err
	}
	id := hiddenID.FindSubmatch(body)
	if id == nil {
		return nil, fmt.Errorf("the identity provider shows no form")
	}
	form := url.Values{"id": {string(id[1])}, "username": {user}}
	provider := answer.Request.URL.Scheme + "://" + answer.Request.URL.Host
	r, err = http.NewRequestWithContext(ctx, http.MethodPost, provider+"/sign-in", bytes.NewBufferString(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", provider)
	_, _, err = s.do(r)
	return s, err
}

var processRow = regexp.MustCompile(`data-process="([^"]+)"`)

// processIDs are the paths of the processes that a result page lists.
func processIDs(page []byte) []string {
	var paths []string
	for _, m := range processRow.FindAllSubmatch(page, -1) {
		paths = append(paths, "/processes/"+string(m[1]))
	}
	return paths
}

// meanSize asks for each path once and gives the mean size of the answers in bytes.
func (s *session) meanSize(ctx context.Context, paths []string) (int, error) {
	sum := 0
	for _, path := range paths {
		body, err := s.get(ctx, path)
		if err != nil {
			return 0, err
		}
		sum += len(body)
	}
	return sum / len(paths), nil
}

// records counts the good records of one action in the trail, by exporting them. The export's own record is not counted.
func (s *session) records(ctx context.Context, action string) (int, error) {
	body, err := s.get(ctx, "/audit.csv?outcome=ok&action="+url.QueryEscape(action))
	if err != nil {
		return 0, err
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))).ReadAll()
	if err != nil {
		return 0, fmt.Errorf("read the trail's CSV: %w", err)
	}
	n := 0
	for _, row := range rows[1:] {
		if row[5] == action {
			n++
		}
	}
	return n, nil
}
