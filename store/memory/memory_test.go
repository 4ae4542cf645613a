package memory_test

import (
	"testing"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/store/memory"
	"github.com/handstamp/handstamp/store/storetest"
)

func TestSessions(t *testing.T) {
	storetest.Sessions(t, func(*testing.T) session.Store { return memory.New() })
}

func TestUsers(t *testing.T) {
	storetest.Users(t, func(*testing.T) account.Store { return memory.NewUsers() })
}
