package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// holdBack is how many bytes of a list are gathered before the first of them goes out. A list
// that is shorter goes out whole, with its length, and can still become another answer.
const holdBack = 256 << 10

// A list is an answer that is a JSON array, sent while it is made.
type list struct {
	w       http.ResponseWriter
	text    bytes.Buffer // what was not sent yet
	out     io.Writer    // formats into text
	encoder *json.Encoder
	between string // what stands before the next element
	sent    bool   // some of it
}

func (a *API) startList(w http.ResponseWriter) *list {
	l := &list{w: w, between: "["}
	l.out = a.Style.format(&l.text)
	l.encoder = encoder(l.out)
	return l
}

// add appends an element. It returns an error when the client is gone.
func (l *list) add(element any) error {
	_, _ = io.WriteString(l.out, l.between) // into memory
	l.between = ","
	if err := l.encoder.Encode(element); err != nil {
		return err
	}
	if l.text.Len() < holdBack {
		return nil
	}
	if !l.sent {
		l.w.Header().Set("Content-Type", jsonType)
		l.sent = true
	}
	_, err := l.text.WriteTo(l.w)
	return err
}

// end sends the rest.
func (l *list) end() {
	if l.between == "[" {
		_, _ = io.WriteString(l.out, "[")
	}
	_, _ = io.WriteString(l.out, "]")
	if l.sent {
		_, _ = l.text.WriteTo(l.w) // a client that is gone needs no answer
		return
	}
	write(l.w, http.StatusOK, jsonType, l.text.Bytes())
}

// abort lets instead answer, or cuts the connection if half of the list is on its way: the client
// must not take it for the whole.
func (l *list) abort(instead func()) {
	if l.sent {
		panic(http.ErrAbortHandler)
	}
	instead()
}
