package serve_test

import (
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// An operation is a method of a path, as openapi.yaml describes it.
type operation struct {
	method, path string
	*openapi3.Operation
	parameters openapi3.Parameters // also those of the path
}

// operations returns everything that openapi.yaml describes, in a fixed order.
//
// What is about tokens is left out: it takes other credentials, and has errors in other forms.
func operations(t testing.TB) (all []operation) {
	t.Helper()
	doc, err := described()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			if slices.Contains(o.Tags, tokensTag) {
				continue
			}
			all = append(all, operation{method, path, o, slices.Concat(item.Parameters, o.Parameters)})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

func (o operation) String() string { return o.method + " " + o.path }

// isPublic reports whether nobody is asked who it is, and isOptional whether it works without, too.
func (o operation) isPublic() bool { return o.Security != nil && len(*o.Security) == 0 }

func (o operation) isOptional() bool {
	return o.Security != nil && slices.ContainsFunc(*o.Security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
}

// wantsSession reports whether it is for sessions only, and wantsCookie whether they must have a cookie.
func (o operation) wantsSession() bool {
	return o.Security != nil && o.takes("session") && !o.takes("basic")
}
func (o operation) wantsCookie() bool { return o.wantsSession() && !o.takes("bearer") }

// isForServices reports whether it is for clients, and users are nobody there.
func (o operation) isForServices() bool { return o.Security != nil && o.takes("client") }

func (o operation) takes(scheme string) bool {
	return slices.ContainsFunc(*o.Security, func(r openapi3.SecurityRequirement) bool { return r[scheme] != nil })
}

// tokensTag is the tag of what is about tokens.
const tokensTag = "tokens"

// isForAdmins reports whether role user may not use it, whatever it is about.
func (o operation) isForAdmins() bool { return o.Extensions["x-role"] == "admin" }

// isOperations reports whether it is for those who run the server.
func (o operation) isOperations() bool { return slices.Contains(o.Tags, "operations") }

// isPage reports whether people get a page there.
func (o operation) isPage() bool { return !strings.HasPrefix(o.path, api+"/") }

// object returns what the path names: "user", "session" or "".
func (o operation) object() string {
	name, _ := o.Extensions["x-object"].(string)
	return name
}

// takesUser reports whether a parameter says about whom it is.
func (o operation) takesUser() bool {
	return slices.ContainsFunc(o.parameters, func(p *openapi3.ParameterRef) bool {
		return p.Ref == "#/components/parameters/OfUser"
	})
}

// objectBody returns the schema of a body that is a JSON object, or nil.
func (o operation) objectBody() *openapi3.Schema {
	if o.RequestBody == nil {
		return nil
	}
	content := o.RequestBody.Value.Content["application/json"]
	if content == nil || content.Schema == nil || !content.Schema.Value.Type.Is("object") {
		return nil
	}
	return content.Schema.Value
}

// exampleBody returns a body that is all right.
func (o operation) exampleBody() string {
	if o.RequestBody == nil {
		return ""
	}
	content := o.RequestBody.Value.Content["application/json"]
	if members, ok := content.Example.(map[string]any); ok {
		return object(slices.Collect(pairsOf(members))...)
	}
	if schema := o.objectBody(); schema != nil && slices.Contains(schema.Required, "email") {
		return object("email", "intruder@example.com", "password", "correct horse battery intruder")
	}
	if !o.RequestBody.Value.Required {
		return ""
	}
	return `{"k":"intruder"}`
}

// pairsOf returns names and values in turn.
func pairsOf(members map[string]any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for name, value := range members {
			if !yield(name) || !yield(value) {
				return
			}
		}
	}
}

// at returns a path of the operation with these values in it.
func (o operation) at(user, sessionID string) string {
	id := user
	if o.object() == "session" {
		id = sessionID
	}
	return strings.NewReplacer("{id}", id, "{key}", "k", "{secret}", strings.Repeat("x", 43)).Replace(o.path)
}
