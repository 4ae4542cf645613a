package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/internal/masterkey"
	"github.com/handstamp/handstamp/token"
	"github.com/handstamp/handstamp/token/keyring"
)

// openKeyring opens the signing keys in store as the settings want them.
func (s serveSettings) openKeyring(ctx context.Context, store keyring.Store, key masterkey.Key, notify handstamp.Listener) (*keyring.Keyring, error) {
	keys, err := keyring.Open(ctx, store, key.Derive(keysPurpose), keyring.Config{
		Algorithm: keyring.Algorithm(s.TokenAlgorithm),
		Every:     time.Duration(s.TokenRotation),
		Overlap:   time.Duration(s.TokenLifetime) + time.Minute,
		Plone:     s.PlonePath != "",
		Notify:    notify,
	})
	if errors.Is(err, keyring.ErrSealed) {
		err = fmt.Errorf("%w; bring the master key back, or if it is lost for good, run \"handstamp key forget\"", err)
	}
	return keys, err
}

// tokens says how bearer tokens are made: those of this issuer.
func (s serveSettings) tokens(issuer string, secret []byte) token.Config {
	return token.Config{
		Issuer:    issuer,
		Secret:    secret,
		Lifetime:  time.Duration(s.TokenLifetime),
		Renewable: time.Duration(s.TokenRenewable),
		Lease:     time.Duration(s.Lease),
		Plone:     s.PlonePath,
	}
}

// folderKeys are the signing keys of a folder that no server owns. They are open only while a command
// works with them: all other commands have no need of them, and must not fail for them.
type folderKeys struct {
	folder dataFolder
	own    *opened
}

// with opens the keys for do, as "serve" would on this folder.
func (f folderKeys) with(ctx context.Context, do func(*keyring.Keyring) error) error {
	loaded, err := loadServeSettings(map[string][]string{"data": {string(f.folder)}}, os.Environ())
	if err != nil {
		return err
	}
	keys, err := loaded.Values.openKeyring(ctx, f.own.store.Keys(), f.own.key, nil)
	if err != nil {
		return err
	}
	defer keys.Close()
	return do(keys)
}

// List implements [operator.Keyring]. It shows what is there and makes nothing.
func (f folderKeys) List(ctx context.Context) (list []keyring.Key, err error) {
	return keyring.List(ctx, f.own.store.Keys())
}

// Rotate implements [operator.Keyring].
func (f folderKeys) Rotate(ctx context.Context, overlap time.Duration) (key keyring.Key, err error) {
	err = f.with(ctx, func(keys *keyring.Keyring) error {
		key, err = keys.Rotate(ctx, overlap)
		return err
	})
	return key, err
}

// Import implements [operator.Keyring].
func (f folderKeys) Import(ctx context.Context, secret []byte) (key keyring.Key, err error) {
	err = f.with(ctx, func(keys *keyring.Keyring) error {
		key, err = keys.Import(ctx, secret)
		return err
	})
	return key, err
}
