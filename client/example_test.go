package client_test

import (
	"context"
	"fmt"

	"github.com/handstamp/handstamp/client"
	"github.com/handstamp/handstamp/store/memory"
)

// An operator adds a service, which then proves who it is with every question.
func Example() {
	ctx := context.Background()
	clients := client.New(memory.NewClients())
	added, secret, err := clients.Add(ctx, "billing", client.ScopeIntrospect)
	if err != nil {
		fmt.Println(err)
		return
	}
	asks, err := clients.Authenticate(ctx, added.ID.String(), secret)
	fmt.Println(asks.Name, err)
	_, err = clients.Authenticate(ctx, added.ID.String(), "a guess")
	fmt.Println(err)
	// Output:
	// billing <nil>
	// client: credential refused
}
