package main

import (
	"fmt"
	"net"
	"os"
)

// What a service manager is told (systemd, sd_notify(3)).
const (
	isReady    = "READY=1"
	isStopping = "STOPPING=1"
	isAlive    = "WATCHDOG=1"
)

// isReloading needs the time at which it was sent; isReady ends it.
func isReloading() string { return fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", monotonicMicros()) }

// notify tells the service manager how the program does, if there is one that wants to know.
func notify(state string) error {
	socket := os.Getenv("NOTIFY_SOCKET") // a path, or a name after @
	if socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify the service manager: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("notify the service manager: %w", err)
	}
	return nil
}
