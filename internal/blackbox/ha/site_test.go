//go:build linux

package ha_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handstamp/handstamp/internal/netns"
	"github.com/handstamp/handstamp/internal/privateserver"
)

// host is the name under which clients know the service.
const host = "login.example.com"

// A site is everything that deploy/ha is about: the hosts in the order of its addresses, from 10.0.0.1 on.
type site struct {
	folder string
	lan    *netns.Network
	roots  *x509.CertPool

	databaseURL string // lan.Self has the database, and the clients
	balancers   []*balancer
	nodes       []*node

	old, upgraded string // the program, and the next version of it
}

// newSite starts everything and returns when the service can be reached.
func newSite(t testing.TB) *site {
	t.Helper()
	lan, err := netns.New()
	must(t, err)
	s := &site{lan: lan}
	s.folder, err = os.MkdirTemp("", "ha") // in memory, as netns.Enter makes it; not the test's own, where PostgreSQL could not enter
	must(t, err)
	must(t, os.Chmod(s.folder, 0o755))
	s.old, s.upgraded = build(t, s.folder)
	s.databaseURL = s.startPostgres(t).NewDatabase(t)
	s.certify(t)
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never returns an error
	s.write(t, "master.key", base64.RawURLEncoding.EncodeToString(key))
	for _, name := range []string{"lb1", "lb2"} {
		s.balancers = append(s.balancers, newBalancer(t, s, name))
	}
	for _, name := range []string{"one", "two", "three"} {
		s.nodes = append(s.nodes, newNode(t, s, name))
	}
	s.addPeople(t)
	for _, n := range s.nodes {
		n.start(t, s.old)
	}
	for _, b := range s.balancers {
		b.startHAProxy(t)
		b.startKeepalived(t)
	}
	return s
}

// startPostgres starts the database, which every host may reach.
func (s *site) startPostgres(t testing.TB) *privateserver.Postgres {
	t.Helper()
	rules := s.write(t, "pg_hba.conf", "local all all trust\nhost all handstamp "+s.lan.Self.Addr+"/24 scram-sha-256\n")
	must(t, os.Chmod(rules, 0o644)) // PostgreSQL runs as somebody else
	return privateserver.StartPostgres(t, privateserver.PostgresConfig{
		Listen: []string{s.lan.Self.Addr}, Options: map[string]string{"hba_file": rules},
	})
}

// address returns what an address of deploy/ha is here.
func (s *site) address(shipped string) string {
	return strings.Replace(shipped, "10.0.0.", strings.TrimSuffix(s.lan.Self.Addr, "1"), 1)
}

// shipped returns a file of deploy/ha with the addresses of this site, and with each of pairs in place of what the pair begins with,
// which the file must have.
func (s *site) shipped(t testing.TB, file string, pairs ...string) string {
	t.Helper()
	bytes, err := os.ReadFile(filepath.Join("../../../deploy/ha", file))
	must(t, err)
	text := string(bytes)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s does not have %q", file, pairs[i])
		}
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	return strings.ReplaceAll(text, "10.0.0.", strings.TrimSuffix(s.lan.Self.Addr, "1"))
}

// write makes a file in the folder of the site and returns its name.
func (s *site) write(t testing.TB, name, text string) string {
	t.Helper()
	file := filepath.Join(s.folder, name)
	must(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// certify makes a certificate for the service, whom the clients trust.
func (s *site) certify(t testing.TB) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.write(t, host+".pem", string(public)+string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(public)
}
