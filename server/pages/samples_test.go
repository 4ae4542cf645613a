package pages

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	peer "github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/server/pages/assets"
	"github.com/handstamp/handstamp/server/pages/texts"
)

// noon is when the samples are.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// long is as long as a name may be, and cannot be broken between words.
var long = strings.Repeat("Wolfeschlegelsteinhausenbergerdorff", 8)[:256]

func user(number int, email, first, last, role string) account.User {
	u := account.User{
		ID: handstamp.IDOf(fmt.Sprint(number)), Email: email, Role: role,
		CreatedAt: noon.AddDate(0, -number%40, -number%28), UpdatedAt: noon,
	}
	if first != "" {
		u.FirstName = &first
	}
	if last != "" {
		u.LastName = &last
	}
	return u
}

var (
	ada     = user(1, "ada@example.com", "Ada", "Lovelace", "admin")
	grace   = user(2, "grace@example.com", "Grace", "Hopper", "user")
	someone = user(3, long[:200]+"@example.com", long, long, "user")
	nobody  = user(4, "", "", "", "")
	barred  = func() account.User {
		u := user(5, "edsger@example.com", "Edsger", "Dijkstra", "user")
		u.Disabled = true
		return u
	}()
)

// files are those that all pages load.
var files = assets.New()

// sample returns a page as who sees it; nil for those who are not signed in.
func sample(name, section string, who *account.User, body any) view {
	v := view{
		Language: english(), Name: name, Section: section, Who: who, HasAudit: true, Token: "c2FtcGxl", Body: body,
		Brand: brand{
			Name: "Handstamp", Logo: "/assets/" + files.Path("icon.svg"),
			Style: "/assets/" + files.Path("style.css"), Script: "/assets/" + files.Path("handstamp.js"),
			Icon: "/assets/" + files.Path("icon.svg"),
		},
		Choices: []language{
			{Tag: "en", Name: "English", URL: "?lang=en", IsCurrent: true},
			{Tag: "fr", Name: "Français", URL: "?lang=fr"},
			{Tag: "de", Name: "Deutsch", URL: "?lang=de"},
			{Tag: "es", Name: "Español", URL: "?lang=es"},
		},
	}
	v.IsAdmin = who != nil && who.Role == "admin"
	return v
}

// with returns v after change.
func (v view) with(change func(*view)) view {
	change(&v)
	return v
}

// wrong returns v as the answer to a form with errors in these fields.
func (v view) wrong(errors ...string) view {
	v.Problem = "That did not work yet."
	v.Errors = make(map[string]string)
	for _, field := range errors {
		v.Errors[field] = "This cannot be used. Please try something else."
	}
	return v
}

func done(key string) func(*view) { return func(v *view) { v.Done = key } }

// samples are all pages in all states, by what is to be seen.
func samples() map[string]view {
	all := make(map[string]view)
	maps.Copy(all, doorSamples())
	maps.Copy(all, accountSamples())
	maps.Copy(all, adminSamples())
	maps.Copy(all, listSamples())
	return all
}

func doorSamples() map[string]view {
	login := sample("login", "", nil, loginBody{ReturnTo: "/reports?week=47", MayRegister: true})
	register := sample("register", "", nil, accountForm{MinLength: 15})
	typed := accountForm{Email: "ada@example.com", FirstName: long, LastName: "Lovelace", MinLength: 15}
	setup := sample("setup", "", nil, accountForm{MinLength: 15})
	reset := sample("reset", "", nil, resetBody{Email: "grace@example.com", MinLength: 15})
	confirm := sample("confirm", "users", &ada, confirmBody{
		Action: "/admin/users/" + grace.ID.String() + "/delete", Fields: []field{{"search", "gr"}},
		Cancel: "/admin/users/" + grace.ID.String(), Act: "user-delete",
	})
	return map[string]view{
		"login":             login,
		"login-closed":      sample("login", "", nil, loginBody{}),
		"login-wrong":       sample("login", "", nil, loginBody{Email: "ada@example.com"}).with(func(v *view) { v.Problem = "The email or the password is not right." }),
		"login-empty-sent":  login.wrong("email", "password"),
		"login-signed-out":  login.with(done("signed-out")),
		"login-long":        sample("login", "", nil, loginBody{Email: someone.Email}).with(func(v *view) { v.Brand.Name = long[:64] }),
		"logout":            sample("logout", "", &grace, logoutBody{}),
		"register":          register,
		"register-wrong":    sample("register", "", nil, typed).wrong("email", "password"),
		"setup":             setup,
		"setup-wrong":       sample("setup", "", nil, typed).wrong("password"),
		"reset":             reset,
		"reset-wrong":       reset.wrong("new_password"),
		"onward":            sample("onward", "", nil, onwardBody{"/orders?page=2", "onward.title"}),
		"onward-signed-out": sample("onward", "", nil, onwardBody{"/orders?page=2", "onward.signed-out"}),
		"finished":          sample("finished", "", nil, finishedBody{"registered"}),
		"confirm":           confirm,
		"confirm-wrong":     confirm.wrong("proof"),
		"problem":           sample("problem", "", nil, problemBody{Status: 404, Title: "This page is not there", Text: "Perhaps the link is old, or was not copied whole.", Back: "/"}),
		"problem-signed-in": sample("problem", "", &grace, problemBody{Status: 503, Title: "This does not work just now", Text: "Please try again in 10 seconds.", Back: "/account"}),
		"problem-bare":      sample("problem", "", nil, problemBody{Status: 500, Title: "Something broke"}),
	}
}

func rows(many int) []sessionRow {
	devices := []string{"Firefox on Linux", "Safari on iPhone", "Chrome on Windows", "", "curl"}
	all := make([]sessionRow, many)
	for i := range all {
		all[i] = sessionRow{
			ID: handstamp.IDOf(fmt.Sprint("session", i)), Device: devices[i%len(devices)], Address: fmt.Sprintf("203.0.113.%d", i%250+1),
			Began: noon.Add(-time.Duration(i) * 37 * time.Minute), Seen: noon.Add(-time.Duration(i) * 11 * time.Minute), IsCurrent: i == 0,
		}
	}
	return all
}

func entries(many int) []entryRow {
	sorts := []entryRow{
		{Action: handstamp.ActionLogin, Actor: ada.Email, ActorID: ada.ID, Subject: ada.Email, UserID: ada.ID, Address: "203.0.113.7", Device: "Firefox on Linux"},
		{Action: handstamp.ActionLogin, Failed: true, Reason: "wrong password", Subject: grace.Email, UserID: grace.ID, Address: "2001:db8:85a3:8d3:1319:8a2e:370:7348"},
		{Action: handstamp.ActionUserDisable, Actor: ada.Email, ActorID: ada.ID, Subject: barred.Email, UserID: barred.ID, Address: "203.0.113.7", Device: "Safari on iPhone"},
		{Action: handstamp.ActionBackup, Actor: "operator"},
		{Action: handstamp.Action("stamp-collected"), Failed: true, Reason: long, Actor: someone.Email, ActorID: someone.ID, Device: strings.Repeat("x", 200)},
	}
	all := make([]entryRow, many)
	for i := range all {
		all[i] = sorts[i%len(sorts)]
		all[i].Number, all[i].At = int64(many-i), noon.Add(-time.Duration(i)*7*time.Minute)
	}
	return all
}

func accountSamples() map[string]view {
	body := func(u account.User, open string, sessions int) accountBody {
		return accountBody{User: u, Typed: profileOf(u), MinLength: 15, Sessions: rows(sessions), Open: open}
	}
	raw := body(grace, "", 2)
	raw.Sessions[1].Device, raw.Sessions[1].Raw = "", "Mozilla/5.0 "+strings.Repeat("(compatible)", 20)
	return map[string]view{
		"account":                sample("account", "account", &grace, body(grace, "", 4)),
		"account-admin":          sample("account", "account", &ada, body(ada, "", 2)).with(done("profile")),
		"account-one-session":    sample("account", "account", &grace, body(grace, "", 1)).with(done("others-ended")),
		"account-many-sessions":  sample("account", "account", &grace, body(grace, "", 60)),
		"account-raw-device":     sample("account", "account", &grace, raw),
		"account-long":           sample("account", "account", &someone, body(someone, "", 2)),
		"account-nameless":       sample("account", "account", &nobody, body(nobody, "", 1)),
		"account-email-wrong":    sample("account", "account", &grace, body(grace, "email", 2)).wrong("email", "old_password"),
		"account-password-wrong": sample("account", "account", &grace, body(grace, "password", 2)).wrong("old_password", "new_password"),
		"account-delete":         sample("account-delete", "account", &grace, nil),
		"account-delete-refused": sample("account-delete", "account", &ada, nil).with(func(v *view) { v.Problem = "The last administrator cannot go." }),
	}
}

func adminSamples() map[string]view {
	roles := []string{"user", "admin"}
	body := func(u account.User, open string) userBody {
		return userBody{User: u, Typed: profileOf(u), Roles: roles, IsSelf: u.ID == ada.ID, Open: open}
	}
	busy := body(grace, "")
	busy.Sessions, busy.Recent = rows(3), entries(5)
	busy.Sessions[0].IsCurrent = false
	linked := busy
	linked.Link, linked.LinkEnds = "https://login.example.com/reset/"+strings.Repeat("mF_9", 11), noon.Add(24*time.Hour)
	self := body(ada, "")
	self.Sessions, self.Recent = rows(2), entries(3)
	newUser := sample("newuser", "users", &ada, newUserBody{Roles: roles, Role: "user"})
	return map[string]view{
		"newuser":       newUser,
		"newuser-wrong": sample("newuser", "users", &ada, newUserBody{Roles: roles, Role: "admin", Typed: profileOf(someone)}).wrong("email", "role"),
		"user":          sample("user", "users", &ada, busy),
		"user-empty":    sample("user", "users", &ada, body(grace, "")).with(done("user-created")),
		"user-link":     sample("user", "users", &ada, linked),
		"user-disabled": sample("user", "users", &ada, body(barred, "")).with(done("user-disabled")),
		"user-self":     sample("user", "users", &ada, self),
		"user-long":     sample("user", "users", &someone, body(someone, "")),
		"user-nameless": sample("user", "users", &ada, body(nobody, "")),
		"user-wrong":    sample("user", "users", &ada, body(grace, "profile")).wrong("email"),
		"user-role-wrong": sample("user", "users", &ada, body(grace, "role")).
			with(func(v *view) {
				v.Problem = "The last administrator cannot go."
				v.Errors = map[string]string{"role": "Choose another administrator first."}
			}),
	}
}

func listSamples() map[string]view {
	people := []account.User{ada, grace, someone, barred, nobody}
	for i := range 95 {
		people = append(people, user(i+6, fmt.Sprintf("person%d@example.com", i), "Person", fmt.Sprint("Number ", i), "user"))
	}
	everybodys := rows(50)
	for i := range everybodys {
		everybodys[i].UserID, everybodys[i].Email = people[i%5].ID, people[i%5].Email
		if i%3 > 0 {
			everybodys[i].Ends = noon.Add(time.Duration(i) * time.Hour)
		}
	}
	node := Node{
		Version: "v0.4.0", Started: noon.Add(-80 * time.Hour), Store: "sqlite", Goroutines: 41, Memory: 50 << 20,
		CacheHits: 12_345_678, CacheMisses: 4321, CachedSessions: 8123, HashesRunning: 2, HashesWaiting: 7, HashesRefused: 12,
	}
	several := node
	several.Store = "postgres://db.internal/handstamp"
	several.Peers = []peer.Peer{
		{Name: "web-1", Version: "v0.4.0", Own: true, Age: 120 * time.Millisecond, Lease: 2 * time.Second},
		{Name: "web-2.very-long-name.of.a.node.internal.example.com", Version: "v0.3.0", Behind: 12_345, Age: 4 * time.Hour, Lease: 2 * time.Second},
	}
	failing := node
	failing.Failed = []string{"store: the database does not answer", "disk: less than 5 % free"}
	actions := []handstamp.Action{handstamp.ActionLogin, handstamp.ActionPasswordChange, handstamp.ActionUserCreate}
	filter := auditFilter{User: "grace@example.com", Action: "login", Outcome: "failure", Since: "2026-11-01", Until: "2026-11-22"}
	return map[string]view{
		"overview":          sample("overview", "overview", &ada, overviewBody{Users: 10_000, Sessions: 8123, Node: &node, Recent: entries(10)}),
		"overview-failing":  sample("overview", "overview", &ada, overviewBody{Users: 1, Sessions: 1, Node: &failing}),
		"overview-nodes":    sample("overview", "overview", &ada, overviewBody{Users: 10_000, Sessions: 8123, Node: &several}),
		"overview-embedded": sample("overview", "overview", &ada, overviewBody{Users: 3}),
		"users":             sample("users", "users", &ada, usersBody{Rows: people, Total: 10_000, Next: "/admin/users?after=100"}),
		"users-middle":      sample("users", "users", &ada, usersBody{Rows: people[:7], Total: 10_000, Previous: "/admin/users", Next: "/admin/users?after=200"}).with(done("user-deleted")),
		"users-found":       sample("users", "users", &ada, usersBody{Rows: people[:1], Total: 10_000, Search: "ada"}),
		"users-nobody":      sample("users", "users", &ada, usersBody{Total: 10_000, Search: long}),
		"users-empty":       sample("users", "users", &ada, usersBody{}),
		"sessions":          sample("sessions", "sessions", &ada, sessionsBody{Rows: everybodys, Total: 8123, First: "/admin/sessions", Next: "/admin/sessions?after=50"}),
		"sessions-empty":    sample("sessions", "sessions", &ada, sessionsBody{}).with(done("session-ended")),
		"audit":             sample("audit", "audit", &ada, auditBody{Actions: actions, Rows: entries(40), Newer: "/admin/audit?after=1", Older: "/admin/audit?before=1"}),
		"audit-nothing":     sample("audit", "audit", &ada, auditBody{Actions: actions, Filter: filter}),
		"audit-wrong":       sample("audit", "audit", &ada, auditBody{Actions: actions, Filter: filter}).wrong("user", "since"),
	}
}

func english() *texts.Language { return texts.Default().Languages()[0] }
