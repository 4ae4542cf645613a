// Package guarantee has the words for what becomes of what a server of others has acknowledged, as it is configured: a store
// says it of its server, and commands and metrics show it.
package guarantee

import "fmt"

// A Level says what becomes of what a server has acknowledged.
type Level string

// The levels.
const (
	Unknown Level = "unknown" // the server does not say
	Lost    Level = "lost"    // what has happened since the last snapshot, or all, is lost
	Recent  Level = "recent"  // what has happened in the last seconds may be lost
	Kept    Level = "kept"    // nothing is lost
)

// A Guarantee is what a server promises as it is configured.
type Guarantee struct {
	Server   string    `json:"server"`   // what it is, and its version, such as redis 7.0.15
	Kill     Level     `json:"kill"`     // when its process is killed, and starts again with its data
	Power    Level     `json:"power"`    // when the power fails, and it starts again with its data; if the disk does what it is told
	Failover Level     `json:"failover"` // when a replica takes over
	Findings []Finding `json:"findings,omitempty"`
}

// A Finding is something that an operator should change, or know.
type Finding struct {
	Grave bool   `json:"grave"` // something that the documentation promises does not hold with it
	Text  string `json:"text"`
}

// Note adds a Finding.
func (g *Guarantee) Note(grave bool, format string, args ...any) {
	g.Findings = append(g.Findings, Finding{grave, fmt.Sprintf(format, args...)})
}
