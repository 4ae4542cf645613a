package server_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/handstamp/handstamp"
)

type seenSessionPage struct {
	Sessions []struct {
		seenSession
		UserID string `json:"user_id"`
	}
	Next string
}

func (p seenSessionPage) ids() (ids []string) {
	for _, s := range p.Sessions {
		ids = append(ids, s.ID)
	}
	return ids
}

// TestListAllSessions: administrators see who is signed in, the newest first, and end what they see there.
func TestListAllSessions(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		clients := []*client{s.asBob(), s.asAda(), s.asBob()}
		ada := clients[1]
		var want []string
		for i := range 6 {
			began, _, err := s.sessions.Begin(t.Context(), handstamp.Identity{UserID: s.bob.ID, Role: "user"})
			if err != nil {
				t.Fatal(err)
			}
			if i == 3 {
				if err := s.sessions.EndID(t.Context(), s.bob.ID, began.ID); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want = append(want, began.ID.String())
		}
		page := func(query string) seenSessionPage {
			t.Helper()
			return jsonOf[seenSessionPage](t, ada.want(200, "", "GET", "/sessions"+query, ""))
		}
		all := page("")
		if len(all.Sessions) != 8 || all.Next != "" {
			t.Fatalf("%+v", all)
		}
		newest := all.ids()[:5]
		slices.Sort(want)
		slices.Sort(newest)
		diff(t, "the newest", want, newest)
		users := map[string]int{}
		for i, one := range all.Sessions {
			users[one.UserID]++
			if one.Current != (one.UserID == s.ada.ID.String()) || i > 0 && one.BeganAt.After(all.Sessions[i-1].BeganAt) {
				t.Errorf("number %d: %+v", i, one)
			}
		}
		diff(t, "users", map[string]int{s.bob.ID.String(): 7, s.ada.ID.String(): 1}, users)

		for limit := 1; limit <= 9; limit++ {
			var got []string
			for next := ""; ; {
				p := page(fmt.Sprintf("?limit=%d&after=%s", limit, next))
				got = append(got, p.ids()...)
				if next = p.Next; next == "" {
					break
				}
			}
			diff(t, fmt.Sprint("page by page, by ", limit), all.ids(), got)
		}

		last := all.Sessions[7]
		ada.want(200, "", "DELETE", "/auth_session/"+last.ID+"?user="+last.UserID, "")
		clients[0].isIn(false)
		clients[2].isIn(true)
		diff(t, "without the one that was ended", all.ids()[:7], page("").ids())

		for _, bad := range []string{"after=x", "after=AA", "limit=0", "limit=1001", "before=1", "user=" + s.bob.ID.String()} {
			ada.want(400, "wrong_format", "GET", "/sessions?"+bad, "")
		}
		s.asBob().want(403, "forbidden", "GET", "/sessions", "")
		s.stranger().want(401, "unauthorized", "GET", "/sessions", "")
	})
}
