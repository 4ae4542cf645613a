package phpsession_test

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/handstamp/handstamp/importer/phpsession"
)

// FuzzParse: whatever is read is JSON within the limits, and whatever is not says why.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		sample, "", laughs(3), "a|" + deep(3), `a:2:{s:1:"a";d:NAN;i:5;R:2;}`, "\x01aa:1:{i:0;i:7;}\x015R:2;", `a|C:1:"A":0:{}`,
		"a|O:1:\"B\":2:{s:4:\"\x00A\x00x\";i:1;s:4:\"\x00B\x00x\";r:1;}", `a|E:11:"Suit:Hearts";b|r:1;`, "a|s:2:\"\xff\x00\";",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, handler := range []phpsession.Handler{phpsession.PHP, phpsession.PHPSerialize, phpsession.PHPBinary} {
			s, err := phpsession.Parse(text, handler)
			var values map[string]json.RawMessage
			if err == nil {
				_, _ = s.Text("a.x")
				values, err = s.Values()
			}
			if err != nil && !errors.Is(err, phpsession.ErrFormat) && !errors.Is(err, phpsession.ErrUnsupported) && !errors.Is(err, phpsession.ErrTooLarge) {
				t.Errorf("%s: an error of no kind: %v", handler, err)
			}
			size := 0
			for key, value := range values {
				if !utf8.ValidString(key) || !json.Valid(value) || !utf8.Valid(value) {
					t.Errorf("%s: %q: %q", handler, key, value)
				}
				size += len(value)
			}
			if size > phpsession.MaxJSON {
				t.Errorf("%s: %d bytes of JSON", handler, size)
			}
		}
	})
}
