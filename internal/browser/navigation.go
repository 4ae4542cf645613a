package browser

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Open goes to an address, as if it were typed in, and waits until the page has loaded. What answers with
// an error is a page, too; where nobody answers, the test fails.
func (v *Visitor) Open(address string) {
	v.t.Helper()
	v.mu.Lock()
	v.homes = append(v.homes, origin(address))
	v.mu.Unlock()
	v.goingTo("a page", func() {
		v.t.Helper()
		if why := call(v, page.Navigate, page.NavigateParams{URL: address}).ErrorText; why != "" {
			v.fail("open %s: %s", address, why)
		}
	})
}

// Back goes back, as with the button of the browser, and waits until the page is there.
func (v *Visitor) Back() {
	v.t.Helper()
	history := call(v, page.GetNavigationHistory, cdp.Empty{})
	if history.CurrentIndex == 0 {
		v.fail("there is nothing to go back to")
	}
	before := history.Entries[history.CurrentIndex-1]
	loads, moves := v.progress()
	call(v, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before.ID})
	v.wait("the page before", v.isPast(loads, moves))
}

// Led waits until the page at an address is there, to which the one before leads by itself.
func (v *Visitor) Led(address string) {
	v.t.Helper()
	v.wait(address, func() bool { return v.present().URL == address })
}

// URL returns the address of the present page, even of one that cannot be had.
func (v *Visitor) URL() string {
	v.t.Helper()
	history := call(v, page.GetNavigationHistory, cdp.Empty{})
	return history.Entries[history.CurrentIndex].URL
}

// goingTo does what leads to another page, or to a place in this one, or nowhere, as a download does; and
// waits until what comes of it has loaded.
func (v *Visitor) goingTo(what string, act func()) {
	v.t.Helper()
	loads, _ := v.progress()
	act()
	v.wait(what, v.isPast(loads, -1))
}

func (v *Visitor) wait(what string, isThere func() bool) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, v.device.Patience)
	defer cancel()
	if err := v.await(ctx, isThere); err != nil {
		// A page that never ends to load would not say anything.
		_, _ = chromedp.Call(v.ctx, page.StopLoading, cdp.Empty{})
		v.fail("%s did not come within %v", what, v.device.Patience)
	}
}
