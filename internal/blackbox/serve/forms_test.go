package serve_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// A play is what a form happens to: a user, and whoever sends it.
type play struct {
	root    *client
	victim  *estate
	other   *estate // to whom nothing may happen
	page    pageRoute
	sender  *client
	path    string
	fields  url.Values
	newMail string
}

func newPlay(root *client, p pageRoute) *play {
	s := &play{root: root, victim: newEstate(root, "user"), other: newEstate(root, "user"), page: p}
	s.newMail = "new" + number(people.Add(1)) + "@example.com"
	fill := strings.NewReplacer(
		"{email}", s.victim.email, "{password}", s.victim.password, "{new}", s.newMail, "{fresh}", newPassword(),
	)
	s.fields = make(url.Values)
	for name, values := range p.fields {
		s.fields.Set(name, fill.Replace(values[0]))
	}
	secret := strings.Repeat("x", 65)
	switch {
	case p.path == "/logout", p.path == "/confirm", p.access == users:
		s.sender = s.victim.browser
	case p.access == admins:
		s.sender = root.signIn(root.admin)
	default:
		s.sender = root.stranger()
	}
	if p.path == "/reset/{secret}" {
		secret = strings.TrimPrefix(root.newResetPath(s.victim.id), "/reset/")
	}
	sessionID := s.victim.sessionID
	if p.isAboutSession() {
		sessionID = root.signIn(s.victim.person).sessionID()
		s.victim.before = s.victim.state()
		if p.access == admins {
			s.fields.Set("user", s.victim.id)
		}
	}
	s.path = p.at(s.victim.id, sessionID, secret)
	return s
}

// forgeries are tokens that a form of the sender does not have.
func (s *play) forgeries() map[string]string {
	own := s.sender.formToken()
	flipped := []byte(own)
	flipped[0] ^= 1
	return map[string]string{
		"no token": "", "another text": "x", "another token": string(flipped), "a longer one": own + "A", "a shorter one": own[:len(own)-1],
		"the token of another user":    s.other.browser.formToken(),
		"the token of a visitor":       s.root.stranger().formToken(),
		"the token of another session": s.root.signIn(s.victim.person).formToken(),
	}
}

// TestForms: a form that no page of ours has made for who sends it changes nothing, and one that was changes
// what it is for, whatever else stands in it.
func TestForms(t *testing.T) {
	onEachTarget(t, options{registration: true}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		for _, p := range pageRoutes {
			if p.method == "POST" {
				t.Run(strings.ReplaceAll(p.path[1:], "/", "_"), func(t *testing.T) {
					s := newPlay(&client{target: tg.within(t), cookies: root.cookies}, p)
					s.refusesForgeries()
					s.changesNothingElse()
				})
			}
		}
	})
}

func (s *play) refusesForgeries() {
	t := s.root.t
	t.Helper()
	forgeries := s.forgeries() // which may sign the victim in
	before, people := s.victim.state(), s.root.countUsers(s.root)
	for name, token := range forgeries {
		c := s.sender.copied()
		if got := c.post(s.path, withToken(s.fields, token)); got.status != 403 || s.sender.session() != c.session() {
			t.Errorf("with %s: %d %s %.300s", name, got.status, got.header.Get("Location"), got.body)
		}
	}
	query := s.fields.Encode() + "&" + withToken(nil, s.sender.formToken()).Encode()
	if got := s.sender.copied().do("POST", s.path+"?"+query, "", "Accept", "text/html"); got.status != 403 {
		t.Errorf("in the query: %d %.300s", got.status, got.body)
	}
	if got := s.sender.copied().do("POST", s.path, withToken(s.fields, s.sender.formToken()).Encode(),
		"Content-Type", formType, "Sec-Fetch-Site", "cross-site"); got.status != 403 {
		t.Errorf("from another site: %d %.300s", got.status, got.body)
	}
	if after := s.victim.state(); after != before {
		t.Errorf("what was %s is now %s", before, after)
	}
	if after := s.root.countUsers(s.root); after != people {
		t.Errorf("there were %d users, and are %d", people, after)
	}
	s.root.signIn(s.victim.person)
}

// changesNothingElse sends the form, and more than it has.
func (s *play) changesNothingElse() {
	t := s.root.t
	t.Helper()
	more := url.Values{
		"id": {s.other.id}, "user_id": {s.other.id}, "session": {s.other.sessionID}, "role": {"admin"}, "disabled": {"true"}, "epoch": {"99"},
		"email": {"extra." + s.newMail}, "first_name": {"Extra"}, "password": {"correct horse battery extra"}, "proof": {"x"},
		"created_at": {"1999-01-01T00:00:00Z"}, "password_hash": {"x"},
	}
	if !s.fields.Has("user") {
		more.Set("user", s.other.id)
	}
	for name, values := range s.fields {
		more[name] = values
	}
	before := s.userView()
	got := s.sender.post(s.path, withToken(more, s.sender.formToken()))
	if got.status != s.page.status {
		t.Fatalf("%d %.500s, want %d", got.status, got.body, s.page.status)
	}
	if after := s.other.state(); after != s.other.before {
		t.Errorf("what was %s is now %s", s.other.before, after)
	}
	s.root.signIn(s.other.person)
	s.compare(before)
	if mail := s.fields.Get("email"); mail == s.newMail && s.page.status == 303 && !s.may("email") {
		s.compareNew(mail)
	}
}

func (s *play) userView() userView {
	s.root.t.Helper()
	return decode[userView](s.root.t, s.root.want(200, "GET", api+"/users/"+s.victim.id, ""))
}

func (s *play) may(change string) bool { return slices.Contains(s.page.changes, change) }

// compare looks at what has become of the victim.
func (s *play) compare(before userView) {
	t := s.root.t
	t.Helper()
	if s.may("all") {
		s.root.want(404, "GET", api+"/users/"+s.victim.id, "")
		return
	}
	after, now := s.userView(), s.victim.person
	if s.may("first_name") {
		if *after.FirstName != "New" {
			t.Errorf("the name is %s", *after.FirstName)
		}
		after.FirstName = before.FirstName
	}
	if *after.FirstName != *before.FirstName {
		t.Errorf("the name is %s", *after.FirstName)
	}
	for what, is := range map[string]bool{
		"email": after.Email == s.newMail, "role": after.Role == "admin", "disabled": after.Disabled,
	} {
		if is != s.may(what) {
			t.Errorf("%s has changed: %v; the user is %+v", what, is, after)
		}
	}
	if after.Email != before.Email && !s.may("email") || after.Role != before.Role && !s.may("role") {
		t.Errorf("%+v was %+v", after, before)
	}
	if s.may("email") {
		now.email = s.newMail
	}
	if s.may("password") {
		s.root.stranger().want(401, "POST", api+"/auth_session/login", now.json())
		now.password = s.fields.Get("new_password")
	}
	if !s.may("disabled") {
		s.root.signIn(now)
	}
}

// compareNew looks at a user who was made by a form.
func (s *play) compareNew(email string) {
	t := s.root.t
	t.Helper()
	found := decode[struct{ Users []userView }](t, s.root.want(200, "GET", api+"/users?email="+url.QueryEscape(email), "")).Users
	if len(found) != 1 || found[0].Role != "user" || found[0].Disabled || found[0].ID == s.other.id {
		t.Fatalf("%+v", found)
	}
	status := 401 // who was made by an administrator has no password yet
	if s.fields.Has("password") {
		status = 200
	}
	plain := s.fields.Get("password")
	if plain == "" {
		plain = "correct horse battery extra"
	}
	s.root.stranger().want(status, "POST", api+"/auth_session/login", object("email", email, "password", plain))
}
