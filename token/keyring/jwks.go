package keyring

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// JWKS returns the public keys with which others can verify our tokens, as JSON (RFC 7517, section 5):
// those that are accepted, and the next one, so that it is known before it signs. Secrets of Plone's
// format are never among them.
func (k *Keyring) JWKS() ([]byte, error) {
	now := time.Now()
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, o := range k.now.Load().keys {
		if o.public == nil || o.isOver(now) {
			continue
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: o.public, KeyID: o.ID, Algorithm: string(o.Algorithm), Use: "sig"})
	}
	text, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("publish keys: %w", err)
	}
	return text, nil
}

// cacheControl lets others remember the keys for five minutes, and for an hour where the server does
// not answer.
const cacheControl = "public, max-age=300, stale-while-revalidate=60, stale-if-error=3600"

// ServeJWKS answers GET and HEAD with the JWKS, for pages of every origin, too: all of it is public.
func (k *Keyring) ServeJWKS(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	text, err := k.JWKS()
	if err != nil {
		k.config.Notify.Fault(r.Context(), "publish keys", err)
		http.Error(w, "internal server error", http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256(text)
	h := w.Header()
	h.Set("Content-Type", "application/jwk-set+json")
	h.Set("Cache-Control", cacheControl)
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:16])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}
