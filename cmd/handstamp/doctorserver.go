package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handstamp/handstamp/internal/settings"
)

// serverFacts are what doctor sees of the running server, or of the shell from which one would be
// started.
type serverFacts struct {
	runs   bool
	hidden bool  // whether one runs cannot be seen
	pid    int   // 0 if it cannot be seen from here
	owner  owner // whose process it is
	limits processLimits

	variables []string // names of settings in the environment that it has not as doctor has them
}

// processLimits are limits of a process (getrlimit(2)).
type processLimits struct {
	areKnown  bool
	openFiles uint64
	core      uint64 // bytes of a core dump
}

// answerTime is how long doctor waits for somebody to listen.
const answerTime = 5 * time.Second

func lookAtServer(ctx context.Context, folder dataFolder, environment []string) serverFacts {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var facts serverFacts
	conn, err := new(net.Dialer).DialContext(ctx, "unix", folder.socket())
	if err == nil {
		facts.runs = true
		facts.pid, facts.owner = listenerOf(conn)
		_ = conn.Close()
	}
	facts.hidden = errors.Is(err, fs.ErrPermission)
	root := os.DirFS("/")
	if !facts.runs {
		facts.limits = limitsOf(root, "self")
		return facts
	}
	process := strconv.Itoa(facts.pid)
	facts.limits = limitsOf(root, process)
	facts.variables = otherVariables(root, process, environment)
	return facts
}

// otherVariables returns the names of the settings that a process was given in its environment and
// environment has not, or has otherwise, and the other way round. It does not tell their values, of which
// some are secret. The data folder does not count, as it is the same.
func otherVariables(root fs.FS, process string, environment []string) []string {
	text, err := fs.ReadFile(root, "proc/"+process+"/environ")
	if err != nil { // only its user may read it
		return nil
	}
	settingsIn := func(list []string) map[string]string {
		found := make(map[string]string)
		for _, entry := range list {
			name, value, _ := strings.Cut(entry, "=")
			if strings.HasPrefix(name, settings.Prefix) && name != settings.Prefix+"DATA" && value != "" {
				found[name] = value
			}
		}
		return found
	}
	its, ours := settingsIn(strings.Split(string(text), "\x00")), settingsIn(environment)
	var names []string
	for name, value := range its {
		if ours[name] != value {
			names = append(names, name)
		}
	}
	for name := range ours {
		if its[name] == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// limitsOf reads the limits of a process (proc_pid_limits(5)). The Go runtime lifts the number of
// open files to what is allowed, so that what stands there is what a server gets.
func limitsOf(root fs.FS, process string) processLimits {
	text, err := fs.ReadFile(root, "proc/"+process+"/limits")
	if err != nil {
		return processLimits{}
	}
	soft := func(name string) uint64 {
		for line := range strings.Lines(string(text)) {
			rest, ok := strings.CutPrefix(line, name)
			if words := strings.Fields(rest); ok && len(words) > 0 {
				if n, err := strconv.ParseUint(words[0], 10, 64); err == nil {
					return n
				}
			}
		}
		return math.MaxUint64 // unlimited
	}
	return processLimits{areKnown: true, openFiles: soft("Max open files"), core: soft("Max core file size")}
}

// enoughOpenFiles are what a server should be able to have open: each connection is one.
const enoughOpenFiles = 4096

func judgeServer(facts serverFacts, folder folderFacts) findings {
	const about = "server"
	var found findings
	who := "a server that is started from here"
	switch {
	case facts.runs && facts.pid != 0:
		who = fmt.Sprintf("the server (process %d)", facts.pid)
		found.ok(about, "runs as process %d of %s", facts.pid, facts.owner.name)
	case facts.runs:
		found.ok(about, "runs")
	case facts.hidden:
		found.broken(about, "whether one runs cannot be seen, as only its user may talk to it", "run this as that one")
	default:
		found.ok(about, "does not run")
	}

	if len(facts.variables) > 0 {
		found.weak(about, fmt.Sprintf("it has %s set otherwise than here, so that what is said of the settings is not about it",
			strings.Join(facts.variables, ", ")), "run this with the variables of the server")
	}
	as, runs := facts.owner, "runs as root"
	if !facts.runs {
		as, runs = folder.owner, "would run as root, to whom the data folder belongs"
	}
	if as.isKnown && as.uid == 0 {
		found.weak(about, runs+": whoever breaks into it has the machine",
			fmt.Sprintf("make a user for it, chown -R handstamp: %s, and start it as that one", shellWord(folder.path)))
	}
	if !facts.limits.areKnown {
		return found
	}
	if n := facts.limits.openFiles; n < enoughOpenFiles {
		found.weak(about, fmt.Sprintf("%s can have %d files open, and each connection is one", who, n),
			"set LimitNOFILE=65536 in its unit, or ulimit -n 65536")
	} else {
		found.ok(about, "%s can have enough files open", who)
	}
	if facts.limits.core != 0 {
		found.weak(about, who+" may leave a core dump, with passwords and keys in it", "set LimitCORE=0 in its unit, or ulimit -c 0")
	}
	return found
}
