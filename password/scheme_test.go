package password

import (
	"errors"
	"strings"
	"testing"
)

const (
	bcrypt53 = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	hex128   = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
	sha5     = "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
	sha1Tag  = "6mwBTcctb4zNHtkqzh1B8NjeiVc="
	signer   = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
	fbTail   = "ss=Bw==,sk=" + signer + "$42xEC+ixf3L2lw==$" + signer
)

// Known says before an import what Verify will say at each login.
func TestKnown(t *testing.T) {
	for _, tt := range golden {
		if err := Known(tt.encoded); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for encoded, want := range map[string]error{
		fakePwd:                  nil,
		mustHash(t, small, "p"):  nil,
		"":                       ErrFormat,
		"plain":                  ErrFormat,
		"!":                      ErrFormat, // Django: no password
		"*":                      ErrFormat, // Unix: no password
		" " + fakePwd:            ErrFormat,
		strings.ToUpper(fakePwd): ErrFormat,

		"$2x$05$" + bcrypt53:                   ErrFormat,
		"$2$05$" + bcrypt53:                    ErrFormat,
		"$2b$5$" + bcrypt53:                    ErrFormat,
		"$2b$03$" + bcrypt53:                   ErrFormat,
		"$2b$32$" + bcrypt53:                   ErrFormat,
		"$2b$+5$" + bcrypt53:                   ErrFormat,
		"$2b$05" + bcrypt53:                    ErrFormat,
		"$2b$05$" + bcrypt53[1:]:               ErrFormat,
		"$2b$05$" + bcrypt53 + ".":             ErrFormat,
		"$2b$05$" + bcrypt53[:52] + "+":        ErrFormat,
		"$2b$05$" + bcrypt53[:52] + "X":        ErrFormat, // bits left over
		"$2b$05$" + bcrypt53[:52] + "\n":       ErrFormat,
		"$2b$14$" + bcrypt53:                   nil,
		"$2b$15$" + bcrypt53:                   ErrCost,
		"$2b$31$" + bcrypt53:                   ErrCost,
		"bcrypt$2b$05$" + bcrypt53:             ErrFormat,
		"bcrypt$$2b$31$" + bcrypt53:            ErrCost,
		"bcrypt_sha256$$2x$05$" + bcrypt53:     ErrFormat,
		"bcrypt_sha256$$2b$05$" + bcrypt53:     nil,
		"$wp$2y$10$" + bcrypt53:                nil,
		"$wp$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r":   ErrFormat,
		"$wp":                                  ErrFormat,
		"$bcrypt-sha256$v=2,t=2b,r=5$x$y":      ErrFormat,
		passlibBcrypt("v=2,t=2b,r=5"):          nil,
		passlibBcrypt("v=2,t=2b,r=12"):         nil,
		passlibBcrypt("v=2,t=2b,r=05"):         ErrFormat,
		passlibBcrypt("v=2,t=2a,r=5"):          ErrFormat,
		passlibBcrypt("v=1,t=2b,r=5"):          ErrFormat,
		passlibBcrypt("2b,5"):                  ErrFormat,
		passlibBcrypt("v=2,t=2b,r=20"):         ErrCost,
		passlibBcrypt("v=2,t=2b,r=4294967300"): ErrFormat,

		"scrypt:32768:8:1$salt$" + hex128:                      nil,
		"scrypt:262144:8:1$salt$" + hex128:                     nil,
		"scrypt:524288:8:1$salt$" + hex128:                     ErrCost,
		"scrypt:2147483648:4294967295:1$salt$" + hex128:        ErrCost,
		"scrypt:2147483648:32:1$salt$" + hex128:                ErrCost,
		"scrypt:2:8:4294967295$salt$" + hex128:                 ErrCost,
		"scrypt:2:32:1$salt$" + hex128:                         nil,
		"scrypt:2:33:1$salt$" + hex128:                         ErrCost,
		"scrypt:2:1073741824:1$salt$" + hex128:                 ErrCost,
		"scrypt:131072:8:16$salt$" + hex128:                    ErrCost,
		"scrypt:4294967296:8:1$salt$" + hex128:                 ErrFormat,
		"scrypt:32767:8:1$salt$" + hex128:                      ErrFormat,
		"scrypt:0:8:1$salt$" + hex128:                          ErrFormat,
		"scrypt:1:8:1$salt$" + hex128:                          ErrFormat,
		"scrypt:32768:0:1$salt$" + hex128:                      ErrFormat,
		"scrypt:32768:8:0$salt$" + hex128:                      ErrFormat,
		"scrypt:32768:8$salt$" + hex128:                        ErrFormat,
		"scrypt:32768:8:1$salt$" + strings.ToUpper(hex128):     ErrFormat,
		"scrypt:32768:8:1$salt$" + hex128[:64]:                 ErrFormat,
		"$scrypt$ln=0,r=8,p=1$TmFDbA$" + tag32:                 ErrFormat,
		"$scrypt$ln=16,r=8,p=1$TmFDbA$" + tag32:                nil,
		"$scrypt$ln=19,r=8,p=1$TmFDbA$" + tag32:                ErrCost,
		"$scrypt$ln=32,r=8,p=1$TmFDbA$" + tag32:                ErrCost,
		"$scrypt$ln=64,r=8,p=1$TmFDbA$" + tag32:                ErrFormat,
		"$scrypt$r=8,ln=16,p=1$TmFDbA$" + tag32:                ErrFormat,
		"$scrypt$ln=16,r=8,p=1$TmFDbA$":                        ErrFormat,
		"scrypt$16384$salt$8$1$":                               ErrFormat,
		"scrypt$16384$salt$8$1$" + signer:                      nil,
		"scrypt$1073741824$salt$8$1$" + signer:                 ErrCost,
		"$fbscrypt$v=1,n=14,r=8,p=1," + fbTail:                 nil,
		"$fbscrypt$v=2,n=14,r=8,p=1," + fbTail:                 ErrFormat,
		"$fbscrypt$v=1,n=20,r=8,p=1," + fbTail:                 ErrCost,
		"$fbscrypt$v=1,n=14,r=8,p=1":                           ErrFormat,
		"$fbscrypt$v=1,n=14,r=8,p=1," + fbTail[:len(fbTail)-4]: ErrFormat,

		"pbkdf2_sha1$1$salt$" + sha1Tag:                       nil,
		"pbkdf2_sha1$0$salt$" + sha1Tag:                       ErrFormat,
		"pbkdf2_sha1$-1$salt$" + sha1Tag:                      ErrFormat,
		"pbkdf2_sha1$01$salt$" + sha1Tag:                      ErrFormat,
		"pbkdf2_sha1$1$salt$$" + sha1Tag:                      ErrFormat,
		"pbkdf2_sha256$1$salt$" + sha1Tag:                     ErrFormat,
		"pbkdf2_sha1$2000000$salt$" + sha1Tag:                 nil,
		"pbkdf2_sha1$4294967295$salt$" + sha1Tag:              ErrCost,
		"pbkdf2:sha1:4096$salt$" + hex128[:40]:                nil,
		"pbkdf2:md5:4096$salt$" + hex128[:32]:                 ErrFormat,
		"pbkdf2:sha1$salt$" + hex128[:40]:                     ErrFormat,
		"pbkdf2:sha512:9999999$salt$" + hex128:                ErrCost,
		"$pbkdf2$1212$OB.dtnSEXZK8U5cgxU/GYQ$x":               ErrFormat,
		"$pbkdf2$4294967295$OB.d$y5LKPOplRmok7CZp/aqVDVg8zGI": ErrCost,
		"$pbkdf2$1212$OB+d$y5LKPOplRmok7CZp/aqVDVg8zGI":       ErrFormat,

		"$5$saltstring$" + sha5:                     nil,
		"$5$rounds=5000$saltstring$" + sha5:         nil,
		"$5$rounds=1000000$saltstring$" + sha5:      nil,
		"$5$rounds=1000001$saltstring$" + sha5:      ErrCost,
		"$5$rounds=999999999$saltstring$" + sha5:    ErrCost,
		"$5$rounds=1000000000$saltstring$" + sha5:   ErrFormat, // which crypt(3) would have brought
		"$5$rounds=999$saltstring$" + sha5:          ErrFormat, // within its limits
		"$5$rounds=05000$saltstring$" + sha5:        ErrFormat,
		"$5$rounds=5000$" + sha5:                    ErrFormat,
		"$5$seventeen-letters$" + sha5:              ErrFormat,
		"$5$saltstring$" + sha5[1:]:                 ErrFormat,
		"$5$saltstring$" + sha5[:42] + "z":          ErrFormat,
		"$6$saltstring$" + sha5:                     ErrFormat,
		"$apr1$r31.....$HqJZimcKQFAMYayBlzkrA":      ErrFormat,
		"$apr1$r31......$HqJZimcKQFAMYayBlzkrA/":    ErrFormat,
		"$1$r31.....$HqJZimcKQFAMYayBlzkrA/":        ErrFormat,
		"$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0":        nil,
		"$P$EIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0":        nil,
		"$P$FIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0":        ErrCost,
		"$P$SIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0":        ErrCost,
		"$P$TIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0":        ErrFormat,
		"$P$4IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0":        ErrFormat,
		"$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L":         ErrFormat,
		"$P$":                                       ErrFormat,
		"{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE":          ErrFormat,
		"{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=\n":       ErrFormat,
		"{SSHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=":        ErrFormat,
		"$argon2d$v=19$m=64,t=2,p=1" + tail:         ErrFormat,
		"$argon2i$v=19$m=64,t=2,p=1" + tail:         nil,
		"$argon2i$v=19$m=4294967295,t=2,p=1" + tail: ErrCost,
		"$argon2i$m=64,t=2,p=1" + tail:              ErrFormat,
		"argon2$argon2id$v=19$m=64,t=2,p=1" + tail:  nil,
		"argon2$$argon2id$v=19$m=64,t=2,p=1" + tail: ErrFormat,
	} {
		if err := Known(encoded); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", encoded, err, want)
		}
	}
}

func passlibBcrypt(params string) string {
	return "$bcrypt-sha256$" + params + "$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS"
}

// Whatever is read can be computed within the limits, whoever wrote it and whatever is typed.
func FuzzScheme(f *testing.F) {
	for _, tt := range golden {
		f.Add(tt.encoded, tt.password)
	}
	for _, w := range weights {
		f.Add(w.encoded, "password")
	}
	f.Add("$5$rounds=1000000$saltstringsaltst$"+sha5, strings.Repeat("x", 4096))
	f.Add("$6$rounds=1000000$saltstringsaltst$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1", strings.Repeat("x", 511))
	f.Add("$P$EIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", strings.Repeat("x", 4096))
	f.Add("$fbscrypt$v=1,n=1,r=1,p=1,ss=,sk="+signer+"$AA==$"+signer, "\x00")
	f.Fuzz(func(t *testing.T, encoded, plain string) {
		s, err := parse(encoded)
		if err != nil {
			if s != nil || !errors.Is(err, ErrFormat) && !errors.Is(err, ErrCost) {
				t.Fatalf("%v with %v", s, err)
			}
			return
		}
		if s.memoryKiB() > maxMemoryKiB+maxMemoryKiB/8 {
			t.Fatalf("%q takes %d KiB", encoded, s.memoryKiB())
		}
		if work := s.work(plain); CheckLength(plain) == nil && work > 5*maxWork/2 {
			t.Fatalf("%q takes %d with %d bytes", encoded, work, len(plain))
		}
		if s.work(plain) < 1<<12 && CheckLength(plain) == nil && s.matches(plain) && !s.matches(plain) {
			t.Fatalf("%q is undecided about %q", encoded, plain)
		}
	})
}
