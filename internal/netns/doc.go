// Package netns gives tests a network of several hosts on one Linux machine, whose links they can cut, blackhole
// and delay. It needs Debian's iproute2; only tests import it.
//
//	func TestMain(m *testing.M) {
//		netns.Enter() // from here on, nothing that the tests do is seen outside, and nothing of it outlives them
//		os.Exit(m.Run())
//	}
//
//	lan, err := netns.New()                       // the test itself is the host lan.Self
//	one, err := lan.Host("one")                   // a host with an address of its own
//	server := one.Command("nginx", "-g", "…")     // runs there
//	err = lan.Blackhole(one, lan.Self)            // what one sends to us is lost, and nobody is told
//	err = lan.Restore(one, lan.Self)
//	err = one.Delay(50 * time.Millisecond)        // whatever one sends takes that much longer
//
// A host is a network namespace that hangs on a bridge. All of them, the bridge, processes and temporary files are in namespaces that
// [Enter] makes for the test's process: when that is gone, however it went, the kernel takes all of it away, so that there are no
// names to be chosen and no leftovers to be looked for.
package netns
