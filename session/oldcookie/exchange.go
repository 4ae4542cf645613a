package oldcookie

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/handstamp/handstamp/session"
)

// Grace is for how long after the first use of an old id its other requests are let in.
const Grace = 10 * time.Second

// storeTimeout bounds what an exchange waits for the store. It does not end with the request: were
// the client to go in the middle, the session would have a token that nobody knows.
const storeTimeout = 5 * time.Second

// An Exchanger takes old cookies. It is safe for concurrent use. There must be one for all of the
// requests to a [session.Manager].
type Exchanger struct {
	sessions *session.Manager
	old      session.Cookie

	mu    sync.Mutex
	known map[session.Hash]*exchange // by the old id: under way, or done within Grace
}

// An exchange is what became of one old id.
type exchange struct {
	done  chan struct{} // closed when the rest is there
	token session.Token
	err   error
}

// New returns an Exchanger for the sessions, and the cookie name, of another system.
func New(sessions *session.Manager, name string) *Exchanger {
	return &Exchanger{
		sessions: sessions,
		old:      session.Cookie{Name: name, Insecure: sessions.Cookie.Insecure},
		known:    make(map[session.Hash]*exchange),
	}
}

// Exchange returns a handler that takes the old cookie of a request, where there is one and none of
// ours, and lets next answer the request as if it had come with ours. Where it cannot tell whether
// the cookie is good, refuse answers: the store is broken.
func (e *Exchanger) Exchange(next http.Handler, refuse func(w http.ResponseWriter, r *http.Request, err error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		old, ok := e.oldToken(r)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		token, err := e.exchange(r.Context(), old)
		switch {
		case errors.Is(err, session.ErrGone):
			next.ServeHTTP(w, r)
		case err != nil:
			refuse(w, r, err)
		default:
			e.sessions.SetCookie(w, token)
			e.old.Clear(w.Header())
			next.ServeHTTP(w, e.with(r, token))
		}
	})
}

// oldToken returns what the session of an old cookie is kept under. A request without one costs no
// allocation.
func (e *Exchanger) oldToken(r *http.Request) (session.Token, bool) {
	value, ok := e.old.Read(r.Header)
	if !ok || len(value) > 3*maxID || len(r.CookiesNamed(e.sessions.Cookie.SentName())) > 0 {
		return "", false
	}
	id, err := url.PathUnescape(string(value)) // PHP escapes the comma in its cookie
	if err != nil {
		return "", false
	}
	token, err := TokenOf(id)
	return token, err == nil
}

// with returns r with the cookie of token.
func (e *Exchanger) with(r *http.Request, token session.Token) *http.Request {
	signedIn := *r
	signedIn.Header = r.Header.Clone()
	signedIn.Header.Add("Cookie", e.sessions.Cookie.SentName()+"="+string(token))
	return &signedIn
}

// exchange returns the new token of the session that goes, or went a moment ago, by an old one, or
// [session.ErrGone].
func (e *Exchanger) exchange(ctx context.Context, old session.Token) (session.Token, error) {
	hash := old.Hash()
	e.mu.Lock()
	other, there := e.known[hash]
	if there {
		e.mu.Unlock()
		return e.await(ctx, other)
	}
	x := &exchange{done: make(chan struct{}), err: context.Canceled}
	e.known[hash] = x
	e.mu.Unlock()

	defer func() { // also if the store panics
		e.mu.Lock()
		if x.err != nil {
			delete(e.known, hash)
		} else {
			time.AfterFunc(Grace, func() { e.forget(hash) })
		}
		e.mu.Unlock()
		close(x.done)
	}()
	renewing, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	x.token, x.err = e.sessions.Renew(renewing, old)
	return x.token, x.err
}

// await returns what became of an exchange that another request has begun. The session may have
// ended since, or been renewed: then its browser has been told.
func (e *Exchanger) await(ctx context.Context, x *exchange) (session.Token, error) {
	select {
	case <-x.done:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if x.err != nil {
		return "", x.err
	}
	if _, err := e.sessions.Find(ctx, x.token); err != nil {
		return "", err
	}
	return x.token, nil
}

func (e *Exchanger) forget(hash session.Hash) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.known, hash)
}
