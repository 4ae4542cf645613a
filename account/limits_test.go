package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/throttle"
)

// fewer is a limit that is soon used up and does not fill up again within a test.
var fewer = throttle.Limits{Account: throttle.Limit{Burst: 5, Every: time.Hour}}

// A guarded is a Directory with limits, and what stands around it.
type guarded struct {
	*account.Directory
	store    *spyStore
	sessions *session.Manager
	engine   *spyEngine
	signIn   http.Handler
	bob      account.User
}

func newGuarded(t *testing.T, limits throttle.Limits) *guarded {
	t.Helper()
	store := newSpyStore()
	d := &guarded{Directory: newPeople(t, store), store: store, sessions: newSessions(t), engine: &spyEngine{}}
	var err error
	if d.Limits, err = throttle.New(memory.NewThrottle(), make([]byte, 32), limits); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Limits.Close)
	if d.Devices, err = throttle.NewDevices(make([]byte, 32)); err != nil {
		t.Fatal(err)
	}
	d.Passwords = &password.Hasher{Params: cheap, Engine: d.engine, Queue: 1000}
	d.signIn = d.SignIn(d.sessions)
	d.bob = addBob(t, d.Directory)
	return d
}

// A spyEngine counts the passwords that were looked at, and fails where a test wants it to.
type spyEngine struct {
	password.Local
	verified atomic.Int64
	fail     func(plain string) error // nil for never; must not be set while in use
}

func (e *spyEngine) Verify(ctx context.Context, encoded, plain string, p password.Params) (password.Verdict, error) {
	if e.fail != nil {
		if err := e.fail(plain); err != nil {
			return password.Verdict{}, err
		}
	}
	e.verified.Add(1)
	return e.Local.Verify(ctx, encoded, plain, p)
}

// from returns ctx as that of a request from the ith address of so many networks that none of them is
// limited.
func from(ctx context.Context, i int) context.Context {
	return handstamp.WithOrigin(ctx, handstamp.Origin{Address: netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1})})
}

// The answers of a door.
const (
	signedIn  = "signed in"
	wrongPair = "wrong"
	throttled = "throttled"
)

func answerOf(t *testing.T, err error) string {
	t.Helper()
	switch refused := (*throttle.Refused)(nil); {
	case err == nil:
		return signedIn
	case errors.As(err, &refused):
		return throttled
	case errors.Is(err, handstamp.ErrBadCredential):
		return wrongPair
	default:
		t.Error(err)
		return err.Error()
	}
}

// doors are all the ways by which bob can be proved to be bob.
var doors = map[string]func(t *testing.T, d *guarded, plain string) string{
	"Authenticate": func(t *testing.T, d *guarded, plain string) string {
		_, err := d.Authenticate(t.Context(), "BOB@hbtn.io", plain)
		return answerOf(t, err)
	},
	"Login": func(t *testing.T, d *guarded, plain string) string {
		_, _, err := d.Login(t.Context(), d.sessions, bobsEmail, plain)
		return answerOf(t, err)
	},
	"Basic": func(t *testing.T, d *guarded, plain string) string {
		_, err := d.Basic("x").Authenticate(withHeaders("Basic " + b64("ｂob@hbtn.io:"+plain)))
		return answerOf(t, err)
	},
	"Confirm": func(t *testing.T, d *guarded, plain string) string {
		_, err := d.Confirm(t.Context(), d.bob.ID, plain)
		return answerOf(t, err)
	},
	"SignIn": func(t *testing.T, d *guarded, plain string) string {
		answer, _ := signIn(d.signIn, formType, formOf(bobsEmail, plain))
		switch answer.StatusCode {
		case http.StatusOK:
			return signedIn
		case http.StatusUnauthorized:
			return wrongPair
		case http.StatusTooManyRequests:
			return throttled
		default:
			return answer.Status
		}
	},
}

// TestOneCounterForAllDoors: who is refused at one door is at no other, whatever the spelling of the email.
func TestOneCounterForAllDoors(t *testing.T) {
	for first, enter := range doors {
		for rest, enterToo := range doors {
			d := newGuarded(t, fewer)
			for i := range 5 {
				door := enter
				if i >= 2 {
					door = enterToo
				}
				if got := door(t, d, "wrong"); got != wrongPair {
					t.Fatalf("%s, then %s, guess %d: %s", first, rest, i+1, got)
				}
			}
			looked := d.engine.verified.Load()
			for last, door := range doors {
				if got := door(t, d, bobsPassword); got != throttled {
					t.Errorf("five guesses by %s and %s, then the right password by %s: %s", first, rest, last, got)
				}
			}
			if n := d.engine.verified.Load(); looked != 5 || n != looked {
				t.Errorf("%d passwords were looked at in five guesses, and %d after those", looked, n-looked)
			}
		}
	}
}

// TestRightPasswordsGiveTheirChargeBack, at each door, and end the row of failures.
func TestRightPasswordsGiveTheirChargeBack(t *testing.T) {
	for name, door := range doors {
		d := newGuarded(t, throttle.Limits{Account: throttle.Limit{Burst: 5, Every: time.Hour, Stop: 5}})
		for i, c := range []struct{ plain, want string }{
			{"wrong", wrongPair},
			{"wrong", wrongPair},
			{"wrong", wrongPair},
			{bobsPassword, signedIn},
			{bobsPassword, signedIn},
			{bobsPassword, signedIn},
			{"wrong", wrongPair},
			{bobsPassword, signedIn},
			{"wrong", wrongPair},
			{bobsPassword, throttled},
		} {
			if got := door(t, d, c.plain); got != c.want {
				t.Errorf("%s, attempt %d: %s, want %s", name, i+1, got, c.want)
			}
		}
	}
}

// TestThrottledAnswersAreTheSame for accounts that exist or not, and nothing is looked up for them: the
// answer has the same bytes, and takes the same work.
func TestThrottledAnswersAreTheSame(t *testing.T) {
	d := newGuarded(t, fewer)
	importUser(t, d.store, "disabled@x.de", "")
	disabled, err := d.ByEmail(t.Context(), "disabled@x.de")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Edit(t.Context(), disabled.ID, account.Edit{Disabled: ptr(true), Password: ptr(bobsPassword)}); err != nil {
		t.Fatal(err)
	}
	importUser(t, d.store, "imported@x.de", sha256Hex(bobsPassword))
	emails := []string{bobsEmail, "unknown@x.de", "not an email", "disabled@x.de", "imported@x.de"}
	for _, email := range emails {
		for range 6 { // the sixth is refused, and written down
			signIn(d.signIn, formType, formOf(email, "wrong"))
		}
	}
	looked := d.engine.verified.Load()
	d.store.finds.Store(0)
	seen := make(map[string][]string)
	for _, email := range emails {
		for _, plain := range []string{"wrong", bobsPassword} {
			answer, body := signIn(d.signIn, formType, formOf(email, plain), "Cookie", "__Host-device="+strings.Repeat("A", 96))
			checkHeaders(t, answer)
			if after, err := strconv.Atoi(answer.Header.Get("Retry-After")); answer.StatusCode != 429 || err != nil || after < 3500 || after > 3600 {
				t.Errorf("%s: %d, Retry-After %q; want 429, and about an hour", email, answer.StatusCode, answer.Header.Get("Retry-After"))
			}
			answer.Header.Del("Retry-After") // depends on when the account was charged
			key := fmt.Sprint(answer.StatusCode, answer.Header, body)
			seen[key] = append(seen[key], email)
		}
	}
	if len(seen) != 1 {
		t.Errorf("%d different answers, want one: %v", len(seen), seen)
	}
	if n, finds := d.engine.verified.Load()-looked, d.store.finds.Load(); n != 0 || finds != 0 {
		t.Errorf("%d hashes and %d lookups for refused attempts, want none", n, finds)
	}
}

// TestUnjudgedAttemptsDoNotCount, and those of which anything was learned do.
func TestUnjudgedAttemptsDoNotCount(t *testing.T) {
	const decomposed = "un mot de passe oublie\u0301"
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	for name, c := range map[string]struct {
		ctx    context.Context
		plain  string
		engine func(string) error
		find   func(account.Ref) error
		want   error
		counts bool
	}{
		"busy":       {t.Context(), "wrong", func(string) error { return password.ErrBusy }, nil, password.ErrBusy, false},
		"too long":   {t.Context(), strings.Repeat("x", password.MaxBytes+1), nil, nil, password.ErrTooLong, false},
		"hung up":    {gone, "wrong", nil, nil, context.Canceled, false},
		"store down": {t.Context(), "wrong", nil, func(account.Ref) error { return errDown }, errDown, false},
		"busy, after one spelling was judged": {t.Context(), decomposed, func(plain string) error {
			if plain != decomposed {
				return password.ErrBusy
			}
			return nil
		}, nil, password.ErrBusy, true},
	} {
		d := newGuarded(t, fewer)
		d.engine.fail, d.store.failFind = c.engine, c.find
		for range 3 {
			if _, err := d.Authenticate(c.ctx, bobsEmail, c.plain); !errors.Is(err, c.want) || errors.Is(err, handstamp.ErrBadCredential) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		d.engine.fail, d.store.failFind = nil, nil
		left := 0
		for doors["Authenticate"](t, d, "wrong") == wrongPair {
			left++
		}
		want := 5
		if c.counts {
			want = 2
		}
		if left != want {
			t.Errorf("%s: %d guesses are left of five, want %d", name, left, want)
		}
	}
}

// hangUpStore is a store of attempts whose caller hangs up while an attempt is charged.
type hangUpStore struct {
	throttle.Store
	hangUp func()
}

func (s *hangUpStore) Take(ctx context.Context, now time.Time, buckets []throttle.Bucket) ([]throttle.Verdict, error) {
	s.hangUp()
	if err := ctx.Err(); err != nil { // as stores do; the write happens all the same
		_, _ = s.Store.Take(context.WithoutCancel(ctx), now, buckets)
		return nil, err
	}
	return s.Store.Take(ctx, now, buckets)
}

// TestHangingUpLeavesNoCharge, also in the middle of it.
func TestHangingUpLeavesNoCharge(t *testing.T) {
	d := newGuarded(t, fewer)
	store := &hangUpStore{Store: memory.NewThrottle()}
	var err error
	if d.Limits, err = throttle.New(store, make([]byte, 32), fewer); err != nil {
		t.Fatal(err)
	}
	defer d.Limits.Close()
	for range 7 {
		ctx, cancel := context.WithCancel(t.Context())
		store.hangUp = cancel
		if _, err := d.Authenticate(ctx, bobsEmail, "wrong"); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v, want it given up", err)
		}
	}
	store.hangUp = func() {}
	if got := doors["Authenticate"](t, d, bobsPassword); got != signedIn {
		t.Errorf("after seven attempts that were given up: %s", got)
	}
}

// TestNewPasswordsOpenTheAccount that was shut, also if whoever has set it hangs up meanwhile.
func TestNewPasswordsOpenTheAccount(t *testing.T) {
	for _, hangsUp := range []bool{false, true} {
		d := newGuarded(t, throttle.Limits{Account: throttle.Limit{Burst: 5, Every: time.Second, Stop: 5}})
		for range 5 {
			doors["Login"](t, d, "wrong")
		}
		if _, err := d.Edit(t.Context(), d.bob.ID, account.Edit{Role: ptr("user")}); err != nil {
			t.Fatal(err)
		}
		if got := doors["Login"](t, d, bobsPassword); got != throttled {
			t.Errorf("after another change: %s", got)
		}
		ctx, hangUp := context.WithCancel(t.Context())
		d.store.before = func() {
			if hangsUp {
				hangUp()
			}
		}
		if _, err := d.SetPassword(ctx, d.bob.ID, "the new one"); err != nil {
			t.Fatal(err)
		}
		hangUp()
		if got := doors["Login"](t, d, "the new one"); got != signedIn {
			t.Errorf("hangs up %v: the new password: %s", hangsUp, got)
		}
	}
}

// A visitor is a browser that keeps its cookies.
type visitor struct{ cookies map[string]string }

func (v *visitor) request(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://app.test/login", strings.NewReader(body))
	r.Header.Set("Content-Type", formType)
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func (v *visitor) keep(w *httptest.ResponseRecorder) {
	if v.cookies == nil {
		v.cookies = make(map[string]string)
	}
	for _, c := range w.Result().Cookies() {
		v.cookies[c.Name] = c.Value
	}
}

func (v *visitor) signIn(d *guarded, plain string) int {
	w := httptest.NewRecorder()
	d.signIn.ServeHTTP(w, v.request(formOf(bobsEmail, plain)))
	v.keep(w)
	return w.Code
}

// TestStrangersCannotLockOutAKnownDevice, at any door, and it is known until the password changes.
func TestStrangersCannotLockOutAKnownDevice(t *testing.T) {
	d := newGuarded(t, throttle.Limits{Account: throttle.Limit{Burst: 5, Every: time.Hour, Stop: 5}})
	home, office := &visitor{}, &visitor{}
	if status := home.signIn(d, bobsPassword); status != http.StatusOK || home.cookies["__Host-device"] == "" {
		t.Fatalf("%d, cookies %v", status, home.cookies)
	}
	if status := office.signIn(d, bobsPassword); status != http.StatusOK {
		t.Fatal(status)
	}
	counts := make(map[string]int)
	for i := range 500 {
		_, err := d.Authenticate(from(t.Context(), i), bobsEmail, "wrong "+strconv.Itoa(i))
		counts[answerOf(t, err)]++
	}
	if counts[wrongPair] != 5 || counts[throttled] != 495 {
		t.Errorf("500 guesses of strangers: %v", counts)
	}
	if status := new(visitor).signIn(d, bobsPassword); status != http.StatusTooManyRequests {
		t.Errorf("bob, at a browser that is not known: %d", status)
	}
	for range 20 {
		if status := home.signIn(d, bobsPassword); status != http.StatusOK {
			t.Fatalf("bob, at home: %d", status)
		}
	}
	atHome := account.WithRequest(t.Context(), home.request(""))
	if _, err := d.Confirm(atHome, d.bob.ID, bobsPassword); err != nil {
		t.Errorf("Confirm at home: %v", err)
	}
	r := home.request("")
	r.Header.Set("Authorization", "Basic "+b64(bobsEmail+":"+bobsPassword))
	if _, err := d.Basic("x").Authenticate(r); err != nil {
		t.Errorf("Basic at home: %v", err)
	}
	// Logging in at home opens nothing for those elsewhere.
	if status := new(visitor).signIn(d, bobsPassword); status != http.StatusTooManyRequests {
		t.Errorf("a browser that is not known, after logins at home: %d", status)
	}

	// A device is no licence to guess.
	guesses := 0
	for home.signIn(d, "wrong") == http.StatusUnauthorized {
		guesses++
	}
	if guesses != 10 {
		t.Errorf("%d guesses at home, want 10", guesses)
	}

	// A new password makes worthless what was known before, until SetDevice.
	changed, err := d.Edit(t.Context(), d.bob.ID, account.Edit{Password: ptr("the new one")})
	if err != nil {
		t.Fatal(err)
	}
	for doors["Login"](t, d, "wrong") != throttled {
	}
	if status := office.signIn(d, "the new one"); status != http.StatusTooManyRequests {
		t.Errorf("with the cookie of before the new password: %d", status)
	}
	w := httptest.NewRecorder()
	d.SetDevice(w, home.request(""), changed)
	home.keep(w)
	if status := home.signIn(d, "the new one"); status != http.StatusOK {
		t.Errorf("after SetDevice: %d", status)
	}
}
