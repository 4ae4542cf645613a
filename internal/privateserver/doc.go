// Package privateserver starts servers of others for tests and benchmarks: each its own, on a free port, with its data in a
// temporary folder, and gone at the end. Nothing of what runs on the machine anyway is used.
//
// Where the tests run as root, the servers run as the user nobody: some refuse to run as root.
package privateserver
