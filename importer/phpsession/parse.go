package phpsession

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A parser reads values in the format of PHP's serialize.
type parser struct {
	text []byte
	at   int
	top  []member

	// slots are the values that a back-reference can name: all but the references that PHP writes
	// as R, which are not counted.
	slots []*value
}

// wrong returns what is wrong at a byte.
func (p *parser) wrong(at int, what string) error {
	return fmt.Errorf("%w: byte %d: %s", ErrFormat, at, what)
}

// value reads a value that stands depth deep.
func (p *parser) value(depth int) (*value, error) {
	from := p.at
	letter, err := p.letter()
	if err != nil {
		return nil, err
	}
	if letter == 'R' || letter == 'r' {
		return p.reference(from, letter)
	}
	if len(p.slots) == MaxValues {
		return nil, fmt.Errorf("%w: more than %d values", ErrTooLarge, MaxValues)
	}
	v := &value{kind: kind(letter)}
	p.slots = append(p.slots, v)
	switch v.kind {
	case kindNull:
		v.text = "null"
	case kindBool, kindInt, kindFloat:
		err = p.scalar(v)
	case kindString:
		if v.text, err = p.quoted(); err == nil {
			err = p.expect(';')
		}
	case kindEnum:
		if v.text, err = p.quoted(); err == nil {
			err = p.expect(';')
		}
		if class, name, ok := strings.Cut(v.text, ":"); err == nil && (!ok || !isClass(class) || !isClass(name)) {
			err = p.wrong(from, "no case of an enum")
		}
	case kindArray, kindObject:
		err = p.container(from, v, depth)
	case 'C':
		err = fmt.Errorf("%w: byte %d: an object in a format that only its class can read", ErrUnsupported, from)
	default:
		err = p.wrong(from, "no value begins here")
	}
	return v, err
}

// letter reads that of a value, and the colon or, for null, the semicolon behind it.
func (p *parser) letter() (byte, error) {
	if len(p.text)-p.at < 2 {
		return 0, p.wrong(p.at, "it ends in the middle")
	}
	letter, mark := p.text[p.at], byte(':')
	if letter == byte(kindNull) {
		mark = ';'
	}
	p.at++
	return letter, p.expect(mark)
}

func (p *parser) expect(mark byte) error {
	if p.at == len(p.text) {
		return p.wrong(p.at, "it ends in the middle")
	}
	if p.text[p.at] != mark {
		return p.wrong(p.at, fmt.Sprintf("no %q here", mark))
	}
	p.at++
	return nil
}

// until reads up to a mark, which it skips. Nothing that it reads is longer than maxNumber.
func (p *parser) until(mark byte) (string, error) {
	const maxNumber = 64
	rest := p.text[p.at:min(len(p.text), p.at+maxNumber)]
	length := bytes.IndexByte(rest, mark)
	if length < 0 {
		return "", p.wrong(p.at, "a number without an end")
	}
	p.at += length + 1
	return string(rest[:length]), nil
}

// count reads a number of things of which each takes so many bytes at least. A number that the text
// cannot hold is refused before anything is made for it.
func (p *parser) count(mark byte, each int) (int, error) {
	from := p.at
	text, err := p.until(mark)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, p.wrong(from, "not a length")
	}
	if int(n) > (len(p.text)-p.at)/each {
		return 0, p.wrong(from, "longer than what is there")
	}
	return int(n), nil
}

// quoted reads LENGTH:"BYTES".
func (p *parser) quoted() (string, error) {
	length, err := p.count(':', 1)
	if err != nil {
		return "", err
	}
	if err := p.expect('"'); err != nil {
		return "", err
	}
	if length > len(p.text)-p.at {
		return "", p.wrong(p.at, "longer than what is there")
	}
	text := string(p.text[p.at : p.at+length])
	p.at += length
	return text, p.expect('"')
}

// scalar reads a boolean or a number into v, as JSON.
func (p *parser) scalar(v *value) error {
	from := p.at
	text, err := p.until(';')
	if err != nil {
		return err
	}
	ok := false
	switch v.kind {
	case kindBool:
		v.text, ok = map[string]string{"0": "false", "1": "true"}[text]
	case kindInt:
		v.text, ok = integer(text)
	default:
		v.text, ok = float(text)
	}
	if !ok {
		return p.wrong(from, "not a number as PHP writes it")
	}
	return nil
}

// integer returns the canonical text of a 64-bit integer.
func integer(text string) (canonical string, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return strconv.FormatInt(n, 10), err == nil && strings.Trim(text, "-0123456789") == ""
}

// float returns the JSON of a float.
func float(text string) (json string, ok bool) {
	switch text {
	case "INF", "-INF", "NAN":
		return `{"` + FloatMember + `":"` + text + `"}`, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || strings.Trim(text, "+-.0123456789eE") != "" {
		return "", false
	}
	json = strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(json, ".e") {
		json += ".0"
	}
	return json, true
}

// reference reads the number of a value that is there already: R for one that is shared by
// reference, r for an object or an enum case that is there twice, which is a value of its own in the
// count.
func (p *parser) reference(from int, letter byte) (*value, error) {
	text, err := p.until(';')
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 || int(n) > len(p.slots) {
		return nil, p.wrong(from, "refers to nothing")
	}
	v := p.slots[n-1]
	if letter == 'R' {
		return v, nil
	}
	if v.kind != kindObject && v.kind != kindEnum {
		return nil, p.wrong(from, "refers to something that is no object")
	}
	if len(p.slots) == MaxValues {
		return nil, fmt.Errorf("%w: more than %d values", ErrTooLarge, MaxValues)
	}
	p.slots = append(p.slots, v)
	return v, nil
}

// isClass reports whether a text can be the name of a class, or of a case of an enum.
func isClass(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool {
		return r < utf8.RuneSelf && r != '_' && r != '\\' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
}
