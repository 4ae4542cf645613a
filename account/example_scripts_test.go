package account_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
)

// The scripts with which the founding documents drive their classes, as they read here. IDs and
// tokens are random, so the scripts print what can be said of them.

// Create a user with a password, and say who they are with HTTP Basic.
func Example_main0() {
	people := account.New(memory.NewUsers())
	bob, err := people.Create(context.Background(), account.Details{Email: "bob@hbtn.io", Password: "H0lbertonSchool98!"})
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := handstamp.ParseID(bob.ID.String())
	fmt.Println("New user:", len(bob.ID.String()), "characters,", again == bob.ID, err)
	basic := base64.StdEncoding.EncodeToString([]byte(bob.Email + ":H0lbertonSchool98!"))
	fmt.Println("Basic Base64:", basic)

	r := httptest.NewRequest(http.MethodGet, "/api/v1/users/me", http.NoBody)
	r.Header.Set("Authorization", "Basic "+basic)
	who, err := people.Basic("Login Required").Authenticate(r)
	fmt.Println(who.Name, who.UserID == bob.ID, err)
	// Output:
	// New user: 36 characters, true <nil>
	// Basic Base64: Ym9iQGhidG4uaW86SDBsYmVydG9uU2Nob29sOTgh
	// bob@hbtn.io true <nil>
}

// Begin sessions: none without a user, another one at each call, any number for one user.
func Example_main1() {
	ctx := context.Background()
	sessions := session.New(memory.New())
	defer sessions.Close()

	_, token, err := sessions.Begin(ctx, handstamp.Identity{})
	fmt.Printf("nobody => %q, %v\n", string(token), err)

	seen := make(map[session.Token]bool)
	for _, name := range []string{"abcde", "fghij", "abcde"} {
		s, token, err := sessions.Begin(ctx, handstamp.Identity{UserID: handstamp.IDOf(name)})
		fmt.Println(name, "=>", len(string(token)), "characters, new:", !seen[token], "for them:", s.UserID == handstamp.IDOf(name), err)
		seen[token] = true
	}
	all, err := sessions.List(ctx, handstamp.IDOf("abcde"))
	fmt.Println("abcde has", len(all), err)
	// Output:
	// nobody => "", nobody to begin a session for
	// abcde => 43 characters, new: true for them: true <nil>
	// fghij => 43 characters, new: true for them: true <nil>
	// abcde => 43 characters, new: true for them: true <nil>
	// abcde has 2 <nil>
}

// Look sessions up: nobody's for what is missing, malformed or unknown, and the user's for those
// that have begun, old ones included.
func Example_main2() {
	ctx := context.Background()
	sessions := session.New(memory.New())
	defer sessions.Close()
	abcde := handstamp.IDOf("abcde")
	begin := func() session.Token {
		_, token, err := sessions.Begin(ctx, handstamp.Identity{UserID: abcde})
		if err != nil {
			fmt.Println(err)
		}
		return token
	}
	first, second := begin(), begin()
	for _, step := range []struct {
		name  string
		token session.Token
	}{
		{"missing", ""}, {"malformed", "doesnt exist"}, {"unknown", session.RandomToken()}, {"second", second}, {"first", first},
	} {
		s, err := sessions.Find(ctx, step.token)
		fmt.Println(step.name, "=> abcde:", s.UserID == abcde, "gone:", errors.Is(err, session.ErrGone))
	}
	// Output:
	// missing => abcde: false gone: true
	// malformed => abcde: false gone: true
	// unknown => abcde: false gone: true
	// second => abcde: true gone: false
	// first => abcde: true gone: false
}

// Read the session cookie of a request.
func Example_main3() {
	cookie := session.Cookie{Name: "_my_session_id", Classic: true}
	for _, header := range []string{
		"", "_my_session_id=Hello", "_my_session_id=C is fun", "_my_session_id", "other=Hello; _my_session_id=Hello again",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		if header != "" {
			r.Header.Set("Cookie", header)
		}
		token, ok := cookie.Read(r.Header)
		fmt.Printf("%q => %q, %v\n", header, string(token), ok)
	}
	// Output:
	// "" => "", false
	// "_my_session_id=Hello" => "Hello", true
	// "_my_session_id=C is fun" => "C is fun", true
	// "_my_session_id" => "", false
	// "other=Hello; _my_session_id=Hello again" => "Hello again", true
}

// The current user of a request: nobody without a cookie or with an unknown one, and the user
// with that of a live session.
func Example_main4() {
	ctx := context.Background()
	people := account.New(memory.NewUsers())
	sessions := session.New(memory.New())
	defer sessions.Close()
	guard := handstamp.NewGuard(sessions)
	if _, err := people.Create(ctx, account.Details{Email: "bobsession@hbtn.io", Password: "fake pwd"}); err != nil {
		fmt.Println(err)
		return
	}
	_, token, err := people.Login(ctx, sessions, "bobsession@hbtn.io", "fake pwd")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, value := range []string{"", "5535d4d7-3d77-4d06-8281-495dc3acfe76", string(token)} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		if value != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-session", Value: value})
		}
		who, err := guard.Identify(r)
		if err != nil {
			fmt.Println("nobody:", err)
			continue
		}
		u, err := people.User(r.Context(), who.UserID)
		fmt.Println(u.Email, err)
	}
	// Output:
	// nobody: no credential
	// nobody: credential refused
	// bobsession@hbtn.io <nil>
}
