package password

import "testing"

// golden are hashes from the specifications and the tests of those who define them.
var golden = []struct{ name, password, encoded string }{
	// crypt_blowfish, wrapper.c; the last password is longer than bcrypt looks at
	{"bcrypt 2a", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
	{"bcrypt 2a *", "U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
	{"bcrypt 2a X", "U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"},
	{"bcrypt 2y, not UTF-8", "\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"},
	{"bcrypt 72", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"},
	// Apache, misc/password_encryptions.html
	{"htpasswd -B", "myPassword", "$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC"},
	{"htpasswd -m", "myPassword", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"},
	{"htpasswd -s", "myPassword", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="},
	// passlib, tests/test_handlers_*.py
	{"passlib bcrypt-sha256", "password", "$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS"},
	{"passlib pbkdf2", "password", "$pbkdf2$1212$OB.dtnSEXZK8U5cgxU/GYQ$y5LKPOplRmok7CZp/aqVDVg8zGI"},
	{"passlib pbkdf2-sha256", "password", "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ"},
	{"passlib pbkdf2-sha512", "password", "$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa17k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww"},
	{"passlib scrypt", "test", "$scrypt$ln=8,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA"},
	// RFC 7914, section 12
	{"Werkzeug scrypt, RFC", "password", "scrypt:1024:8:16$NaCl$fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
	// Django, tests/auth_tests/test_hashers.py
	{"Django scrypt", "lètmein", "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw=="},
	{"Django argon2i", "secret", "argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q"},
	// RFC 6070, and RFC 7914, section 11, as far as the forms of Werkzeug and Django carry them
	{"Werkzeug pbkdf2, RFC", "password", "pbkdf2:sha1:4096$salt$4b007901b765489abead49d926f721d065a429c1"},
	{"Django pbkdf2_sha1, RFC", "password", "pbkdf2_sha1$2$salt$6mwBTcctb4zNHtkqzh1B8NjeiVc="},
	{"Django pbkdf2_sha256, RFC", "passwd", "pbkdf2_sha256$1$salt$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw="},
	// https://www.akkadia.org/drepper/SHA-crypt.txt
	{"SHA-256-crypt", "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
	{"SHA-256-crypt, 10000", "Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
	{"SHA-256-crypt, said 5000", "This is just a test", "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5"},
	{"SHA-256-crypt, long", "a very much longer text to encrypt.  This one even stretches over morethan one line.", "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1"},
	{"SHA-256-crypt, least", "the minimum number is still observed", "$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC"},
	{"SHA-512-crypt", "Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
	{"SHA-512-crypt, long", "a very much longer text to encrypt.  This one even stretches over morethan one line.", "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1"},
	{"SHA-512-crypt, no salt", "foo", "$6$$QMXjqd7rHQZPQ1yHsXkQqC1FBzDiVfTHXL.LaeDAeVV.IzMaV9VU4MQ8kPuZa2SOP1A0RPm772EaFYjpEJtdu."},
	// https://www.openwall.com/phpass/, test.php
	{"phpass", "test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"},
	{"phpBB", "test12345", "$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"},
	// https://github.com/firebase/scrypt
	{"Firebase", "user1password", "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="},
}

// quick is the work of a hash that may be computed many times under the race detector, which makes
// some of them ten times as slow.
const quick = 1 << 15

// A hash is right for its own password, wrong for every other one, and to be replaced.
func TestGolden(t *testing.T) {
	for _, tt := range golden {
		t.Run(tt.name, func(t *testing.T) {
			s, err := parse(tt.encoded)
			if err != nil {
				t.Fatal(err)
			}
			if !s.matches(tt.password) {
				t.Error("refused")
			}
			if !s.isOutdated(Default) {
				t.Error("not outdated")
			}
			wrongs := []string{"x" + tt.password, "", tt.password[1:], tt.password[:len(tt.password)-1], tt.encoded}
			if s.work("") > quick {
				wrongs = wrongs[:1]
			}
			for _, wrong := range wrongs {
				if s.matches(wrong) {
					t.Errorf("accepted %q", wrong)
				}
			}
		})
	}
}
