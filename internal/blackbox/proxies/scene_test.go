package proxies_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/blackbox/program"
)

// A scene is one proxy with Handstamp, an app and some people.
type scene struct {
	kind   string
	front  string // where the proxy listens
	tls    *tls.Config
	tap    *tap
	target target
	app    *app
	log    *program.Log
	last   atomic.Int64

	user, other, admin person

	judged map[string]access // by target; only checkWire looks at it

	mu        sync.Mutex
	everybody map[string]person // by id
}

// number returns one for a request that no other has.
func (s *scene) number() string { return fmt.Sprintf("%sx%d", s.kind, s.last.Add(1)) }

// newScene starts everything. The proxy listens when it returns.
func newScene(t *testing.T, kind string) *scene {
	t.Helper()
	s := &scene{
		kind: kind, target: startTarget(t), app: startApp(t), log: program.NewLog(),
		everybody: make(map[string]person), judged: make(map[string]access),
	}
	s.tap = startTap(t, s.target.address())
	s.user, s.other, s.admin = s.signIn(t, "user"), s.signIn(t, "user"), s.signIn(t, "admin")

	folder, err := os.MkdirTemp(scratch, kind)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	s.front = "127.0.0.1:" + freePort(t)
	p := place{folder: folder, front: s.front, app: s.app.address(), handstamp: s.tap.listener.Addr().String()}
	s.tls = p.certify(t)
	c := kinds[kind](t, p)
	c.Stdout, c.Stderr = s.log, s.log
	if err := c.Start(); err != nil {
		t.Fatalf("%v; \"make deps\" installs what the tests need", err)
	}
	gone := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(gone)
	}()
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM) // some have processes of their own to stop
		select {
		case <-gone:
		case <-time.After(patience):
			_ = c.Process.Kill()
			<-gone
		}
		if t.Failed() {
			t.Logf("%s said:\n%.4000s", kind, s.log)
		}
	})
	for {
		conn, err := net.Dial("tcp", s.front)
		if err == nil {
			_ = conn.Close()
			return s
		}
		_, more := s.log.Lines()
		select {
		case <-gone:
			t.Fatalf("%s has ended:\n%s", kind, s.log)
		case <-more:
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// signIn is one more person.
func (s *scene) signIn(t *testing.T, role string) person {
	p := s.target.signIn(t, role)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.everybody[p.id] = p
	return p
}

// A place is what differs between the machine of these tests and the one that a configuration is for.
type place struct {
	folder, front, app, handstamp string
}

// certificate and key in one file, as HAProxy wants them and the others take them.
func (p place) certificate() string { return filepath.Join(p.folder, "app.pem") }

// certify makes a certificate for the app's host, and returns how to connect as somebody who trusts it.
func (p place) certify(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{appHost},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	p.write(t, "app.pem", string(public)+string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(public)
	return &tls.Config{
		RootCAs: roots, ServerName: appHost, NextProtos: []string{"http/1.1"},
		ClientSessionCache: tls.NewLRUClientSessionCache(64), CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256},
	}
}

func (p place) write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(p.folder, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// shipped returns a file of deploy/ with this place's names. Each pair has to be found.
func (p place) shipped(t *testing.T, file string, pairs ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../../deploy", file))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(text), pairs[i]) {
			t.Fatalf("%s does not have %q", file, pairs[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(string(text))
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// command is how a proxy is started in a place.
type command func(t *testing.T, p place) *exec.Cmd

// port is where the proxy listens.
func (p place) port() string {
	_, port, _ := net.SplitHostPort(p.front)
	return port
}
