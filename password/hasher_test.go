package password

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
)

// fakePwd is what the founding API keeps for the password "fake pwd".
const fakePwd = "7a321db83885ebbe8358bc1160c803af6cc70c80aa8f750eeb9d21d5f8c75967"

func TestHashAndVerify(t *testing.T) {
	h := &Hasher{Params: small}
	for _, password := range []string{"", "correct horse battery staple", "pässwörd 🔑", "nul\x00inside", "not utf-8 \xff"} {
		encoded, err := h.Hash(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Verify(t.Context(), encoded, password)
		if want := (Verdict{OK: true}); got != want || err != nil {
			t.Errorf("%q: %+v, %v", password, got, err)
		}
		for _, wrong := range []string{password + "x", password + "\x00", "other"} {
			if got, err := h.Verify(t.Context(), encoded, wrong); got != (Verdict{}) || err != nil {
				t.Errorf("%q for %q: %+v, %v", wrong, password, got, err)
			}
		}
	}
}

// The zero Hasher writes what the package says it writes.
func TestHashByDefault(t *testing.T) {
	var h Hasher
	one, err := h.Hash(t.Context(), "password")
	if err != nil {
		t.Fatal(err)
	}
	if form := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`); !form.MatchString(one) {
		t.Error(one)
	}
	if two := mustHash(t, Default, "password"); one == two {
		t.Error("the same salt twice")
	}
	if got, err := h.Verify(t.Context(), one, "password"); got != (Verdict{OK: true}) || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// Written by the reference implementation (Debian's argon2 0~20171227):
//
//	echo -n password | argon2 SALT -id -t T -k M -p P -l LENGTH -e
func TestVerifyForeignArgon2id(t *testing.T) {
	h := &Hasher{Params: small}
	for _, encoded := range []string{
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzYWx0$k39qfyL/GTXyek3gSQkXOnKqiWZD9A5UsqAyIG8UFIQ",
		"$argon2id$v=19$m=256,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$fwfGb+vIubWfuLB9/YzfZTInF3Z4Ua2Wgy1Elio7Ys0",
		"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$+oMPEIU1KxM8sbBZuz4VsA",
	} {
		got, err := h.Verify(t.Context(), encoded, "password")
		if want := (Verdict{OK: true, NeedsRehash: true}); got != want || err != nil {
			t.Errorf("%s: %+v, %v", encoded, got, err)
		}
		if got, err := h.Verify(t.Context(), encoded, "Password"); got != (Verdict{}) || err != nil {
			t.Errorf("wrong password for %s: %+v, %v", encoded, got, err)
		}
	}
}

func TestVerifySHA256(t *testing.T) {
	h := &Hasher{Params: small}
	for name, tt := range map[string]struct {
		encoded, password string
		want              Verdict
		err               error
	}{
		"right":      {fakePwd, "fake pwd", Verdict{OK: true, NeedsRehash: true}, nil},
		"wrong":      {fakePwd, "fake pwD", Verdict{}, nil},
		"itself":     {fakePwd, fakePwd, Verdict{}, nil},
		"empty":      {fakePwd, "", Verdict{}, nil},
		"upper case": {strings.ToUpper(fakePwd), "fake pwd", Verdict{}, ErrFormat},
		"one less":   {fakePwd[:63], "fake pwd", Verdict{}, ErrFormat},
		"one more":   {fakePwd + "0", "fake pwd", Verdict{}, ErrFormat},
		"not hex":    {fakePwd[:63] + "g", "fake pwd", Verdict{}, ErrFormat},
		"colon":      {fakePwd[:63] + ":", "fake pwd", Verdict{}, ErrFormat},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := h.Verify(t.Context(), tt.encoded, tt.password)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestNeedsRehash(t *testing.T) {
	h := &Hasher{Params: small}
	current := mustHash(t, small, "p")
	shortTag := argon2id{Params: small, salt: make([]byte, saltLength)}
	shortTag.tag = shortTag.derive("p", 16)
	shortSalt := argon2id{Params: small, salt: make([]byte, 8)}
	shortSalt.tag = shortSalt.derive("p", tagLength)
	for name, tt := range map[string]struct {
		encoded string
		want    bool
	}{
		"current":     {current, false},
		"less memory": {mustHash(t, Params{32, 2, 1}, "p"), true},
		"more memory": {mustHash(t, Params{128, 2, 1}, "p"), true},
		"fewer":       {mustHash(t, Params{64, 1, 1}, "p"), true},
		"lanes":       {mustHash(t, Params{64, 2, 2}, "p"), true},
		"short tag":   {shortTag.String(), true},
		"short salt":  {shortSalt.String(), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := h.Verify(t.Context(), tt.encoded, "p")
			if want := (Verdict{OK: true, NeedsRehash: tt.want}); got != want || err != nil {
				t.Errorf("%+v, %v", got, err)
			}
			if got, _ := h.Verify(t.Context(), tt.encoded, "q"); got != (Verdict{}) {
				t.Errorf("wrong password: %+v", got)
			}
		})
	}
}

// No password is that of nobody, not even one that hashes to what a decoy holds.
func TestDecoyLetsNobodyIn(t *testing.T) {
	if d := (decoy{newArgon2id("p", small)}); d.matches("p") || !d.argon2id.matches("p") {
		t.Error("a decoy has let somebody in")
	}
}

// Every way through a login takes the memory of as many hashes: what Verify does not do, the
// caller's Hash does.
func TestEqualWork(t *testing.T) {
	h := &Hasher{Params: Params{1024, 2, 1}}
	cheap := mustHash(t, Params{512, 1, 1}, "p")
	for name, tt := range map[string]struct {
		encoded, password string
		verify, whole     uint64 // KiB
	}{
		"nobody":            {"", "p", 1024, 1024},
		"nobody, empty":     {"", "", 1024, 1024},
		"malformed":         {"$2y$10$abcdefghijklmnopqrstuv", "p", 1024, 1024},
		"far too long":      {strings.Repeat("x", 1<<20), "p", 1024, 1024},
		"too costly":        {"$argon2id$v=19$m=4294967295,t=1,p=1" + tail, "p", 1024, 1024},
		"sha256 wrong":      {fakePwd, "p", 1024, 1024},
		"sha256 right":      {fakePwd, "fake pwd", 0, 1024},
		"argon2id wrong":    {mustHash(t, h.Params, "p"), "q", 1024, 1024},
		"argon2id right":    {mustHash(t, h.Params, "p"), "p", 1024, 1024},
		"cheap wrong":       {cheap, "q", 512 + 768, 512 + 768},
		"cheap right":       {cheap, "p", 512, 512 + 1024},
		"strong wrong":      {mustHash(t, Params{2048, 2, 1}, "p"), "q", 2048, 2048},
		"same work, fatter": {mustHash(t, Params{2048, 1, 1}, "p"), "q", 2048, 2048},
	} {
		t.Run(name, func(t *testing.T) {
			var verdict Verdict
			verify := allocated(func() { verdict, _ = h.Verify(t.Context(), tt.encoded, tt.password) })
			whole := verify
			if verdict.NeedsRehash {
				whole += allocated(func() {
					if _, err := h.Hash(t.Context(), tt.password); err != nil {
						t.Fatal(err)
					}
				})
			}
			const slack = 64 << 10 // what else a call takes
			if least := tt.verify << 10; verify < least || verify > least+slack {
				t.Errorf("Verify takes %d KiB, want %d", verify>>10, tt.verify)
			}
			if least := tt.whole << 10; whole < least || whole > least+slack {
				t.Errorf("login takes %d KiB, want %d", whole>>10, tt.whole)
			}
		})
	}
}

// A hash that cannot be used is told apart for the log, and costs the memory of a decoy only.
func TestVerifyHostile(t *testing.T) {
	for encoded, want := range map[string]error{
		"": nil,
		"$argon2id$v=19$m=4294967295,t=1,p=1" + tail:         ErrCost,
		"$argon2id$v=19$m=8,t=4294967295,p=1" + tail:         ErrCost,
		"$argon2id$v=19$m=262144,t=16,p=255" + tail:          ErrCost,
		"$argon2id$v=19$m=262144,t=5,p=1" + tail:             ErrCost,
		"$argon2id$v=19$m=7,t=1,p=1" + tail:                  ErrFormat,
		"$6$rounds=999999999$salt$" + strings.Repeat("x", 9): ErrFormat,
		"scrypt:32768:8:1$x$y":                               ErrFormat,
		"plain":                                              ErrFormat,
	} {
		h := &Hasher{Params: small}
		var got Verdict
		var err error
		size := allocated(func() { got, err = h.Verify(t.Context(), encoded, "plain") })
		if got != (Verdict{}) || !errors.Is(err, want) {
			t.Errorf("%s: %+v, %v", encoded, got, err)
		}
		if err != nil && strings.Contains(err.Error(), encoded) {
			t.Errorf("the error shows the hash: %v", err)
		}
		if size > 1<<20 {
			t.Errorf("%s: %d bytes", encoded, size)
		}
	}
}

func TestTooLong(t *testing.T) {
	h := &Hasher{Params: small}
	encoded := mustHash(t, small, "p")
	for name, tt := range map[string]struct {
		password string
		want     error
	}{
		"1024 of one byte":   {strings.Repeat("a", 1024), nil},
		"1024 of four bytes": {strings.Repeat("🔑", 1024), nil},
		"1025 of one byte":   {strings.Repeat("a", 1025), ErrTooLong},
		"1025 not UTF-8":     {strings.Repeat("\xff", 1025), ErrTooLong},
		"4097 bytes":         {strings.Repeat("🔑", 1024) + "a", ErrTooLong},
		"a megabyte":         {strings.Repeat("a", 1<<20), ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			before := h.Stats().Done
			// A context that is done shows what comes first.
			ctx := t.Context()
			if tt.want != nil {
				done, cancel := context.WithCancel(ctx)
				cancel()
				ctx = done
			}
			_, err := h.Hash(ctx, tt.password)
			if !errors.Is(err, tt.want) {
				t.Errorf("Hash: %v", err)
			}
			for _, encoded := range []string{encoded, "", fakePwd} {
				if _, err := h.Verify(ctx, encoded, tt.password); !errors.Is(err, tt.want) {
					t.Errorf("Verify: %v", err)
				}
			}
			if isRefused := h.Stats().Done == before; isRefused != (tt.want != nil) {
				t.Errorf("%d hashes before it said %v", h.Stats().Done-before, tt.want)
			}
		})
	}
}

// Params that argon2 cannot use must not look like anybody's wrong password.
func TestImpossibleParams(t *testing.T) {
	for _, p := range []Params{{MemoryKiB: 64}, {7, 1, 1}, {64, 1, 0}, {1 << 30, 1, 1}, {64, 17, 1}, {262144, 5, 1}} {
		h := &Hasher{Params: p}
		_, hashErr := h.Hash(t.Context(), "p")
		_, verifyErr := h.Verify(t.Context(), "", "p")
		for _, err := range []error{hashErr, verifyErr} {
			if err == nil || errors.Is(err, ErrFormat) || errors.Is(err, ErrCost) {
				t.Errorf("%+v: %v", p, err)
			}
		}
	}
}

func BenchmarkHash(b *testing.B) {
	var h Hasher
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "correct horse battery staple"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	var h Hasher
	right := mustHash(b, Default, "correct horse battery staple")
	cheap := mustHash(b, Params{9728, 2, 1}, "correct horse battery staple")
	for _, bb := range []struct{ name, encoded, password string }{
		{"right", right, "correct horse battery staple"},
		{"wrong", right, "x"},
		{"cheap wrong", cheap, "x"},
		{"nobody", "", "x"},
		{"sha256 wrong", fakePwd, "x"},
		{"sha256 right", fakePwd, "fake pwd"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Verify(b.Context(), bb.encoded, bb.password); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
