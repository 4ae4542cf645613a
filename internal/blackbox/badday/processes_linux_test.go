package badday_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// processes looks for secrets in what other users of the machine can see of the processes.
func (w *walk) processes() {
	w.t.Helper()
	server := w.cmd.Process.Pid
	workers := childrenOf(w.t, server)
	if len(workers) == 0 {
		w.t.Error("the server has no workers")
	}
	names := []string{fmt.Sprintf("/proc/%d/cmdline", server)}
	for _, worker := range workers {
		names = append(names, fmt.Sprintf("/proc/%d/cmdline", worker), fmt.Sprintf("/proc/%d/environ", worker))
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrPermission) {
			continue // nobody but the superuser sees it
		}
		if err != nil {
			w.t.Error(err)
		}
		w.canaries.check(w.t, name, text)
	}
}
