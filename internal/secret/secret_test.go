package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/internal/secret"
)

const plain = "hunter2-s3cr3t"

// An outer value holds secrets in all the ways that one can.
type outer struct {
	Exported secret.Text
	hidden   secret.Text
	Pointer  *secret.Text
	List     []secret.Text
	Map      map[string]secret.Text
	Any      any
	inner    struct{ deep secret.Text }
}

func newOuter() outer {
	s := secret.New(plain)
	o := outer{s, s, &s, []secret.Text{s}, map[string]secret.Text{"k": s}, s, struct{ deep secret.Text }{s}}
	return o
}

// TestPrintsAsDots tries everything that prints values.
func TestPrintsAsDots(t *testing.T) {
	s := secret.New(plain)
	printed := map[string]string{}
	for _, verb := range strings.Split("v +v #v s q x X d t b o O e E f F g G c U p T w 10s -40q .3s 05d", " ") {
		printed["%"+verb] = fmt.Sprintf("%"+verb, s)
		printed["%"+verb+" of a struct"] = fmt.Sprintf("%"+verb, newOuter())
		printed["%"+verb+" of a pointer"] = fmt.Sprintf("%"+verb, &s)
	}
	printed["Sprint"] = fmt.Sprint(s, newOuter())
	printed["Errorf"] = fmt.Errorf("with %w and %v", errors.New("x"), s).Error()
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	} {
		var buf bytes.Buffer
		slog.New(handler(&buf)).Info("m", "s", s, "struct", newOuter(), slog.Any("pointer", &s))
		printed[name] = buf.String()
	}
	for name, encode := range map[string]func(*bytes.Buffer) error{
		"JSON": func(b *bytes.Buffer) error { return json.NewEncoder(b).Encode(newOuter()) },
		"XML": func(b *bytes.Buffer) error {
			type document struct {
				S secret.Text
				A secret.Text `xml:",attr"`
			}
			return xml.NewEncoder(b).Encode(document{s, s})
		},
		"TOML": func(b *bytes.Buffer) error {
			return toml.NewEncoder(b).Encode(struct {
				S secret.Text
				L []secret.Text
			}{s, []secret.Text{s}})
		},
	} {
		var buf bytes.Buffer
		if err := encode(&buf); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		printed[name] = buf.String()
	}
	for how, text := range printed {
		if strings.Contains(text, plain) || strings.Contains(text, fmt.Sprintf("%x", plain)) || strings.Contains(text, "hunter") {
			t.Errorf("%s shows the secret: %s", how, text)
		}
	}
	for _, how := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%.3s", "%v of a struct", "JSON", "XML", "TOML", "slog JSON", "slog text"} {
		if !strings.Contains(printed[how], "•••") {
			t.Errorf("%s: no dots in %q", how, printed[how])
		}
	}
	if s.Reveal() != plain {
		t.Errorf("Reveal: %q", s.Reveal())
	}
}

// TestEmpty: one can see that a secret is not set.
func TestEmpty(t *testing.T) {
	for _, s := range []secret.Text{{}, secret.New("")} {
		encoded, err := json.Marshal(struct {
			S secret.Text
			Z secret.Text `json:",omitzero"`
		}{s, s})
		if err != nil || string(encoded) != `{"S":""}` {
			t.Errorf("%s, %v", encoded, err)
		}
		if text := fmt.Sprintf("<%v %s>", s, s); text != "< >" || !s.IsZero() || s.Reveal() != "" {
			t.Errorf("%s", text)
		}
	}
}

func TestEqual(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{plain, plain, true},
		{plain, strings.ToUpper(plain), false},
		{plain, plain[1:], false},
		{plain, "", false},
		{"", "", true},
	} {
		a, b := secret.New(row.a), secret.New(row.b)
		if a.Equal(b) != row.want || b.Equal(a) != row.want {
			t.Errorf("%q and %q: want %v", row.a, row.b, row.want)
		}
		if cmp.Equal(a, b) != row.want {
			t.Errorf("go-cmp of %q and %q: want %v", row.a, row.b, row.want)
		}
	}
}

func TestUnmarshal(t *testing.T) {
	var got struct{ S secret.Text }
	if err := json.Unmarshal([]byte(`{"S":"`+plain+`"}`), &got); err != nil || got.S.Reveal() != plain {
		t.Errorf("%v, %v", got.S.Reveal() == plain, err)
	}
}
