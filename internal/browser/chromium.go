package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// patience is how long anything may take unless a [Device] says otherwise. It is long: it only ends what
// would never end, on the slowest machine that tests run on.
const patience = 30 * time.Second

// A Chromium is the one browser of a test binary.
type Chromium struct {
	ctx       context.Context
	userAgent string
}

// running is the Chromium of this test binary, once a test has asked for it.
var running struct {
	sync.Mutex
	closes   bool // TestMain will close it
	chromium *Chromium
	close    func()
	err      error
}

// Start returns the Chromium of this test binary; the first call starts it. Without Chromium the test
// fails, and with -short it is skipped.
func Start(t testing.TB) *Chromium {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	running.Lock()
	defer running.Unlock()
	if !running.closes {
		t.Fatal("browser: nobody closes Chromium: TestMain has to run browser.ClosedAfter(m)")
	}
	if running.chromium == nil && running.err == nil {
		running.chromium, running.close, running.err = launch()
	}
	if running.err != nil {
		t.Fatalf("browser: %v", running.err)
	}
	return running.chromium
}

// ClosedAfter returns m with a Run that closes the Chromium of this test binary, if there is one, when the
// tests have run. A test binary that is killed takes Chromium along, and leaves the profile behind.
func ClosedAfter(m interface{ Run() int }) interface{ Run() int } {
	return closing{m}
}

type closing struct{ tests interface{ Run() int } }

// Run implements the interface of [testing.M].
func (c closing) Run() int {
	running.Lock()
	running.closes = true
	running.Unlock()
	defer func() {
		running.Lock()
		defer running.Unlock()
		if running.close != nil {
			running.close()
		}
	}()
	return c.tests.Run()
}

// flags keep Chromium from talking to anybody of its own accord. That the resolver knows nobody else is
// what the tests rely on; the others spare it the attempts.
var flags = map[string]any{
	"host-resolver-rules": "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, " +
		"EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
	"no-proxy-server":            true,
	"disable-component-update":   true,
	"disable-domain-reliability": true,
	"disable-features": "Translate,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,OptimizationHints,MediaRouter," +
		"CertificateTransparencyComponentUpdater",
	"lang":                "en-US",
	"font-render-hinting": "none", // the same picture on every machine
}

// launch starts Chromium. The function closes it and waits until its processes and its profile are gone.
func launch() (*Chromium, func(), error) {
	path, err := find("chromium", "chromium-browser", "google-chrome")
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	for name, value := range flags {
		options = append(options, chromedp.Flag(name, value))
	}
	said := new(output)
	options = append(options, chromedp.CombinedOutput(said))
	// Not all that Chromium writes goes to its profile, and nobody's home is its own.
	home, err := os.MkdirTemp("", "chromium-home")
	if err != nil {
		return nil, nil, err
	}
	options = append(options, chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home))

	allocator, freeAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	stop := func() {
		cancel()
		freeAllocator()
		_ = os.RemoveAll(home) // what is left is in the temporary folder
	}
	// The context of the first action bounds the life of Chromium, so it cannot have a deadline.
	late := time.AfterFunc(patience, cancel)
	err = chromedp.Do(ctx)
	if !late.Stop() {
		err = errors.Join(err, fmt.Errorf("not up within %v", patience))
	}
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("start %s: %w\n%s", path, err, said)
	}
	version, err := chromedp.CallBrowser(ctx, cdpbrowser.GetVersion, cdp.Empty{})
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("ask Chromium for its version: %w", err)
	}
	// Servers shall see the browser that people have.
	userAgent := strings.Replace(version.UserAgent, "Headless", "", 1)
	return &Chromium{ctx, userAgent}, func() {
		// Politely, so that its children go first.
		polite, done := context.WithTimeout(ctx, 10*time.Second)
		defer done()
		_ = chromedp.Cancel(polite) // what is left, stop ends by force
		stop()
	}, nil
}

func find(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no %s in PATH (%s): install chromium, or run make deps", names[0], os.Getenv("PATH"))
}

// output is the beginning of what a process says.
type output struct {
	mu   sync.Mutex
	said []byte
}

// Write implements [io.Writer].
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.said = append(o.said, p[:min(len(p), 4096-len(o.said))]...)
	return len(p), nil
}

// String returns what was said.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.said)
}
