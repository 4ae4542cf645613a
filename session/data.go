package session

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/handstamp/handstamp"
)

// Data is a session's own key/value data, PHP's $_SESSION: the data bag.
type Data map[string]json.RawMessage

// Limits of a data bag, in bytes.
const (
	MaxData    = 64 << 10 // all keys and values together, as JSON
	MaxDataKey = 128      // one key
)

// What is wrong with a data bag.
var (
	// ErrData means that the data is too large, has a key that is too long, or is not JSON.
	ErrData = errors.New("session data not acceptable")
	// ErrSeal means that stored data does not open with the session's token: it was damaged,
	// or put there by somebody else.
	ErrSeal = errors.New("session data damaged")
)

// Data returns the data bag of token's session, and its revision, which rises with each change.
// It returns [ErrGone] if the session has ended.
func (m *Manager) Data(ctx context.Context, token Token) (Data, int64, error) {
	record, err := m.live(ctx, token.Hash())
	if err != nil {
		return nil, 0, fmt.Errorf("read session data: %w", err)
	}
	data, err := openData(record.Data, token, record.ID)
	if err != nil {
		return nil, 0, fmt.Errorf("read session data: %w", err)
	}
	return data, record.Revision, nil
}

// Update lets change change the data bag of token's session, and returns its new revision. When
// somebody else changes it meanwhile, change is called again with what is there then, so that both
// changes are kept. It returns [ErrGone], and writes nothing, if the session has ended: also when it
// ended while change was running. An error of change is returned wrapped, and nothing is written.
func (m *Manager) Update(ctx context.Context, token Token, change func(Data) error) (revision int64, err error) {
	return m.update(ctx, token, func(_ int64, data Data) error { return change(data) })
}

// UpdateIf is [Manager.Update] for those who have seen the data bag at a revision: it returns
// [ErrConflict], and writes nothing, if the session was changed since.
func (m *Manager) UpdateIf(ctx context.Context, token Token, revision int64, change func(Data) error) (int64, error) {
	return m.update(ctx, token, func(now int64, data Data) error {
		if now != revision {
			return ErrConflict
		}
		return change(data)
	})
}

func (m *Manager) update(ctx context.Context, token Token, change func(revision int64, data Data) error) (int64, error) {
	record, err := m.change(ctx, token, func(r *Record) ([]handstamp.Event, error) {
		data, err := openData(r.Data, token, r.ID)
		if err != nil {
			return nil, err
		}
		if err := change(r.Revision, data); err != nil {
			return nil, err
		}
		r.Data, err = data.seal(token, r.ID)
		return nil, err
	})
	if err != nil {
		return 0, fmt.Errorf("update session data: %w", err)
	}
	return record.Revision + 1, nil
}

// seal encrypts the bag under a key that only the token gives, bound to the session, so that
// whoever steals the database can neither read a bag nor move it to another session.
func (d Data) seal(token Token, id handstamp.ID) ([]byte, error) {
	if len(d) == 0 {
		return nil, nil
	}
	for key := range d {
		if len(key) > MaxDataKey {
			return nil, fmt.Errorf("%w: a key is longer than %d bytes", ErrData, MaxDataKey)
		}
	}
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrData, err)
	}
	if len(plain) > MaxData {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrData, MaxData)
	}
	aead, err := dataCipher(token)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, id[:]), nil
}

// openData decrypts what seal has sealed. The bag is never nil.
func openData(sealed []byte, token Token, id handstamp.ID) (Data, error) {
	data := Data{}
	if len(sealed) == 0 {
		return data, nil
	}
	aead, err := dataCipher(token)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, id[:])
	if err != nil {
		return nil, ErrSeal
	}
	if err := json.Unmarshal(plain, &data); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	return data, nil
}

// dataCipher derives the key from the token. The token has at least 122 random bits, so it needs
// no salt and no slow derivation.
func dataCipher(token Token) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "handstamp data bag 1", 32)
	if err != nil {
		return nil, fmt.Errorf("derive data bag key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("derive data bag key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
