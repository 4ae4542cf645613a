package server

import (
	"errors"
	"fmt"

	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/front"
)

// minFormKey is how many bytes a key of forms has at least: as many as what it makes.
const minFormKey = 32

// Check returns what is wrong with c. [New] panics where there is something.
func (c Config) Check() error {
	if c.Profile.NeedsWeb && c.Web == nil {
		return errors.New("server without Config.Web")
	}
	clients, err := c.Web.clients()
	if err != nil {
		return err
	}
	if _, err := c.front(&api.API{}, clients); err != nil {
		return err
	}
	return c.checkPages()
}

// checkPages is about what browsers see.
func (c Config) checkPages() error {
	if err := c.Look.Check(); err != nil {
		return fmt.Errorf("look: %w", err)
	}
	for _, origin := range c.ReturnOrigins {
		if err := front.CheckOrigin(origin); err != nil {
			return fmt.Errorf("return origins: %w", err)
		}
	}
	if c.FormKey != nil && len(c.FormKey) < minFormKey {
		return fmt.Errorf("form key: it has %d bytes, and must have at least %d", len(c.FormKey), minFormKey)
	}
	return nil
}
