//go:build !unix

package worker

import (
	"errors"
	"os/exec"
)

// self fails: there are no priorities and process groups here as on Unix.
func self() (*exec.Cmd, error) { return nil, errors.ErrUnsupported }

func keepToItself() {}
