package throttle_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/throttle"
)

// A holder is an account and whose it is.
type holder struct {
	account string
	throttle.Owner
}

func holderOf(name string, epoch int64) holder {
	return holder{name, throttle.Owner{ID: handstamp.IDOf(name), Epoch: epoch}}
}

var (
	ofBob = holderOf("bob", 3)
	ofAnn = holderOf("ann", 3)
)

// readDevice returns the known device of an account that r comes from.
func readDevice(t testing.TB, d *throttle.Devices, r *http.Request, of holder) handstamp.ID {
	t.Helper()
	id, err := d.Read(r, of.account, func() (throttle.Owner, error) { return of.Owner, nil })
	if err != nil {
		t.Error(err)
	}
	return id
}

func newDevices(t testing.TB) *throttle.Devices {
	t.Helper()
	d, err := throttle.NewDevices(key)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A browser keeps cookies as browsers do.
type browser struct{ cookies map[string]string }

func (b *browser) request() *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/login", nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

// signIn makes the browser a known device.
func (b *browser) signIn(d *throttle.Devices, of holder) *http.Cookie {
	w := httptest.NewRecorder()
	d.Set(w, b.request(), of.account, of.Owner)
	cookie := w.Result().Cookies()[0]
	if b.cookies == nil {
		b.cookies = make(map[string]string)
	}
	b.cookies[cookie.Name] = cookie.Value
	return cookie
}

func (b *browser) isKnown(t testing.TB, d *throttle.Devices, of holder) bool {
	t.Helper()
	return !readDevice(t, d, b.request(), of).IsZero()
}

func TestDeviceCookie(t *testing.T) {
	for name, insecure := range map[string]bool{"__Host-device": false, "device": true} {
		d := newDevices(t)
		d.Insecure = insecure
		c := new(browser).signIn(d, ofBob)
		if c.Name != name || c.Secure == insecure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode ||
			c.Path != "/" || c.Domain != "" || c.MaxAge != 180*24*60*60 {
			t.Errorf("cookie %v", c)
		}
	}
}

func TestDeviceIsKnownToItsOwnerOnly(t *testing.T) {
	d, b := newDevices(t), &browser{}
	if b.isKnown(t, d, ofBob) {
		t.Error("a browser without a cookie is known")
	}
	b.signIn(d, ofBob)
	if !b.isKnown(t, d, ofBob) {
		t.Error("the browser is not known after a login")
	}
	for name, other := range map[string]holder{
		"another account":               ofAnn,
		"after a new password":          holderOf("bob", 4),
		"an epoch that was":             holderOf("bob", 2),
		"a longer name":                 {"bobby", ofBob.Owner},
		"no name":                       {"", ofBob.Owner},
		"name in another letter":        {"Bob", ofBob.Owner},
		"whoever has the email now":     {"bob", ofAnn.Owner},
		"nobody, as there is none left": {account: "bob"},
	} {
		if b.isKnown(t, d, other) {
			t.Errorf("the cookie is good for %s", name)
		}
	}
	foreign, err := throttle.NewDevices(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if b.isKnown(t, foreign, ofBob) {
		t.Error("the cookie is good under another key")
	}
	if _, err := throttle.NewDevices(key[:31]); err == nil {
		t.Error("a key of 31 bytes was accepted")
	}
}

// TestOnlyDevicesAreLookedUp: who carries nothing that was made for an account does not make anybody
// look for it, as that takes longer where there is one.
func TestOnlyDevicesAreLookedUp(t *testing.T) {
	d, b := newDevices(t), &browser{}
	foreign, err := throttle.NewDevices(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	errDown := errors.New("store is down")
	looksUp := func(what string, want bool) {
		t.Helper()
		asked := false
		id, err := d.Read(b.request(), ofBob.account, func() (throttle.Owner, error) {
			asked = true
			return throttle.Owner{}, errDown
		})
		if asked != want || errors.Is(err, errDown) != want || !id.IsZero() {
			t.Errorf("%s: looked up %v, %v; want %v", what, asked, err, want)
		}
	}
	looksUp("without a cookie", false)
	b.signIn(foreign, ofBob)
	looksUp("with a forged cookie", false)
	b.signIn(d, ofAnn)
	looksUp("with the cookie of another account", false)
	b.signIn(d, ofBob)
	looksUp("with a cookie", true)
}

// TestLoginsReplaceTheDeviceOfBefore, also where it was made worthless: a browser has room for few.
func TestLoginsReplaceTheDeviceOfBefore(t *testing.T) {
	d, b := newDevices(t), &browser{}
	b.signIn(d, ofBob)
	b.signIn(d, holderOf("bob", 4))
	if value := b.cookies["__Host-device"]; strings.Contains(value, ".") || !b.isKnown(t, d, holderOf("bob", 4)) {
		t.Errorf("cookie %q, want one device: the new one", value)
	}
}

func TestEachLoginMakesANewDevice(t *testing.T) {
	d, b := newDevices(t), &browser{}
	b.signIn(d, ofBob)
	copied := b.request()
	b.signIn(d, ofBob)
	before, after := readDevice(t, d, copied, ofBob), readDevice(t, d, b.request(), ofBob)
	if before.IsZero() || after.IsZero() || before == after {
		t.Errorf("devices %v and %v, want two", before, after)
	}
	if value := b.cookies["__Host-device"]; strings.Contains(value, ".") {
		t.Errorf("cookie %q still holds the device of before", value)
	}
}

func TestBrowserOfSeveral(t *testing.T) {
	d, b := newDevices(t), &browser{}
	names := strings.Split("abcdefg", "")
	for _, name := range names {
		b.signIn(d, holderOf(name, 0))
	}
	for i, name := range names {
		if got, want := b.isKnown(t, d, holderOf(name, 0)), i >= len(names)-5; got != want {
			t.Errorf("account %d of %d: known %v, want %v: the last five", i+1, len(names), got, want)
		}
	}
	if n := len(b.cookies["__Host-device"]); n > 500 {
		t.Errorf("the cookie has %d bytes", n)
	}
}

func TestDevicesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b := newDevices(t), &browser{}
		b.signIn(d, ofBob)
		time.Sleep(180 * 24 * time.Hour)
		if !b.isKnown(t, d, ofBob) {
			t.Error("not known on the last day")
		}
		d.Lifetime = 24 * time.Hour
		if b.isKnown(t, d, ofBob) {
			t.Error("known for longer than the setting that was changed since")
		}
		d.Lifetime = 0
		time.Sleep(time.Second)
		if b.isKnown(t, d, ofBob) {
			t.Error("known after it has expired")
		}
		b.signIn(d, ofAnn)
		if strings.Contains(b.cookies["__Host-device"], ".") {
			t.Error("what has expired is kept")
		}
	})
}

func TestReadMalformedDevices(t *testing.T) {
	d, b := newDevices(t), &browser{}
	good := b.signIn(d, ofBob).Value
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	flipped := func(at int) string {
		other := bytes.Clone(raw)
		other[at] ^= 1
		return base64.RawURLEncoding.EncodeToString(other)
	}
	for _, c := range []struct {
		name, header string
		known        bool
	}{
		{"as it was", "__Host-device=" + good, true},
		{"planted before it", "__Host-device=x; __Host-device=" + flipped(0) + "; __Host-device=" + good, true},
		{"planted around it", "__Host-device=." + flipped(9) + ".x." + good + ".", true},
		{"empty", "__Host-device=", false},
		{"name of plain HTTP", "device=" + good, false},
		{"name in small letters", "__host-device=" + good, false},
		{"shorter", "__Host-device=" + good[:len(good)-1], false},
		{"longer", "__Host-device=" + good + "A", false},
		{"another device", "__Host-device=" + flipped(0), false},
		{"another time", "__Host-device=" + flipped(23), false},
		{"a time far off", "__Host-device=" + flipped(16), false},
		{"another owner", "__Host-device=" + flipped(24), false},
		{"another signature", "__Host-device=" + flipped(40), false},
		{"end of the signature", "__Host-device=" + flipped(71), false},
	} {
		r := httptest.NewRequest(http.MethodPost, "/login", nil)
		r.Header.Set("Cookie", c.header)
		if got := !readDevice(t, d, r, ofBob).IsZero(); got != c.known {
			t.Errorf("%s: known %v, want %v", c.name, got, c.known)
		}
	}
}

// setBefore is the cookie of a device that became known to ofBob in November 2026. It has to stay good:
// cookies outlive versions of this program.
const setBefore = "3_SGw-ASStWN-Zbb_CF_CwAAAABrArJEHzf47wnoNGDKE8jLJ9vDGJxv71abRb-3pjLOy34J4l4TbrzyRZp3tVuYGDU3nE64"

func newPatientDevices(t testing.TB) *throttle.Devices {
	t.Helper()
	d := newDevices(t)
	d.Lifetime = 250 * 365 * 24 * time.Hour
	return d
}

func TestCookiesOfBeforeAreGood(t *testing.T) {
	b := &browser{cookies: map[string]string{"__Host-device": setBefore}}
	if got := readDevice(t, newPatientDevices(t), b.request(), ofBob).String(); got != "dff486c3-e012-4ad5-8df9-96dbfc217f0b" {
		t.Errorf("device %s", got)
	}
}

// FuzzReadDevice: nothing but what was set is known, and what is set is known whatever was there.
func FuzzReadDevice(f *testing.F) {
	d := newPatientDevices(f)
	f.Add("__Host-device=" + setBefore)
	f.Add("__Host-device=" + setBefore[:len(setBefore)-1] + "; __Host-device=" + strings.ToLower(setBefore))
	f.Add("a=b; __Host-device=." + setBefore + ".;")
	f.Fuzz(func(t *testing.T, header string) {
		r := &http.Request{Header: http.Header{"Cookie": {header}}}
		if !readDevice(t, d, r, ofBob).IsZero() && !strings.Contains(header, setBefore) {
			t.Errorf("%q is known", header)
		}
		w := httptest.NewRecorder()
		d.Set(w, r, ofAnn.account, ofAnn.Owner)
		again := &http.Request{Header: http.Header{"Cookie": {w.Result().Cookies()[0].String()}}}
		if readDevice(t, d, again, ofAnn).IsZero() {
			t.Errorf("after %q, what was set is not known", header)
		}
	})
}
