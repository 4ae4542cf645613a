package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/handstamp/handstamp/password"
)

// What "handstamp serve" aims at, on any machine.
const (
	maxBinary = 25 // MiB
	maxIdle   = 30 // MiB resident, the server alone
	maxStart  = 150 * time.Millisecond
	maxBeside = 64 // MiB resident in a flood, beside the memory of the hashes
	maxSlower = 3  // times what a check takes without a flood (p99)
)

// product measures the program that "make build" makes, as an operator runs it: how large it is, how fast
// it starts, what it takes to do nothing, and what those who are signed in notice of a flood.
func (b *bench) product(ctx context.Context) error {
	binary, err := b.makeBinary(ctx)
	if err != nil {
		return err
	}
	folder := filepath.Join(b.folder, "product")
	if err := makeSample(ctx, folder); err != nil {
		return err
	}
	hash, err := new(password.Hasher).Hash(ctx, loginPassword)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	db, err := openDatabase(ctx, folder)
	if err != nil {
		return err
	}
	_, err = db.fill(ctx, floodClients, hash)
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	if err := b.footprint(ctx, binary, folder); err != nil {
		return err
	}
	return b.productFlood(ctx, binary, folder)
}

// makeBinary makes the program in the way that the Makefile says, and returns where it is.
func (b *bench) makeBinary(ctx context.Context) (string, error) {
	root, err := sourceRoot(ctx)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(b.folder, "product-handstamp")
	if _, err := os.Stat(binary); err == nil { // for a table before
		return binary, nil
	}
	build := exec.CommandContext(ctx, "make", "-s", "-C", root, "build", "BINARY="+binary)
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("make build: %w\n%s", err, output)
	}
	return binary, nil
}

// startProduct starts "handstamp serve" on a folder that has users, and returns how long it took until it
// answered. No limits hold for attempts, so that each costs a hash. settings are variables of its environment.
func (b *bench) startProduct(ctx context.Context, binary, folder string, settings ...string) (*child, time.Duration, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, 0, err
	}
	command := exec.Command(binary, "serve", "--data", folder, "--listen", address)
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HANDSTAMP_TRUSTED_PROXIES=loopback", "HANDSTAMP_LOG_FORMAT=json",
		"HANDSTAMP_THROTTLE_ACCOUNT_BURST=1000000", "HANDSTAMP_THROTTLE_ADDRESS_BURST=1000000",
		"HANDSTAMP_THROTTLE_NETWORK_BURST=1000000", "HANDSTAMP_THROTTLE_STRANGERS_BURST=1000000",
	}, settings...)
	began := time.Now()
	c, err := startAt(ctx, "handstamp serve", folder+".log", address, "/readyz", command)
	return c, time.Since(began), err
}

// footprint says how large the program is, how fast it starts and what it takes to do nothing.
func (b *bench) footprint(ctx context.Context, binary, folder string) error {
	info, err := os.Stat(binary)
	if err != nil {
		return fmt.Errorf("measure the program: %w", err)
	}
	size := float64(info.Size()) / (1 << 20)
	var starts, own, workers series
	for range b.effort.rounds + 1 {
		c, took, err := b.startProduct(ctx, binary, folder)
		if err != nil {
			return err
		}
		pid := strconv.Itoa(c.command.Process.Pid)
		starts, own = append(starts, float64(took.Microseconds())/1000), append(own, residentOf(pid))
		for _, worker := range childrenOf(pid) {
			workers = append(workers, residentOf(worker))
		}
		if err := c.stop(); err != nil {
			return err
		}
	}
	starts, own = starts[1:], own[1:] // the first one has read the program from the disk
	t := b.table("The product: handstamp serve, idle",
		fmt.Sprintf("What \"make build\" makes, on a database of %d users and as many sessions. The start ends with the first answer of /readyz.", floodClients),
		"binary MiB", "start ms", "server MiB", "each worker MiB")
	t.row(decimal(size), starts.show(whole), own.show(decimal), workers.show(decimal))
	if err := t.end(); err != nil {
		return err
	}
	b.target(size <= maxBinary, "a static binary of %d MiB at most: %s", maxBinary, decimal(size))
	b.target(starts.median() <= float64(maxStart.Milliseconds()), "the first answer after %v at most: %s ms", maxStart, whole(starts.median()))
	b.target(own.median() <= maxIdle, "idle, %d MiB resident at most: %s", maxIdle, decimal(own.median()))
	return nil
}

// productFlood says what those who are signed in notice while very many want to sign in.
func (b *bench) productFlood(ctx context.Context, binary, folder string) (err error) {
	c, _, err := b.startProduct(ctx, binary, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	f := newProductFlood(c)
	const turns = 2
	for range turns { // 24 s of flood in a full run
		if err := f.measure(ctx, 4*b.effort.turn, 12*b.effort.turn); err != nil {
			return err
		}
	}
	pid := strconv.Itoa(c.command.Process.Pid)
	var workers []string
	for _, worker := range childrenOf(pid) {
		workers = append(workers, whole(peakOf(worker)))
	}
	t := b.table("The product: GET /users/me by cookie while 500 clients sign in",
		fmt.Sprintf("A quarter of them with good passwords, a quarter with wrong ones, half as people who do not exist. Who is refused (503, 429) asks again\n"+
			"after %v to %v; %d checks a second, at most. The load generator shares the processors. Memory is the most that was resident.",
			retryAfter, 2*retryAfter, int(time.Second/checkPause)),
		"200/s", "401/s", "429/s", "503/s", "others", "idle p50 µs", "p99", "in flood p50 µs", "p99", "server MiB", "workers MiB")
	rate := func(status int) string { return decimal(float64(f.counts[status]) / f.flooded.Seconds()) }
	idle, flood := percentile(f.idle, 0.99), percentile(f.flood, 0.99)
	t.row(rate(http.StatusOK), rate(http.StatusUnauthorized), rate(http.StatusTooManyRequests), rate(http.StatusServiceUnavailable),
		strconv.Itoa(f.wrong), whole(percentile(f.idle, 0.5)), whole(idle), whole(percentile(f.flood, 0.5)), whole(flood),
		whole(peakOf(pid)), strings.Join(workers, " "))
	if err := t.end(); err != nil {
		return err
	}
	bound := maxBeside + len(workers)*int(password.Default.MemoryKiB)>>10
	b.target(flood <= maxSlower*idle, "a check in the flood at most %d times what it costs without (p99): %s", maxSlower, ratio(flood/idle))
	b.target(peakOf(pid) <= float64(bound), "the server within the memory of the hashes and %d MiB (%d MiB): %s", maxBeside, bound, whole(peakOf(pid)))
	b.target(f.wrong == 0, "every answer is 200, 401, or 429 or 503 that says when to come back: %d are not", f.wrong)
	return nil
}

// residentOf returns the memory that a process has in use now, in MiB (proc_pid_status(5), VmRSS).
func residentOf(pid string) float64 {
	text, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return math.NaN()
	}
	return memoryIn(string(text), "VmRSS")
}
