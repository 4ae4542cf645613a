package chaos_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// A person is somebody with an account.
type person struct{ email, role string }

const password = "an entirely ordinary pass phrase"

var (
	admin  = person{"ada@example.com", "admin"}
	canary = person{"canary@example.com", "user"} // whose session nobody ends
	keeper = person{"keeper@example.com", "user"} // of data bags
)

// crowd are those whose sessions come and go.
var crowd = func() (list []person) {
	for i := range 6 {
		list = append(list, person{fmt.Sprintf("user%d@example.com", i), "user"})
	}
	return list
}()

// listOfPeople is what `import users` reads. The hash is the one that the server would make.
func listOfPeople() string {
	salt := []byte("sixteen bytes ok")
	encode := base64.RawStdEncoding.EncodeToString
	hash := fmt.Sprintf("$argon2id$v=19$m=19456,t=2,p=1$%s$%s", encode(salt), encode(argon2.IDKey([]byte(password), salt, 2, 19456, 1, 32)))
	var lines strings.Builder
	list := json.NewEncoder(&lines)
	for _, p := range append([]person{admin, canary, keeper}, crowd...) {
		_ = list.Encode(map[string]string{"email": p.email, "role": p.role, "password_hash": hash})
	}
	return lines.String()
}
