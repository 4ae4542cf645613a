package phpsession

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Values returns the entries of $_SESSION as JSON, by their names. Its errors wrap [ErrUnsupported]
// or [ErrTooLarge].
func (s Session) Values() (map[string]json.RawMessage, error) {
	values := make(map[string]json.RawMessage)
	w := writer{}
	for _, entry := range s.entries {
		if err := w.key(entry.key); err != nil {
			return nil, err
		}
		begin := len(w.text)
		if err := w.value(entry.value, 0); err != nil {
			return nil, err
		}
		values[entry.key] = json.RawMessage(w.text[begin:len(w.text):len(w.text)])
	}
	return values, nil
}

var errLong = fmt.Errorf("%w: more than %d bytes as JSON", ErrTooLarge, MaxJSON)

// A writer writes values as JSON. Values that are shared are written, and counted, each time.
type writer struct {
	text   []byte
	values int
}

func (w *writer) value(v *value, depth int) error {
	if w.values++; w.values > MaxValues {
		return fmt.Errorf("%w: more than %d values, with what is referred to", ErrTooLarge, MaxValues)
	}
	switch v.kind {
	case kindArray, kindObject:
		if v.inside {
			return fmt.Errorf("%w: a value that is inside of itself", ErrUnsupported)
		}
		if depth == MaxDepth {
			return fmt.Errorf("%w: more than %d deep, with what is referred to", ErrTooLarge, MaxDepth)
		}
		v.inside = true
		defer func() { v.inside = false }()
		if isList(v) {
			return w.list(v, depth)
		}
		return w.object(v, depth)
	case kindString, kindEnum:
		if !utf8.ValidString(v.text) {
			return w.add(`{"` + BytesMember + `":"` + base64.StdEncoding.EncodeToString([]byte(v.text)) + `"}`)
		}
		return w.string(v.text)
	default:
		return w.add(v.text)
	}
}

// isList reports whether an array has the keys that it would have as a list.
func isList(v *value) bool {
	if v.kind != kindArray {
		return false
	}
	for i, element := range v.members {
		if element.key != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

func (w *writer) list(v *value, depth int) error {
	w.text = append(w.text, '[')
	for i, element := range v.members {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		if err := w.value(element.value, depth+1); err != nil {
			return err
		}
	}
	return w.add("]")
}

func (w *writer) object(v *value, depth int) error {
	w.text = append(w.text, '{')
	separate := false
	if v.kind == kindObject && v.text != "stdClass" {
		if err := w.string(ClassMember); err != nil {
			return err
		}
		w.text = append(w.text, ':')
		if err := w.string(v.text); err != nil {
			return err
		}
		separate = true
	}
	for _, member := range v.members {
		if separate {
			w.text = append(w.text, ',')
		}
		separate = true
		if err := w.key(member.key); err != nil {
			return err
		}
		w.text = append(w.text, ':')
		if err := w.value(member.value, depth+1); err != nil {
			return err
		}
	}
	return w.add("}")
}

// key writes a name.
func (w *writer) key(name string) error {
	switch {
	case !utf8.ValidString(name):
		return fmt.Errorf("%w: a key that is not UTF-8", ErrUnsupported)
	case name == ClassMember, name == BytesMember, name == FloatMember:
		return fmt.Errorf("%w: a key that stands for something else in JSON, %s", ErrUnsupported, name)
	}
	return w.string(name)
}

func (w *writer) string(s string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return w.add(string(text))
}

// add writes JSON, until there is too much of it.
func (w *writer) add(text string) error {
	if w.text = append(w.text, text...); len(w.text) > MaxJSON {
		return errLong
	}
	return nil
}
