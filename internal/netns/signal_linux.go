package netns

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// Signal sends a signal to every process on the host. With SIGSTOP the whole host stands still, as seen from others, until SIGCONT.
func (h *Host) Signal(s syscall.Signal) error {
	list, err := exec.Command("ip", "netns", "pids", h.namespace).Output()
	if err != nil {
		return fmt.Errorf("the processes on %s: %w", h.Name, err)
	}
	for field := range strings.FieldsSeq(string(list)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			return fmt.Errorf("the processes on %s: %w", h.Name, err)
		}
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("%v to process %d on %s: %w", s, pid, h.Name, err)
		}
	}
	return nil
}
