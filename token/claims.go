package token

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/handstamp/handstamp"
)

// Claims are what a token says. Times are in whole seconds.
type Claims struct {
	Issuer    string
	Subject   handstamp.ID // the user
	Audience  string       // for whom the token is: the issuer itself, or the origin of an app
	SessionID handstamp.ID // zero for an upstream's token of somebody without a session
	Role      string
	ID        string // of this token
	IssuedAt  time.Time
	ExpiresAt time.Time

	generation int64 // zero in tokens for upstreams
}

// wire is how Claims are written (RFC 7519, section 4; RFC 9068, section 2.2).
type wire struct {
	Issuer     string `json:"iss"`
	Subject    string `json:"sub"`
	Audience   string `json:"aud"`
	IssuedAt   int64  `json:"iat"`
	ExpiresAt  int64  `json:"exp"`
	ID         string `json:"jti"`
	SessionID  string `json:"sid,omitempty"`
	Role       string `json:"role,omitempty"`
	Generation int64  `json:"gen,omitempty"`
}

// ploneWire is how plone.restapi writes them, with what is ours behind. It has no room for more.
type ploneWire struct {
	Subject    string `json:"sub"`
	ExpiresAt  int64  `json:"exp"`
	FullName   string `json:"fullname"`
	SessionID  string `json:"sid"`
	Generation int64  `json:"gen"`
	ID         string `json:"jti"`
}

func (c Claims) wire() wire {
	w := wire{
		Issuer: c.Issuer, Subject: c.Subject.String(), Audience: c.Audience,
		IssuedAt: c.IssuedAt.Unix(), ExpiresAt: c.ExpiresAt.Unix(), ID: c.ID, Role: c.Role, Generation: c.generation,
	}
	if !c.SessionID.IsZero() {
		w.SessionID = c.SessionID.String()
	}
	return w
}

// readClaims reads what was found to be signed by us.
func readClaims(text []byte) (Claims, error) {
	var w wire
	if err := json.Unmarshal(text, &w); err != nil {
		return Claims{}, fmt.Errorf("%w: claims of another form", ErrInvalid)
	}
	c := Claims{
		Issuer: w.Issuer, Audience: w.Audience, Role: w.Role, ID: w.ID,
		IssuedAt: time.Unix(w.IssuedAt, 0).UTC(), ExpiresAt: time.Unix(w.ExpiresAt, 0).UTC(), generation: w.Generation,
	}
	var err error
	if c.Subject, err = handstamp.ParseID(w.Subject); err != nil {
		return Claims{}, fmt.Errorf("%w: no user", ErrInvalid)
	}
	if w.SessionID != "" {
		if c.SessionID, err = handstamp.ParseID(w.SessionID); err != nil {
			return Claims{}, fmt.Errorf("%w: no session", ErrInvalid)
		}
	}
	if w.ExpiresAt <= 0 || c.generation < 0 || c.generation > 0 && c.SessionID.IsZero() {
		return Claims{}, fmt.Errorf("%w: claims are missing", ErrInvalid)
	}
	return c, nil
}

// sign returns the token that says c.
func (t *Tokens) sign(c Claims) (string, error) {
	text, err := json.Marshal(c.wire())
	if t.Plone != "" && c.generation > 0 {
		text, err = json.Marshal(ploneWire{
			Subject: c.Subject.String(), ExpiresAt: c.ExpiresAt.Unix(),
			SessionID: c.SessionID.String(), Generation: c.generation, ID: c.ID,
		})
		if err == nil {
			return t.keys.SignPlone(text, t.Plone)
		}
	}
	if err != nil {
		return "", fmt.Errorf("write claims: %w", err)
	}
	return t.keys.Sign(text)
}
