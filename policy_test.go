package handstamp_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handstamp/handstamp"
)

func TestRole(t *testing.T) {
	for _, c := range []struct {
		role  string
		names []string
		want  error
	}{
		{"admin", []string{"admin"}, nil},
		{"admin", []string{"editor", "admin"}, nil},
		{"editor", []string{"admin"}, handstamp.ErrForbidden},
		{"Admin", []string{"admin"}, handstamp.ErrForbidden},
		{"admins", []string{"admin"}, handstamp.ErrForbidden},
		{"", []string{"admin"}, handstamp.ErrForbidden},
		{"", nil, handstamp.ErrForbidden},
		{"admin", nil, handstamp.ErrForbidden},
	} {
		if err := handstamp.Role(c.names...)(t.Context(), handstamp.Identity{Name: "x", Role: c.role}); !errors.Is(err, c.want) {
			t.Errorf("role %q, wanted %q: %v, want %v", c.role, c.names, err, c.want)
		}
	}
}

func TestFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fresh := handstamp.Fresh(5 * time.Minute)
		who := handstamp.Identity{Name: "x", ProvedAt: time.Now()}
		for _, step := range []struct {
			after time.Duration
			want  error
		}{
			{0, nil},
			{5 * time.Minute, nil},
			{time.Nanosecond, handstamp.ErrNotFresh},
			{time.Hour, handstamp.ErrNotFresh},
		} {
			time.Sleep(step.after) // the bubble's clock
			err := fresh(t.Context(), who)
			if !errors.Is(err, step.want) {
				t.Errorf("after %v: %v, want %v", time.Since(who.ProvedAt), err, step.want)
			}
			if step.want != nil && handstamp.StatusOf(err) != 403 {
				t.Errorf("not fresh means %d, want 403", handstamp.StatusOf(err))
			}
		}
		who.ProvedAt = time.Now().Add(time.Minute) // the clock was set back since
		if err := fresh(t.Context(), who); !errors.Is(err, handstamp.ErrNotFresh) {
			t.Errorf("a proof from the future: %v, want ErrNotFresh", err)
		}
		if err := fresh(t.Context(), handstamp.Identity{Name: "x"}); !errors.Is(err, handstamp.ErrNotFresh) {
			t.Errorf("a proof without a time: %v, want ErrNotFresh", err)
		}
	})
}

func TestStatusOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 200},
		{handstamp.ErrNoCredential, 401},
		{handstamp.ErrBadCredential, 401},
		{fmt.Errorf("cookie: %w", handstamp.ErrBadCredential), 401},
		{handstamp.ErrForbidden, 403},
		{handstamp.ErrNotFresh, 403},
		{fmt.Errorf("quota: %w", handstamp.ErrForbidden), 403},
		{errDown, 503},
		{errors.New("credential refused"), 503}, // the same text is not the same error
		{handstamp.ErrID, 503},
	} {
		if got := handstamp.StatusOf(c.err); got != c.want {
			t.Errorf("StatusOf(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}
