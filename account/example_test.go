package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// Login with a form, session cookie and Basic credentials around one handler.
func Example() {
	people := account.New(memory.NewUsers())
	sessions := session.New(memory.New())
	defer sessions.Close()
	guard := handstamp.NewGuard(sessions, people.Basic("Login Required"))

	mux := http.NewServeMux()
	mux.Handle("POST /login", people.SignIn(sessions))
	mux.Handle("GET /me", guard.Require()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := handstamp.From(r.Context())
		u, err := people.User(r.Context(), who.UserID)
		if err != nil {
			http.Error(w, "try again in a moment", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintf(w, "%s, by %v", u.DisplayName(), who.Method)
	})))

	bob := account.Details{Email: "bob@hbtn.io", Password: "H0lbertonSchool98!"}
	if _, err := people.Create(context.Background(), bob); err != nil {
		fmt.Println(err)
		return
	}
	form := url.Values{"email": {bob.Email}, "password": {bob.Password}}
	login := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(form.Encode()))
	login.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, login)

	withCookie := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
	withCookie.AddCookie(answer.Result().Cookies()[0])
	withBasic := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
	withBasic.SetBasicAuth(bob.Email, bob.Password)
	withNothing := httptest.NewRequest(http.MethodGet, "/me", http.NoBody)
	for _, r := range []*http.Request{withCookie, withBasic, withNothing} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 bob@hbtn.io, by session
	// 200 bob@hbtn.io, by basic
	// 401 Unauthorized
}

// A callback instead of accounts: what Flask-HTTPAuth calls verify_password.
func ExampleBasic() {
	basic := &account.Basic{Realm: "Login Required", Verify: func(_ context.Context, name, password string) (handstamp.Identity, error) {
		if name == "susan" && password == "bye" {
			return handstamp.Identity{Name: name}, nil
		}
		return handstamp.Identity{}, handstamp.ErrBadCredential
	}}
	for _, password := range []string{"bye", "hello"} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.SetBasicAuth("susan", password)
		who, err := basic.Authenticate(r)
		fmt.Println(who.Name, errors.Is(err, handstamp.ErrBadCredential))
	}
	fmt.Println(basic.Challenge(nil))
	// Output:
	// susan false
	//  true
	// Basic realm="Login Required"
}

// Emails that only differ in how they are spelled are one.
func ExampleEmailKey() {
	for _, email := range []string{"Bob@HBTN.io", "ｂｏｂ@hbtn.io", "bob+news@hbtn.io", "ﬁfi@hbtn.io"} {
		key, err := account.EmailKey(email)
		fmt.Println(key, errors.Is(err, account.ErrEmail))
	}
	// Output:
	// bob@hbtn.io false
	// bob@hbtn.io false
	// bob+news@hbtn.io false
	//  true
}

// A new password ends the sessions that were begun with the old one.
func ExampleDirectory_SetPassword() {
	ctx := context.Background()
	people := account.New(memory.NewUsers())
	sessions := session.New(memory.New())
	defer sessions.Close()
	people.Attach(sessions)

	bob, err := people.Create(ctx, account.Details{Email: "bob@hbtn.io", Password: "the old one"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, token, err := people.Login(ctx, sessions, "bob@hbtn.io", "the old one")
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := people.SetPassword(ctx, bob.ID, "the new one"); err != nil {
		fmt.Println(err)
		return
	}
	_, err = sessions.Find(ctx, token)
	fmt.Println(errors.Is(err, session.ErrGone))
	// Output: true
}
