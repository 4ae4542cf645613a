package password

import (
	"strings"
	"testing"
)

// weights are hashes of each kind at usual costs.
var weights = []struct{ name, encoded string }{
	{"argon2id", "$argon2id$v=19$m=19456,t=2,p=1" + tail},
	{"argon2i", "$argon2i$v=19$m=65536,t=4,p=1" + tail},
	{"bcrypt", "$2y$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
	{"scrypt 64 MiB", "$scrypt$ln=16,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI"},
	{"scrypt 16 MiB 5 times", "$scrypt$ln=14,r=8,p=5$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI"},
	{"Firebase", golden[len(golden)-1].encoded},
	{"pbkdf2", "$pbkdf2$131000$OB.dtnSEXZK8U5cgxU/GYQ$y5LKPOplRmok7CZp/aqVDVg8zGI"},
	{"pbkdf2-sha256", "$pbkdf2-sha256$260000$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ"},
	{"pbkdf2-sha512", "$pbkdf2-sha512$25000$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa17k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww"},
	{"SHA-256-crypt", "$5$rounds=100000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
	{"SHA-512-crypt", "$6$rounds=100000$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1"},
	{"apr1", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"},
	{"phpass", "$P$BIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"},
	{"phpBB", "$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"},
}

// BenchmarkWork shows what the unit of work takes with each kind of hash. The times in work.go are
// honest where all are near to that of argon2id.
func BenchmarkWork(b *testing.B) {
	for _, w := range weights {
		s, err := parse(w.encoded)
		if err != nil {
			b.Fatalf("%s: %v", w.name, err)
		}
		for name, password := range map[string]string{
			"short": "short password", "long": strings.Repeat("x", 100), "longer": strings.Repeat("x", 500),
		} {
			b.Run(w.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					s.matches(password)
				}
				work := float64(s.work(password))
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/work, "ns/unit")
				b.ReportMetric(work, "units")
			})
		}
	}
}

// A wrong password against a foreign hash takes the work of an unknown user: the rest of it, where
// the hash is cheaper, is a second one.
func TestForeignEqualWork(t *testing.T) {
	current := Params{MemoryKiB: 8192, Passes: 2, Lanes: 1}
	passwords := []string{"not the password", strings.Repeat("long", 120), "cut\x00" + strings.Repeat("off", 100)}
	for _, tt := range golden {
		s, err := parse(tt.encoded)
		if err != nil {
			t.Fatal(err)
		}
		for _, password := range passwords {
			done := s.work(password)
			total := done
			if rest, isLacking := current.lacking(done); isLacking {
				total += rest.work()
			}
			// The rest is whole KiB for each pass.
			if total+uint64(current.Passes) < current.work() {
				t.Errorf("%s with %d bytes: work %d, want %d", tt.name, len(password), total, current.work())
			}
			if done < current.work() && total > current.work() {
				t.Errorf("%s with %d bytes: work %d, more than %d", tt.name, len(password), total, current.work())
			}
		}
		if s.work("") > quick {
			continue
		}
		for _, password := range passwords {
			if got, err := verify(tt.encoded, password, current); got.OK || err != nil {
				t.Errorf("%s: %+v, %v", tt.name, got, err)
			}
		}
		if got, err := verify(tt.encoded, tt.password, current); !got.OK || !got.NeedsRehash || err != nil {
			t.Errorf("%s, right: %+v, %v", tt.name, got, err)
		}
	}
}

// What is not looked at costs nothing, and must not count as work.
func TestWorkOfWhatIsCut(t *testing.T) {
	for _, w := range weights {
		s, err := parse(w.encoded)
		if err != nil {
			t.Fatal(err)
		}
		switch s.(type) {
		case shaCrypt, apr1:
			if s.work("cut\x00"+strings.Repeat("off", 100)) != s.work("cut") {
				t.Errorf("%s: what follows a NUL counts", w.name)
			}
			if s.work(strings.Repeat("x", maxCryptKey)) != s.work(strings.Repeat("x", MaxBytes)) {
				t.Errorf("%s: what follows the limit counts", w.name)
			}
			if s.work(strings.Repeat("x", maxCryptKey)) < 4*s.work("x") {
				t.Errorf("%s: the length does not count", w.name)
			}
		case phpass:
			if s.work(strings.Repeat("x", MaxBytes)) < 16*s.work("x") {
				t.Errorf("%s: the length does not count", w.name)
			}
		default:
			if s.work(strings.Repeat("x", MaxBytes)) != s.work("x") {
				t.Errorf("%s: the length counts", w.name)
			}
		}
	}
}

// The claims of Verify's comment.
func TestWorkComparedToDefault(t *testing.T) {
	for encoded, want := range map[string]struct{ least, most float64 }{
		"$2b$12$" + bcrypt53:                    {8, 10},
		"$2b$09$" + bcrypt53:                    {1, 1.3},
		"$2b$08$" + bcrypt53:                    {0.4, 0.7},
		"$scrypt$ln=14,r=8,p=1$TmFDbA$" + tag32: {1, 2},
		"pbkdf2_sha256$150000$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=": {0.9, 1},
	} {
		s, err := parse(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if times := float64(s.work("password")) / float64(Default.work()); times < want.least || times > want.most {
			t.Errorf("%s: %.2f times the work, want %v", encoded, times, want)
		}
	}
}

// Django keeps current Params in a form that is not ours.
func TestDjangoArgon2idIsOutdated(t *testing.T) {
	h := &Hasher{Params: small}
	got, err := h.Verify(t.Context(), "argon2"+mustHash(t, small, "p"), "p")
	if want := (Verdict{OK: true, NeedsRehash: true}); got != want || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// BenchmarkRefusal shows how near the times of a wrong password are to that of nobody.
func BenchmarkRefusal(b *testing.B) {
	var h Hasher
	refuse := func(encoded string) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				if got, err := h.Verify(b.Context(), encoded, "not the password"); got.OK || err != nil {
					b.Fatal(got, err)
				}
			}
		}
	}
	b.Run("nobody", refuse(""))
	for _, tt := range golden {
		if s, err := parse(tt.encoded); err == nil && s.work("") < Default.work() {
			b.Run(tt.name, refuse(tt.encoded))
		}
	}
}
