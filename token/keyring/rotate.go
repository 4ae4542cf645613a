package keyring

import (
	"context"
	"fmt"
	"time"
)

// UsualOverlap stands for the overlap that the Config has.
const UsualOverlap time.Duration = -1

// Rotate lets the next key sign, and returns it. The one that has signed is accepted for as long as
// overlap says. With an overlap of 0 it does more: every key is replaced, the next and the retired
// ones too, and refused when Rotate returns; it is for keys that have leaked. Secrets of Plone's
// format, also an imported one, are rotated along. Where ctx is done before the store has answered,
// it may or may not have happened.
func (k *Keyring) Rotate(ctx context.Context, overlap time.Duration) (Key, error) {
	if overlap < 0 {
		overlap = k.config.Overlap
	}
	var signs Key
	err := k.change(ctx, func(e *edit) error {
		e.decides = true
		err := e.each(func(p purpose) error {
			if overlap == 0 {
				return e.replace(p)
			}
			if err := e.complete(p); err != nil {
				return err
			}
			return e.rotate(p, overlap)
		})
		if err == nil {
			signs = e.find(forOurs, Signing).Key
		}
		return err
	})
	if err != nil {
		return Key{}, fmt.Errorf("rotate signing keys: %w", err)
	}
	return signs, nil
}
