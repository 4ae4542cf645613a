package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/server/operator"
	"github.com/handstamp/handstamp/store/sqlstore"
	"github.com/handstamp/handstamp/token/keyring"
)

type keyCmd struct {
	List         keyListCmd         `cmd:"" help:"List the keys that tokens are signed with."`
	Rotate       keyRotateCmd       `cmd:"" help:"Sign with the next key from now on."`
	ImportSecret keyImportSecretCmd `cmd:"" help:"Sign Plone's format with a secret of Plone's, from standard input."`
	Forget       keyForgetCmd       `cmd:"" help:"Remove all keys, after the master key was lost."`
}

type keyListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (keyListCmd) Help() string {
	return "One key signs. The next one is published already, so that it can sign at any time. Retired ones are accepted for a while.\n\n" +
		"Example:\n\n  handstamp key list"
}

// keyView is a key for other programs.
type keyView struct {
	ID            string     `json:"id"`
	Algorithm     string     `json:"algorithm"`
	Role          string     `json:"role"`
	Imported      bool       `json:"imported"`
	CreatedAt     time.Time  `json:"created_at"`
	SignsFrom     *time.Time `json:"signs_from"`
	AcceptedUntil *time.Time `json:"accepted_until"`
}

// Run implements the command.
func (c keyListCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	return data.operate(ctx, false, func(o operator.Operator) error {
		keys, err := o.SigningKeys(ctx)
		if err != nil {
			return explainKeys(err)
		}
		if c.JSON {
			views := make([]keyView, 0, len(keys))
			for _, k := range keys {
				views = append(views, keyView{
					k.ID, string(k.Algorithm), string(k.Role()), k.Imported, k.CreatedAt, unlessZero(k.SignsFrom), unlessZero(k.AcceptedUntil),
				})
			}
			return printJSON(t, views)
		}
		table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tALGORITHM\tROLE\tCREATED\tSIGNS FROM\tACCEPTED UNTIL")
		for _, k := range keys {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Algorithm, k.Role(), dateTime(k.CreatedAt), dateTime(k.SignsFrom), dateTime(k.AcceptedUntil))
		}
		return table.Flush()
	})
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func dateTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateTime)
}

type keyRotateCmd struct {
	Overlap     settings.Duration `placeholder:"DURATION" help:"How long the key before is accepted; as long as after a rotation by schedule if it is not given."`
	Compromised bool              `help:"A key has leaked: all keys are replaced, and refused at once."`
}

// Help implements kong's HelpProvider.
func (keyRotateCmd) Help() string {
	return "Tokens stay good for as long as the key that has signed them is accepted. The algorithm is that of the setting token-algorithm.\n\n" +
		"The key that signs from now on was published before, so that whoever remembers the published keys has it. Twice within 5 minutes " +
		"that is not so, and some have to look again.\n\n" +
		"With --compromised every token is refused when the command has returned, and everybody who uses one has to sign in again. Others who " +
		"remember the published keys take the old ones for up to 5 minutes more.\n\n" +
		"Examples:\n\n  handstamp key rotate --overlap 12h\n\n  handstamp key rotate --compromised"
}

// Run implements the command.
func (c keyRotateCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	if c.Compromised && c.Overlap != 0 {
		return usagef("--compromised refuses all keys at once, so there is no --overlap")
	}
	return data.operate(ctx, false, func(o operator.Operator) error {
		key, err := o.RotateKeys(ctx, operator.Rotation{Overlap: time.Duration(c.Overlap), Compromised: c.Compromised})
		if err != nil {
			return explainKeys(err)
		}
		_, err = fmt.Fprintf(t.out, "%s signs, with %s\n", key.ID, key.Algorithm)
		return err
	})
}

type keyImportSecretCmd struct{}

// Help implements kong's HelpProvider.
func (keyImportSecretCmd) Help() string {
	return "With the setting plone-path, whoever verifies Plone's tokens by this secret takes Handstamp's, too. An imported secret is not rotated by schedule, as Plone would not hear of it.\n\n" +
		"Example:\n\n  handstamp key import-secret < secret.txt"
}

// Run implements the command.
func (keyImportSecretCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	const lineEnd = 2
	secret, err := unlessDone(ctx, func() ([]byte, error) {
		return io.ReadAll(io.LimitReader(t.in, keyring.MaxSecret+lineEnd+1))
	})
	if err != nil {
		return fmt.Errorf("read secret: %w", err)
	}
	secret = bytes.TrimSuffix(bytes.TrimSuffix(secret, []byte("\n")), []byte("\r"))
	return data.operate(ctx, false, func(o operator.Operator) error {
		key, err := o.ImportSecret(ctx, secret)
		if err != nil {
			return explainKeys(err)
		}
		_, err = fmt.Fprintf(t.out, "%s signs, with %s\n", key.ID, key.Algorithm)
		return err
	})
}

type keyForgetCmd struct{}

// Help implements kong's HelpProvider.
func (keyForgetCmd) Help() string {
	return "Without their master key nobody can open the keys, and the server does not start. It makes new ones when these are gone; everybody who " +
		"uses a token has to sign in again. The server must be stopped."
}

// Run implements the command.
func (keyForgetCmd) Run(ctx context.Context, t terminal, data dataFolder) (err error) {
	if !data.hasDatabase() {
		return fmt.Errorf("no database in the data folder %s", data)
	}
	own, err := data.open(ctx)
	if errors.Is(err, sqlstore.ErrOwned) {
		return fmt.Errorf("%w; a server that runs can open its keys: \"handstamp key rotate --compromised\" replaces them", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.close()) }()
	given, err := givenMasterKey()
	if err != nil {
		return err
	}
	if err := data.keepAudit(ctx, own, given, false); err != nil {
		return err
	}
	if err := keyring.Forget(ctx, own.store.Keys()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, "all signing keys are gone; the server makes new ones when it starts")
	return err
}

// explainKeys says what to do about an error.
func explainKeys(err error) error {
	if errors.Is(err, operator.ErrNoKeys) {
		return fmt.Errorf("%w; start \"handstamp serve\", and run this beside it", err)
	}
	return err
}
