package operator_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain sees to it that no call leaves a goroutine behind, on either side of the socket.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
