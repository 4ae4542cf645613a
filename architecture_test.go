package handstamp_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/handstamp/handstamp"

// A room is what one package may import besides the standard library. Folders are relative to the
// module; "." is the root package.
type room struct {
	imports []string // packages of this module
	modules []string // modules of others
}

// rooms is the architecture: arrows point down only. A new package has to be entered here, and a
// new arrow has to be wanted.
var rooms = map[string]room{
	// The five words: the standard library only.
	".": {},

	// What knows nobody.
	"internal/bearertoken":      {imports: []string{"."}},
	"internal/blackbox/history": {modules: []string{"github.com/anishathalye/porcupine"}},
	"internal/blackbox/program": {modules: []string{"go.uber.org/goleak"}},
	"internal/cache":            {},
	"internal/clientaddr":       {},
	"internal/connlimit":        {},
	"internal/form":             {},
	"internal/guarantee":        {},
	"internal/jsonobject":       {},
	"internal/leaserules":       {},
	"internal/mannwhitney":      {},
	"internal/returnurl":        {},
	"internal/masterkey":        {},
	"internal/pipelistener":     {},
	"internal/push":             {},
	"internal/privateserver":    {},
	"internal/blocklist":        {},
	"internal/ecslog":           {},
	"internal/secret":           {},
	"internal/strictconn":       {},
	"internal/textbrowser":      {modules: []string{"golang.org/x/net"}},

	// What is written down of what happens.
	"audit": {imports: []string{"."}},

	// Who else is told of it. Stores implement the interfaces that outbox states.
	"outbox":         {imports: []string{".", "audit"}},
	"outbox/webhook": {imports: []string{"internal/push", "outbox"}},
	"outbox/nats":    {imports: []string{"outbox"}, modules: []string{"github.com/nats-io/nats.go"}},
	"outbox/amqp":    {imports: []string{"outbox"}, modules: []string{"github.com/rabbitmq/amqp091-go"}},
	"outbox/caep":    {imports: []string{".", "internal/push", "outbox"}},

	"password": {
		imports: []string{"internal/blocklist"},
		modules: []string{"golang.org/x/crypto", "golang.org/x/sync"},
	},
	"password/worker": {imports: []string{"password"}},

	// The engine. Stores implement the interfaces that session, throttle and account state.
	"session":       {imports: []string{".", "internal/cache"}},
	"throttle":      {imports: []string{"."}},
	"internal/node": {imports: []string{"session"}},

	// What a server and the services that embed its verifier say to each other.
	"internal/nodeapi": {imports: []string{".", "session"}},
	"account": {
		imports: []string{".", "internal/cache", "internal/form", "internal/jsonobject", "password", "session", "throttle"},
		modules: []string{"golang.org/x/text"},
	},
	"token":  {imports: []string{".", "internal/bearertoken", "internal/cache", "session", "token/keyring"}},
	"client": {imports: []string{"."}},

	// Values that are signed for a while, for whoever hands them out.
	"token/timed": {imports: []string{"internal/form", "internal/jsonobject"}},

	// For services behind the server, which have neither sessions nor a store.
	"token/jwks": {
		imports: []string{".", "internal/bearertoken", "internal/jsonobject"},
		modules: []string{"github.com/go-jose/go-jose/v4", "golang.org/x/sync"},
	},

	"session/oldcookie": {imports: []string{"session"}},

	// What others left behind.
	"importer":            {imports: []string{".", "account", "importer/phpsession", "internal/jsonobject", "session", "session/oldcookie"}},
	"importer/phpsession": {},

	// What is signed. Stores implement the interface that keyring states.
	"token/keyring": {imports: []string{"."}, modules: []string{"github.com/go-jose/go-jose/v4"}},

	// The stores. None imports a driver: whoever opens the database brings it, as store/sqlstore/postgres does.
	"store/memory": {imports: []string{".", "account", "audit", "client", "outbox", "session", "throttle", "token/keyring"}},
	"store/sqlstore": {
		imports: []string{".", "account", "audit", "client", "internal/guarantee", "internal/node", "outbox", "session", "throttle", "token/keyring"},
		modules: []string{"github.com/gofrs/flock"},
	},
	"store/sqlstore/postgres": {imports: []string{"store/sqlstore"}, modules: []string{"github.com/jackc/pgx/v5"}},
	// Redis is spoken to by one module only, so the store is what it is for.
	"store/redisstore": {
		imports: []string{".", "internal/guarantee", "internal/node", "session", "throttle"},
		modules: []string{"github.com/redis/rueidis"},
	},
	"store/remotestore": {imports: []string{".", "client", "internal/node", "internal/nodeapi", "session"}},
	"store/storetest": {
		imports: []string{".", "account", "audit", "client", "outbox", "session", "throttle", "token/keyring"},
		modules: []string{"github.com/google/go-cmp", "pgregory.net/rapid"},
	},

	// The product as one http.Handler. It is given its stores.
	"server/api": {
		imports: []string{".", "account", "audit", "client", "internal/form", "internal/jsonobject", "internal/nodeapi", "password", "server/relay", "session", "throttle", "token"},
	},
	"server/pages": {imports: []string{
		".", "account", "audit", "internal/form", "internal/jsonobject", "internal/node", "internal/returnurl", "password",
		"server/api", "server/pages/assets", "server/pages/look", "server/pages/texts", "session",
	}},
	"server/pages/assets": {},
	"server/pages/look":   {},
	"server/pages/texts":  {modules: []string{"golang.org/x/text"}},
	"server/relay":        {imports: []string{".", "session"}},
	"server/forward":      {imports: []string{".", "internal/cache", "internal/returnurl"}},
	"server/front":        {imports: []string{"internal/clientaddr"}},
	"server/operator":     {imports: []string{".", "account", "audit", "client", "importer", "internal/guarantee", "internal/node", "outbox", "password", "session", "token/keyring"}},
	"server/gate":         {imports: []string{".", "server/forward"}},
	"server/health":       {},
	"server/metrics":      {imports: []string{"internal/guarantee", "internal/node", "session"}, modules: []string{"github.com/prometheus/client_golang"}},
	"server/tracing": {modules: []string{
		"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", "go.opentelemetry.io/otel",
	}},
	"server": {
		imports: []string{
			".", "account", "audit", "client", "internal/clientaddr", "internal/connlimit", "internal/nodeapi", "internal/returnurl", "internal/strictconn",
			"server/api", "server/forward", "server/front", "server/gate", "server/pages", "server/pages/look", "server/pages/texts",
			"server/relay", "session", "session/oldcookie",
		},
	},

	// What the command is told.
	"internal/settings": {
		imports: []string{"internal/secret"},
		modules: []string{"github.com/BurntSushi/toml", "github.com/alecthomas/kong"},
	},

	// The command wires everything up, and is the only one that knows a driver.
	"cmd/handstamp": {
		imports: []string{
			".", "account", "audit", "client", "importer", "importer/phpsession", "internal/clientaddr", "internal/ecslog",
			"internal/guarantee", "internal/masterkey", "internal/node", "internal/secret", "internal/settings", "outbox",
			"outbox/amqp", "outbox/caep", "outbox/nats", "outbox/webhook", "password", "password/worker", "server",
			"server/forward", "server/gate", "server/health", "server/metrics", "server/operator", "server/pages",
			"server/pages/look", "server/pages/texts", "server/relay", "server/tracing", "session", "session/oldcookie",
			"store/memory", "store/redisstore", "store/sqlstore", "store/sqlstore/postgres", "throttle", "token", "token/keyring",
		},
		modules: []string{
			"github.com/alecthomas/kong", "go.opentelemetry.io/otel", "golang.org/x/net", "golang.org/x/sys", "golang.org/x/term", "modernc.org/sqlite",
		},
	},

	// What tests see pages with. No room has it among its imports: only tests do.
	"internal/browser": {modules: []string{"github.com/chromedp"}},

	// What tests break networks with.
	"internal/netns": {modules: []string{"golang.org/x/sys"}},

	// What others would write.
	"examples/library":       {imports: []string{".", "account", "session", "store/memory"}},
	"examples/microservice":  {imports: []string{".", "session", "store/remotestore"}},
	"examples/php-front/api": {imports: []string{".", "token/jwks"}},
	"examples/embedded":      {imports: []string{".", "account", "server", "server/health", "server/pages/look", "session", "store/memory", "throttle", "token", "token/keyring"}},
}

// drivers are modules that speak to a database.
var drivers = []string{
	"modernc.org/sqlite", "github.com/mattn/go-sqlite3", "github.com/jackc/pgx", "github.com/lib/pq", "github.com/redis/go-redis", "github.com/redis/rueidis",
}

// noNames are names that say nothing about what a package gives.
var noNames = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types", "misc", "base"}

// TestRoomsImportWhatTheyMay compares the module with rooms.
func TestRoomsImportWhatTheyMay(t *testing.T) {
	found := readImports(t)
	for _, pkg := range slices.Sorted(maps.Keys(found)) {
		may, known := rooms[pkg]
		if !known {
			t.Errorf("package %s is not in the table of rooms: enter it, with what it may import", pkg)
		}
		for _, imported := range found[pkg] {
			if room, inside := roomOf(imported); inside {
				if !slices.Contains(may.imports, room) {
					t.Errorf("%s imports %s, and may not", pkg, room)
				}
			} else if isForeign(imported) && !slices.ContainsFunc(may.modules, within(imported)) {
				t.Errorf("%s imports %s, and may not", pkg, imported)
			}
		}
	}
	for pkg := range rooms {
		if _, there := found[pkg]; !there {
			t.Errorf("the table of rooms has %s, and there is no such package", pkg)
		}
	}
}

// TestRoomsHaveNames that say what they give.
func TestRoomsHaveNames(t *testing.T) {
	for pkg := range readImports(t) {
		for _, name := range strings.Split(pkg, "/") {
			if slices.Contains(noNames, name) {
				t.Errorf("package %s: %q says nothing about what it gives", pkg, name)
			}
		}
	}
}

// TestArrowsPointDown holds whatever the table of rooms says.
func TestArrowsPointDown(t *testing.T) {
	found := readImports(t)
	for _, rule := range []struct{ from, to, why string }{
		{"server", "store", "the server is given its stores"},
		{"store", "server", "a store serves nobody in particular"},
		{"session", "store", "a store implements what session states"},
		{"account", "store", "a store implements what account states"},
		{"throttle", "store", "a store implements what throttle states"},
		{"client", "store", "a store implements what client states"},
		{"client", "account", "a service is not a user"},
		{"outbox", "store", "a store implements what outbox states"},
		{"outbox", "server", "what is told to others is not of the server alone"},
		{"token/keyring", "store", "a store implements what keyring states"},
		{"token/keyring", "session", "keys do not know what is signed with them"},
		{"throttle", "account", "limits do not know whose account it is, nor whether there is one"},
		{"session", "account", "sessions are for those who keep their people elsewhere, too"},
		{"session", "server", "the library comes without the server"},
		{"account", "server", "the library comes without the server"},
		{"password", ".", "password is pure functions"},
	} {
		for pkg, imports := range found {
			if !isIn(pkg, rule.from) {
				continue
			}
			for _, imported := range imports {
				if room, inside := roomOf(imported); inside && isIn(room, rule.to) {
					t.Errorf("%s imports %s: %s", pkg, room, rule.why)
				}
			}
		}
	}
	for pkg, imports := range found {
		for _, imported := range imports {
			_, inside := roomOf(imported)
			if pkg == "." && (inside || isForeign(imported)) {
				t.Errorf("the root imports %s: it has the standard library only", imported)
			}
			opens := isIn(pkg, "cmd") || pkg == "store/sqlstore/postgres" || pkg == "store/redisstore"
			if !opens && slices.ContainsFunc(drivers, within(imported)) {
				t.Errorf("%s imports the driver %s: only the command and what opens a database may", pkg, imported)
			}
		}
	}
}

// TestSmallLibraryStaysSmall follows the imports of those who need sessions in memory only.
func TestSmallLibraryStaysSmall(t *testing.T) {
	found := readImports(t)
	reached := map[string]bool{}
	var follow func(pkg string)
	follow = func(pkg string) {
		if reached[pkg] {
			return
		}
		reached[pkg] = true
		for _, imported := range found[pkg] {
			if room, inside := roomOf(imported); inside {
				follow(room)
			} else if slices.ContainsFunc(drivers, within(imported)) {
				t.Errorf("session and store/memory pull in the driver %s, through %s", imported, pkg)
			}
		}
	}
	follow("session")
	follow("store/memory")
	if !reached["."] || !reached["internal/cache"] {
		t.Fatalf("reached only %v: the imports were not followed", reached)
	}
	for pkg := range reached {
		if isIn(pkg, "server") || isIn(pkg, "cmd") || isIn(pkg, "store") && pkg != "store/memory" {
			t.Errorf("session and store/memory pull in %s", pkg)
		}
	}
}

// readImports returns what each package of the module imports, by its folder: the files of every
// operating system, without those of tests. Folders with a go.mod of their own are other modules.
func readImports(t *testing.T) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			_, err := os.Stat(filepath.Join(file, "go.mod"))
			if file != "." && (err == nil || name == "testdata" || name[0] == '.' || name[0] == '_') {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		imports := found[pkg]
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(imports, imported) {
				imports = append(imports, imported)
			}
		}
		found[pkg] = imports
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// roomOf returns the folder of a package of this module. It is false for any other.
func roomOf(imported string) (string, bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// isForeign reports whether a package is neither ours nor of the standard library.
func isForeign(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".")
}

// within returns whether a package belongs to a module, asked module by module.
func within(imported string) func(module string) bool {
	return func(module string) bool { return isIn(imported, module) }
}

// isIn reports whether a package is folder, or below it.
func isIn(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}
