package memory

import (
	"context"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/account"
)

// Users is an [account.Store].
type Users struct {
	// Audit keeps the events; nil to keep none.
	Audit *Audit

	mu    sync.RWMutex
	links map[account.LinkHash]account.Link
	byID  map[handstamp.ID]account.User
	byKey map[string]handstamp.ID
	texts map[handstamp.ID]string // what a search looks in
	order []place
}

// place is one line of the list, which is kept in the order of its numbers.
type place struct {
	number int64
	id     handstamp.ID
}

// NewUsers returns a store without users.
func NewUsers() *Users {
	return &Users{
		byID:  make(map[handstamp.ID]account.User),
		byKey: make(map[string]handstamp.ID),
		texts: make(map[handstamp.ID]string),
		links: make(map[account.LinkHash]account.Link),
	}
}

// Insert implements [account.Store].
func (s *Users) Insert(_ context.Context, u account.User, w account.Write) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.byID[u.ID]; there {
		return account.ErrExists
	}
	if s.taken(u) {
		return account.ErrEmailTaken
	}
	if err := s.with(w); err != nil {
		return err
	}
	u.Place = 1
	if n := len(s.order); n > 0 {
		u.Place = s.order[n-1].number + 1
	}
	s.put(u)
	s.order = append(s.order, place{u.Place, u.ID})
	return nil
}

func (s *Users) taken(u account.User) bool {
	owner, there := s.byKey[u.EmailKey]
	return there && u.EmailKey != "" && owner != u.ID
}

func (s *Users) put(u account.User) {
	delete(s.byKey, s.byID[u.ID].EmailKey)
	s.byID[u.ID] = u
	s.texts[u.ID] = u.SearchText()
	if u.EmailKey != "" {
		s.byKey[u.EmailKey] = u.ID
	}
}

// Find implements [account.Store].
func (s *Users) Find(_ context.Context, ref account.Ref) (account.User, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id := ref.ID
	if id.IsZero() {
		id = s.byKey[ref.EmailKey]
	}
	u, ok := s.byID[id]
	if !ok {
		return account.User{}, account.ErrNoUser
	}
	return u, nil
}

// Update implements [account.Store].
func (s *Users) Update(_ context.Context, id handstamp.ID, change func(*account.User) (account.Write, error)) (account.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.byID[id]
	if !ok {
		return account.User{}, account.ErrNoUser
	}
	w, err := change(&u)
	if err != nil {
		return account.User{}, err
	}
	if s.taken(u) {
		return account.User{}, account.ErrEmailTaken
	}
	if s.isLast(w.LastRole, id) && !holds(u, w.LastRole) {
		return account.User{}, account.ErrLast
	}
	if err := s.with(w); err != nil {
		return account.User{}, err
	}
	s.put(u)
	return u, nil
}

// Delete implements [account.Store].
func (s *Users) Delete(_ context.Context, id handstamp.ID, w account.Write) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.byID[id]
	if !ok {
		return account.ErrNoUser
	}
	if s.isLast(w.LastRole, id) {
		return account.ErrLast
	}
	if err := s.with(w); err != nil {
		return err
	}
	delete(s.byID, id)
	delete(s.texts, id)
	delete(s.byKey, u.EmailKey)
	at := s.behind(u.Place - 1)
	s.order = slices.Delete(s.order, at, at+1)
	return nil
}

// holds reports whether a user has role and may use it.
func holds(u account.User, role string) bool { return role != "" && u.Role == role && !u.Disabled }

// isLast reports whether the user with this ID is the only one who holds role.
func (s *Users) isLast(role string, id handstamp.ID) bool {
	if !holds(s.byID[id], role) {
		return false
	}
	for _, other := range s.byID {
		if other.ID != id && holds(other, role) {
			return false
		}
	}
	return true
}

// with does what goes with a change, or says why the change must not be. It comes last of all that
// can say no.
func (s *Users) with(w account.Write) error {
	if w.Link != (account.LinkHash{}) {
		if !s.hasLink(w.Link, w.Now) {
			return account.ErrNoLink
		}
		delete(s.links, w.Link)
	}
	s.Audit.add(w.Events)
	return nil
}

// behind returns the index of the first line with a number greater than after.
func (s *Users) behind(after int64) int {
	return sort.Search(len(s.order), func(i int) bool { return s.order[i].number > after })
}

// List implements [account.Store].
func (s *Users) List(_ context.Context, q account.Query) ([]account.User, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	to := len(s.order)
	if q.Before > 0 {
		to = s.behind(q.Before - 1)
	}
	lines := s.order[min(s.behind(q.After), to):to]
	var users []account.User
	key := account.SearchKey(q.Search)
	for i := range lines {
		if len(users) >= q.Limit {
			break
		}
		line := lines[i]
		if q.Before > 0 {
			line = lines[len(lines)-1-i]
		}
		if strings.Contains(s.texts[line.id], key) {
			users = append(users, s.byID[line.id])
		}
	}
	if q.Before > 0 {
		slices.Reverse(users)
	}
	return users, nil
}

// Count implements [account.Store].
func (s *Users) Count(context.Context) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.order), nil
}
