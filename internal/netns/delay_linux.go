package netns

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A delay is a device through which a host's packets take a way around: out of the kernel, and back into it some time later.
// It stands for tc's netem, which not every kernel has.
type delay struct {
	file *os.File
	time atomic.Int64 // nanoseconds
}

type packet struct {
	data []byte
	due  time.Time
}

// table is the routing table in which everything leads into the device.
const table = "77"

// Delay lets everything that the host sends from now on take that much longer; zero ends it. What is under way arrives, in order.
func (h *Host) Delay(by time.Duration) error {
	if h.delay == nil && by > 0 {
		d, err := h.newDelay()
		if err != nil {
			return fmt.Errorf("delay %s: %w", h.Name, err)
		}
		h.delay = d
	}
	_ = h.ip("rule", "del", "iif", "lo", "lookup", table) // which may not be there
	if by <= 0 {
		return nil
	}
	h.delay.time.Store(int64(by))
	return h.ip("rule", "add", "iif", "lo", "lookup", table)
}

func (h *Host) newDelay() (*delay, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq("delay")
	if err != nil {
		return nil, err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return nil, fmt.Errorf("make a device: %w", err)
	}
	d := &delay{file: os.NewFile(uintptr(fd), "/dev/net/tun")}
	if h.namespace != "" { // the device moves; its file stays open here
		if err := ip("link", "set", "delay", "netns", h.namespace); err != nil {
			return nil, err
		}
	}
	// What comes back has a source address of the host itself, and is to be sent on.
	settings := h.Command("sh", "-ec", `cd /proc/sys/net/ipv4; echo 1 >ip_forward
for c in all delay; do echo 1 >conf/$c/accept_local; echo 0 >conf/$c/rp_filter; echo 0 >conf/$c/send_redirects; done`)
	if said, err := settings.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("forward packets: %w: %s", err, said)
	}
	if err := h.ip("link", "set", "delay", "up"); err != nil {
		return nil, err
	}
	if err := h.ip("route", "add", "default", "dev", "delay", "src", h.Addr, "table", table); err != nil {
		return nil, err
	}
	waiting := make(chan packet, 1<<14)
	go d.take(waiting)
	go d.giveBack(waiting)
	return d, nil
}

// take notes what the host sends; what there is no place for is lost, as on any wire.
func (d *delay) take(waiting chan<- packet) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := d.file.Read(buffer)
		if err != nil {
			return
		}
		select {
		case waiting <- packet{append([]byte(nil), buffer[:n]...), time.Now().Add(time.Duration(d.time.Load()))}:
		default:
		}
	}
}

func (d *delay) giveBack(waiting <-chan packet) {
	for p := range waiting {
		time.Sleep(time.Until(p.due))
		_, _ = d.file.Write(p.data) // the kernel may drop it, as any
	}
}
