package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// A Document is one answer that was a page, or led to one.
type Document struct {
	URL    string
	Status int
	Header http.Header // without Set-Cookie, which the browser keeps to itself
}

// record is what has happened in a tab since it was opened.
type record struct {
	mu       sync.Mutex
	frame    cdp.FrameID // of the tab; what happens before that is known is nothing
	requests []string
	homes    []string // origins that were opened on purpose

	documents []Document
	answers   map[cdp.LoaderID]int // where in documents the answer of a load is
	loader    cdp.LoaderID         // of the page that is there

	csp, console []string

	loading bool
	loads   int           // how many loads have ended, with a page or without
	moves   int           // how many pages, or places in a page, were reached
	changed chan struct{} // closed at the next change of the three above
}

func newRecord() *record {
	return &record{answers: make(map[cdp.LoaderID]int), changed: make(chan struct{})}
}

// watch begins the record.
func (r *record) watch(frame cdp.FrameID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frame = frame
}

// listen hears everything that Chromium tells of a tab, one event after the other.
func (r *record) listen(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.frame == "" {
		return
	}
	switch e := event.(type) {
	case *page.EventFrameStartedLoading:
		r.load(e.FrameID, true)
	case *page.EventFrameStoppedLoading:
		r.load(e.FrameID, false)
	case *page.EventNavigatedWithinDocument:
		r.move(e.FrameID)
	case *page.EventFrameNavigated:
		if e.Frame.ID == r.frame {
			r.loader = e.Frame.LoaderID
		}
		r.move(e.Frame.ID)
	case *network.EventRequestWillBeSent:
		r.requests = append(r.requests, e.Request.URL)
		if e.RedirectResponse != nil && e.Type == network.ResourceTypeDocument && e.FrameID == r.frame {
			r.documents = append(r.documents, documentOf(e.RedirectResponse))
		}
	case *network.EventWebSocketCreated:
		r.requests = append(r.requests, e.URL)
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument && e.FrameID == r.frame {
			r.answers[e.LoaderID] = len(r.documents)
			r.documents = append(r.documents, documentOf(e.Response))
		}
	case *audits.EventIssueAdded:
		if issue := e.Issue.Details.ContentSecurityPolicyIssueDetails; issue != nil {
			r.csp = append(r.csp, violation(issue))
		}
	case *log.EventEntryAdded:
		// That a page answered 401 is for the test to judge.
		_, isPage := r.answers[cdp.LoaderID(e.Entry.NetworkRequestID)]
		if e.Entry.Level == log.EntryLevelError && !isPage {
			r.console = append(r.console, strings.TrimSpace(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)))
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			r.console = append(r.console, "script: "+said(e.Args))
		}
	case *runtime.EventExceptionThrown:
		r.console = append(r.console, "exception: "+exception(e.ExceptionDetails))
	}
}

func (r *record) load(frame cdp.FrameID, begins bool) {
	if frame != r.frame {
		return
	}
	r.loading = begins
	if !begins {
		r.loads++
	}
	r.change()
}

func (r *record) move(frame cdp.FrameID) {
	if frame != r.frame {
		return
	}
	r.moves++
	r.change()
}

func (r *record) change() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// present is the Document of a record that is locked.
func (r *record) present() Document {
	if at, ok := r.answers[r.loader]; ok {
		return r.documents[at]
	}
	return Document{}
}

// progress returns how many loads have ended and how many moves were made.
func (r *record) progress() (loads, moves int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.loads, r.moves
}

// isPast returns whether more than so many loads have ended and more than so many moves were made, for await.
func (r *record) isPast(loads, moves int) func() bool {
	return func() bool { return r.loads > loads && r.moves > moves }
}

// await waits until nothing loads and isThere, which is asked while the record is locked.
func (r *record) await(ctx context.Context, isThere func() bool) error {
	for {
		r.mu.Lock()
		done, changed := !r.loading && isThere(), r.changed
		r.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func documentOf(response *network.Response) Document {
	header := make(http.Header)
	for name, value := range response.Headers {
		for line := range strings.SplitSeq(fmt.Sprint(value), "\n") {
			header.Add(name, line)
		}
	}
	return Document{response.URL, int(response.Status), header}
}

func violation(issue *audits.ContentSecurityPolicyIssueDetails) string {
	text := issue.ViolatedDirective + " forbids " + strings.TrimPrefix(string(issue.ContentSecurityPolicyViolationType), "k")
	if issue.BlockedURL != "" {
		text += " of " + issue.BlockedURL
	}
	if at := issue.SourceCodeLocation; at != nil {
		text += fmt.Sprintf(", %s line %d", at.URL, at.LineNumber+1)
	}
	return text
}

// said returns the arguments of a call of the console.
func said(args []*runtime.RemoteObject) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg.Description
		if words[i] == "" {
			words[i] = string(arg.Value)
		}
	}
	return strings.Join(words, " ")
}

// origin returns the scheme, host and port of an address; "" for what comes from the page itself.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // nobody's
	}
	if slices.Contains([]string{"data", "blob", "about"}, u.Scheme) {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (r *record) violations() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.csp)
}

func (r *record) consoleErrors() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.console)
}
