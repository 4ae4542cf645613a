package server_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"
)

type seenEntries struct {
	Entries []struct {
		Number          int64
		At              time.Time
		Action, Outcome string
		Reason, Sum     string
		ActorID         *string `json:"actor_id"`
		UserID          *string `json:"user_id"`
		SessionID       *string `json:"session_id"`
	}
	Next, Previous int64
}

func (e seenEntries) numbers() (found []int64) {
	for _, entry := range e.Entries {
		found = append(found, entry.Number)
	}
	return found
}

func TestAudit(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *site) {
		start := time.Now()
		ada := s.asAda() // entry 3, behind the two users
		for i := range 6 {
			ada.want(200, "", "PUT", "/users/"+s.bob.ID.String(), fmt.Sprintf(`{"first_name":"Bob %d"}`, i))
		}
		s.stranger().do("POST", "/auth_session", `{"email":"bob@example.com","password":"wrong"}`) // entry 10
		page := func(query string) seenEntries {
			t.Helper()
			return jsonOf[seenEntries](t, ada.want(200, "", "GET", "/audit?"+query, ""))
		}
		all := page("")
		diff(t, "all", []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, all.numbers())
		if all.Next != 10 || all.Previous != 0 {
			t.Errorf("next %d, previous %d", all.Next, all.Previous)
		}
		last := all.Entries[9]
		if last.Action != "login" || last.Outcome != "failure" || *last.UserID != s.bob.ID.String() || last.ActorID != nil || len(last.Sum) != 64 {
			t.Errorf("%+v", last)
		}
		edit := all.Entries[4]
		if *edit.ActorID != s.ada.ID.String() || *edit.UserID != s.bob.ID.String() || edit.SessionID == nil {
			t.Errorf("%+v", edit)
		}

		newest := page("limit=3")
		diff(t, "the newest", []int64{8, 9, 10}, newest.numbers())
		older := page(fmt.Sprintf("limit=3&before=%d", newest.Previous))
		diff(t, "older ones", []int64{5, 6, 7}, older.numbers())
		diff(t, "the oldest", []int64{1, 2, 3, 4}, page(fmt.Sprintf("limit=9&before=%d", older.Previous)).numbers())
		first := page("limit=4&after=0")
		diff(t, "the first", []int64{1, 2, 3, 4}, first.numbers())
		diff(t, "on from there", []int64{5, 6}, page(fmt.Sprintf("limit=2&after=%d", first.Next)).numbers())
		end := page("after=10")
		if end.Entries == nil || len(end.Entries) > 0 || end.Next != 10 {
			t.Errorf("behind the end: %+v", end)
		}
		diff(t, "failures", []int64{10}, page("outcome=failure").numbers())
		diff(t, "logins", []int64{3, 10}, page("action=login").numbers())
		diff(t, "of Ada", []int64{1, 3, 4, 5, 6, 7, 8, 9}, page("user="+s.ada.ID.String()).numbers())
		diff(t, "before the test", []int64(nil), page("until="+url.QueryEscape(start.Add(-time.Hour).Format(time.RFC3339))).numbers())
		if got := page("since=" + url.QueryEscape(start.Add(-time.Hour).Format(time.RFC3339))); len(got.Entries) != 10 {
			t.Errorf("since: %v", got.numbers())
		}
		for _, bad := range []string{
			"limit=1001", "limit=-1", "after=x", "after=-1", "before=1.5", "user=bob", "outcome=maybe", "since=yesterday", "until=2026", "number=1",
		} {
			ada.want(400, "wrong_format", "GET", "/audit?"+bad, "")
		}
		s.asBob().want(403, "forbidden", "GET", "/audit", "")
		s.stranger().want(401, "unauthorized", "GET", "/audit", "")
	})
}

// TestRegistrationIsAudited as the act of nobody, and an administrator's as that.
func TestRegistrationIsAudited(t *testing.T) {
	s := newSite(t, "memory")
	ada := s.asAda()
	ada.want(201, "", "POST", "/users", `{"email":"cy@example.com","password":"p"}`)
	got := jsonOf[seenEntries](t, ada.want(200, "", "GET", "/audit?limit=1", ""))
	if e := got.Entries[0]; e.Action != "user-create" || e.ActorID == nil || *e.ActorID != s.ada.ID.String() {
		t.Errorf("%+v", e)
	}
}
