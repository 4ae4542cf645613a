package nodeapi

import "time"

// The paths below the one where a server is mounted.
const (
	Prefix      = "/api/v1/node/"
	RenewPath   = Prefix + "renew"
	ReleasePath = Prefix + "release"
	ChangesPath = Prefix + "changes" // server-sent events
	LoadPath    = Prefix + "sessions/load"
	TouchPath   = Prefix + "sessions/touch"
	EndPath     = Prefix + "sessions/end"
	InsertPath  = Prefix + "sessions/insert"
	SwapPath    = Prefix + "sessions/swap"
	ListPath    = Prefix + "sessions/list"
)

// The codes of the problems that mean something to a store of sessions. A status alone says nothing: a
// proxy that does not find the server answers 404, too, and nobody has signed out because of that.
const (
	CodeGone     = "session_gone"    // 404
	CodeExists   = "session_exists"  // 409
	CodeConflict = "session_changed" // 409
)

// The names of the events of the stream.
const (
	EventChange    = "change"    // its data is a [Change]
	EventHeartbeat = "heartbeat" // its data is a [Heartbeat]
)

// MaxSilence is after how long a reader may take a stream that says nothing for one that is dead.
const MaxSilence = 15 * time.Second

// MaxBody is how many bytes a request may have: a session with the largest data bag, in base64.
const MaxBody = 256 << 10

// MaxAnswer is how many bytes an answer has at most.
const MaxAnswer = 8 << 20

// Limits of a request.
const (
	MaxFeeds  = 64   // feeds of which a service says where it stands
	MaxHashes = 1000 // sessions to end at once
	MaxList   = 1000 // sessions of everybody to list at once
	MaxName   = 200  // bytes of what a service or its node is called
)
