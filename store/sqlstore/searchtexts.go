package sqlstore

import (
	"context"
	"fmt"

	"github.com/handstamp/handstamp/account"
)

// addSearchTexts sets what searches look in, for users who were there before there was such a thing.
// SQL's lower() would not do: in SQLite it knows the 26 letters of ASCII, and in no database does it
// leave out accents as account does, so that nobody with other letters would be found.
//
// It names the columns of that time: what later migrations add is not there yet.
func addSearchTexts(ctx context.Context, tx *transaction) error {
	const batch = 1000
	for after := int64(0); ; {
		var users []account.User
		err := tx.query(ctx, func(r row) error {
			var u account.User
			err := r.Scan(&u.Place, &u.Email, &u.FirstName, &u.LastName)
			users = append(users, u)
			return err
		}, `SELECT place, email, first_name, last_name FROM users WHERE place > $1 ORDER BY place LIMIT $2`, after, batch)
		if err != nil {
			return fmt.Errorf("read users: %w", err)
		}
		for _, u := range users {
			if _, err := tx.exec(ctx, `UPDATE users SET search_text = $1 WHERE place = $2`, u.SearchText(), u.Place); err != nil {
				return fmt.Errorf("write users: %w", err)
			}
			after = u.Place
		}
		if len(users) < batch {
			return nil
		}
	}
}
