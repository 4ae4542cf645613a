//go:build unix

package main_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFromPHPNamesEverything: the page has each function and each setting of PHP's extension.
func TestFromPHPNamesEverything(t *testing.T) {
	if testing.Short() {
		t.Skip("needs PHP")
	}
	out, err := exec.Command("php", "-r", `echo implode("\n", [...get_extension_funcs("session"), ...array_keys(ini_get_all("session"))]);`).Output()
	if err != nil {
		t.Fatalf("%v; \"make deps\" installs what the tests need", err)
	}
	page, names := read(t, "../../docs/from-php.md"), strings.Fields(string(out))
	if len(names) < 50 {
		t.Fatalf("PHP names only %q", names)
	}
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page does not name %s", name)
		}
	}
}

// TestFromPHPBehindNginx runs nginx, php-fpm and the site that docs/from-php.md shows: a browser that is signed in
// to the old site comes to the new one, and stays signed in.
func TestFromPHPBehindNginx(t *testing.T) {
	if testing.Short() {
		t.Skip("needs nginx and php-fpm")
	}
	s := newPHPSite(t)
	front, fpm := "localhost:"+freePort(t), "127.0.0.1:"+freePort(t)
	said := make(map[string]string)
	for _, b := range codeBlocks(read(t, "../../docs/from-php.md")) {
		if b.language == "nginx" || b.language == "php" {
			said[b.language] += b.text
		}
	}
	adapt := strings.NewReplacer("127.0.0.1:5000", s.listen, "id.example.com", front, "/srv/site/", s.folder+"/", "unix:/run/php/php-fpm.sock", fpm,
		"$host", "$http_host", "include fastcgi_params;", "fastcgi_param REQUEST_METHOD $request_method; fastcgi_param REQUEST_URI $request_uri;")
	old := "PHPSESSID=" + s.session("-d session.save_path=plain", "")
	writeFile(t, filepath.Join(s.folder, "index.php"), adapt.Replace(said["php"]))
	s.serve("--old-cookie=PHPSESSID", "--public-url=http://"+front, "--trusted-proxies=loopback")
	s.startFPM(fpm)
	run(t, nginx(t, s.folder, "server {\nlisten "+front+";\n"+adapt.Replace(said["nginx"])+"}\n"))
	waitForListener(t, "tcp", front)
	s.sh("handstamp --data data import php plain --user-key user.email --keep-ids")

	s.listen = front
	ours := s.want(200, "ada@example.com has in the cart: cup, Löffel", "/", old)
	if ours == "" {
		t.Fatal("the site keeps the new cookie to itself")
	}
	s.want(200, "ada@example.com has in the cart: cup, Löffel", "/", ours)
	s.want(200, `2`, phpData+"/visits", ours)
	if status, body, _ := s.get("/", ""); status != 200 || !strings.Contains(body, `action="/login`) {
		t.Errorf("a stranger: %d %.300s", status, body)
	}
}

// startFPM starts php-fpm at an address, as whoever runs the test.
func (s *phpSite) startFPM(address string) {
	s.t.Helper()
	found, err := filepath.Glob("/usr/sbin/php-fpm*")
	if err != nil || len(found) == 0 {
		s.t.Fatalf("no php-fpm, %v; \"make deps\" installs what the tests need", err)
	}
	config := filepath.Join(s.folder, "fpm.conf")
	writeFile(s.t, config, "[global]\nerror_log = /dev/stderr\n[site]\nlisten = "+address+"\nuser = root\npm = static\npm.max_children = 2\n")
	run(s.t, exec.Command(found[len(found)-1], "--nodaemonize", "--allow-to-run-as-root", "-n", "--fpm-config", config))
	waitForListener(s.t, "tcp", address)
}
