package password

import (
	"strings"
	"testing"
)

func verdictOf(t *testing.T, encoded, password string) bool {
	t.Helper()
	s, err := parse(encoded)
	if err != nil {
		t.Fatalf("%s: %v", encoded, err)
	}
	return s.matches(password)
}

// The first 72 bytes are all that bcrypt has ever seen of a password: whoever types the same
// longer one as ever gets in, and is asked for a new hash, of all of it.
func TestBcryptLooksAt72Bytes(t *testing.T) {
	const (
		first   = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		encoded = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
	)
	h := &Hasher{Params: small}
	for password, want := range map[string]bool{
		first:                                true,
		first + "x":                          true,
		first + "chars after 72 are ignored": true,
		first + strings.Repeat("x", 900):     true,
		first + "\x00":                       true,
		first[:71]:                           false,
		first[:71] + "x" + "9":               false,
		first[:71] + "\x009":                 false,
		"x" + first:                          false,
	} {
		got, err := h.Verify(t.Context(), encoded, password)
		if got.OK != want || got.NeedsRehash != want || err != nil {
			t.Errorf("%q: %+v, %v", password, got, err)
		}
	}
	typed := first + "and the rest"
	renewed := mustHash(t, small, typed)
	if got, _ := h.Verify(t.Context(), renewed, typed); !got.OK {
		t.Error("the new hash refuses its password")
	}
	if got, _ := h.Verify(t.Context(), renewed, first+"another end"); got.OK {
		t.Error("the new hash leaves the end away")
	}
}

// What C made ends at a NUL, as it does for PHP and Apache. Everything else takes it for one byte
// among others.
func TestNUL(t *testing.T) {
	for name, tt := range map[string]struct {
		encoded, password string
		cut               bool
	}{
		"bcrypt":        {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U", true},
		"Django bcrypt": {"bcrypt$$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U", true},
		"SHA-256-crypt": {"$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!", true},
		"apr1":          {"$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", "myPassword", true},
		"{SHA}":         {"{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", "myPassword", false},
		"bcrypt-sha256": {"$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS", "password", false},
		"pbkdf2":        {"$pbkdf2$1212$OB.dtnSEXZK8U5cgxU/GYQ$y5LKPOplRmok7CZp/aqVDVg8zGI", "password", false},
		"scrypt":        {"$scrypt$ln=8,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA", "test", false},
		"argon2i":       {"argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q", "secret", false},
		"phpBB":         {"$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "test12345", false},
		"hexadecimal":   {fakePwd, "fake pwd", false},
	} {
		if !verdictOf(t, tt.encoded, tt.password) {
			t.Errorf("%s: refused", name)
		}
		if got := verdictOf(t, tt.encoded, tt.password+"\x00x"); got != tt.cut {
			t.Errorf("%s: behind a NUL %t, want %t", name, got, tt.cut)
		}
		if verdictOf(t, tt.encoded, "\x00"+tt.password) {
			t.Errorf("%s: accepted with a NUL in front", name)
		}
	}
}

// A password is bytes. What an old site hashed in Latin-1 is right in Latin-1 only, and nothing that
// is not UTF-8 is taken for something else that is not.
func TestNotUTF8(t *testing.T) {
	for _, encoded := range []string{ // made by passlib of the Latin-1 text
		"$2b$04$K94ZqwagTrubq0o1pI7FFubigDj7hCR3G9qKcVuyz1yAYSOb8hyC6",
		"$bcrypt-sha256$v=2,t=2b,r=4$Vw7WBab8GqKSkWOGfRV3w.$PB4hPgQAqovxxXB/tbCY6JWlpFSoTnO",
		"$6$rounds=1000$nY2snqAoXniupOPe$1vO1FiEoO/1GX3pqmz5q02bmI3Hwh7XVFuyfbCBpPy/Z63ya1MNoo6gQpUcgAPEIquiOj/srMZZhIm5H/ZQQ80",
		"$P$5nK1dtRxYUOli7iWFytZJkGkVd4.Ty0",
		"$apr1$6m4znJAd$dxa30NsADsbZOilwD3xKL.",
		"$pbkdf2-sha256$3$sBbCWIsxRogxhnDuPedcCw$GPh6RS.DwgRH27.Q9r47JIudvuz6/v.zIbxKQEufi8M",
		"$scrypt$ln=4,r=8,p=1$rlXK2ZuTEsJYy7nX+j9HCA$0ihsq8B5bhyHCSdbah0ikdFBUEONozdDmHoEUq/6CO8",
		"{SHA}izH0CDFRybAT+b+FwGSYCwNweWI=",
	} {
		for password, want := range map[string]bool{"p\xe4ss": true, "p\xe5ss": false, "päss": false, "p\ufffdss": false, "pss": false} {
			if got := verdictOf(t, encoded, password); got != want {
				t.Errorf("%s with %q: %t", encoded, password, got)
			}
		}
	}
}

// A user with an empty password has none. No password may come to be empty by what is left away.
func TestNothingLeft(t *testing.T) {
	for name, encoded := range map[string]string{
		// htpasswd of an empty password
		"bcrypt":        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy",
		"SHA-256-crypt": emptySHA256Crypt,
		"apr1":          emptyAPR1,
		"WordPress":     emptyWordPress,
		"phpass":        emptyPhpass,
	} {
		for _, password := range []string{"\x00", "\x00x", " \x00", " ", "\t \n"} {
			if verdictOf(t, encoded, password) {
				t.Errorf("%s: accepted %q", name, password)
			}
		}
	}
}

const (
	emptySHA256Crypt = "$5$saltstring$FdNfA4gXqvCeO6iZs7G/.wwwoywYZqo0l1pwmfWaBA7"
	emptyAPR1        = "$apr1$saltsalt$a8ml/vK5HEjiZ5oypDWA7/"
	emptyWordPress   = "$wp$2y$04$y46/jQSsy9C0xEvmwGaEreXFX8jwEezl8Z5.lK6xLvITc5z8Fe/SG"
	emptyPhpass      = "$P$5ulGaSCDnSRpomlnXSPvJBJZxbHHHb1"
	spacesPhpass     = "$P$5X90P7MImdVWZCQ/Ze9DGvefKYYv1m0"
	wordPress        = "$wp$2y$04$/tKVaB5gfb.hYgyKJX7Y2OZrpkCrfKNG/d8oY1TawiTzXd1hhxtmW"
)

// WordPress leaves white space at both ends away. Others with "$P$" do not.
func TestWordPressTrims(t *testing.T) {
	for _, tt := range []struct {
		encoded, password string
		want              bool
	}{
		{wordPress, "correct horse", true},
		{wordPress, " correct horse\t\r\n", true},
		{wordPress, "correct  horse", false},
		{wordPress, "\u00a0correct horse", false},
		{"$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", " test12345 ", true},
		{"$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", " test1234 5 ", false},
		{"$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", " test12345 ", false},
		{spacesPhpass, " test12345 ", true},
		{spacesPhpass, "test12345", false},
	} {
		if got := verdictOf(t, tt.encoded, tt.password); got != tt.want {
			t.Errorf("%s with %q: %t", tt.encoded, tt.password, got)
		}
	}
}

// crypt(3) takes no more than 511 bytes, and there is a limit to what a long password may cost.
func TestCryptRefusesLongPasswords(t *testing.T) {
	for name, tt := range map[string]struct{ encoded, password string }{
		"SHA-512-crypt": {longSHA512Crypt, strings.Repeat("x", 511)},
		"apr1":          {longAPR1, strings.Repeat("x", 511)},
	} {
		if !verdictOf(t, tt.encoded, tt.password) {
			t.Errorf("%s: refused", name)
		}
		if verdictOf(t, tt.encoded, tt.password+"x") {
			t.Errorf("%s: accepted with something behind", name)
		}
	}
}

const (
	longSHA512Crypt = "$6$rounds=1000$saltsalt$nC35Rjw1qm7lwdxVgg3IU9qZMEaqucKnRYCtC7UyfTbgqAQUZjWQxjc2xeWwMzOTjOEqyGG.T4MAGPm1ptmEK/"
	longAPR1        = "$apr1$saltsalt$Z6NmT.Up8mvPsyZ/OOOFJ1"
)
