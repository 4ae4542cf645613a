package serve_test

import (
	"net/url"
	"strings"
	"testing"
)

// TestOnlyServicesIntrospect: what is told of a token is told to services, and to no user, whatever the
// role; and a service has no say but there.
func TestOnlyServicesIntrospect(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		owner := newEstateOf(root, "user", tg.bearer)
		asking := map[string]*client{
			"stranger": tg.stranger(), "administrator": root, "administrator, by token": tg.bearer(tg.admin),
			"administrator, by Basic": tg.withBasic(tg.admin), "owner": owner.browser, "owner, by Basic": tg.withBasic(owner.person),
			"app": tg.withJWT(strings.TrimPrefix(root.verify("/").header.Get("Authorization"), "Bearer ")),
		}
		if tg.newService != nil {
			service := tg.newService("a service", "")
			if !service.isActive(owner.jwt) {
				t.Error("a service cannot ask")
			}
			id, secret, _ := readBasic(service.authorization)
			asking["service with another secret"] = tg.withBasic(person{email: id, password: secret[:len(secret)-1] + "x"})
			asking["service without a secret"] = tg.withBasic(person{email: id})
			asking["service, its secret as a token"] = tg.withJWT(secret)
		}
		for name, as := range asking {
			for _, jwt := range []string{owner.jwt, "x"} {
				got := as.copied().introspect(jwt)
				if got.status != 401 || !strings.Contains(got.body, `"invalid_client"`) {
					t.Errorf("%s: %d %s", name, got.status, got.body)
				}
				for _, mark := range owner.marks {
					if strings.Contains(got.body, mark) {
						t.Errorf("%s is shown %q: %s", name, mark, got.body)
					}
				}
			}
			form := url.Values{"token": {owner.jwt}, "client_id": {tg.admin.id}, "client_secret": {tg.admin.password}}.Encode()
			if got := as.copied().do("POST", introspectPath, form, "Content-Type", formType); got.status != 401 && got.status != 400 {
				t.Errorf("%s, with a user's password as a secret: %d %s", name, got.status, got.body)
			}
		}
	})
}

// TestTokenDoorsOfOthers: at the doors of tokens, a token renews and ends its own session, and no other
// credential does.
func TestTokenDoorsOfOthers(t *testing.T) {
	onEachTarget(t, options{}, func(t *testing.T, tg *target) {
		root := tg.signIn(tg.admin)
		owner := newEstateOf(root, "user", tg.bearer)
		for _, in := range intruders(root) {
			if in.isProgram {
				continue
			}
			for _, base := range []string{"", api} {
				in.as().copied().want(401, "POST", base+renewPath, "")
				in.as().copied().want(400, "POST", base+logoutPath, "")
				// The token has to come as a credential: neither a URL nor a body is one.
				in.as().copied().want(400, "POST", base+logoutPath+"?access_token="+owner.jwt, object("token", owner.jwt))
			}
		}
		if after := owner.state(); after != owner.before {
			t.Errorf("what was %s is now %s", owner.before, after)
		}
		tg.withJWT(owner.jwt).want(200, "GET", api+"/users/me", "")
		for _, path := range []string{"?access_token=", "?jwt=", "?token="} {
			tg.stranger().want(401, "GET", api+"/users/me"+path+owner.jwt, "")
		}
		tg.stranger().want(401, "GET", api+"/users/me", "", "Cookie", "session="+owner.jwt)
		tg.stranger().want(401, "GET", api+"/users/me", "", "Cookie", "jwt="+owner.jwt)
	})
}
