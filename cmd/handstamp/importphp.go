package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strconv"
	"time"

	"github.com/handstamp/handstamp/importer"
	"github.com/handstamp/handstamp/importer/phpsession"
	"github.com/handstamp/handstamp/internal/settings"
	"github.com/handstamp/handstamp/server/operator"
)

type importPHPCmd struct {
	Folder        string            `arg:"" help:"Where PHP keeps its sessions: session.save_path."`
	UserKey       string            `required:"" placeholder:"KEY" help:"The entry of $_SESSION with the id or the email of whoever is signed in; user.id is $_SESSION['user']['id']."`
	KeepIDs       bool              `name:"keep-ids" help:"Let the old cookies be good until each is used once: see the setting old-cookie."`
	Map           string            `placeholder:"FILE" help:"Without --keep-ids: a new file for the old id and the new token of each session, as JSON lines, for whoever sets the cookies."`
	Handler       string            `default:"php" enum:"php,php_serialize,php_binary" help:"How PHP writes sessions: session.serialize_handler."`
	GCMaxlifetime settings.Duration `name:"gc-maxlifetime" default:"1440s" help:"How long PHP keeps a session that is not used: session.gc_maxlifetime."`
	Owner         string            `placeholder:"USER" help:"Whose files count, where the folder has those of several users of this machine."`
	DryRun        bool              `help:"Only say what would be imported."`
	JSON          bool              `name:"json" help:"Print JSON."`
}

// Help implements kong's HelpProvider.
func (importPHPCmd) Help() string {
	return "The users have to be there already. Sessions that were imported before are not imported again, so that importing twice does no harm " +
		"and brings nothing back that has ended. A session that cannot be brought over whole is skipped, and the others go on.\n\nExample:\n\n" +
		"  handstamp import php /var/lib/php/sessions --user-key user.email --keep-ids --dry-run"
}

// Run implements the command.
func (c importPHPCmd) Run(ctx context.Context, t terminal, data dataFolder) error {
	owner, err := c.check()
	if err != nil {
		return err
	}
	type found struct {
		batch  importer.Batch
		tokens []importer.NewToken
	}
	read, err := unlessDone(ctx, func() (f found, err error) {
		f.batch, f.tokens, err = importer.PHPSessions{
			UserKey:  c.UserKey,
			Handler:  phpsession.Handler(c.Handler),
			Lifetime: time.Duration(c.GCMaxlifetime),
			KeepIDs:  c.KeepIDs,
			Owner:    owner,
		}.Read(c.Folder, time.Now())
		return f, err
	})
	if errors.Is(err, importer.ErrOwners) {
		return fmt.Errorf("nothing was imported: %w with --owner", err)
	}
	if err != nil {
		return err
	}
	read.batch.DryRun = c.DryRun
	if c.KeepIDs || c.DryRun {
		return data.importBatch(ctx, false, read.batch, func(result importer.Result) error { return c.print(t, data, result) })
	}
	file, err := newTokenFile(c.Map, read.tokens)
	if err != nil {
		return err
	}
	var result importer.Result
	err = data.importBatch(ctx, false, read.batch, func(r importer.Result) error {
		result = r
		return nil
	})
	switch {
	case errors.Is(err, operator.ErrConnection):
		return errors.Join(fmt.Errorf("%w; %s has the tokens of the sessions that may have been imported", err, c.Map), file.Close())
	case err != nil:
		return errors.Join(err, file.discard())
	}
	if err := file.keep(result.Claimed); err != nil {
		return err
	}
	return c.print(t, data, result)
}

// check refuses what cannot be meant, and returns the number of the owner.
func (c importPHPCmd) check() (owner int, err error) {
	switch {
	case c.UserKey == "":
		return 0, usagef("--user-key is empty, and must name the entry of $_SESSION that says who is signed in")
	case c.GCMaxlifetime <= 0:
		return 0, usagef("--gc-maxlifetime is %s, and must be more than nothing", c.GCMaxlifetime)
	case c.KeepIDs && c.Map != "":
		return 0, usagef("with --keep-ids there are no new tokens yet, and so nothing for --map")
	case !c.KeepIDs && c.Map == "" && !c.DryRun:
		return 0, usagef("say --keep-ids to let the old cookies be good once, or --map FILE for a front that sets the new ones by itself")
	case c.Owner == "":
		return -1, nil
	}
	who, err := user.Lookup(c.Owner)
	if err != nil {
		who, err = user.LookupId(c.Owner)
	}
	if err == nil {
		owner, err = strconv.Atoi(who.Uid)
	}
	if err != nil {
		return 0, usagef("--owner is %q, and must be a user of this machine", c.Owner)
	}
	return owner, nil
}

func (c importPHPCmd) print(t terminal, data dataFolder, result importer.Result) error {
	if c.JSON {
		return printJSON(t, struct {
			importer.Counts
			Notes  []importer.Note `json:"notes"`
			DryRun bool            `json:"dry_run"`
		}{result.Sessions, append([]importer.Note{}, result.Notes...), c.DryRun})
	}
	if c.DryRun {
		fmt.Fprintln(t.out, "dry run: nothing was imported, and this is what would be")
	}
	printNotes(t, result.Notes)
	printCounts(t, "sessions", result.Sessions)
	if c.KeepIDs && !c.DryRun && result.Sessions.Taken > 0 && !data.takesOldCookies() {
		fmt.Fprintln(t.out, `next: set old-cookie = "PHPSESSID", or what session.name says, and start "handstamp serve" with it`)
	}
	return nil
}
