package pages

import (
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/internal/node"
	"github.com/handstamp/handstamp/server/pages/texts"
)

// A view is what a template shows: what all pages have in common, and in Body what the one is
// about. Texts come from the catalogue of its Language; everything else is data, and is escaped.
type view struct {
	*texts.Language

	Name    string     // of the template, and of the texts: "login"
	Base    string     // what paths begin with: {{.Base}}/account
	Brand   brand      // how the app presents itself
	Choices []language // all languages, the present one among them

	Who      *account.User // who is signed in; nil for nobody
	IsAdmin  bool          // whether Who is an administrator
	HasAudit bool          // whether there is an audit log to look at
	Section  string        // which entry of the navigation is the present one: account, users, sessions, audit, overview; or none

	Token   string            // for the hidden field form_token of every form
	Done    string            // a key of what was just done, under "done."; empty for nothing
	Problem string            // what was wrong with the form as a whole, in the reader's language; empty for nothing
	Errors  map[string]string // what was wrong with a field, by its name, in the reader's language

	Body any
}

// A brand is how the app presents itself, with the paths of what the page loads.
type brand struct {
	Name                         string
	Logo                         string // path; empty for none
	Style, Colours, Icon, Script string // paths
}

// A language is a choice for the reader.
type language struct {
	Tag, Name string // "fr", "Français"
	URL       string // this page in that language
	IsCurrent bool
}

// The bodies. Each is named for its template.
type (
	loginBody struct {
		Email       string
		ReturnTo    string // for the hidden field return_to; empty for none
		MayRegister bool
	}

	// accountForm is the body of "register" and of "setup": what was typed, but for the password.
	accountForm struct {
		Email, FirstName, LastName string
		ReturnTo                   string
		MinLength                  int // of a password, in code points
	}

	resetBody struct {
		Email     string // whose password it is
		MinLength int
	}

	// onwardBody leads on where a browser does not go by itself.
	onwardBody struct {
		Target string
		Title  string // key of the title
	}

	logoutBody struct {
		ReturnTo string // for the hidden field return_to; empty for none
	}

	// finishedBody ends what began with a link, where nobody can sign in.
	finishedBody struct {
		Done string // key of what was just done, under "done."
	}

	// confirmBody asks for the password before a dangerous act goes on.
	confirmBody struct {
		Action string  // path to which the form goes
		Fields []field // of the form that was sent, for hidden fields
		Cancel string  // path of the page from which it came
		Act    string  // key of what is going to be done, under "act."
	}

	problemBody struct {
		Status int
		Title  string // in the reader's language
		Text   string // what to do about it, in the reader's language; may be empty
		Back   string // path of where to go from here
	}

	accountBody struct {
		User         account.User
		Typed        profile // what the forms show: what was typed, or what is stored
		MinLength    int
		Sessions     []sessionRow // newest use first; the present one first of all
		MoreSessions int          // that are left out
		Open         string       // which form has something to say: profile, email, password; empty for none
	}

	overviewBody struct {
		Users, Sessions int
		Node            *Node      // nil where nobody says anything
		Recent          []entryRow // the newest entries of the audit log
	}

	usersBody struct {
		Search         string
		Rows           []account.User
		Total          int    // of all users, whatever is searched for
		Previous, Next string // URLs; empty for none
	}

	newUserBody struct {
		Typed profile
		Role  string
		Roles []string
	}

	userBody struct {
		User         account.User
		Typed        profile
		Roles        []string
		IsSelf       bool
		Sessions     []sessionRow
		MoreSessions int        // that are left out
		Recent       []entryRow // of what has happened to the user, the newest first
		Link         string     // a reset link that was just made; it is shown once
		LinkEnds     time.Time
		Open         string
	}

	sessionsBody struct {
		Rows        []sessionRow
		Total       int
		First, Next string // URLs; empty for none
	}

	auditBody struct {
		Filter       auditFilter
		Actions      []handstamp.Action
		Rows         []entryRow
		Newer, Older string // URLs; empty for none
	}
)

// A field is a hidden field.
type field struct{ Name, Value string }

// A profile is what somebody types about a user.
type profile struct{ Email, FirstName, LastName string }

// A sessionRow is a session in a list.
type sessionRow struct {
	ID          handstamp.ID
	Device      string // such as "Firefox on Linux"; empty where it is not known
	Raw         string // what the client calls itself
	Address     string
	Began, Seen time.Time
	Ends        time.Time // zero for never
	IsCurrent   bool
	UserID      handstamp.ID // where the list is of everybody's
	Email       string
}

// An entryRow is an entry of the audit log.
type entryRow struct {
	Number          int64
	At              time.Time
	Action          handstamp.Action
	Failed          bool
	Reason          string
	Actor, Subject  string       // emails, or what else names them; empty for nobody
	ActorID, UserID handstamp.ID // zero for none
	Address, Device string
}

// An auditFilter is what the form above the audit log says.
type auditFilter struct{ User, Action, Outcome, Since, Until string }

// A Node is what is told about the process that answers.
type Node struct {
	Version                      string
	Sessions                     int // that are alive
	Started                      time.Time
	Store                        string   // what kind: "sqlite", "memory"
	Failed                       []string // checks that fail; none in health
	Goroutines                   int
	Memory                       uint64 // bytes in use
	CacheHits, CacheMisses       uint64
	CachedSessions               int
	HashesRunning, HashesWaiting int
	HashesRefused                uint64

	Peers []node.Peer // the nodes that share the store, this one too; none where it is this one's alone
}
