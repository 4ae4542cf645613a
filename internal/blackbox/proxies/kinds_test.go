package proxies_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// kinds are the proxies, each with what stands around the shipped file on the machine of its user.
var kinds = map[string]command{"nginx": nginx, "haproxy": haproxy, "caddy": caddy, "apache": apache}

func nginx(t *testing.T, p place) *exec.Cmd {
	config := "daemon off; pid nginx.pid; error_log stderr; events {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		config += kind + "_temp_path " + kind + ";\n"
	}
	config += p.shipped(t, "nginx/handstamp.conf",
		"127.0.0.1:8080", p.app, "127.0.0.1:5000", p.handstamp, "listen 443 ", "listen "+p.front+" ",
		"/etc/ssl/app.example.com.pem", p.certificate(), "/etc/ssl/app.example.com.key", p.certificate()) + "}\n"
	return exec.Command("nginx", "-p", p.folder, "-c", p.write(t, "nginx.conf", config), "-e", "stderr")
}

func haproxy(t *testing.T, p place) *exec.Cmd {
	script := p.write(t, "handstamp.lua", p.shipped(t, "haproxy/handstamp.lua"))
	config := p.shipped(t, "haproxy/haproxy.cfg",
		"127.0.0.1:8080", p.app, "127.0.0.1:5000", p.handstamp, "bind :443 ", "bind "+p.front+" ",
		"/etc/haproxy/app.example.com.pem", p.certificate(), "/etc/haproxy/handstamp.lua", script)
	return exec.Command("haproxy", "-db", "-f", p.write(t, "haproxy.cfg", config))
}

func caddy(t *testing.T, p place) *exec.Cmd {
	config := "{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + p.shipped(t, "caddy/Caddyfile",
		"127.0.0.1:8080", p.app, "127.0.0.1:5000", p.handstamp,
		"\napp.example.com {\n", fmt.Sprintf("\nhttps://%s:%s {\n\tbind 127.0.0.1\n\ttls %[3]s %[3]s\n", appHost, p.port(), p.certificate()))
	c := exec.Command("caddy", "run", "--adapter", "caddyfile", "--config", p.write(t, "Caddyfile", config))
	c.Env = append(os.Environ(), "HOME="+p.folder, "XDG_DATA_HOME="+p.folder, "XDG_CONFIG_HOME="+p.folder)
	return c
}

func apache(t *testing.T, p place) *exec.Cmd {
	config := "ServerRoot " + p.folder + "\nPidFile apache.pid\nErrorLog /dev/stderr\nLogLevel warn\nListen " + p.front + " https\n"
	if os.Getuid() == 0 {
		config += "User nobody\nGroup nogroup\n"
	}
	for _, module := range []string{
		"mpm_event", "authz_core", "setenvif", "proxy", "proxy_http", "lua", "ssl", "http2", "socache_shmcb",
	} {
		config += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", module)
	}
	script := p.write(t, "handstamp.lua", p.shipped(t, "apache/handstamp.lua"))
	config += p.shipped(t, "apache/handstamp.conf",
		"127.0.0.1:8080", p.app, "127.0.0.1:5000", p.handstamp, "*:443", p.front,
		"/etc/ssl/app.example.com.pem", p.certificate(), "/etc/ssl/app.example.com.key", p.certificate(),
		"/etc/apache2/handstamp.lua", script)
	return exec.Command("/usr/sbin/apache2", "-D", "FOREGROUND", "-f", p.write(t, "apache.conf", config))
}
