package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/password"
	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/session"
	"github.com/handstamp/handstamp/throttle"
)

// TestProblemOf: codes are promises. Whoever changes one breaks clients.
func TestProblemOf(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		code   string
		wait   time.Duration
	}{
		{handstamp.ErrNoCredential, 401, "unauthorized", 0},
		{handstamp.ErrBadCredential, 401, "credential_refused", 0},
		{account.ErrUnknownUser, 401, "credential_refused", 0},
		{account.ErrWrongPassword, 401, "credential_refused", 0},
		{account.ErrDisabled, 401, "credential_refused", 0},
		{handstamp.ErrForbidden, 403, "forbidden", 0},
		{handstamp.ErrNotFresh, 403, "not_fresh", 0},
		{account.ErrNoUser, 404, "not_found", 0},
		{account.ErrNoLink, 404, "link_not_good", 0},
		{account.ErrEmail, 400, "email_not_acceptable", 0},
		{account.ErrEmailTaken, 409, "email_taken", 0},
		{account.ErrName, 400, "name_too_long", 0},
		{account.ErrPassword, 400, "password_not_acceptable", 0},
		{fmt.Errorf("%w: %w", account.ErrPassword, password.ErrTooLong), 400, "password_too_long", 0},
		{fmt.Errorf("%w: %w", account.ErrPassword, &password.TooShortError{CodePoints: 3, Min: 15}), 400, "password_too_short", 0},
		{fmt.Errorf("%w: %w", account.ErrPassword, password.ErrTooCommon), 400, "password_too_common", 0},
		{fmt.Errorf("%w: %w", account.ErrPassword, password.ErrTooRegular), 400, "password_too_common", 0},
		{fmt.Errorf("%w: %w", account.ErrPassword, password.ErrTooPersonal), 400, "password_too_common", 0},
		{&throttle.Refused{RetryAfter: 90 * time.Second}, 429, "too_many_attempts", 90 * time.Second},
		{password.ErrTooLong, 400, "password_too_long", 0},
		{account.ErrRole, 400, "role_unknown", 0},
		{account.ErrLast, 409, "last_admin", 0},
		{account.ErrChanged, 409, "changed_meanwhile", 0},
		{session.ErrConflict, 409, "changed_meanwhile", 0},
		{session.ErrGone, 401, "credential_refused", 0},
		{session.ErrData, 413, "data_too_large", 0},
		{session.ErrSeal, 500, "internal", 0},
		{&http.MaxBytesError{}, 413, "request_too_large", 0},
		{password.ErrBusy, 503, "busy", time.Second},
		{errors.New("disk on fire"), 503, "unavailable", time.Second},
		{errors.Join(account.ErrNoLinks), 503, "unavailable", time.Second},
	} {
		got := api.ProblemOf(fmt.Errorf("doing it: %w", c.err))
		if got.Status != c.status || got.Code != c.code || got.RetryAfter != c.wait || got.Message == "" {
			t.Errorf("%v: %+v", c.err, got)
		}
	}
}
