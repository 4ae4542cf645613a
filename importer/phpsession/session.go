package phpsession

import (
	"bytes"
	"fmt"
)

// A Handler is a way in which PHP writes $_SESSION, by the name that session.serialize_handler has
// for it.
type Handler string

// The handlers that PHP brings along.
const (
	PHP          Handler = "php"           // name|value name|value …
	PHPSerialize Handler = "php_serialize" // one serialized array
	PHPBinary    Handler = "php_binary"    // length name value …
)

// A Session is what was in $_SESSION, in the order in which it stood there.
type Session struct{ entries []member }

// Parse reads what handler has written. Its errors wrap [ErrFormat], [ErrUnsupported] or
// [ErrTooLarge].
func Parse(text []byte, handler Handler) (Session, error) {
	if len(text) > MaxText {
		return Session{}, fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, len(text), MaxText)
	}
	p := parser{text: text}
	var err error
	switch handler {
	case PHP:
		err = p.entries(p.nameToBar)
	case PHPBinary:
		err = p.entries(p.nameOfLength)
	case PHPSerialize:
		return p.whole()
	default:
		err = fmt.Errorf("%w: there is no handler %q", ErrFormat, string(handler))
	}
	if err != nil {
		return Session{}, err
	}
	return Session{p.top}, nil
}

// entries reads names and values in turn. The back-references of all of them count in one row.
func (p *parser) entries(name func() (string, error)) error {
	seen := make(map[string]bool)
	for p.at < len(p.text) {
		from := p.at
		key, err := name()
		if err != nil {
			return err
		}
		if seen[key] {
			return p.wrong(from, "a name comes twice")
		}
		seen[key] = true
		value, err := p.value(0)
		if err != nil {
			return err
		}
		p.top = append(p.top, member{key, value})
	}
	return nil
}

// nameToBar reads a name of the handler php. PHP refuses to write one that has a bar in it.
func (p *parser) nameToBar() (string, error) {
	length := bytes.IndexByte(p.text[p.at:], '|')
	if length < 0 {
		return "", p.wrong(p.at, "a name without an end")
	}
	name := string(p.text[p.at : p.at+length])
	p.at += length + 1
	return name, nil
}

// nameOfLength reads a name of the handler php_binary, which are of 127 bytes at most.
func (p *parser) nameOfLength() (string, error) {
	length := int(p.text[p.at])
	if length > 127 || length > len(p.text)-p.at-1 {
		return "", p.wrong(p.at, "a name without an end")
	}
	name := string(p.text[p.at+1 : p.at+1+length])
	p.at += 1 + length
	return name, nil
}

// whole reads what php_serialize has written: one array. An empty file is a session without
// entries, as for the other handlers.
func (p *parser) whole() (Session, error) {
	if len(p.text) == 0 {
		return Session{}, nil
	}
	value, err := p.value(-1)
	switch {
	case err != nil:
		return Session{}, err
	case value.kind != kindArray:
		return Session{}, p.wrong(0, "not an array")
	case p.at < len(p.text):
		return Session{}, p.wrong(p.at, "more behind the end")
	}
	return Session{value.members}, nil
}
