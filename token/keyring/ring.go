package keyring

import (
	"bytes"
	"crypto/cipher"
	"fmt"
	"time"
)

// A ring is what the store had at one moment, opened. It never changes, so that whoever has one needs
// no lock.
type ring struct {
	keys     []*opened // in the order of the store
	byID     map[string]*opened
	byHeader map[string]*opened // by the first part of their tokens; without those of Plone's format
	signing  *opened            // of our tokens
	secret   *opened            // that signs Plone's; nil where there is none
}

// An opened is a key that can be used.
type opened struct {
	Key
	*material
	sealed []byte
}

// newRing opens keys. It takes from before, which may be nil, what that has opened already.
func newRing(seal cipher.AEAD, keys []Stored, before *ring) (*ring, error) {
	r := &ring{byID: make(map[string]*opened), byHeader: make(map[string]*opened)}
	for _, s := range keys {
		o := &opened{Key: s.Key, sealed: s.Sealed}
		if was := before.find(s.ID); was != nil && bytes.Equal(was.sealed, s.Sealed) && was.Algorithm == s.Algorithm {
			o.material = was.material
		} else {
			plain, err := unseal(seal, s)
			if err != nil {
				return nil, err
			}
			if o.material, err = newMaterial(s.Key, plain); err != nil {
				return nil, fmt.Errorf("open key %q: %w", s.ID, err)
			}
		}
		r.keys = append(r.keys, o)
		r.byID[o.ID] = o
		if o.Algorithm.isPublic() {
			r.byHeader[o.header] = o
		}
		if o.Role() == Signing {
			if o.Algorithm.isPublic() {
				r.signing = o
			} else {
				r.secret = o
			}
		}
	}
	return r, nil
}

func (r *ring) find(id string) *opened {
	if r == nil {
		return nil
	}
	return r.byID[id]
}

// stored returns the keys as they came.
func (r *ring) stored() []Stored {
	keys := make([]Stored, len(r.keys))
	for i, o := range r.keys {
		keys[i] = Stored{Key: o.Key, Sealed: o.sealed}
	}
	return keys
}

// accepts reports whether a key, which may be nil, counts now.
func accepts(o *opened, now time.Time) bool { return o != nil && !o.isOver(now) }
