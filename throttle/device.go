package throttle

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handstamp/handstamp"
)

// Devices knows the browsers in which somebody has signed in before, by a cookie that says so. It
// is worth nothing for another account, does not replace the password, and outlives the session:
// logging out leaves it. Set the fields before the first use; after that it is safe for concurrent
// use.
type Devices struct {
	// Insecure leaves out Secure and names the cookie "device" instead of "__Host-device", for
	// servers that are reached over plain HTTP.
	Insecure bool

	// Lifetime is how long a device is known after a login, judged at each attempt. Zero means
	// 180 days.
	Lifetime time.Duration

	key []byte
}

// An Owner is whose device it is.
type Owner struct {
	// ID names the account for good.
	ID handstamp.ID

	// Epoch is raised by what must make earlier cookies worthless, first of all by a new
	// password.
	Epoch int64
}

// maxDevices is how many accounts one browser is a known device of: a family's computer.
const maxDevices = 5

// NewDevices returns Devices whose cookies are signed under key, 32 secret bytes or more. It may be
// the key of a [Limiter].
func NewDevices(key []byte) (*Devices, error) {
	if len(key) < 32 {
		return nil, fmt.Errorf("devices: %w", errShortKey)
	}
	return &Devices{key: slices.Clone(key)}, nil
}

// Read returns the known device of an account that r comes from, or zero. The account is named as in
// a [Try]. It takes any good one of several cookies, as what somebody else has planted beside it
// cannot be good.
//
// Read calls owner, and returns its error, only where r carries what was made for this account.
// Whoever was never signed in there, and wants to know whether there is such an account, finds no
// difference in what it takes to look for one, as nobody looks.
func (d *Devices) Read(r *http.Request, account string, owner func() (Owner, error)) (handstamp.ID, error) {
	for m := range d.marks(r) {
		if !m.hasMAC(d.mac(m, account)) {
			continue
		}
		of, err := owner()
		if err != nil {
			return handstamp.ID{}, err
		}
		if m.isOf(d.print(of)) {
			return m.id(), nil
		}
	}
	return handstamp.ID{}, nil
}

// Set makes the browser a known device of an account, after a login with its password. The
// other accounts that it is known to, as r says, keep that. Each login makes a new device of the
// browser, so that a copy of an earlier cookie cannot use up its attempts.
func (d *Devices) Set(w http.ResponseWriter, r *http.Request, account string, of Owner) {
	texts := []string{d.newMark(account, of).String()}
	for m := range d.marks(r) {
		text := m.String()
		if len(texts) < maxDevices && !m.hasMAC(d.mac(m, account)) && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name:     d.CookieName(),
		Value:    strings.Join(texts, "."),
		Path:     "/",
		MaxAge:   int(d.lifetime() / time.Second),
		Secure:   !d.Insecure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}

// CookieName returns the name of the cookie.
func (d *Devices) CookieName() string {
	if d.Insecure {
		return "device"
	}
	return "__Host-device"
}

func (d *Devices) lifetime() time.Duration {
	if d.Lifetime == 0 {
		return 180 * 24 * time.Hour
	}
	return d.Lifetime
}

// A mark says that a browser is a known device of one account: 16 bytes of ID, 8 of the time in
// Unix seconds, 16 that stand for the owner, and 32 of a MAC over all that and the account.
type mark [72]byte

func (m mark) id() handstamp.ID         { return handstamp.ID(m[:16]) }
func (m mark) issued() time.Time        { return time.Unix(int64(binary.BigEndian.Uint64(m[16:24])), 0) }
func (m mark) isOf(owner [16]byte) bool { return hmac.Equal(m[24:40], owner[:]) }
func (m mark) hasMAC(b []byte) bool     { return hmac.Equal(m[40:], b) }
func (m mark) String() string           { return markText.EncodeToString(m[:]) }

// markText has one text for each mark.
var markText = base64.RawURLEncoding.Strict()

// marks yields what r carries that could be marks and has not expired. They may be forged.
func (d *Devices) marks(r *http.Request) iter.Seq[mark] {
	return func(yield func(mark) bool) {
		for _, cookie := range r.CookiesNamed(d.CookieName()) {
			for text := range strings.SplitSeq(cookie.Value, ".") {
				var m mark
				if len(text) != markText.EncodedLen(len(m)) {
					continue
				}
				if _, err := markText.Decode(m[:], []byte(text)); err != nil || time.Since(m.issued()) > d.lifetime() {
					continue
				}
				if !yield(m) {
					return
				}
			}
		}
	}
}

func (d *Devices) newMark(account string, of Owner) mark {
	var m mark
	id, owner := handstamp.NewID(), d.print(of)
	copy(m[:16], id[:])
	binary.BigEndian.PutUint64(m[16:24], uint64(time.Now().Unix()))
	copy(m[24:40], owner[:])
	copy(m[40:], d.mac(m, account))
	return m
}

// print stands for an owner in a mark, where it shows neither the ID nor how often something was
// revoked. That nobody makes one up is up to the MAC.
func (d *Devices) print(of Owner) [16]byte {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte("handstamp device owner\x00"))
	mac.Write(of.ID[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(of.Epoch)))
	return [16]byte(mac.Sum(nil))
}

// mac signs a mark. What can be of any length comes last.
func (d *Devices) mac(m mark, account string) []byte {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte("handstamp device\x00"))
	mac.Write(m[:40])
	mac.Write([]byte(account))
	return mac.Sum(nil)
}
