package keyring_test

import (
	"context"
	"fmt"
	"time"

	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/token/keyring"
)

// A rotation breaks no token, unless it is for keys that have leaked.
func Example() {
	ctx, seal := context.Background(), make([]byte, 32) // which comes from the master key
	keys, err := keyring.Open(ctx, memory.NewKeys(), seal, keyring.Config{Every: 90 * 24 * time.Hour})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keys.Close()
	token, _ := keys.Sign([]byte(`{"sub":"ada"}`))

	_, _ = keys.Rotate(ctx, 12*time.Hour)
	claims, _, err := keys.Verify(token)
	fmt.Println(string(claims), err)

	_, _ = keys.Rotate(ctx, 0)
	_, _, err = keys.Verify(token)
	fmt.Println(err)
	// Output:
	// {"sub":"ada"} <nil>
	// not a good token
}
