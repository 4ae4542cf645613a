package jwks

import (
	"fmt"
	"strconv"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/jsonobject"
)

// claims are what a token says (RFC 9068, section 2.2), as far as it matters here.
type claims struct {
	issuer, audience, role string
	subject, session       handstamp.ID // session is zero for somebody without one
	expires, notBefore     time.Time    // notBefore is mostly zero
	isRenewable            bool
}

// latest is the last time that a token may name, in Unix seconds: what lies beyond is an overflow to some.
const latest = 1 << 40

// readClaims reads what was signed. It judges nothing but the form.
func readClaims(signed []byte) (claims, error) {
	o, err := jsonobject.ParseStrict(signed)
	if err != nil {
		return claims{}, fmt.Errorf("%w: its claims are none", ErrInvalid)
	}
	c := claims{issuer: textOf(o, "iss"), audience: textOf(o, "aud"), role: textOf(o, "role")}
	_, c.isRenewable = o["gen"]
	if c.subject, err = handstamp.ParseID(textOf(o, "sub")); err != nil || c.subject.IsZero() {
		return claims{}, fmt.Errorf("%w: no user", ErrInvalid)
	}
	if _, ok := o["sid"]; ok {
		if c.session, err = handstamp.ParseID(textOf(o, "sid")); err != nil {
			return claims{}, fmt.Errorf("%w: no session", ErrInvalid)
		}
	}
	if c.expires, err = timeOf(o, "exp"); err != nil {
		return claims{}, err
	}
	if _, ok := o["nbf"]; ok {
		if c.notBefore, err = timeOf(o, "nbf"); err != nil {
			return claims{}, err
		}
	}
	return c, nil
}

// timeOf returns a member that is a time in whole seconds (RFC 7519, section 2).
func timeOf(o jsonobject.Object, name string) (time.Time, error) {
	seconds, err := strconv.ParseInt(string(o[name]), 10, 64)
	if err != nil || seconds <= 0 || seconds > latest {
		return time.Time{}, fmt.Errorf("%w: no %s", ErrInvalid, name)
	}
	return time.Unix(seconds, 0), nil
}

// judge says whether a token with these claims is good here and now. At exp itself it is good no more (RFC 7519, section
// 4.1.4).
func (config Config) judge(c claims, now time.Time) error {
	switch {
	case c.issuer != config.Issuer:
		return fmt.Errorf("%w: issued by somebody else", ErrInvalid)
	case c.audience != config.Audience:
		return fmt.Errorf("%w: for somebody else", ErrInvalid)
	case c.isRenewable && !config.Renewable:
		return fmt.Errorf("%w: for its issuer to judge", ErrInvalid)
	case !now.Before(c.expires.Add(config.Leeway)):
		return fmt.Errorf("%w: expired", ErrInvalid)
	case now.Add(config.Leeway).Before(c.notBefore):
		return fmt.Errorf("%w: not good yet", ErrInvalid)
	}
	return nil
}
