//go:build linux

package redisstore_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/handstamp/handstamp/internal/privateserver"
	"github.com/handstamp/handstamp/store/redisstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func startRedis(t *testing.T, config ...string) *privateserver.Redis {
	t.Helper()
	return privateserver.StartRedis(t, privateserver.RedisOptions{Config: config})
}

func open(t *testing.T, url string, c redisstore.Config) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(t.Context(), url, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// eventually waits for what happens in the background.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 seconds", what)
		}
	}
}
