package gate_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
	"github.com/handstamp/handstamp/server/gate"
)

// TestEventsArriveAtOnce, each before the next one is made, and end with the session.
func TestEventsArriveAtOnce(t *testing.T) {
	for name, header := range map[string][2]string{
		"events": {"Content-Type", "text/event-stream"}, "chunks": {"Content-Type", "text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			seen, gone := make(chan struct{}), make(chan struct{})
			s := newSite(t, app(t, func(w http.ResponseWriter, r *http.Request) {
				defer close(gone)
				w.Header().Set(header[0], header[1])
				w.WriteHeader(200)
				for i := range 3 {
					_ = http.NewResponseController(w).Flush()
					fmt.Fprintf(w, "data: %d\n", i)
					_ = http.NewResponseController(w).Flush()
					<-seen
				}
				<-r.Context().Done()
			}))
			lines := bufio.NewReader(s.do("GET", "/", nil).Body)
			for i := range 3 {
				if line, err := lines.ReadString('\n'); line != fmt.Sprintf("data: %d\n", i) || err != nil {
					t.Fatalf("%q, %v", line, err)
				}
				seen <- struct{}{}
			}
			for range 2 {
				if <-s.looks {
					t.Error("to listen was taken for a use")
				}
			}
			s.revoke(handstamp.ErrBadCredential)
			if rest, err := io.ReadAll(lines); err == nil {
				t.Errorf("a stream that was cut looks whole, with %q", rest)
			}
			<-gone
		})
	}
}

// TestLongUpload: fifty megabytes, with their length told and without, and an answer that begins before they are through.
func TestLongUpload(t *testing.T) {
	const size = 50 << 20
	s := newSite(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = io.WriteString(w, "I listen\n")
		_ = http.NewResponseController(w).Flush()
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body)
		fmt.Fprintf(w, "%d %x %v", n, sum.Sum(nil), err)
	}), with(func(c *gate.Config) { c.Recheck = gate.Recheck }))
	for name, knowsLength := range map[string]bool{"length": true, "chunked": false} {
		t.Run(name, func(t *testing.T) {
			content := io.LimitReader(rand.NewChaCha8([32]byte{1}), size)
			sum := sha256.New()
			reader, writer := io.Pipe()
			r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+s.address+"/", reader)
			if err != nil {
				t.Fatal(err)
			}
			if knowsLength {
				r.ContentLength = size
			}
			early := make(chan *bufio.Reader)
			go func() {
				response, err := s.client.Do(r)
				if err != nil {
					t.Error(err)
					reader.CloseWithError(err)
					close(early)
					return
				}
				early <- bufio.NewReader(response.Body)
			}()
			if _, err := io.CopyN(io.MultiWriter(writer, sum), content, 1<<20); err != nil {
				t.Fatal(err)
			}
			answer := <-early
			if answer == nil {
				return
			}
			if line, err := answer.ReadString('\n'); line != "I listen\n" || err != nil {
				t.Fatalf("%q, %v", line, err)
			}
			if _, err := io.Copy(io.MultiWriter(writer, sum), content); err != nil {
				t.Fatal(err)
			}
			writer.Close()
			want := fmt.Sprintf("%d %s <nil>", size, hex.EncodeToString(sum.Sum(nil)))
			if got, err := io.ReadAll(answer); string(got) != want || err != nil {
				t.Errorf("%s, %v, want %s", got, err, want)
			}
		})
	}
}

// TestContinue: the client's body waits until the app wants it.
func TestContinue(t *testing.T) {
	s := newSite(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusExpectationFailed)
			return
		}
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	for path, want := range map[string][]string{"/yes": {"HTTP/1.1 100 Continue", "HTTP/1.1 200 OK"}, "/no": {"HTTP/1.1 417 Expectation Failed"}} {
		conn := s.dial()
		if _, err := io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(conn)
		for _, status := range want {
			line, err := lines.ReadString('\n')
			for line == "\r\n" && err == nil {
				line, err = lines.ReadString('\n')
			}
			if strings.TrimSpace(line) != status || err != nil {
				t.Fatalf("%s: %q, %v, want %q", path, line, err, status)
			}
			if strings.Contains(status, "100") {
				if _, err := io.WriteString(conn, "body"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestTrailers pass from the app to the client, and not the other way, where they could be taken for headers.
func TestTrailers(t *testing.T) {
	s := newSite(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Trailer", "Told")
		_, _ = io.WriteString(w, "body")
		w.Header().Set("Told", "yes")
		w.Header().Set(http.TrailerPrefix+"Untold", "yes")
		w.Header().Set(http.TrailerPrefix+"Announced", fmt.Sprint(len(r.Trailer)))
		w.Header().Set(http.TrailerPrefix+"From-Client", fmt.Sprint(r.Trailer, r.Header))
	}))
	conn := s.dial()
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nTrailer: X-Auth-User, X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"4\r\nbody\r\n0\r\nX-Auth-User: evil\r\nX-Sum: evil\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	trailer := response.Trailer
	if trailer.Get("Told") != "yes" || trailer.Get("Untold") != "yes" || trailer.Get("Announced") != "0" || strings.Contains(trailer.Get("From-Client"), evil) {
		t.Errorf("%v", trailer)
	}
}

// TestWhoHangsUp is gone for the app, too.
func TestWhoHangsUp(t *testing.T) {
	for name, request := range map[string]string{
		"waiting":   "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"uploading": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
	} {
		t.Run(name, func(t *testing.T) {
			came, gone := make(chan struct{}), make(chan struct{})
			s := newSite(t, app(t, func(_ http.ResponseWriter, r *http.Request) {
				close(came)
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
				close(gone)
			}))
			conn := s.dial()
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			<-came
			conn.Close()
			<-gone
		})
	}
}

// TestRevocationEndsUploads with an answer, if none has begun.
func TestRevocationEndsUploads(t *testing.T) {
	came := make(chan struct{})
	s := newSite(t, app(t, func(_ http.ResponseWriter, r *http.Request) {
		close(came)
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	reader, writer := io.Pipe()
	defer writer.Close()
	go func() {
		_, _ = io.WriteString(writer, "half")
		<-came
		s.revoke(handstamp.ErrBadCredential)
	}()
	if response := s.do("POST", "/", reader); response.StatusCode != 401 {
		t.Errorf("%d", response.StatusCode)
	}
	if v := <-s.refused; !errors.Is(v.Err, handstamp.ErrBadCredential) {
		t.Errorf("%+v", v)
	}
}
