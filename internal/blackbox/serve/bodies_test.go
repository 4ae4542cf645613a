package serve_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestMalformedBodies: whatever takes JSON takes what openapi.yaml describes and nothing else, and
// says so before anything happens.
func TestMalformedBodies(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		pig := newEstate(root, "user")
		before := tg.countUsers(root)
		var service *client // for what only services may ask; nil where none can be made
		if tg.newService != nil {
			service = tg.newService("a service", "sessions")
		}
		n := 0
		for _, o := range operations(t) {
			if o.RequestBody == nil {
				continue
			}
			c := root
			if o.isForServices() {
				if c = service; c == nil {
					continue
				}
			}
			if strings.Contains(o.path, "/data") { // the bag is that of who asks
				c = pig.browser
			}
			for name, body := range malformed(o) {
				if o.isForServices() && strings.Contains(name, " as ") {
					continue // it has members that are no text
				}
				got := c.do(o.method, o.at(pig.id, pig.sessionID), body)
				if got.status != 400 || got.code() != "wrong_format" {
					t.Errorf("%s with %s, %s: %d %s", o, name, body, got.status, got.body)
				}
				n++
			}
			if got := c.do(o.method, o.at(pig.id, pig.sessionID), "{}", "Content-Type", "text/plain"); got.status < 400 || got.status > 404 {
				t.Errorf("%s with text: %d %s", o, got.status, got.body)
			}
		}
		if n < 100 {
			t.Errorf("only %d bodies", n)
		}
		if after := pig.state(); after != pig.before {
			t.Errorf("what was %s is now %s", pig.before, after)
		}
		if after := tg.countUsers(root); after != before {
			t.Errorf("%d users, want %d", after, before)
		}
	})
}

func (tg *target) countUsers(root *client) int {
	root.t.Helper()
	return decode[struct{ Users int }](root.t, root.want(200, "GET", api+"/stats", "")).Users
}

// malformed returns bodies that are not what the operation takes, by what is wrong with them.
func malformed(o operation) map[string]string {
	bodies := map[string]string{
		"half an object":     `{"k":`,
		"two values":         `{} {}`,
		"a name twice":       `{"k":1,"k":1}`,
		"a comma too many":   `{"k":1,}`,
		"no JSON":            `k=1`,
		"half a character":   "{\"k\":\"\xc3\"}",
		"half a surrogate":   `{"k":"\ud800"}`,
		"a comment":          `{"k":1/**/}`,
		"a number like none": `{"k":01}`,
	}
	schema := o.objectBody()
	if schema == nil {
		return bodies // any value is good
	}
	for name, body := range map[string]string{"null": `null`, "an array": `[]`, "a text": `"k"`, "a number": `1`, "true": `true`} {
		bodies[name] = body
	}
	if schema.AdditionalProperties.Has != nil && !*schema.AdditionalProperties.Has {
		good := required(schema)
		for _, name := range []string{"id", "password_hash", "epoch", "constructor", "E-mail", ""} {
			bodies["the member "+name] = with(good, name, `"x"`)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		good := required(schema)
		for kind, value := range map[string]string{
			"a number": `1`, "true": `true`, "an array": `["x"]`, "an object": `{}`, "null": `null`, "a text": `"x"`,
		} {
			property := schema.Properties[name].Value
			isGood := kind == "a text" && property.Type.Is("string") || kind == "true" && property.Type.Is("boolean") ||
				kind == "null" && property.Nullable
			if !isGood {
				bodies[name+" as "+kind] = with(good, name, value)
			}
		}
		good[name] = `"x"`
		twice := with(good, name, `"x"`)
		bodies[name+" twice"] = strings.TrimSuffix(twice, "}") + fmt.Sprintf(`,%q:"y"}`, name)
	}
	return bodies
}

// required returns the members that an object must have.
func required(schema *openapi3.Schema) map[string]string {
	members := make(map[string]string)
	for _, name := range schema.Required {
		members[name] = `"x"`
	}
	return members
}

// with returns a JSON object of members and one more.
func with(members map[string]string, name, value string) string {
	members = maps.Clone(members)
	members[name] = value
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		parts = append(parts, fmt.Sprintf("%q:%s", name, members[name]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}
