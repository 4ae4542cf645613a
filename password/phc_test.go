package password

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const (
	salt16 = "c29tZXNhbHRzb21lc2FsdA"
	tag32  = "k39qfyL/GTXyek3gSQkXOnKqiWZD9A5UsqAyIG8UFIQ"
	tail   = "$" + salt16 + "$" + tag32
)

func TestParseAccepts(t *testing.T) {
	for _, tt := range []struct {
		params string
		want   Params
	}{
		{"m=19456,t=2,p=1", Default},
		{"m=8,t=1,p=1", Params{8, 1, 1}},
		{"m=65536,t=3,p=4", Params{65536, 3, 4}}, // the second choice of RFC 9106
		{"m=262144,t=4,p=16", Params{262144, 4, 16}},
		{"m=65536,t=16,p=1", Params{65536, 16, 1}},
	} {
		encoded := "$argon2id$v=19$" + tt.params + tail
		got, err := parseArgon2id(encoded)
		if err != nil {
			t.Errorf("%s: %v", tt.params, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got.Params); diff != "" {
			t.Errorf("%s: %s", tt.params, diff)
		}
		if got.String() != encoded {
			t.Errorf("%s became %s", encoded, got)
		}
	}
}

// A hash is text from a database that strangers may have written to.
func TestParseRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		encoded string
		want    error
	}{
		"empty":                {"", ErrFormat},
		"dollars":              {"$$$$$", ErrFormat},
		"argon2d":              {"$argon2d$v=19$m=64,t=2,p=1" + tail, ErrFormat},
		"no first dollar":      {"argon2id$v=19$m=64,t=2,p=1" + tail, ErrFormat},
		"text in front":        {"x$argon2id$v=19$m=64,t=2,p=1" + tail, ErrFormat},
		"old version":          {"$argon2id$v=16$m=64,t=2,p=1" + tail, ErrFormat},
		"no version":           {"$argon2id$m=64,t=2,p=1" + tail, ErrFormat},
		"padded version":       {"$argon2id$v=019$m=64,t=2,p=1" + tail, ErrFormat},
		"other order":          {"$argon2id$v=19$t=2,m=64,p=1" + tail, ErrFormat},
		"twice m":              {"$argon2id$v=19$m=64,m=64,t=2,p=1" + tail, ErrFormat},
		"twice t for p":        {"$argon2id$v=19$m=64,t=2,t=2" + tail, ErrFormat},
		"no p":                 {"$argon2id$v=19$m=64,t=2" + tail, ErrFormat},
		"more than p":          {"$argon2id$v=19$m=64,t=2,p=1,keyid=1" + tail, ErrFormat},
		"final comma":          {"$argon2id$v=19$m=64,t=2,p=1," + tail, ErrFormat},
		"leading zero":         {"$argon2id$v=19$m=064,t=2,p=1" + tail, ErrFormat},
		"plus":                 {"$argon2id$v=19$m=+64,t=2,p=1" + tail, ErrFormat},
		"minus":                {"$argon2id$v=19$m=64,t=-2,p=1" + tail, ErrFormat},
		"hexadecimal":          {"$argon2id$v=19$m=0x40,t=2,p=1" + tail, ErrFormat},
		"underscore":           {"$argon2id$v=19$m=6_4,t=2,p=1" + tail, ErrFormat},
		"blank":                {"$argon2id$v=19$m= 64,t=2,p=1" + tail, ErrFormat},
		"no number":            {"$argon2id$v=19$m=,t=2,p=1" + tail, ErrFormat},
		"no memory":            {"$argon2id$v=19$m=0,t=2,p=1" + tail, ErrFormat},
		"no passes":            {"$argon2id$v=19$m=64,t=0,p=1" + tail, ErrFormat},
		"no lanes":             {"$argon2id$v=19$m=64,t=2,p=0" + tail, ErrFormat},
		"less than 8 KiB each": {"$argon2id$v=19$m=31,t=2,p=4" + tail, ErrFormat},
		"number over 32 bits":  {"$argon2id$v=19$m=4294967296,t=2,p=1" + tail, ErrFormat},
		"wraps to 64":          {"$argon2id$v=19$m=4294967360,t=2,p=1" + tail, ErrFormat},
		"no tag":               {"$argon2id$v=19$m=64,t=2,p=1$" + salt16, ErrFormat},
		"empty tag":            {"$argon2id$v=19$m=64,t=2,p=1$" + salt16 + "$", ErrFormat},
		"empty salt":           {"$argon2id$v=19$m=64,t=2,p=1$$" + tag32, ErrFormat},
		"more than a tag":      {"$argon2id$v=19$m=64,t=2,p=1" + tail + "$x", ErrFormat},
		"salt of 7":            {"$argon2id$v=19$m=64,t=2,p=1$AAAAAAAAAA$" + tag32, ErrFormat},
		"salt of 66":           {"$argon2id$v=19$m=64,t=2,p=1$" + strings.Repeat("A", 88) + "$" + tag32, ErrFormat},
		"tag of 15":            {"$argon2id$v=19$m=64,t=2,p=1$" + salt16 + "$" + strings.Repeat("A", 20), ErrFormat},
		"tag of 66":            {"$argon2id$v=19$m=64,t=2,p=1$" + salt16 + "$" + strings.Repeat("A", 88), ErrFormat},
		"padding":              {"$argon2id$v=19$m=64,t=2,p=1$" + salt16 + "==$" + tag32, ErrFormat},
		"url alphabet":         {"$argon2id$v=19$m=64,t=2,p=1$" + salt16 + "$" + strings.ReplaceAll(tag32, "/", "_"), ErrFormat},
		"bits left over":       {"$argon2id$v=19$m=64,t=2,p=1$" + salt16[:21] + "B$" + tag32, ErrFormat},
		"line end in base64":   {"$argon2id$v=19$m=64,t=2,p=1$" + salt16 + "\n$" + tag32, ErrFormat},
		"line end behind":      {"$argon2id$v=19$m=64,t=2,p=1" + tail + "\r\n", ErrFormat},
		"a megabyte of salt":   {"$argon2id$v=19$m=64,t=2,p=1$" + strings.Repeat("A", 1<<20) + "$" + tag32, ErrFormat},
		"a megabyte of dollar": {"$argon2id$v=19$" + strings.Repeat("$", 1<<20), ErrFormat},

		"all memory":            {"$argon2id$v=19$m=4294967295,t=1,p=1" + tail, ErrCost},
		"over 256 MiB":          {"$argon2id$v=19$m=262145,t=1,p=1" + tail, ErrCost},
		"all passes":            {"$argon2id$v=19$m=8,t=4294967295,p=1" + tail, ErrCost},
		"over 16 passes":        {"$argon2id$v=19$m=8,t=17,p=1" + tail, ErrCost},
		"over 16 lanes":         {"$argon2id$v=19$m=136,t=1,p=17" + tail, ErrCost},
		"255 lanes":             {"$argon2id$v=19$m=4096,t=1,p=255" + tail, ErrCost},
		"lanes that wrap to 1":  {"$argon2id$v=19$m=4096,t=1,p=257" + tail, ErrCost},
		"memory times passes":   {"$argon2id$v=19$m=262144,t=5,p=1" + tail, ErrCost},
		"product over 32 bits":  {"$argon2id$v=19$m=268435456,t=16,p=1" + tail, ErrCost},
		"everything at its cap": {"$argon2id$v=19$m=262144,t=16,p=16" + tail, ErrCost},
	} {
		t.Run(name, func(t *testing.T) {
			var got scheme
			var err error
			size := allocated(func() { got, err = parse(tt.encoded) })
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v (%+v)", err, tt.want, got)
			}
			if size > 64<<10 {
				t.Errorf("refused, after %d bytes", size)
			}
		})
	}
}

func TestParseGivesBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lanes := rapid.Uint8Range(1, maxLanes).Draw(t, "lanes")
		want := argon2id{
			Params: Params{
				MemoryKiB: rapid.Uint32Range(8*uint32(lanes), maxMemoryKiB).Draw(t, "memory"),
				Passes:    rapid.Uint32Range(1, maxWork/maxMemoryKiB).Draw(t, "passes"),
				Lanes:     lanes,
			},
			salt: rapid.SliceOfN(rapid.Byte(), minSalt, maxSalt).Draw(t, "salt"),
			tag:  rapid.SliceOfN(rapid.Byte(), minTag, maxTag).Draw(t, "tag"),
		}
		got, err := parseArgon2id(want.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(argon2id{})); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "$", "$argon2id$v=19$m=19456,t=2,p=1" + tail, "$argon2id$v=19$m=8,t=1,p=1" + tail,
		"$argon2id$v=19$m=08,t=1,p=1" + tail, "$argon2id$v=19$m=4294967295,t=1,p=1" + tail,
		"$argon2id$v=19$m=8,t=1,p=1$" + salt16 + "\n$" + tag32,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		a, err := parseArgon2id(encoded)
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrCost) {
				t.Fatalf("foreign error %v", err)
			}
			return
		}
		if a.String() != encoded {
			t.Fatalf("%q became %q", encoded, a)
		}
		if !a.isArgon2() || !a.isAffordable() {
			t.Fatalf("accepted %+v", a.Params)
		}
	})
}
