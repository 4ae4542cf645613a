package front

import (
	"net/http"
	"strconv"
	"strings"
)

// cookiePage tells people how to get out: a site beside this one, of the same domain, can plant
// cookies until every request is refused, and the browser sends them until somebody deletes them.
//
// The answer does not delete them itself. Clear-Site-Data would sign people out of every site of
// the domain, at the word of whoever planted the cookies, and a cookie of which the domain and path
// are not known cannot be taken back.
const cookiePage = `<!DOCTYPE html>
<html lang="en">
<title>Too many cookies</title>
<h1>Too many cookies</h1>
<p>Your browser sends more cookies than this site accepts. They may come from another site of the same domain.</p>
<p>Open your browser's settings, delete the cookies and site data of this site, and load this page again.</p>
</html>
`

// wantsPage reports whether a person is likely to see the answer.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

func writeCookiePage(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(cookiePage)))
	w.WriteHeader(tooManyCookies.status)
	_, _ = w.Write([]byte(cookiePage)) // a client that is gone needs no answer
}
