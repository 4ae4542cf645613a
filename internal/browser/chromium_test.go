package browser_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/internal/browser"
)

// TestWithoutChromium runs a test of this binary where there is no browser: it fails and says what to do.
// With -short it asks for none.
func TestWithoutChromium(t *testing.T) {
	t.Parallel()
	browser.Start(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		short  string
		passes bool
		want   string
	}{
		{"-test.short=false", false, "install chromium, or run make deps"},
		{"-test.short=true", true, "SKIP: TestScreenshot"},
	} {
		cmd := exec.Command(self, "-test.run=^TestScreenshot$", "-test.v", c.short)
		cmd.Env = append(os.Environ(), "PATH="+t.TempDir())
		said, err := cmd.CombinedOutput()
		if (err == nil) != c.passes || !strings.Contains(string(said), c.want) {
			t.Errorf("%s: %v\n%s", c.short, err, said)
		}
	}
}
