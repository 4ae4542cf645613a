package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// conditions are what a request wants to be so before it is carried out (RFC 9110, section 13.1).
type conditions struct {
	match, noneMatch *etags // nil where the request does not ask
}

// etags are the entity tags in a condition.
type etags struct {
	any  bool // "*"
	list []etag
}

// An etag is an entity tag (RFC 9110, section 8.8.3).
type etag struct {
	opaque string // with its quotes
	isWeak bool
}

// etagOf returns the entity tag of a revision. It is a strong one.
func etagOf(revision int64) string { return strconv.Quote(strconv.FormatInt(revision, 10)) }

func readConditions(header http.Header) (c conditions, err error) {
	if c.match, err = readETags(header, "If-Match"); err != nil {
		return c, err
	}
	c.noneMatch, err = readETags(header, "If-None-Match")
	return c, err
}

func (c conditions) any() bool { return c.match != nil || c.noneMatch != nil }

// matches is If-Match: the thing is what the client has seen, by strong comparison.
func (c conditions) matches(exists bool, current string) bool {
	return c.match == nil || exists && (c.match.any ||
		slices.ContainsFunc(c.match.list, func(e etag) bool { return !e.isWeak && e.opaque == current }))
}

// noneMatches is If-None-Match: the thing is not what the client has seen, by weak comparison.
func (c conditions) noneMatches(exists bool, current string) bool {
	return c.noneMatch == nil || !exists || !c.noneMatch.any &&
		!slices.ContainsFunc(c.noneMatch.list, func(e etag) bool { return e.opaque == current })
}

// readETags returns the entity tags in a header, or nil where there is none. What cannot be read is an
// error: to leave it aside would be to overwrite what somebody wanted to protect.
func readETags(header http.Header, name string) (*etags, error) {
	lines, there := header[http.CanonicalHeaderKey(name)]
	if !there {
		return nil, nil
	}
	text := strings.Trim(strings.Join(lines, ","), " \t")
	if text == "*" {
		return &etags{any: true}, nil
	}
	var found etags
	for {
		text = strings.TrimLeft(text, " \t,") // empty elements count for nothing (section 5.6.1)
		if text == "" {
			break
		}
		rest, isWeak := strings.CutPrefix(text, "W/")
		end := -1
		if strings.HasPrefix(rest, `"`) {
			end = strings.IndexByte(rest[1:], '"')
		}
		if end < 0 {
			return nil, badETags(name)
		}
		found.list = append(found.list, etag{opaque: rest[:end+2], isWeak: isWeak})
		text = strings.TrimLeft(rest[end+2:], " \t")
		if text != "" && text[0] != ',' {
			return nil, badETags(name)
		}
	}
	if len(found.list) == 0 {
		return nil, badETags(name)
	}
	return &found, nil
}

func badETags(name string) Problem {
	return wrongFormat.because("The header " + name + " is neither * nor a list of entity tags")
}
