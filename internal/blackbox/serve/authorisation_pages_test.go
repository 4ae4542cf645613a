package serve_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A visitor asks for pages that are none of its business.
type visitor struct {
	name string
	as   func() *client
	// role is that of whoever is signed in; "" for nobody. Neither a Basic pair nor a token is a way to be
	// that in pages.
	role    string
	program string // the role of the user whose Basic pair or token is sent
	stale   bool   // its password was proved long ago
}

// visitorsOf returns all kinds of visitors. Each call of "as" returns somebody new where a form could
// change who asks.
func visitorsOf(root *client) []visitor {
	tg := root.target
	all := []visitor{
		{name: "user", role: "user", as: func() *client { return tg.signIn(tg.newPersonBy(root, "user")) }},
	}
	for _, in := range intruders(root) {
		v := visitor{name: in.name, as: in.as}
		switch in.name {
		case "user":
			continue // who must be a new one each time
		case "user, by Basic", "user, by token":
			v.program = "user"
		}
		all = append(all, v)
	}
	admin := tg.newPersonBy(root, "admin")
	all = append(all,
		visitor{name: "administrator, by Basic", program: "admin", as: func() *client { return tg.withBasic(admin) }},
		visitor{name: "administrator, by token", program: "admin", as: tg.bearer(admin).copied})
	if tg.stale != nil {
		stale := tg.stale(admin, "admin")
		all = append(all, visitor{name: "administrator, an hour ago", role: "admin", stale: true, as: stale.copied})
	}
	return all
}

// TestPagesOfOthers goes through all pages as everybody whom they are no business of: nobody sees anything
// of somebody else's, and nothing changes.
func TestPagesOfOthers(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		owner := newEstate(root, "user")
		n := 0
		for _, v := range visitorsOf(root) {
			for _, p := range pageRoutes {
				if p.access == everybody || v.stale && !p.isDangerous {
					continue // who may see and do what is theirs; see TestForms for what everybody may do
				}
				c := v.as()
				what := fmt.Sprintf("%s as %s", p, v.name)
				got, asked := v.visit(c, p, owner)
				if want := v.answer(p); got.status != want || want == 303 && p.access == admins && !got.isLogin(tg) {
					t.Errorf("%s: %d %s %.300s, want %d", what, got.status, got.header.Get("Location"), got.body, want)
				}
				for _, mark := range owner.marks {
					if !strings.Contains(asked, mark) && strings.Contains(got.body+fmt.Sprint(got.header), mark) {
						t.Errorf("%s shows %q: %s", what, mark, got.body)
					}
				}
				n++
			}
		}
		if n < 180 {
			t.Errorf("only %d requests", n)
		}
		if after := owner.state(); after != owner.before {
			t.Errorf("what was %s is now %s", owner.before, after)
		}
		tg.signIn(owner.person)
	})
}

// visit asks for a page about owner, in its path and in fields that no form of the page has. It returns
// what it has said, too: that may come back.
func (v visitor) visit(c *client, p pageRoute, owner *estate) (got answer, asked string) {
	c.t.Helper()
	path := p.at(owner.id, owner.sessionID, strings.Repeat("x", 43))
	if p.method == "GET" {
		path += "?user=" + owner.id + "&id=" + owner.id
		return c.do("GET", path, "", "Accept", "text/html"), path
	}
	fields := url.Values{"user": {owner.id}, "user_id": {owner.id}, "id": {owner.id}, "session": {owner.sessionID}}
	for name, values := range p.fields {
		fields[name] = []string{strings.NewReplacer(
			"{email}", owner.email, "{password}", owner.password, "{new}", "intruder@example.com", "{fresh}", "correct horse battery intruder",
		).Replace(values[0])}
	}
	return c.post(path, withToken(fields, c.formToken())), path + fmt.Sprint(fields)
}

// answer returns the status that the visitor must get. What users may do, they do to themselves, and what
// names somebody else's is not there.
func (v visitor) answer(p pageRoute) int {
	switch {
	case v.program == "user" && p.access == admins:
		return 403
	case v.role == "":
		return 303 // to the login
	case v.role == "user" && p.access == admins, v.stale:
		return 403
	case p.isAboutSession() && p.method == "POST":
		return 404
	case p.fields.Has("old_password"):
		return 403 // as the password is somebody else's
	default:
		return p.status
	}
}

// TestStaleAdministrator: what a stolen session must not do is asked for again, with all that was typed,
// and is done when the password was said.
func TestStaleAdministrator(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		if tg.stale == nil {
			return // where nothing is kept, nobody can make time pass
		}
		root := tg.signIn(tg.admin)
		boss, user := tg.newPersonBy(root, "admin"), newEstate(root, "user")
		b := tg.stale(boss, "admin").inBrowser()
		page, path := "/admin/users/"+user.id, "/admin/users/"+user.id+"/profile"
		asked := b.Open(page).Form(path).Set("first_name", "<Zoë>", "last_name", "").Submit()
		if asked.Status != 403 || asked.Form(path).Fields.Get("first_name") != "<Zoë>" {
			t.Errorf("%s", asked)
		}
		for _, wrong := range []string{"", user.password, "x"} {
			if asked = asked.Form(path).Set("proof", wrong).Submit(); asked.Status != 403 || asked.Form(path).Fields.Get("proof") != "" {
				t.Errorf("with %q: %s", wrong, asked)
			}
		}
		if after := user.state(); after != user.before {
			t.Errorf("what was %s is now %s", user.before, after)
		}
		before := b.Cookies()[tg.sessionName()]
		done := asked.Form(path).Set("proof", boss.password).Send()
		if done.Status != 200 || !done.Says("<Zoë>") {
			t.Errorf("%s", done)
		}
		if b.Cookies()[tg.sessionName()] == before {
			t.Error("a session that may do more has the token that it had before")
		}
		if got := decode[userView](t, root.want(200, "GET", api+"/users/"+user.id, "")); got.FirstName == nil || *got.FirstName != "<Zoë>" {
			t.Errorf("%+v", got)
		}
		if got := b.Open(page).Form(page + "/disable").Send(); got.Status != 200 {
			t.Errorf("the next act: %s", got)
		}
	})
}
