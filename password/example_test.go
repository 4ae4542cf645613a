package password_test

import (
	"context"
	"fmt"
	"log"

	"github.com/handstamp/handstamp/password"
)

// One login, as the caller of Verify has to do it.
func Example() {
	var hasher password.Hasher
	ctx := context.Background()
	stored := "7a321db83885ebbe8358bc1160c803af6cc70c80aa8f750eeb9d21d5f8c75967" // "" for an unknown user

	verdict, err := hasher.Verify(ctx, stored, "fake pwd")
	if err != nil {
		log.Fatal(err)
	}
	if verdict.NeedsRehash {
		if stored, err = hasher.Hash(ctx, "fake pwd"); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(verdict.OK, stored[:30])
	// Output: true $argon2id$v=19$m=19456,t=2,p=1
}
