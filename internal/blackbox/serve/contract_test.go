package serve_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	product "github.com/handstamp/handstamp/server/api"
)

// A contract is a transport that compares every answer with openapi.yaml, or with what every page must
// be, and its headers with those that stand on every answer.
type contract struct {
	t      testing.TB
	next   http.RoundTripper
	target *target
	met    *encounters
}

// RoundTrip implements [http.RoundTripper].
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	base, err := url.Parse(c.target.base)
	if err != nil {
		return nil, err
	}
	path, isOurs := strings.CutPrefix(r.URL.Path, base.Path)
	for _, cookie := range response.Cookies() {
		if cookie.MaxAge >= 0 && cookie.Value != "" && cookie.Name != languageCookie {
			keepSecret(cookie.Value)
		}
	}
	c.met.note(r, path, response)
	key := c.keyOf(r, path, response, body)
	if _, wasGood := good.Load(key); wasGood || !isOurs {
		return response, nil
	}
	err = compareHeaders(path, response, c.target.host != "")
	if err == nil && isPage(response) {
		err = c.comparePage(r, path, response, body)
	} else if err == nil && path != verifyPath && !isOnlyForPages(r, path, response) {
		err = compare(r, path, response, body)
	}
	if err != nil {
		c.t.Errorf("%s %s: %d %.300s is not what it must be: %v", r.Method, r.URL.Path, response.StatusCode, body, err)
	} else {
		good.Store(key, true)
	}
	return response, nil
}

// good are the answers in which nothing was found, so that those who hammer do not have the same one
// compared all the time.
var good sync.Map

func (c *contract) keyOf(r *http.Request, path string, got *http.Response, body []byte) [sha256.Size]byte {
	header := got.Header.Clone()
	header.Del("Date")
	return sha256.Sum256(fmt.Append(nil, c.target.host, r.Method, path, got.StatusCode, header, string(body)))
}

// described is openapi.yaml.
var described = sync.OnceValues(func() (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(product.Description)
	if err != nil {
		return nil, err
	}
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	return doc, doc.Validate(loader.Context)
})

// describedPaths leads from the path of a request to the one in openapi.yaml, as the server does.
var describedPaths = sync.OnceValue(func() *http.ServeMux {
	mux := http.NewServeMux()
	doc, err := described()
	if err != nil {
		return mux
	}
	for path := range doc.Paths.Map() {
		mux.Handle(path, http.NotFoundHandler())
		mux.Handle(path+"/{$}", http.NotFoundHandler())
	}
	return mux
})

// anywhere are the problems that any path may answer, as the response "default" of openapi.yaml says.
var anywhere = map[string]int{
	"ambiguous_credentials": 400, "bad_forwarded_header": 400, "bad_target": 400, "cookies_too_large": 431, "cross_site": 403,
	"header_too_large": 431, "internal": 500, "method_not_allowed": 405, "request_too_large": 413, "unknown_host": 421,
	"uri_too_long": 414,
}

func compare(r *http.Request, path string, got *http.Response, body []byte) error {
	doc, err := described()
	if err != nil {
		return err
	}
	asked := &http.Request{Method: "GET", URL: &url.URL{Path: path, RawPath: r.URL.RawPath}}
	_, pattern := describedPaths().Handler(asked)
	item := doc.Paths.Value(strings.TrimSuffix(pattern, "/{$}"))
	problem := doc.Components.Schemas["Problem"].Value
	hasNoBody := got.StatusCode == 204 || got.StatusCode == 304 || r.Method == http.MethodHead
	if hasNoBody && len(body) > 0 {
		return errors.New("a body where there is none")
	}
	otherForm := path == "/readyz" || item != nil && item.Post != nil && slices.Contains(item.Post.Tags, tokensTag)
	if code := codeOf(body); r.Method != http.MethodHead && isProblem(got) && (code != "" || !otherForm) {
		if err := problem.VisitJSON(parse(body)); err != nil {
			return err
		}
		if status, ok := anywhere[code]; ok && status == got.StatusCode {
			return nil
		}
	}
	if item == nil { // a stranger does not learn that it is no path
		if got.StatusCode != 404 && got.StatusCode != 401 && got.StatusCode < 500 {
			return errors.New("a path that is not described")
		}
		return nil
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	operation := item.GetOperation(method)
	if operation == nil {
		return compareAllow(item, got)
	}
	status := got.StatusCode
	if operation.Responses.Status(status) == nil {
		if r.Method == http.MethodHead && slices.Contains([]int{400, 403, 413, 414, 421, 431}, status) {
			return nil
		}
		return errors.New("a status that is not described")
	}
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r,
			Route:   &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: operation},
		},
		Status: status,
		Header: got.Header,
		Body:   io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, ExcludeResponseBody: r.Method == http.MethodHead,
		},
	})
}

// compareAllow compares what is answered to a method that a path does not have.
func compareAllow(item *openapi3.PathItem, got *http.Response) error {
	if got.StatusCode == 401 || got.StatusCode == 404 && item.Get.Tags[0] == "operations" || got.StatusCode >= 500 {
		return nil
	}
	want := []string{"OPTIONS"}
	for method := range item.Operations() {
		want = append(want, method)
		if method == http.MethodGet {
			want = append(want, http.MethodHead)
		}
	}
	slices.Sort(want)
	if allow := got.Header.Get("Allow"); allow != strings.Join(want, ", ") {
		return fmt.Errorf("Allow: %q, want %q", allow, want)
	}
	return nil
}

func isProblem(got *http.Response) bool {
	return got.StatusCode >= 400 && got.Header.Get("Content-Type") == jsonType
}

// parse returns the JSON in text, or nil.
func parse(text []byte) any {
	var v any
	_ = json.Unmarshal(text, &v)
	return v
}

func codeOf(body []byte) string { return answer{body: string(body)}.code() }
