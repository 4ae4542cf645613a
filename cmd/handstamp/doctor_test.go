package main

import (
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/masterkey"
)

// says checks that there is exactly one finding that is not ok, and what it says; nothing for want "".
func says(t *testing.T, name string, got findings, state findingState, want string) {
	t.Helper()
	var lines []string
	for _, f := range got {
		if f.State != stateOK {
			lines = append(lines, f.String())
		}
	}
	switch {
	case want == "" && len(lines) > 0, want != "" && len(lines) != 1:
		t.Errorf("%s: %d findings, want %q\n%s", name, len(lines), want, strings.Join(lines, "\n"))
	case want != "" && (!strings.HasPrefix(lines[0], string(state)+" ") || !strings.Contains(lines[0], want)):
		t.Errorf("%s\ngot  %s\nwant %s: …%s", name, lines[0], state, want)
	}
}

// TestDoctorOfSettings: what a server accepts without a word, and what doctor says of it.
func TestDoctorOfSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	const proxied = "--public-url=https://id.example.com --trusted-proxies=loopback "
	for flags, want := range map[string]string{
		"":      "",
		proxied: "",
		"--public-url=https://id.example.com --trusted-proxies=10.0.0.7 --listen=10.0.0.1:5000": "",
		proxied + "--listen=:5000":                                           "others can reach :5000 past the proxy, where nothing is encrypted; set listen = 127.0.0.1:5000",
		"--trusted-proxies=loopback":                                         "http://localhost:5000 is good for browsers on this machine only, and others are let in",
		proxied + "--trusted-proxies=loopback,8.0.0.0/11":                    "trusted proxies: 8.0.0.0/11 is a large part of the Internet",
		proxied + "--trusted-proxies=2a00::/16":                              "2a00::/16 is a large part",
		proxied + "--trusted-proxies=private,104.16.0.0/13,2a06:98c0::/29":   "",
		proxied + "--registration=open":                                      "everybody who can reach the server may make an account; set registration = closed",
		proxied + "--credentials=session,basic":                              "",
		proxied + "--ops-listen=:5001":                                       "can reach :5001, where metrics and the routes of administrators are; set an address",
		proxied + "--ops-listen=[::]:5001":                                   "ops-listen = 127.0.0.1:5001",
		proxied + "--ops-listen=10.0.0.1:5001":                               "",
		"--store=memory":                                                     "gone when the server stops; set store = sqlite",
		"--public-url=http://id.x --insecure-public-url":                     "",
		"--public-url=http://id.x --insecure-public-url --credentials=basic": "with basic, the password goes over the network with each request",
	} {
		l, err := loadFrom(t, flags)
		if err != nil {
			t.Fatalf("%s: %v", flags, err)
		}
		says(t, flags, judgeSettings(l.Values), stateWeak, want)
	}
}

// TestDoctorOfWhatSettingsSay: everything that serve would refuse or warn of.
func TestDoctorOfWhatSettingsSay(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "data/handstamp.toml", "sesion-idle = '1h'\nrealm = 'mine'\n")
	for _, row := range []struct {
		flags        string
		broken, weak int
		want         string
	}{
		{"--data=none", 0, 0, "ok      settings: no file;"},
		{"", 1, 0, `broken  settings: data/handstamp.toml line 1, "sesion-idle": no such setting; did you mean session-idle?`},
		{"--listen=x --password-length=7", 3, 0, `broken  settings: flag --listen: "x"`},
		{"--data=none --password-length=8 --no-throttle", 0, 2, "weak    settings: flag --throttle: passwords can be tried without limit; set"},
		{"--data=none --listen=:5000 --no-throttle", 1, 1, "broken  settings: flag --listen: others can reach :5000"},
		{"--config=nowhere", 1, 0, "nowhere"},
	} {
		given := typed(t, row.flags)
		loaded, err := loadServeSettings(given, nil)
		file, _ := settingsFile(given, nil)
		got := judgeLoading(file, loaded.Warnings, err)
		var text strings.Builder
		for _, f := range got {
			text.WriteString(f.String() + "\n")
		}
		if got.count(stateBroken) != row.broken || got.count(stateWeak) != row.weak || !strings.Contains(text.String(), row.want) {
			t.Errorf("%s: want %d broken, %d weak, %s, and got\n%s", row.flags, row.broken, row.weak, row.want, &text)
		}
	}
}

var doctorsDay = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// healthyFolder returns a data folder as a running server leaves it.
func healthyFolder() folderFacts {
	handstamp := owner{isKnown: true, uid: 990, name: "handstamp"}
	facts := folderFacts{path: "/srv/my data", nearest: "/srv/my data", mode: fs.ModeDir | 0o700, owner: handstamp}
	for name, mode := range map[string]fs.FileMode{
		databaseName: 0o600, databaseName + "-wal": 0o600, masterKeyName: 0o400, socketName: fs.ModeSocket | 0o600,
	} {
		facts.files = append(facts.files, fileFacts{
			path: "/srv/my data/" + name, mode: mode, owner: handstamp, modified: doctorsDay.Add(-time.Minute), isDatabase: name == databaseName,
		})
	}
	return facts
}

// TestDoctorOfFolder: who can enter the folder, and what is in it.
func TestDoctorOfFolder(t *testing.T) {
	put := func(name string, change func(*fileFacts)) func(*folderFacts) {
		return func(f *folderFacts) {
			file := f.files[0]
			file.path, file.mode, file.isDatabase = "/srv/my data/"+name, 0o600, false
			change(&file)
			f.files = append(f.files, file)
		}
	}
	for name, row := range map[string]struct {
		change func(*folderFacts)
		state  findingState
		want   string
	}{
		"healthy":    {func(*folderFacts) {}, "", ""},
		"not there":  {func(f *folderFacts) { *f = folderFacts{path: "x", err: fs.ErrNotExist} }, stateWeak, "there is none at x; name the right one with --data, or"},
		"a file":     {func(f *folderFacts) { *f = folderFacts{path: "x", err: errNoFolder} }, stateBroken, "x is something else"},
		"not mine":   {func(f *folderFacts) { f.err, f.files = fs.ErrPermission, nil }, stateBroken, "sudo -u handstamp handstamp doctor"},
		"I/O error":  {func(f *folderFacts) { f.err, f.files = errors.New("disk on fire"), nil }, stateBroken, "disk on fire"},
		"group":      {func(f *folderFacts) { f.mode |= 0o010 }, stateWeak, "can enter /srv/my data (mode 0710); chmod 700 '/srv/my data'"},
		"above":      {func(f *folderFacts) { f.passable = []string{"/srv"} }, stateWeak, "as /srv is writable by all; chmod o-w /srv"},
		"open file":  {put("tls'key", func(f *fileFacts) { f.mode = 0o640 }), stateWeak, `the modes of tls'key let others in; chmod 600 '/srv/my data/tls'\''key'`},
		"root's":     {put("x", func(f *fileFacts) { f.owner = owner{true, 0, "root"} }), stateBroken, "to handstamp and x to somebody else, so that the server cannot use them; chown handstamp: '/srv/my data/x'"},
		"backup":     {put("monday.db", func(f *fileFacts) { f.isDatabase = true }), stateWeak, "monday.db beside the database: what takes the one takes the other; move it"},
		"partial":    {put("b.partial-1", func(f *fileFacts) { f.isDatabase = true }), "", ""},
		"left there": {put("b.partial-1", func(f *fileFacts) { f.isDatabase, f.modified = true, doctorsDay.Add(-24*time.Hour) }), stateWeak, "b.partial-1 beside"},
	} {
		facts := healthyFolder()
		row.change(&facts)
		says(t, name, judgeFolder(facts, doctorsDay), row.state, row.want)
	}
}

func TestDoctorOfKey(t *testing.T) {
	there := keyFacts{path: "data/master.key", made: doctorsDay.Add(-48 * time.Hour), hasDatabase: true}
	for name, row := range map[string]struct {
		change func(*keyFacts)
		state  findingState
		want   string
	}{
		"healthy":       {func(*keyFacts) {}, "", ""},
		"new":           {func(k *keyFacts) { k.err, k.hasDatabase = fs.ErrNotExist, false }, "", ""},
		"lost":          {func(k *keyFacts) { k.err = fs.ErrNotExist }, stateWeak, "data/master.key is not there, and a database is; if"},
		"malformed":     {func(k *keyFacts) { k.err = masterkey.ErrMalformed }, stateBroken, "not a master key"},
		"given":         {func(k *keyFacts) { *k = keyFacts{isGiven: true} }, "", ""},
		"given, no key": {func(k *keyFacts) { *k = keyFacts{isGiven: true, err: masterkey.ErrMalformed} }, stateBroken, "the setting master-key: not a master key"},
	} {
		facts := there
		row.change(&facts)
		says(t, name, judgeKey(facts, doctorsDay), row.state, row.want)
	}
	old := there
	old.made = doctorsDay.Add(-400 * 24 * time.Hour)
	if got := judgeKey(old, doctorsDay); len(got) != 1 || got[0].State != stateOK || !strings.Contains(got[0].Says, "made 400 days ago") {
		t.Errorf("old: %v", got)
	}
	says(t, "file of settings", judgeSettingsFile(settingsFileFacts{path: "/etc/h.toml", mode: 0o640, isThere: true}), "", "")
	says(t, "others write it", judgeSettingsFile(settingsFileFacts{path: "/etc/h.toml", mode: 0o660, isThere: true}), stateWeak,
		"others on this machine can change /etc/h.toml (mode 0660); chmod go-w /etc/h.toml")
}

func TestDoctorOfDisk(t *testing.T) {
	const gib = 1 << 30
	healthy := diskFacts{isKnown: true, free: 50 * gib, size: 100 * gib, freeFiles: 900, files: 1000}
	for name, row := range map[string]struct {
		change func(*diskFacts)
		state  findingState
		want   string
	}{
		"healthy":        {func(*diskFacts) {}, "", ""},
		"unknown":        {func(d *diskFacts) { *d = diskFacts{} }, "", ""},
		"less than 10 %": {func(d *diskFacts) { d.free = 9 * gib }, stateWeak, "9GiB of 100GiB free; nobody can sign in when it is full; make room"},
		"less than 1GiB": {func(d *diskFacts) { d.free, d.size = gib-1, 2*gib }, stateWeak, "1023MiB of 2GiB free"},
		"full":           {func(d *diskFacts) { d.free = 12345 }, stateBroken, "12KiB of 100GiB free"},
		"no inodes":      {func(d *diskFacts) { d.freeFiles = 99 }, stateWeak, "room for 99 more files only (df -i)"},
		"no such limit":  {func(d *diskFacts) { d.freeFiles, d.files = 0, 0 }, "", ""},
		"network":        {func(d *diskFacts) { d.kind = "nfs" }, stateBroken, "the data folder is on nfs, over which SQLite's log does not work"},
		"memory":         {func(d *diskFacts) { d.kind = "tmpfs" }, stateWeak, "tmpfs, which is memory"},
		"container":      {func(d *diskFacts) { d.kind = "overlayfs" }, stateWeak, "mount a volume there"},
		"read-only":      {func(d *diskFacts) { d.readOnly, d.free = true, 0 }, stateBroken, "read-only"},
	} {
		facts := healthy
		row.change(&facts)
		says(t, name, judgeDisk(facts), row.state, row.want)
	}
}

func TestDoctorOfClock(t *testing.T) {
	healthy := clockFacts{now: doctorsDay, built: doctorsDay.Add(-time.Hour), newest: doctorsDay.Add(time.Second), isKept: true, known: true}
	for name, row := range map[string]struct {
		change func(*clockFacts)
		state  findingState
		want   string
	}{
		"healthy":    {func(*clockFacts) {}, "", ""},
		"nobody":     {func(c *clockFacts) { c.isKept = false }, stateWeak, "nobody keeps it right"},
		"unknown":    {func(c *clockFacts) { c.isKept, c.known = false, false }, "", ""},
		"new":        {func(c *clockFacts) { c.built, c.newest = time.Time{}, time.Time{} }, "", ""},
		"set back":   {func(c *clockFacts) { c.newest = doctorsDay.Add(time.Hour) }, stateBroken, "2026-11-22 09:00:00 UTC is before the database was written last, 2026-11-22 10:00:00 UTC"},
		"never set":  {func(c *clockFacts) { c.now = time.Unix(0, 0) }, stateBroken, "1970-01-01 00:00:00 UTC is before this program was made"},
		"no battery": {func(c *clockFacts) { c.now, c.built, c.isKept = time.Unix(0, 0), time.Time{}, false }, stateBroken, "before the database was written last"},
	} {
		facts := healthy
		row.change(&facts)
		says(t, name, judgeClock(facts), row.state, row.want)
	}
}

func TestDoctorOfServer(t *testing.T) {
	healthy := serverFacts{
		runs: true, pid: 42, owner: owner{true, 990, "handstamp"},
		limits: processLimits{areKnown: true, openFiles: 65536},
	}
	for name, row := range map[string]struct {
		change func(*serverFacts)
		state  findingState
		want   string
	}{
		"healthy":        {func(*serverFacts) {}, "", ""},
		"not seen":       {func(s *serverFacts) { *s = serverFacts{runs: true} }, "", ""},
		"hidden":         {func(s *serverFacts) { *s = serverFacts{hidden: true} }, stateBroken, "whether one runs cannot be seen"},
		"does not run":   {func(s *serverFacts) { *s = serverFacts{limits: s.limits} }, "", ""},
		"root":           {func(s *serverFacts) { s.owner = owner{true, 0, "root"} }, stateWeak, "chown -R handstamp: '/srv/my data'"},
		"few files":      {func(s *serverFacts) { s.limits.openFiles = 1024 }, stateWeak, "the server (process 42) can have 1024 files open, and each connection is one; set LimitNOFILE=65536"},
		"from here":      {func(s *serverFacts) { s.runs, s.limits.openFiles = false, 1024 }, stateWeak, "a server that is started from here can have 1024 files"},
		"core dumps":     {func(s *serverFacts) { s.limits.core = math.MaxUint64 }, stateWeak, "may leave a core dump, with passwords and keys in it; set LimitCORE=0"},
		"told otherwise": {func(s *serverFacts) { s.variables = []string{"HANDSTAMP_LISTEN", "HANDSTAMP_REALM"} }, stateWeak, "it has HANDSTAMP_LISTEN, HANDSTAMP_REALM set otherwise than here"},
	} {
		facts := healthy
		row.change(&facts)
		says(t, name, judgeServer(facts, healthyFolder()), row.state, row.want)
	}
	rooted := healthyFolder()
	rooted.owner = owner{true, 0, "root"}
	says(t, "root's folder, and nobody runs", judgeServer(serverFacts{}, rooted), stateWeak, "would run as root, to whom")
}

func TestDoctorOfMemory(t *testing.T) {
	const mib = 1 << 20
	for name, row := range map[string]struct {
		facts memoryFacts
		runs  bool
		state findingState
		want  string
	}{
		"healthy":             {memoryFacts{1000 * mib, 500 * mib, 0}, false, "", ""},
		"unknown":             {memoryFacts{}, false, "", ""},
		"only the limit":      {memoryFacts{limit: 1000 * mib}, false, "", ""},
		"small container":     {memoryFacts{1000 * mib, 500 * mib, 150 * mib}, false, stateWeak, "may take 100MiB to be hashed, and there are 150MiB in all; set hash-memory = 75MiB"},
		"too small":           {memoryFacts{1000 * mib, 500 * mib, 64 * mib}, true, stateBroken, "and there are 64MiB; set hash-memory = 32MiB"},
		"taken":               {memoryFacts{1000 * mib, 50 * mib, 0}, false, stateWeak, "other programs leave 50MiB"},
		"taken by the server": {memoryFacts{1000 * mib, 50 * mib, 0}, true, "", ""},
	} {
		says(t, name, judgeMemory(row.facts, 100*mib, row.runs), row.state, row.want)
	}
}

// TestLookAtMemory: the machine's, and the least of the control groups that a process is in.
func TestLookAtMemory(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	root := fstest.MapFS{
		"proc/meminfo":     file("MemTotal:        2048 kB\nMemFree:  1 kB\nMemAvailable:    1024 kB\nHugePages_Total: 0\n"),
		"proc/7/cgroup":    file("0::/system.slice/handstamp.service\n"),
		"proc/self/cgroup": file("4:memory:/docker/x\n1:cpu:/docker/x\n0::/\n"),
		"sys/fs/cgroup/system.slice/handstamp.service/memory.max": file("max\n"),
		"sys/fs/cgroup/system.slice/memory.max":                   file("524288\n"),
		"sys/fs/cgroup/memory/memory.limit_in_bytes":              file("1000000\n"),
	}
	for pid, want := range map[int]memoryFacts{
		7: {2 << 20, 1 << 20, 512 << 10},
		0: {2 << 20, 1 << 20, 1000000},
		8: {2 << 20, 1 << 20, 0},
	} {
		if got := lookAtMemory(root, pid); got != want {
			t.Errorf("process %d: %+v, want %+v", pid, got, want)
		}
	}
	if got := lookAtMemory(fstest.MapFS{}, 0); got != (memoryFacts{}) {
		t.Errorf("where nothing is told: %+v", got)
	}
}

// TestLookAtProcess: what Linux tells of a process.
func TestLookAtProcess(t *testing.T) {
	root := fstest.MapFS{
		"proc/7/limits": {Data: []byte("Limit                     Soft Limit           Hard Limit           Units     \n" +
			"Max core file size        unlimited            unlimited            bytes     \n" +
			"Max open files            1024                 524288               files     \n")},
		"proc/7/environ": {Data: []byte("PATH=/bin\x00HANDSTAMP_DATA=/x\x00HANDSTAMP_LISTEN=:1\x00HANDSTAMP_TRACE_HEADERS=hunter2\x00HANDSTAMP_REALM=r\x00")},
	}
	if got, want := limitsOf(root, "7"), (processLimits{true, 1024, math.MaxUint64}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := limitsOf(root, "8"); got.areKnown {
		t.Errorf("of no process: %+v", got)
	}
	ours := []string{"HANDSTAMP_LISTEN=:2", "HANDSTAMP_REALM=r", "HANDSTAMP_DATA=/y", "HANDSTAMP_STORE=memory", "HANDSTAMP_ORIGINS="}
	got := otherVariables(root, "7", ours)
	if diff := cmp.Diff([]string{"HANDSTAMP_LISTEN", "HANDSTAMP_STORE", "HANDSTAMP_TRACE_HEADERS"}, got); diff != "" {
		t.Error(diff)
	}
	if got := otherVariables(root, "8", ours); got != nil {
		t.Errorf("of no process: %v", got)
	}
}

// TestVerdict is what the exit code is made of.
func TestVerdict(t *testing.T) {
	var found findings
	found.ok("a", "%d%%", 1)
	if err := found.verdict(); err != nil {
		t.Errorf("all is ok: %v", err)
	}
	found.weak("b", "x", "")
	if err := found.verdict(); err == nil || err.Error() != "doctor: 1 weak" || errors.Is(err, errUsage) {
		t.Errorf("weak: %v", err)
	}
	found.broken("c", "y\x1b[2J", "do\nit")
	if err := found.verdict(); err == nil || err.Error() != "doctor: 1 broken, 1 weak" {
		t.Errorf("broken: %v", err)
	}
	if got := found[2].String(); strings.ContainsAny(got, "\x1b\n") || !strings.HasPrefix(got, "broken  c: y") {
		t.Errorf("one line: %q", got)
	}
}
