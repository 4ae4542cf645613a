package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/handstamp/handstamp/audit"
	"github.com/handstamp/handstamp/internal/masterkey"
	"github.com/handstamp/handstamp/internal/secret"
	"github.com/handstamp/handstamp/internal/settings"
)

// masterKeyName is the file of the key under which everything is signed that a stolen database must
// not be able to forge.
const masterKeyName = "master.key"

// What the keys are for that are derived from the master key. To change one makes everything worthless
// that was signed under it.
const (
	auditPurpose    = "audit log 1"
	throttlePurpose = "attempt limits 1"
	devicePurpose   = "known devices 1"
	formPurpose     = "form tokens 1"
	keysPurpose     = "signing keys 1"
	tokensPurpose   = "sessions of bearer tokens 1"
)

// masterKeyVariable names the master key, or with _FILE behind it a file of it, for those who keep it
// outside of the data folder.
const masterKeyVariable = settings.Prefix + "MASTER_KEY"

// errNoMasterKey means that there is an audit log, and not the key under which it was written.
var errNoMasterKey = errors.New("the master key is missing")

func (f dataFolder) masterKeyFile() string { return filepath.Join(string(f), masterKeyName) }

// keepAudit makes o keep an audit log, under the master key given, or else that of the folder. Where there is
// neither, one is made if create says so and no log is there that was written under another.
func (f dataFolder) keepAudit(ctx context.Context, o *opened, given secret.Text, create bool) error {
	key, err := f.masterKey(ctx, o, given, create)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	o.key = key
	o.chain = audit.NewChain(key.Derive(auditPurpose))
	o.audit = o.store.Audit(o.chain)
	o.people.Audit = o.audit
	return nil
}

func (f dataFolder) masterKey(ctx context.Context, o *opened, given secret.Text, create bool) (masterkey.Key, error) {
	if !given.IsZero() {
		key, err := masterkey.Parse(given.Reveal())
		if err != nil {
			return masterkey.Key{}, fmt.Errorf("%s: %w", masterKeyVariable, err)
		}
		return key, nil
	}
	key, err := masterkey.Load(f.masterKeyFile())
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	// Never a new one in place of one that was lost: what was signed would be worthless without a word.
	begun, eventsErr := o.store.HasEvents(ctx)
	switch {
	case eventsErr != nil:
		return masterkey.Key{}, eventsErr
	case begun:
		return masterkey.Key{}, fmt.Errorf("%w: put %s back from where you keep a copy, or name it with %s_FILE; docs/operations.md says "+
			"what to do if it is lost", errNoMasterKey, f.masterKeyFile(), masterKeyVariable)
	case !create:
		return masterkey.Key{}, err
	}
	key = masterkey.New()
	return key, key.Save(f.masterKeyFile())
}

// givenMasterKey returns the key that the environment names, for commands that have no settings.
func givenMasterKey() (secret.Text, error) {
	if text := os.Getenv(masterKeyVariable); text != "" {
		return secret.New(text), nil
	}
	if file := os.Getenv(masterKeyVariable + "_FILE"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return secret.Text{}, fmt.Errorf("read master key: %w", err)
		}
		return secret.New(string(text)), nil
	}
	return secret.Text{}, nil
}
