package browser

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A Visitor is somebody in front of a device of their own, with one tab.
type Visitor struct {
	t      testing.TB
	ctx    context.Context
	device Device
	frame  cdp.FrameID // of the tab
	*record
}

// Visitor returns a new visitor, who has no cookies and an empty tab, and leaves when the test ends.
func (c *Chromium) Visitor(t testing.TB, d Device) *Visitor {
	t.Helper()
	d.Patience = cmp.Or(d.Patience, patience)
	v := &Visitor{t: t, device: d, record: newRecord()}
	var cancel context.CancelFunc
	v.ctx, cancel = chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(v.listen))
	t.Cleanup(cancel)
	if err := v.settle(c.userAgent); err != nil {
		t.Fatalf("browser: open a tab: %v", err)
	}
	return v
}

// settle opens the tab.
func (v *Visitor) settle(userAgent string) error {
	if err := chromedp.Do(v.ctx); err != nil { // its context is the life of the tab
		return err
	}
	ctx, cancel := context.WithTimeout(v.ctx, v.device.Patience)
	defer cancel()
	tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return err
	}
	v.frame = tree.FrameTree.Frame.ID
	v.watch(v.frame)
	return v.device.emulate(ctx, userAgent)
}

// In returns the same visitor for a part of the test, whose failures are then its own.
func (v *Visitor) In(t testing.TB) *Visitor {
	other := *v
	other.t = t
	return &other
}

// call runs a command in the tab of a visitor. What it cannot do fails the test.
func call[P, R any](v *Visitor, command cdp.Command[P, R], params P) R {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, v.device.Patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		v.fail("%T: %v", params, err)
	}
	return result
}

// fail fails the test and shows where the visitor is.
func (v *Visitor) fail(format string, args ...any) {
	v.t.Helper()
	v.t.Fatalf("browser: %s\n%s", fmt.Sprintf(format, args...), v.whereabouts())
}

// whereabouts describes the page as far as it can be had.
func (v *Visitor) whereabouts() string {
	ctx, cancel := context.WithTimeout(v.ctx, v.device.Patience)
	defer cancel()
	var where struct{ URL, Text string }
	if err := v.evaluate(ctx, `({URL: location.href, Text: document.body?.innerText ?? ""})`, &where); err != nil {
		return fmt.Sprintf("(the page cannot be asked: %v)", err)
	}
	const enough = 2000
	if len(where.Text) > enough {
		where.Text = strings.ToValidUTF8(where.Text[:enough], "") + " …"
	}
	lines := []string{fmt.Sprintf("at %s, which answered %d and says:", where.URL, v.Status()), where.Text}
	for _, violation := range v.record.violations() {
		lines = append(lines, "CSP: "+violation)
	}
	for _, message := range v.record.consoleErrors() {
		lines = append(lines, "console: "+message)
	}
	return strings.Join(lines, "\n")
}

// world returns the context of our own scripts in the page that is there now. It shares the page with
// the page's scripts and nothing else, so that neither their variables nor the policy of the page matter.
func (v *Visitor) world(ctx context.Context) (runtime.ExecutionContextID, error) {
	made, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: v.frame, WorldName: "test"})
	return made.ExecutionContextID, err
}

// evaluate stores what a script comes to in *into, as JSON, if into is not nil. It waits for promises.
func (v *Visitor) evaluate(ctx context.Context, script string, into any) error {
	world, err := v.world(ctx)
	if err != nil {
		return err
	}
	yes := true
	got, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: script, ContextID: world, ReturnByValue: &yes, AwaitPromise: &yes, Silent: &yes,
	})
	if err != nil {
		return err
	}
	return result(got.Result, got.ExceptionDetails, into)
}

// result reads what a script came to.
func result(got *runtime.RemoteObject, thrown *runtime.ExceptionDetails, into any) error {
	if thrown != nil {
		return fmt.Errorf("the script failed: %s", exception(thrown))
	}
	if into == nil {
		return nil
	}
	if len(got.Value) == 0 {
		return fmt.Errorf("the script comes to %s, which is no JSON", got.Type)
	}
	return json.Unmarshal(got.Value, into)
}

func exception(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return details.Text
}

// quote returns text as a literal of JavaScript.
func quote(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string has no way to fail
	}
	return string(literal)
}
