package settings

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A raw value is what somebody wrote, before it is known to make sense.
type raw struct {
	words  []string
	isList bool   // written as a list; otherwise there is one word
	origin string // where it was written, for people
}

// set reads a raw value into a field.
func (r row) set(field reflect.Value, given raw) error {
	switch {
	case r.isList && !given.isList:
		given.words = r.split(given.words[0])
	case !r.isList && (given.isList || len(given.words) != 1):
		return fmt.Errorf("takes one value and not a list")
	}
	return r.setAll(field, given)
}

// split returns the elements of a list that is written in one word.
func (r row) split(word string) []string {
	if !r.isList {
		return []string{word}
	}
	var words []string
	for w := range strings.SplitSeq(word, ",") {
		if w = strings.TrimSpace(w); w != "" {
			words = append(words, w)
		}
	}
	return words
}

func (r row) setAll(field reflect.Value, given raw) error {
	if !r.isList {
		return r.setOne(field, given.words[0])
	}
	list := reflect.MakeSlice(field.Type(), len(given.words), len(given.words))
	for i, word := range given.words {
		if err := r.setOne(list.Index(i), word); err != nil {
			return err
		}
	}
	if len(given.words) > 0 { // so that a list without elements is the nil one
		field.Set(list)
	}
	return nil
}

func (r row) setOne(value reflect.Value, word string) error {
	if reader, ok := value.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := reader.UnmarshalText([]byte(word)); err != nil {
			return err
		}
		return r.checkBounds(value)
	}
	switch value.Kind() {
	case reflect.String:
		return r.setString(value, word)
	case reflect.Bool:
		if word != "true" && word != "false" {
			return fmt.Errorf("%s is neither true nor false", quote(word))
		}
		value.SetBool(word == "true")
		return nil
	case reflect.Int:
		n, err := strconv.ParseInt(word, 10, strconv.IntSize)
		if err != nil {
			return fmt.Errorf("%s is not a whole number, such as 20", quote(word))
		}
		value.SetInt(n)
		return r.checkBounds(value)
	default:
		panic(fmt.Sprintf("settings: %s is of type %s, which cannot be read", r.name, value.Type()))
	}
}

func (r row) setString(value reflect.Value, word string) error {
	switch {
	case r.enum != nil && !slices.Contains(r.enum, word):
		return fmt.Errorf("%s is not one of %s", quote(word), strings.Join(r.enum, ", "))
	case !utf8.ValidString(word) || strings.ContainsFunc(word, unicode.IsControl):
		return fmt.Errorf("%s has control characters in it, or is not UTF-8 text", quote(word))
	}
	value.SetString(word)
	return nil
}

// checkBounds compares a number with the tags min and max, which are written as it is.
func (r row) checkBounds(value reflect.Value) error {
	if !value.CanInt() {
		return nil
	}
	bound := func(text string) int64 {
		free, limit := r, reflect.New(value.Type()).Elem()
		free.min, free.max = "", ""
		if err := free.setOne(limit, text); err != nil {
			panic(fmt.Sprintf("settings: bound of %s: %v", r.name, err))
		}
		return limit.Int()
	}
	switch {
	case r.min != "" && value.Int() < bound(r.min):
		return fmt.Errorf("%v is less than %s, the least that it may be", value, r.min)
	case r.max != "" && value.Int() > bound(r.max):
		return fmt.Errorf("%v is more than %s, the most that it may be", value, r.max)
	}
	return nil
}

// maxQuoted is how many bytes of a wrong value an error shows.
const maxQuoted = 80

// quote returns a wrong value as an error may show it.
func quote(word string) string {
	if len(word) > maxQuoted {
		return strconv.QuoteToGraphic(strings.ToValidUTF8(word[:maxQuoted], "")) + "…"
	}
	return strconv.QuoteToGraphic(word)
}
