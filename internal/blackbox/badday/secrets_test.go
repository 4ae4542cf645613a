package badday_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A walk leads past everything that carries a secret, as those do it who are right, who mistype, and who
// put secrets where they do not belong.
type walk struct {
	*server
	canaries *canaries
	gently   bool // it is stopped in the end, and not killed
}

// TestSecretsStaySecret looks for secrets wherever they must not be after a walk.
func TestSecretsStaySecret(t *testing.T) {
	for format, own := range map[string]settings{
		"json": {"MASTER_KEY": strings.Repeat("c4n4ry-k3y_", 3) + "c4n4ry-k3A"},
		"text": nil,
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			c := newCanaries()
			s := newServer(t, must[string](t, "build")(checked()), newFolder(t), own.with(settings{
				"LOG_FORMAT": format, "LOG_LEVEL": "debug", "REGISTRATION": "open", "THROTTLE_ACCOUNT_BURST": "30",
			}))
			(&walk{server: s, canaries: c}).all(own["MASTER_KEY"])
		})
	}
}

// all is the whole walk, under a master key that was given, or that of the data folder.
func (w *walk) all(key string) {
	w.start()
	if key == "" {
		key = strings.TrimSpace(string(readFile(w.t, filepath.Join(w.data, "master.key"))))
	}
	w.canaries.add("the master key", key)
	var link []string
	until(w.t, "told the setup link", func() bool {
		link = setupLine.FindStringSubmatch(w.log.String())
		return link != nil
	})
	w.canaries.add("the setup secret", link[1])

	admin := w.setUp(link[1])
	session := w.signIn(admin)
	w.people(session)
	w.pages(admin)
	w.bag(session)
	w.malformed(session)
	w.commands()
	w.reload()
	w.operations(admin, session)

	// In files and processes while it runs, and again when it was killed or stopped.
	mayHave := map[string]string{"master.key": "the master key", "handstamp.toml": "the secret of the file"}
	w.canaries.checkFiles(w.t, w.data, mayHave)
	w.processes()
	if w.gently {
		w.stop()
	} else {
		w.kill()
	}
	w.canaries.checkFiles(w.t, w.data, mayHave)
	w.start()
	w.send(call{path: pathMe, cookie: session}, http.StatusOK)
	w.stop()
	w.canaries.checkFiles(w.t, w.data, mayHave)
	log := setupLine.ReplaceAllString(w.log.String(), "")
	if !strings.Contains(log, "/setup/{secret}") {
		w.t.Error("the log has no line for a setup link")
	}
	w.canaries.check(w.t, "the log", []byte(log))
}

// setupLine is how the server tells the operator of a setup link: it is no entry of the log.
var setupLine = regexp.MustCompile(`(?m)^  http://\S+/setup/(\S+)\n`)
