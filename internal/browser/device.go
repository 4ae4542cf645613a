package browser

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// A Device is what a visitor sits in front of, and how they have set it. The zero Device is a desktop that
// prefers English and light pages, in UTC.
type Device struct {
	Language string // what pages are wanted in, the best first: "de" or "fr,en"
	Zone     string // of its clock, as "Europe/Berlin"; "" means UTC

	Width, Height int     // of the window, in CSS pixels at 100 %; 0 means 1280 by 800
	Scale         float64 // pixels of the screen for each of those; 0 means 1
	Zoom          float64 // of the page: 2 is 200 %, where half as many CSS pixels fit; 0 means 1
	Phone         bool    // obeys <meta name=viewport>, and is touched

	Dark          bool // prefers-color-scheme
	ReducedMotion bool // prefers-reduced-motion
	ForcedColors  bool // forced-colors: the reader's own few, as in the high contrast of Windows
	NoScript      bool // JavaScript is off

	UserAgent string        // what is added to Chromium's own
	Patience  time.Duration // how long any act may take; 0 means 30 s
}

// emulate makes the tab of ctx that device.
func (d Device) emulate(ctx context.Context, userAgent string) error {
	language := cmp.Or(d.Language, "en")
	first, _, _ := strings.Cut(language, ",")
	zoom := cmp.Or(d.Zoom, 1)
	_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent:      strings.TrimSpace(userAgent + " " + d.UserAgent),
		AcceptLanguage: language,
	})
	if err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: strings.ReplaceAll(first, "-", "_")}); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: cmp.Or(d.Zone, "UTC")}); err != nil {
		return err
	}
	_, err = chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width:             int64(float64(cmp.Or(d.Width, 1280)) / zoom),
		Height:            int64(float64(cmp.Or(d.Height, 800)) / zoom),
		DeviceScaleFactor: cmp.Or(d.Scale, 1) * zoom,
		Mobile:            d.Phone,
	})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: d.Phone})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: choose(d.Dark, "dark", "light")},
		{Name: "prefers-reduced-motion", Value: choose(d.ReducedMotion, "reduce", "no-preference")},
		{Name: "forced-colors", Value: choose(d.ForcedColors, "active", "none")},
	}})
	if err != nil {
		return err
	}
	if err := setScripts(ctx, !d.NoScript); err != nil {
		return err
	}
	_, err = chromedp.Call(ctx, audits.Enable, cdp.Empty{})
	return err
}

// setScripts switches the JavaScript of pages on or off.
func setScripts(ctx context.Context, on bool) error {
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	return err
}

func choose(yes bool, this, that string) string {
	if yes {
		return this
	}
	return that
}
