// Package ha_test runs what deploy/ha ships: HAProxy and keepalived on two balancers, three nodes of `handstamp serve`, and PostgreSQL,
// each on a host of its own, with those very files; only addresses and the place of certificates and secrets are others. Under load it kills,
// drains, upgrades and unplugs them one after the other.
package ha_test
