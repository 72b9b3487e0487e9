package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
)

// Start is the page to begin with.
func Start(site string) ([]string, error) {
	first, err := url.Parse(site)
	if err != nil {
		return nil, err
	}
	return []string{tidy(first)}, nil
}

// tidy is a URL as it is asked for: the ways to write one page are one string.
func tidy(u *url.URL) string {
	u.Fragment = ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// Seen knows which URLs have come by.
type Seen struct{ urls map[string]bool }

// NewSeen returns a Seen that has seen nothing.
func NewSeen() *Seen { return &Seen{urls: make(map[string]bool)} }

// First says whether a URL comes by for the first time.
func (s *Seen) First(url string) bool {
	first := !s.urls[url]
	s.urls[url] = true
	return first
}

// Client fetches pages. Several goroutines may use one.
type Client struct{ http.Client }

// NewClient returns a client that does not follow redirects: the page that says where to go is a page with a link.
func NewClient() *Client {
	return &Client{http.Client{
		Transport:     new(http.Transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close closes the connections that are kept for the next request.
func (c *Client) Close() error {
	c.CloseIdleConnections()
	return nil
}

// Document is a page as it was fetched.
type Document struct {
	URL  *url.URL
	Text string
}

// mostText is as much of a page as is read, in bytes.
const mostText = 1 << 20

// Fetch reads a page. A status that says that there is none is an error.
func (c *Client) Fetch(ctx context.Context, url string) (Document, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Document{}, err
	}
	response, err := c.Do(request)
	if err != nil {
		return Document{}, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		return Document{}, fmt.Errorf("status %s", response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, mostText))
	return Document{request.URL, string(text)}, err
}

// Page is a page of the site, or what is in its place.
type Page struct {
	URL   string
	Links []string // absolute, without fragments, each once, in the order of the text
	Err   error    // why there is no page
}

var anchor = regexp.MustCompile(`(?i)<a\s[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')`)

// Parse finds the links of a page.
func Parse(d Document) Page {
	page := Page{URL: d.URL.String()}
	for _, match := range anchor.FindAllStringSubmatch(d.Text, -1) {
		link, err := d.URL.Parse(html.UnescapeString(match[1] + match[2]))
		if err != nil || link.Host == "" {
			continue // nothing to fetch: mailto:, javascript: and the like
		}
		if url := tidy(link); !slices.Contains(page.Links, url) {
			page.Links = append(page.Links, url)
		}
	}
	return page
}

// Inside are the links that do not leave the site.
func (p Page) Inside() []string {
	var inside []string
	for _, link := range p.Links {
		if sameSite(p.URL, link) {
			inside = append(inside, link)
		}
	}
	return inside
}

func sameSite(a, b string) bool {
	one, errOne := url.Parse(a)
	other, errOther := url.Parse(b)
	return errOne == nil && errOther == nil && one.Scheme == other.Scheme && one.Host == other.Host
}

// Broken stands for a page that could not be fetched.
func Broken(link string, err error) Page {
	var failed *url.Error
	var item *CrawlError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		err = errors.New("no answer in time")
	case errors.As(err, &failed):
		err = failed.Err // without the URL
	case errors.As(err, &item):
		err = item.Err // without its position in the input
	}
	return Page{URL: link, Err: err}
}

// Site are the pages of a site, and the broken links.
type Site struct{ Pages []Page }

// Add adds a page.
func (s Site) Add(p Page) Site {
	s.Pages = append(s.Pages, p)
	return s
}
