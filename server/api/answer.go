package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
)

// answer writes body as JSON in the profile's format.
func (a *API) answer(w http.ResponseWriter, status int, body any) {
	text := bytes.NewBuffer(make([]byte, 0, 512))                      // as long as most answers
	if err := encoder(a.Style.format(text)).Encode(body); err != nil { // nothing that is answered here can fail
		a.Log.Error("cannot write JSON", "error", err)
		status = http.StatusInternalServerError
		text.Reset()
	}
	write(w, status, jsonType, text.Bytes())
}

func (s Style) format(w io.Writer) io.Writer {
	if s.Format == nil {
		return w
	}
	return s.Format(w)
}

// encoder writes JSON that is not meant to stand inside of HTML.
func encoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

// write sends a whole answer. The length is set here as net/http does it only for short ones,
// and a HEAD has to say what a GET would.
func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone needs no answer
}
