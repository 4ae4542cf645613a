package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// clickable and fillable are the roles, in Chromium's spelling, of what can be clicked and filled in.
var (
	clickable = []string{
		"button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "option", "DisclosureTriangle",
		"DisclosureTriangleGrouped",
	}
	fillable = []string{
		"textbox", "searchbox", "spinbutton", "combobox", "listbox", "Date", "DateTime", "InputTime", "slider",
	}
)

// element is an element of the present page, as our own scripts see it.
type element runtime.RemoteObjectID

// named returns the elements of these roles with that accessible name, without those that no screen reader
// would find.
func (v *Visitor) named(name string, roles []string) []element {
	v.t.Helper()
	root := v.document()
	var found []element
	for _, node := range call(v, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{
		ObjectID: root, AccessibleName: name,
	}).Nodes {
		if !node.Ignored && node.BackendDOMNodeID != 0 && slices.Contains(roles, text(node.Role)) {
			found = append(found, v.resolve(node.BackendDOMNodeID))
		}
	}
	return found
}

// only returns the one element that was found.
func (v *Visitor) only(what, name string, found []element) element {
	v.t.Helper()
	switch len(found) {
	case 1:
		return found[0]
	case 0:
		v.fail("there is no %s named %q", what, name)
	default:
		v.fail("there are %d of %s named %q: nobody could tell which is meant", len(found), what, name)
	}
	panic("unreachable")
}

// document returns the page as an object of our own scripts.
func (v *Visitor) document() runtime.RemoteObjectID {
	v.t.Helper()
	object := v.object("document")
	if object == "" {
		v.fail("there is no page")
	}
	return object
}

// object returns what a script comes to, by reference; "" for nothing.
func (v *Visitor) object(script string) runtime.RemoteObjectID {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, v.device.Patience)
	defer cancel()
	world, err := v.world(ctx)
	if err != nil {
		v.fail("look at the page: %v", err)
	}
	got, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: script, ContextID: world})
	if err != nil || got.ExceptionDetails != nil {
		v.fail("evaluate %s: %v %v", script, err, got.ExceptionDetails)
	}
	return got.Result.ObjectID
}

func (v *Visitor) resolve(node cdp.BackendNodeID) element {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, v.device.Patience)
	defer cancel()
	world, err := v.world(ctx)
	if err != nil {
		v.fail("look at the page: %v", err)
	}
	resolved := call(v, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: node, ExecutionContextID: world})
	return element(resolved.Object.ObjectID)
}

// ask calls a function of JavaScript with an element as this, and stores what it returns in *into.
func (v *Visitor) ask(e element, function string, into any, args ...any) {
	v.t.Helper()
	yes := true
	params := runtime.CallFunctionOnParams{
		FunctionDeclaration: function, ObjectID: runtime.RemoteObjectID(e), ReturnByValue: &yes, Silent: &yes,
	}
	for _, arg := range args {
		value, err := json.Marshal(arg)
		if err != nil {
			v.fail("argument %v: %v", arg, err)
		}
		params.Arguments = append(params.Arguments, &runtime.CallArgument{Value: value})
	}
	got := call(v, runtime.CallFunctionOn, params)
	if err := result(got.Result, got.ExceptionDetails, into); err != nil {
		v.fail("%v", err)
	}
}

// A Focus is what a screen reader says of the element that has the focus.
type Focus struct{ Role, Name string }

// String returns the two as people would say them: button "Sign in".
func (f Focus) String() string { return fmt.Sprintf("%s %q", f.Role, f.Name) }

// Focused returns what has the focus; the zero Focus if nothing has.
func (v *Visitor) Focused() Focus {
	v.t.Helper()
	object := v.object(`[document.body, document.documentElement, null].includes(document.activeElement) ? null : document.activeElement`)
	if object == "" {
		return Focus{}
	}
	no := false
	nodes := call(v, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{ObjectID: object, FetchRelatives: &no}).Nodes
	if len(nodes) == 0 {
		return Focus{}
	}
	return Focus{text(nodes[0].Role), text(nodes[0].Name)}
}

func text(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	var s string
	if err := json.Unmarshal(value.Value, &s); err != nil {
		return strings.TrimSpace(string(value.Value))
	}
	return s
}
