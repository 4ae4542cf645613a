package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handstamp/handstamp"
)

// gate is a Config, made ready.
type gate struct {
	Config
	errors *log.Logger
}

// A passage is one request on its way to the app, and its answer on the way back.
type passage struct {
	*gate
	w       http.ResponseWriter
	r       *http.Request // as it came
	ctx     context.Context
	end     context.CancelCauseFunc
	verdict Verdict
	out     *url.URL
	own     http.Header // of an answer of our own
	limits  deadlines
	used    atomic.Bool           // the client has sent something since somebody looked
	broken  atomic.Pointer[error] // what is wrong with the body that the client sends
	taken   bool                  // the connection is not the http.Server's any more
}

func newPassage(g *gate, w http.ResponseWriter, r *http.Request, v Verdict, out *url.URL) *passage {
	p := &passage{gate: g, w: w, r: r, verdict: v, out: out, own: maps.Clone(w.Header())}
	p.limits.control = http.NewResponseController(w)
	p.ctx, p.end = context.WithCancelCause(r.Context())
	return p
}

// cut gives the passage up, for a reason.
func (p *passage) cut(why error) {
	p.end(why)
	p.limits.abortRead()
}

// pass sends the request to the app, and the answer back.
func (p *passage) pass() {
	defer p.end(nil)
	defer p.Upstream.release(p)
	defer p.limits.close()
	defer p.watch()()

	clear(p.w.Header()) // what stands on pages of the server is not for those of the app
	in := p.r.WithContext(p.ctx)
	if in.ContentLength != 0 {
		// The app may answer before it has read everything, and while it reads.
		_ = p.limits.control.EnableFullDuplex()
		in.Body = &upload{ReadCloser: in.Body, passage: p}
	}
	proxy := httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      p.Upstream.transport,
		BufferPool:     buffers,
		ErrorLog:       p.errors,
		ModifyResponse: p.adjust,
		ErrorHandler:   p.fail,
	}
	proxy.ServeHTTP(&answer{p.w, p}, in)
}

// fail answers in the place of the app.
func (p *passage) fail(_ http.ResponseWriter, _ *http.Request, err error) {
	if p.taken {
		return
	}
	cause, broken := context.Cause(p.ctx), p.broken.Load()
	wasCut := cause != nil && cause != context.Canceled
	if !wasCut && broken == nil && p.r.Context().Err() != nil { // the client has left, and nobody reads an answer
		panic(http.ErrAbortHandler)
	}
	header := p.w.Header()
	clear(header)
	maps.Copy(header, p.own)

	v := Verdict{Status: http.StatusBadGateway, Err: fmt.Errorf("%w: %w", ErrDown, err)}
	switch {
	case wasCut:
		v = Verdict{Status: handstamp.StatusOf(cause), Err: cause}
	case broken != nil:
		v = Verdict{Status: http.StatusBadRequest, Err: fmt.Errorf("%w: %w", ErrBody, *broken)}
		header.Set("Connection", "close")
	case isSlow(err):
		v = Verdict{Status: http.StatusGatewayTimeout, Err: fmt.Errorf("%w: %w", ErrSlow, err)}
	}
	p.Refuse(p.w, p.r, v)
}

// isSlow reports whether the app is there, and takes too long.
func isSlow(err error) bool {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return false
	}
	slow, ok := errors.AsType[net.Error](err)
	return ok && slow.Timeout()
}

// watch looks again and again whether who asks is still let in, and ends the passage if not. It returns what ends the
// watch.
func (p *passage) watch() (stop func()) {
	if !p.verdict.isKnown() {
		return func() {}
	}
	var mu sync.Mutex // held while the timer is set, so that none is left in the end
	var over bool
	var timer *time.Timer
	look := func() {
		err := p.look()
		mu.Lock()
		defer mu.Unlock()
		switch {
		case over:
		case err != nil:
			p.cut(err)
		default:
			timer.Reset(p.Recheck)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(p.Recheck, look)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		timer.Stop()
	}
}

// look says why who has been let in would not be now, as the same.
func (p *passage) look() error {
	ctx, cancel := context.WithTimeout(p.ctx, p.Recheck)
	defer cancel()
	who, err := p.Alive(p.r.WithContext(ctx), p.used.Swap(false))
	if err != nil {
		return err
	}
	session := ""
	if !who.SessionID.IsZero() {
		session = who.SessionID.String()
	}
	h := p.verdict.Header
	if who.UserID.String() != h.Get(userHeader) || session != h.Get(sessionHeader) || who.Role != h.Get(roleHeader) {
		return fmt.Errorf("somebody else than before: %w", handstamp.ErrBadCredential)
	}
	return nil
}

// buffers are what answers are copied through.
var buffers = &bufferPool{sync.Pool{New: func() any { return new([32 << 10]byte) }}}

type bufferPool struct{ sync.Pool }

func (b *bufferPool) Get() []byte  { return b.Pool.Get().(*[32 << 10]byte)[:] }
func (b *bufferPool) Put(p []byte) { b.Pool.Put((*[32 << 10]byte)(p)) }

// An upload is the body of a request. How much of it there is does not matter, as long as more comes.
type upload struct {
	io.ReadCloser
	passage *passage
	isRead  bool // to its end, from where on net/http waits for the client to leave, for as long as it takes
}

// Read implements [io.Reader].
func (u *upload) Read(b []byte) (int, error) {
	if !u.isRead {
		u.passage.limits.extendRead()
	}
	n, err := u.ReadCloser.Read(b)
	if n > 0 {
		u.passage.used.Store(true)
	}
	switch {
	case err == io.EOF:
		u.isRead = true
	case err != nil:
		u.passage.broken.CompareAndSwap(nil, &err)
	}
	return n, err
}
