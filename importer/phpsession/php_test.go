package phpsession_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/importer/phpsession"
)

// A recipe is a value that the oracle makes in PHP.
type recipe struct {
	Kind    string       `json:"kind"`
	Text    string       `json:"text"` // of strings and floats in base64
	Members []ingredient `json:"members"`
	Shared  bool         `json:"shared"` // others may refer to it
	Number  int          `json:"number"` // of what is referred to
}

type ingredient struct {
	Key   string `json:"key"` // base64
	Value recipe `json:"value"`
}

// A cook draws recipes, and knows what there is to refer to.
type cook struct {
	*rapid.T
	handler         phpsession.Handler
	shared, objects int
}

func (c *cook) bytes(label string) string {
	if c.shall(label + " in bytes") {
		return string(rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(c.T, label))
	}
	return rapid.StringN(0, 12, 40).Draw(c.T, label)
}

func (c *cook) shall(label string) bool { return rapid.IntRange(0, 4).Draw(c.T, label) == 0 }

func (c *cook) value(depth int) recipe {
	kinds := []string{"null", "bool", "int", "float", "string", "string", "enum", "child", "same", "shared"}
	if depth < 4 {
		kinds = append(kinds, "array", "array", "array", "std", "item")
	}
	v := recipe{Kind: rapid.SampledFrom(kinds).Draw(c.T, "kind")}
	switch v.Kind {
	case "bool":
		v.Text = rapid.SampledFrom([]string{"0", "1"}).Draw(c.T, "bool")
	case "int":
		v.Text = strconv.FormatInt(rapid.Int64().Draw(c.T, "int"), 10)
	case "float":
		f := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.Inf(1), math.Inf(-1), math.NaN(), 0, math.Copysign(0, -1), 1, 1e25})).Draw(c.T, "float")
		v.Text = base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, math.Float64bits(f)))
	case "string":
		v.Text = base64.StdEncoding.EncodeToString([]byte(c.bytes("string")))
	case "array", "item":
		v.Members = c.members(depth+1, false)
	case "std":
		v.Members = c.members(depth+1, true)
	case "same":
		if c.objects == 0 {
			return recipe{Kind: "null"}
		}
		v.Number = rapid.IntRange(0, c.objects-1).Draw(c.T, "object")
	case "shared":
		if c.shared == 0 {
			return recipe{Kind: "null"}
		}
		v.Number = rapid.IntRange(0, c.shared-1).Draw(c.T, "slot")
		return v
	}
	if v.Kind == "std" || v.Kind == "item" {
		c.objects++
	}
	if v.Shared = c.shall("be shared"); v.Shared {
		c.shared++
	}
	return v
}

func (c *cook) members(depth int, ofObject bool) []ingredient {
	seen := map[string]bool{}
	var all []ingredient
	for i := range rapid.IntRange(0, 4).Draw(c.T, "members") {
		key := strconv.Itoa(i)
		if c.shall("have a key") {
			key = c.bytes("key")
		}
		if seen[key] || ofObject && strings.HasPrefix(key, "\x00") { // PHP has no such members
			continue
		}
		seen[key] = true
		all = append(all, ingredient{base64.StdEncoding.EncodeToString([]byte(key)), c.value(depth)})
	}
	return all
}

// session draws what is in $_SESSION, under names that the handler can write.
func (c *cook) session() []ingredient {
	seen := map[string]bool{}
	all := []ingredient{}
	for range rapid.IntRange(0, 5).Draw(c.T, "entries") {
		key := c.bytes("name")
		_, err := strconv.ParseInt(key, 10, 64)
		if isNumber := err == nil; seen[key] || c.handler != phpsession.PHPSerialize && (isNumber || strings.Contains(key, "|") || len(key) > 127) {
			continue
		}
		seen[key] = true
		all = append(all, ingredient{base64.StdEncoding.EncodeToString([]byte(key)), c.value(0)})
	}
	return all
}

// An oracle is PHP, which writes sessions and says what should be read.
type oracle struct {
	in  io.Writer
	out *bufio.Reader
}

func newOracle(t *testing.T, handler phpsession.Handler) oracle {
	t.Helper()
	var complaints bytes.Buffer
	c := exec.Command("php", "-d", "session.serialize_handler="+string(handler), "-d", "session.save_path="+t.TempDir(),
		"-d", "display_errors=stderr", "-d", "log_errors=0", "testdata/oracle.php")
	c.Stderr = &complaints
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := c.Wait(); err != nil || complaints.Len() > 0 {
			t.Errorf("php: %v\n%s", err, &complaints)
		}
	})
	return oracle{in, bufio.NewReader(out)}
}

// write has PHP write a session. There may be no JSON for it.
func (o oracle) write(t rapid.TB, session []ingredient) (encoded []byte, want string) {
	t.Helper()
	line, err := json.Marshal(session)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	answer, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var written struct {
		Encoded []byte
		JSON    string
	}
	if err := json.Unmarshal(answer, &written); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return written.Encoded, written.JSON
}

// TestPHP: what PHP writes is read to the value that it was.
func TestPHP(t *testing.T) {
	for _, handler := range []phpsession.Handler{phpsession.PHP, phpsession.PHPSerialize, phpsession.PHPBinary} {
		t.Run(string(handler), func(t *testing.T) {
			php := newOracle(t, handler)
			rapid.Check(t, func(t *rapid.T) {
				c := &cook{T: t, handler: handler}
				encoded, want := php.write(t, c.session())
				s, err := phpsession.Parse(encoded, handler)
				if err != nil {
					t.Fatalf("%v: %q", err, encoded)
				}
				values, err := s.Values()
				if want == "" {
					if !errors.Is(err, phpsession.ErrUnsupported) {
						t.Fatalf("%v, want ErrUnsupported: %q", err, encoded)
					}
					return
				}
				if err != nil {
					t.Fatalf("%v: %q", err, encoded)
				}
				got, err := json.Marshal(values)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(numbers(t, []byte(want)), numbers(t, got)) {
					t.Fatalf("%q: read %s, want %s", encoded, got, want)
				}
			})
		})
	}
}

// numbers returns JSON to compare: an integer as its text, and a float as its bits, whose text is a
// matter of taste.
func numbers(t rapid.TB, text []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return plainNumbers(v)
}

func plainNumbers(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = plainNumbers(v[key])
		}
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			f, _ := v.Float64()
			return math.Float64bits(f)
		}
	}
	return v
}
