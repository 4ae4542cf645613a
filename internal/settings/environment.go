package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// fileSuffix marks the variable that names the file of a secret.
const fileSuffix = "_FILE"

// credentialsVariable names the folder of the secrets that the system hands out (systemd.exec(5)).
const credentialsVariable = "CREDENTIALS_DIRECTORY"

func (t *Table[S]) environmentLayer(from Sources) (layer, []error) {
	found := make(layer)
	var wrong []error
	for _, entry := range slices.Sorted(slices.Values(from.Environment)) {
		name, value, _ := strings.Cut(entry, "=")
		if name == credentialsVariable && value != "" {
			wrong = append(wrong, t.addCredentials(found, value)...)
		}
		if !strings.HasPrefix(name, Prefix) || value == "" ||
			slices.Contains(from.OtherVariables, name) || isServiceLink(name, value) {
			continue
		}
		origin := "environment variable " + name
		r, ok := t.find(func(r row) bool { return r.variable() == name })
		secret, names := t.find(func(r row) bool { return r.isSecret && r.variable()+fileSuffix == name })
		var err error
		switch {
		case ok:
			err = found.add(r.name, sourced{raw: raw{words: []string{value}, origin: origin}})
		case names:
			err = found.add(secret.name, sourced{raw: raw{origin: origin}, path: value})
		default:
			err = fmt.Errorf("%s: %w%s", origin, errUnknown, t.suggestVariable(name, from.OtherVariables))
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return found, wrong
}

func (t *Table[S]) suggestVariable(name string, others []string) string {
	known := slices.Clone(others)
	for _, r := range t.rows {
		if r.variable()+fileSuffix == name {
			return fmt.Sprintf("; only a secret is read from a file, so set %s itself", r.variable())
		}
		known = append(known, r.variable())
		if r.isSecret {
			known = append(known, r.variable()+fileSuffix)
		}
	}
	return suggest(name, known)
}

// addCredentials looks for the secrets in the folder that the system has made for them.
func (t *Table[S]) addCredentials(found layer, folder string) []error {
	origin := "credential in $" + credentialsVariable
	files, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a shell that was started from a service has the variable, too
	}
	if err != nil {
		return []error{fmt.Errorf("%s: %w", origin, err)}
	}
	var wrong []error
	var known []string
	for _, r := range t.rows {
		if r.isSecret {
			known = append(known, r.credential())
		}
	}
	for _, file := range files {
		name := file.Name()
		if !strings.HasPrefix(name, strings.ToLower(Prefix)) {
			continue // somebody else's
		}
		r, ok := t.find(func(r row) bool { return r.isSecret && r.credential() == name })
		if !ok {
			wrong = append(wrong, fmt.Errorf("%s, %s: %w%s", origin, quote(name), errUnknown, suggest(name, known)))
			continue
		}
		value := sourced{raw: raw{origin: origin + ", " + name}, path: filepath.Join(folder, name), isCredential: true}
		if err := found.add(r.name, value); err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

// Kubernetes tells every container of the services beside it, in the way in which Docker once told
// of links: a service called "handstamp" makes variables that look like settings.
var (
	serviceLink = regexp.MustCompile(`_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$`)
	servicePort = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

func isServiceLink(name, value string) bool {
	return serviceLink.MatchString(name) || strings.HasSuffix(name, "_PORT") && servicePort.MatchString(value)
}
