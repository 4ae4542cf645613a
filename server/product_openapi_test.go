package server_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/handstamp/handstamp/server"
	"github.com/handstamp/handstamp/server/api"
)

// document is what the server says of itself.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(api.Description)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(loader.Context)
})

func readDocument(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestDocumentHasEveryRoute, with every method and the credentials that it takes, and nothing else.
func TestDocumentHasEveryRoute(t *testing.T) {
	s := newSite(t, "memory")
	if w := s.visit("GET", "/openapi.yaml", ""); w.Code != 200 || w.Header().Get("Content-Type") != "application/yaml" || w.Body.String() != string(api.Description) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	takes := func(access api.Access) string {
		switch access {
		case api.Public:
			return "nothing"
		case api.Session:
			return "session"
		case api.Cookie:
			return "cookie"
		case api.Client:
			return "client"
		default:
			return "anything"
		}
	}
	var want, got []string
	for _, route := range s.routes() {
		for method, m := range route.Methods {
			want = append(want, method+" "+route.Path+" "+takes(m.Access))
		}
	}
	patterns := server.Patterns(s.config)
	for _, route := range s.routes() {
		if !slices.Contains(patterns, route.Path) {
			t.Errorf("Patterns leaves out %s", route.Path)
		}
	}
	for _, path := range []string{"/setup/{secret}", "/reset/{secret}"} { // pages that programs use, too
		want = append(want, "GET "+path+" nothing", "POST "+path+" nothing")
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} { // of server.Operations
		want = append(want, "GET "+path+" nothing")
	}
	for path, item := range readDocument(t).Paths.Map() {
		for method, operation := range item.Operations() {
			got = append(got, method+" "+path+" "+documentedAs(operation))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	diff(t, "the document", want, got)
}

// documentedAs returns which credentials the document says that an operation takes.
func documentedAs(operation *openapi3.Operation) string {
	switch security := operation.Security; {
	case security == nil:
		return "anything"
	case len(*security) == 0, slices.ContainsFunc(*security, func(one openapi3.SecurityRequirement) bool { return len(one) == 0 }):
		return "nothing"
	case len(*security) == 2 && (*security)[0]["session"] != nil && (*security)[1]["bearer"] != nil:
		return "session"
	case len(*security) == 1 && (*security)[0]["session"] != nil:
		return "cookie"
	case len(*security) == 1 && (*security)[0]["client"] != nil:
		return "client"
	default:
		return "something else"
	}
}

// checkAgainstDocument checks an answer, and the request if it was carried out, against what the
// document says of them.
func checkAgainstDocument(t testing.TB, r *http.Request, body string, w *httptest.ResponseRecorder) {
	t.Helper()
	doc := readDocument(t)
	path := r.Pattern[strings.Index(r.Pattern, "/api/")+1:]
	item := doc.Paths.Value("/" + path)
	if item == nil || item.GetOperation(r.Method) == nil {
		return // 404 and 405
	}
	last := strings.TrimSuffix(r.URL.Path, "/")
	last = last[strings.LastIndex(last, "/")+1:]
	input := &openapi3filter.RequestValidationInput{
		Request:    r,
		PathParams: map[string]string{"id": last, "key": last},
		Route:      &routers.Route{Spec: doc, Path: path, PathItem: item, Method: r.Method, Operation: item.GetOperation(r.Method)},
		Options: &openapi3filter.Options{
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
			IncludeResponseStatus: true,
		},
	}
	if w.Code < 300 {
		r.Body = io.NopCloser(strings.NewReader(body))
		if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil {
			t.Errorf("the request %s %s %s is not what the document says: %v", r.Method, r.URL, body, err)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 w.Code,
		Header:                 w.Header(),
		Body:                   io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options:                input.Options,
	}
	if err := openapi3filter.ValidateResponse(t.Context(), answer); err != nil {
		t.Errorf("the answer to %s %s is not what the document says: %v", r.Method, r.URL, err)
	}
}
