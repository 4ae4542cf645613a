package proxies_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// stranger is what every value begins with that a client sends and only a proxy may say.
const stranger = "evil"

// identityOf returns who an app believes is asking. It reads names of headers as CGI and PHP do, to which
// X_Auth_User and X.Auth.User are X-Auth-User, and wants no name twice.
func (s *scene) identityOf(h http.Header) (person, error) {
	folded := make(map[string][]string)
	for name, values := range h {
		key := strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name))
		folded[key] = append(folded[key], values...)
	}
	for name, values := range folded {
		ours := strings.HasPrefix(name, "x-auth-") || strings.HasPrefix(name, "x-forwarded-") || strings.HasPrefix(name, "x-original-") ||
			slices.Contains([]string{"authorization", "forwarded", "x-real-ip", "x-rewrite-url"}, name)
		if ours && strings.Contains(strings.Join(values, ","), stranger) {
			return person{}, fmt.Errorf("%s is what the client has sent: %q", name, values)
		}
	}
	one := func(name string) string {
		if all := folded[name]; len(all) > 0 {
			if len(all) > 1 {
				return "more than one: " + strings.Join(all, ", ")
			}
			return all[0]
		}
		return ""
	}
	if from := one("x-forwarded-for"); from != "127.0.0.1" {
		return person{}, fmt.Errorf("X-Forwarded-For is %q", from)
	}
	for _, token := range strings.Split(strings.ToLower(strings.Join(folded["connection"], ",")), ",") {
		if token = strings.TrimSpace(token); !slices.Contains([]string{"", "keep-alive", "close", "upgrade"}, token) {
			return person{}, fmt.Errorf("Connection names %q", token)
		}
	}
	id := one("x-auth-user")
	if id == "" {
		if role := one("x-auth-role"); role != "" {
			return person{}, fmt.Errorf("nobody has the role %s", role)
		}
		return person{}, nil
	}
	p, known := s.everybody[id]
	switch {
	case !known:
		return person{}, fmt.Errorf("the user is %q", id)
	case one("x-auth-role") != p.role:
		return person{}, fmt.Errorf("%s has the role %q", id, one("x-auth-role"))
	case strings.Contains(strings.Join(h["Cookie"], ";"), p.cookie):
		return person{}, fmt.Errorf("the app has the session of %s", id)
	case !strings.Contains(strings.Join(h["Cookie"], ";"), "who="+p.id):
		return person{}, fmt.Errorf("the user is %s, and the cookie is not: %q", id, h["Cookie"])
	}
	if subject, err := subjectOf(one("authorization")); err != nil || subject != id {
		return person{}, fmt.Errorf("the user is %s, and the token is of %q: %w", id, subject, err)
	}
	return p, nil
}

// subjectOf reads whose token it is.
func subjectOf(authorization string) (string, error) {
	token, isBearer := strings.CutPrefix(authorization, "Bearer ")
	parts := strings.Split(token, ".")
	if !isBearer || len(parts) != 3 {
		return "", errors.New("no token")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", err
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	return claims.Subject, json.Unmarshal(text, &claims)
}

// judge returns why a request must not have reached the app.
func (s *scene) judge(r request) error {
	who, err := s.identityOf(r.header)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.target, err)
	}
	if r.host != appHost {
		return fmt.Errorf("%s %s: the host is %q", r.method, r.target, r.host)
	}
	if want := s.strictest(r.target); !want.allows(who) {
		return fmt.Errorf("bypass: %s %q, for which %q with the role %q is not enough (%s)", r.method, r.target, who.id, who.role, numberOf(r.header))
	}
	return nil
}

// strictest remembers what [strictest] has found.
func (s *scene) strictest(target string) access {
	found, known := s.judged[target]
	if !known {
		found = strictest(target)
		s.judged[target] = found
	}
	return found
}
