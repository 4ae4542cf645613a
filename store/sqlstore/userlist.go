package sqlstore

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/handstamp/handstamp/account"
)

// List implements [account.Store].
func (s *Users) List(ctx context.Context, q account.Query) ([]account.User, error) {
	where, args := userSelection(q)
	users, err := readUsers(ctx, s.store.reads.query, where, args...)
	if q.Before > 0 {
		slices.Reverse(users)
	}
	return users, err
}

// userSelection returns the condition that q stands for, in the order in which the rows are to be
// read, and its arguments. There are four texts, as each is prepared once.
func userSelection(q account.Query) (where string, args []any) {
	before, order := q.Before, `place`
	if before <= 0 {
		before = math.MaxInt64
	} else {
		order = `place DESC`
	}
	where, args = `place > $1 AND place < $2`, []any{q.After, before, max(q.Limit, 0)}
	if key := account.SearchKey(q.Search); key != "" {
		where += ` AND search_text LIKE $4 ESCAPE '\'`
		args = append(args, "%"+literal.Replace(key)+"%")
	}
	return where + ` ORDER BY ` + order + ` LIMIT $3`, args
}

// literal makes text a pattern for LIKE that only this text matches.
var literal = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
