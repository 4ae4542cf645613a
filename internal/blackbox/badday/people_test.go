package badday_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

// A person is a user whom every server here knows.
type person struct{ email, password, role string }

var (
	ada = person{"ada@example.com", "the analytical engine weaves", "admin"}
	bob = person{"bob@example.com", "an entirely ordinary pass phrase", "user"}
	eve = person{"eve@example.com", "somebody who listens to others", "user"}
)

// hashOf returns the hash that the server itself would make of a password.
func hashOf(password string) string {
	salt := []byte("sixteen bytes ok")
	tag := argon2.IDKey([]byte(password), salt, 2, 19456, 1, 32)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=19456,t=2,p=1$%s$%s", encode(salt), encode(tag))
}

// listed is a user in a list for `import users`.
type listed struct {
	Email    string `json:"email"`
	Role     string `json:"role"`
	Hash     string `json:"password_hash"`
	Disabled bool   `json:"disabled,omitempty"`
}

// newData returns a data folder in which ada, bob, eve and others are users.
func newData(t testing.TB, binary string, others ...listed) string {
	t.Helper()
	data := newFolder(t)
	fill(t, binary, data, others...)
	return data
}

// fill makes ada, bob, eve and others users.
func fill(t testing.TB, binary, data string, others ...listed) {
	t.Helper()
	var lines strings.Builder
	list := json.NewEncoder(&lines)
	for _, p := range []person{ada, bob, eve} {
		others = append(others, listed{Email: p.email, Role: p.role, Hash: hashOf(p.password)})
	}
	for _, u := range others {
		if err := list.Encode(u); err != nil {
			t.Fatal(err)
		}
	}
	code, said := command(t, binary, data, nil, strings.NewReader(lines.String()), "import", "users", "-", "--format", "jsonl")
	if code != 0 {
		t.Fatalf("import users: %d %s", code, said)
	}
}
