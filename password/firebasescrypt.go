package password

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"strings"
)

// firebaseScrypt is what Firebase Authentication keeps (https://github.com/firebase/scrypt): the
// signer key of the project, encrypted with AES-256 in counter mode under a scrypt of the
// password.
type firebaseScrypt struct {
	foreign
	scryptParams
	salt      []byte // of the user, followed by the salt separator of the project
	signerKey []byte
	encrypted []byte
}

// parseFirebaseScrypt reads the form in which Supabase takes such hashes over, too:
// "v=1,n=14,r=8,p=1,ss=Bw==,sk=" signer key "$" salt "$" hash, where n is the mem_cost of the
// project, r its rounds, and everything else base64 as Firebase exports it.
func parseFirebaseScrypt(rest string) (scheme, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 3 {
		return nil, ErrFormat
	}
	cost, keys, _ := strings.Cut(fields[0], ",ss=")
	separatorText, signerKeyText, _ := strings.Cut(keys, ",sk=")
	numbers, isNumbers := parseNumbers(cost, ",", "v=", "n=", "r=", "p=")
	separator, isSeparator := parsePadded(separatorText, 0, maxForeignSalt)
	signerKey, isSignerKey := parsePadded(signerKeyText, 32, 128)
	salt, isSalt := parsePadded(fields[1], 1, maxForeignSalt)
	encrypted, isEncrypted := parsePadded(fields[2], len(signerKey), len(signerKey))
	if !isNumbers || !isSeparator || !isSignerKey || !isSalt || !isEncrypted || numbers[0] != 1 {
		return nil, ErrFormat
	}
	n, err := powerOfTwo(numbers[1])
	if err != nil {
		return nil, err
	}
	p := scryptParams{n, numbers[2], numbers[3]}
	if err := p.check(); err != nil {
		return nil, err
	}
	return firebaseScrypt{
		scryptParams: p, salt: append(salt, separator...), signerKey: signerKey, encrypted: encrypted,
	}, nil
}

func (f firebaseScrypt) matches(plain string) bool {
	block, err := aes.NewCipher(f.key(plain, f.salt, 32))
	if err != nil {
		return false
	}
	encrypted := make([]byte, len(f.signerKey))
	// The counter begins at zero: a key made from a salted password encrypts one text only.
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(encrypted, f.signerKey)
	return subtle.ConstantTimeCompare(encrypted, f.encrypted) == 1
}
