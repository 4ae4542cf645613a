package pages

import (
	"net/http"
	"strings"

	"github.com/handstamp/handstamp/server/api"
	"github.com/handstamp/handstamp/server/pages/assets"
	"github.com/handstamp/handstamp/server/pages/look"
)

const assetsPath = "/assets/"

// present makes the brand of the look that was configured, and the files that pages load.
func (p *Pages) present(l look.Look) {
	more := []assets.File{{Name: "colours.css", Type: "text/css; charset=utf-8", Text: l.Stylesheet()}}
	logo := ""
	if len(l.Logo) > 0 {
		kind := l.LogoType()
		_, end, _ := strings.Cut(kind, "/")
		logo = "logo." + strings.TrimSuffix(end, "+xml")
		// It is somebody's file: as a page of its own it may do nothing but look like it does.
		more = append(more, assets.File{Name: logo, Type: kind, Text: l.Logo, Policy: look.LogoPolicy})
	}
	p.files = assets.New(more...)
	path := func(name string) string { return p.api.Base + assetsPath + p.files.Path(name) }
	p.brand = brand{Name: l.AppName(), Style: path("style.css"), Colours: path("colours.css"), Icon: path("icon.svg"), Script: path("handstamp.js")}
	switch {
	case logo != "":
		p.brand.Logo, p.brand.Icon = path(logo), path(logo)
	case l.Name == "": // an app with a name of its own does not bear our sign
		p.brand.Logo = p.brand.Icon
	}
}

// assetRoutes serve what pages load, to everybody.
func (p *Pages) assetRoutes() []api.Route {
	return []api.Route{{Path: assetsPath + "{file}", Methods: map[string]api.Method{
		http.MethodGet: {Access: api.Public, Do: func(w http.ResponseWriter, r *http.Request) {
			if !p.files.Serve(w, r) {
				p.api.TurnAway(w, r, api.NotFound)
			}
		}},
	}}}
}
