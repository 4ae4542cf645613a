package blackbox_test

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// canary is a password that nothing else on earth is likely to contain.
const canary = "c4n4ry-Pa55word-8f1d"

// TestNothingSecretIsLoggedOrStored walks through everything that carries a secret, and then
// looks for the secrets where they must not be: in the log, and in the files of the data folder.
func TestNothingSecretIsLoggedOrStored(t *testing.T) {
	t.Parallel()
	data := importedData(t)
	secrets := map[string]string{"the password": canary}

	s := startServer(t, data, settings{"AUTH_TYPE": "session_db_auth"})
	cookie := s.login(t, bobSession, bobSessionPassword)
	_, secrets["the first session"], _ = strings.Cut(cookie, "=")
	s.expect(t, withJSON("POST", pathUsers, cookie,
		`{"email":"canary@x.y","password":"`+canary+`"}`), 201)
	mine := s.login(t, "canary@x.y", canary)
	_, secrets["the second session"], _ = strings.Cut(mine, "=")
	s.expect(t, get(pathMe, mine), 200)
	s.expect(t, get(pathMe, mine+"x"), 403)
	s.expect(t, del(pathLogout, mine), 200)
	s.expect(t, get(pathMe, mine), 403)

	// Where people put passwords by mistake.
	s.expect(t, loginForm("canary@x.y", canary+"-wrong"), 401)
	s.expect(t, loginForm(canary, "x"), 404)
	s.expect(t, loginForm("canary@x.y", strings.Repeat(canary, 200)), 401, 400)
	query := "?" + url.Values{"email": {"canary@x.y"}, "password": {canary}}.Encode()
	s.expect(t, form(pathLogin+query, ""), 400)
	s.expect(t, get(pathStatus+query, ""), 200)
	s.expect(t, get(pathMe+"?"+cookie, cookie), 200)
	s.expect(t, withJSON("POST", pathUsers, cookie, `{"password":"`+canary), 400)
	s.expect(t, withJSON("POST", pathUsers, cookie, `{"email":"canary@x.y","password":"`+canary+`"}`), 400)
	s.expect(t, get(pathMe, "").withHeader("Authorization", "Bearer "+canary), 403)
	s.stop()
	checkAbsent(t, "standard error", []byte(s.log.String()), secrets)

	b := startServer(t, data, settings{"AUTH_TYPE": "basic_auth"})
	for name, value := range map[string]string{
		"the Authorization value":     basic("canary@x.y", canary),
		"the bad Authorization value": basic("canary@x.y", canary+"-wrong"),
	} {
		b.expect(t, get(pathMe, "").withHeader("Authorization", value), 200, 403)
		secrets[name] = strings.TrimPrefix(value, "Basic ")
	}
	b.stop()
	checkAbsent(t, "standard error", []byte(b.log.String()), secrets)

	// The first session is still live: the store has to know it, and must not hold it.
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		checkAbsent(t, path, content, secrets)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// checkAbsent checks that none of secrets stands in content: as text, as a query string writes
// it, or, for a session, as the sixteen bytes that its text means.
func checkAbsent(t *testing.T, where string, content []byte, secrets map[string]string) {
	t.Helper()
	for name, secret := range secrets {
		forms := []string{secret, url.QueryEscape(secret)}
		if raw, err := hex.DecodeString(strings.ReplaceAll(secret, "-", "")); err == nil {
			forms = append(forms, string(raw), strings.ReplaceAll(secret, "-", ""))
		}
		for _, form := range forms {
			if i := bytes.Index(content, []byte(form)); i >= 0 {
				around := content[max(0, i-100):min(len(content), i+len(form)+20)]
				t.Errorf("%s contains %s: %q", where, name, around)
			}
		}
	}
}

// TestLogIsOneLineForEachRequest: what a stranger sends must not be able to write lines of its
// own, or colours, into the log.
func TestLogIsOneLineForEachRequest(t *testing.T) {
	t.Parallel()
	s := startServer(t, importedData(t), settings{"AUTH_TYPE": "session_auth"})
	s.expect(t, get("/api/v1/users/%0aforged%20line%0d%0a%1b[31m", ""), 401)
	s.expect(t, form(pathLogin, "email=%0aforged+line%1b[31m&password=x"), 404)
	s.expect(t, get(pathStatus, "").withHeader("User-Agent", "\u202eforged\xff"), 200)
	s.stop()
	for line := range strings.Lines(s.log.String()) {
		if strings.HasPrefix(line, "forged") || strings.ContainsAny(line, "\x1b\r") ||
			strings.Contains(line, "\u202e") {
			t.Errorf("a line of the log was written by a stranger: %q", line)
		}
	}
}
