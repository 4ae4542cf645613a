package phpsession_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/handstamp/handstamp/importer/phpsession"
)

// read returns a session as one JSON object, with its members in order.
func read(text string, handler phpsession.Handler) (string, error) {
	s, err := phpsession.Parse([]byte(text), handler)
	if err != nil {
		return "", err
	}
	values, err := s.Values()
	if err != nil {
		return "", err
	}
	all, err := json.Marshal(values)
	return string(all), err
}

// sample is a file that PHP 8.2 has written.
const sample = `name|s:7:"rongcao";n|i:42;neg|i:-7;f|d:1.5;f2|d:0.1;t|b:1;fa|b:0;nul|N;u|s:8:"Zoé|;"x";` +
	`arr|a:2:{s:1:"a";i:1;s:1:"b";a:3:{i:0;i:1;i:1;i:2;i:2;s:1:"x";}}obj|O:8:"stdClass":1:{s:1:"p";i:1;}` +
	`big|i:9223372036854775807;inf|d:INF;e|s:0:"";sess_userauthorized|b:1;r1|a:1:{i:0;i:1;}r2|R:22;`

func TestValues(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"empty":               {"", `{}`},
		"name of nothing":     {`|N;`, `{"":null}`},
		"sample":              {sample, `{"arr":{"a":1,"b":[1,2,"x"]},"big":9223372036854775807,"e":"","f":1.5,"f2":0.1,"fa":false,"inf":{"__PHP_Float":"INF"},"n":42,"name":"rongcao","neg":-7,"nul":null,"obj":{"p":1},"r1":[1],"r2":[1],"sess_userauthorized":true,"t":true,"u":"Zoé|;\"x"}`},
		"least integer":       {`a|i:-9223372036854775808;`, `{"a":-9223372036854775808}`},
		"floats":              {`a|a:4:{i:0;d:1;i:1;d:-0;i:2;d:1.0E+25;i:3;d:4.9406564584124654E-324;}`, `{"a":[1.0,-0.0,1e+25,5e-324]}`},
		"bytes":               {"a|s:2:\"\xff\x00\";", `{"a":{"__PHP_Base64":"/wA="}}`},
		"NUL is text":         {"a|s:1:\"\x00\";", `{"a":"\u0000"}`},
		"string of a session": {`a|s:11:"b|i:1;c|b:1";`, `{"a":"b|i:1;c|b:1"}`},
		"not a list":          {`a|a:2:{i:1;N;i:0;N;}`, `{"a":{"1":null,"0":null}}`},
		"empty key":           {`a|a:1:{s:0:"";N;}`, `{"a":{"":null}}`},
		"members":             {"a|O:4:\"Cart\":3:{s:1:\"a\";i:1;s:4:\"\x00*\x00b\";i:2;s:7:\"\x00Cart\x00c\";i:3;}", `{"a":{"__PHP_Incomplete_Class_Name":"Cart","a":1,"b":2,"c":3}}`},
		"member of a parent":  {"a|O:1:\"B\":2:{s:4:\"\x00A\x00x\";i:1;s:4:\"\x00B\x00x\";i:2;}", `{"a":{"__PHP_Incomplete_Class_Name":"B","A::x":1,"x":2}}`},
		"members by number":   {`a|O:11:"ArrayObject":2:{i:0;i:0;i:1;a:0:{}}`, `{"a":{"__PHP_Incomplete_Class_Name":"ArrayObject","0":0,"1":[]}}`},
		"enum":                {`a|E:11:"Suit:Hearts";b|r:1;`, `{"a":"Suit:Hearts","b":"Suit:Hearts"}`},
		"object twice":        {`a|O:8:"stdClass":0:{}b|r:1;c|r:2;`, `{"a":{},"b":{},"c":{}}`},
		"R is not counted":    {`a|s:1:"x";b|R:1;c|s:1:"y";d|R:2;`, `{"a":"x","b":"x","c":"y","d":"y"}`},
		"deep":                {"a|" + deep(phpsession.MaxDepth), `{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(row.text, phpsession.PHP)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(numbers(t, []byte(row.want)), numbers(t, []byte(got))) { // cmp takes years for what is deep
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
	for handler, text := range map[phpsession.Handler]string{
		phpsession.PHPSerialize: `a:3:{s:1:"a";a:1:{i:0;i:7;}i:5;R:3;s:1:"|";b:1;}`,
		phpsession.PHPBinary:    "\x01aa:1:{i:0;i:7;}\x015R:2;\x01|b:1;",
	} {
		if got, err := read(text, handler); err != nil || got != `{"5":7,"a":[7],"|":true}` {
			t.Errorf("%s: %s, %v", handler, got, err)
		}
		if got, err := read("", handler); err != nil || got != `{}` {
			t.Errorf("%s, empty: %s, %v", handler, got, err)
		}
	}
}

// deep returns arrays inside of each other.
func deep(levels int) string {
	return strings.Repeat("a:1:{i:0;", levels-1) + "a:0:{}" + strings.Repeat("}", levels-1)
}

// laughs returns a session of some bytes that holds 2 to the power of n strings. Each array is one value
// in the count of references, and its two elements are none.
func laughs(n int) string {
	text := `a|s:3:"lol";`
	for i := 1; i <= n; i++ {
		text += fmt.Sprintf("a%d|a:2:{i:0;R:%d;i:1;R:%d;}", i, i, i)
	}
	return text
}

// TestHostile: whatever stands in a file, it is refused for what it is, quickly and without a panic.
func TestHostile(t *testing.T) {
	format, unsupported, large := phpsession.ErrFormat, phpsession.ErrUnsupported, phpsession.ErrTooLarge
	for name, row := range map[string]struct {
		text string
		want error
	}{
		"no bar":                   {`a`, format},
		"no value":                 {`a|`, format},
		"half a value":             {`a|i`, format},
		"unknown value":            {`a|x:1;`, format},
		"unknown behind a value":   {`a|i:1;;`, format},
		"escaped string":           {`a|S:1:"\61";`, format},
		"name twice":               {`a|N;a|N;`, format},
		"undefined, of old":        {`!a|`, format},
		"null with a colon":        {`a|N:;`, format},
		"boolean of 2":             {`a|b:2;`, format},
		"boolean in words":         {`a|b:true;`, format},
		"empty integer":            {`a|i:;`, format},
		"integer with a plus":      {`a|i:+1;`, format},
		"integer in hex":           {`a|i:0x10;`, format},
		"integer with underscores": {`a|i:1_0;`, format},
		"integer of 65 bits":       {`a|i:9223372036854775808;`, format},
		"endless integer":          {`a|i:` + strings.Repeat("1", 1000) + `;`, format},
		"float of another sort":    {`a|d:Infinity;`, format},
		"float in hex":             {`a|d:0x1p4;`, format},
		"float beyond all":         {`a|d:1e999;`, format},
		"string without quotes":    {`a|s:1:a;`, format},
		"string longer than it is": {`a|s:2:"a";`, format},
		"string shorter":           {`a|s:1:"ab";`, format},
		"string of 2 GB":           {`a|s:2147483647:"a";`, format},
		"string of 2^64":           {`a|s:18446744073709551617:"a";`, format},
		"string of less than 0":    {`a|s:-1:"a";`, format},
		"string with no end":       {`a|s:1:"a`, format},
		"a billion elements":       {`a|a:1000000000:{i:0;N;}`, format},
		"more than there are":      {`a|a:2:{i:0;N;}`, format},
		"fewer":                    {`a|a:0:{i:0;N;}`, format},
		"array without braces":     {`a|a:0:;`, format},
		"array with no end":        {`a|a:1:{i:0;N;`, format},
		"array as a key":           {`a|a:1:{a:0:{}N;}`, format},
		"float as a key":           {`a|a:1:{d:1;N;}`, format},
		"key twice":                {`a|a:2:{i:5;N;s:1:"5";N;}`, format},
		"class of no name":         {`a|O:0:"":0:{}`, format},
		"class with a NUL":         {"a|O:2:\"a\x00\":0:{}", format},
		"class in Latin-1":         {"a|O:1:\"\xe9\":0:{}", format},
		"class shorter":            {`a|O:8:"stdClas":0:{}`, format},
		"member twice":             {"a|O:1:\"A\":2:{s:1:\"x\";N;s:4:\"\x00*\x00x\";N;}", format},
		"enum of no case":          {`a|E:4:"Suit";`, format},
		"enum of an odd case":      {`a|E:7:"Suit:<>";`, format},
		"reference to nothing":     {`a|R:1;`, format},
		"reference to 0":           {`a|N;b|R:0;`, format},
		"reference ahead":          {`a|a:2:{i:0;R:3;i:1;N;}`, format},
		"reference below":          {`a|N;b|R:-1;`, format},
		"object that is none":      {`a|N;b|r:1;`, format},
		"of its own class":         {`a|C:11:"ArrayObject":3:{x:i}`, unsupported},
		"array inside of itself":   {`a|a:1:{i:0;R:1;}`, unsupported},
		"object inside of itself":  {`a|O:8:"stdClass":1:{s:1:"a";r:1;}`, unsupported},
		"circle of two":            {`a|a:1:{i:0;a:1:{i:0;R:1;}}`, unsupported},
		"key in Latin-1":           {"a|a:1:{s:1:\"\xe9\";N;}", unsupported},
		"name in Latin-1":          {"\xe9|N;", unsupported},
		"class as a key":           {`a|a:1:{s:27:"__PHP_Incomplete_Class_Name";s:1:"A";}`, unsupported},
		"bytes as a key":           {`a|a:1:{s:12:"__PHP_Base64";s:1:"A";}`, unsupported},
		"class as a member":        {`a|O:8:"stdClass":1:{s:27:"__PHP_Incomplete_Class_Name";s:1:"A";}`, unsupported},
		"too deep":                 {"a|" + deep(phpsession.MaxDepth+1), large},
		"much too deep":            {"a|" + deep(100_000), large},
		"deep without an end":      {"a|" + strings.Repeat("a:1:{i:0;", 100_000), large},
		"deep by reference":        {`a|` + deep(30) + `b|a:1:{i:0;a:1:{i:0;a:1:{i:0;R:1;}}}`, large},
		"a billion laughs":         {laughs(30), large},
		"long by reference":        {`a|s:500000:"` + strings.Repeat("x", 500_000) + `";b|R:1;c|R:1;d|R:1;`, large},
		"many values":              {"a|a:70000:{" + many(70_000) + "}b|a:35000:{" + many(35_000) + "}", large},
		"many references":          {`o|O:8:"stdClass":0:{}a|a:110000:{` + references(110_000) + "}", large},
		"many by reference":        {"a|a:1000:{" + many(1000) + "}b|a:101:{" + strings.Replace(references(101), "r:", "R:", -1) + "}", large},
		"a text too long":          {strings.Repeat("x", phpsession.MaxText+1), large},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(row.text, phpsession.PHP)
			if !errors.Is(err, row.want) {
				t.Errorf("%.60q: %.100s, %v; want %v", row.text, got, err, row.want)
			}
			if err != nil && len(err.Error()) > 120 {
				t.Errorf("a long message: %v", err)
			}
		})
	}
	if _, err := phpsession.Parse([]byte("a|a:70000:{"+many(70_000)+"}b|a:35000:{"+many(35_000)+"}"), phpsession.PHP); !errors.Is(err, large) {
		t.Errorf("many values, before they are written: %v", err)
	}
	for name, text := range map[string]string{
		"not an array": `i:1;`, "more": `a:0:{}a:0:{}`, "another handler's": sample, "blank": " ", "cut off": `a:1:{s:1:"a";`,
	} {
		if got, err := read(text, phpsession.PHPSerialize); !errors.Is(err, format) {
			t.Errorf("php_serialize, %s: %s, %v", name, got, err)
		}
	}
	for name, text := range map[string]string{"long name": "\x80" + strings.Repeat("a", 128) + "N;", "cut off": "\x05aN;", "name alone": "\x01a"} {
		if got, err := read(text, phpsession.PHPBinary); !errors.Is(err, format) {
			t.Errorf("php_binary, %s: %s, %v", name, got, err)
		}
	}
	if got, err := read("", "igbinary"); !errors.Is(err, format) {
		t.Errorf("a handler that there is not: %s, %v", got, err)
	}
}

func many(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "s:%d:%q;N;", len(strconv.FormatInt(int64(i), 36)), strconv.FormatInt(int64(i), 36))
	}
	return all.String()
}

func references(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "i:%d;r:1;", i)
	}
	return all.String()
}

// TestCutOff: PHP may be writing. No beginning of a file that ends inside of a value is taken for all of it.
func TestCutOff(t *testing.T) {
	taken := 0
	for n := range len(sample) {
		if _, err := read(sample[:n], phpsession.PHP); err == nil {
			taken++
		} else if !errors.Is(err, phpsession.ErrFormat) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	if whole := strings.Count(sample, "|") - 1; taken != whole { // between two entries, and one has a bar in it
		t.Errorf("%d beginnings were taken, want %d", taken, whole)
	}
	whole := `a:2:{s:1:"a";a:1:{i:0;O:8:"stdClass":0:{}}i:5;r:3;}`
	for n := 1; n < len(whole); n++ {
		if got, err := read(whole[:n], phpsession.PHPSerialize); !errors.Is(err, phpsession.ErrFormat) {
			t.Errorf("the first %d bytes: %s, %v", n, got, err)
		}
	}
}

func TestText(t *testing.T) {
	s, err := phpsession.Parse([]byte("id|i:7;mail|s:3:\"a@b\";none|s:0:\"\";yes|b:1;f|d:1.5;nul|N;list|a:1:{i:0;s:1:\"x\";}a.b|s:3:\"dot\";a|a:1:{s:1:\"b\";N;}"+
		"user|O:4:\"User\":2:{s:8:\"\x00User\x00id\";i:-3;s:2:\"of\";a:1:{s:4:\"mail\";s:3:\"c@d\";}}e|E:11:\"Suit:Hearts\";"), phpsession.PHP)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"id": "7", "mail": "a@b", "user.id": "-3", "user.of.mail": "c@d", "list.0": "x", "a.b": "dot",
		"none": "", "yes": "", "f": "", "nul": "", "list": "", "user": "", "e": "", "nobody": "", "id.x": "", "user.": "", ".": "", "": "", "user.id.x": "", "list.1": "",
	} {
		if got, ok := s.Text(key); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", key, got, ok, want)
		}
	}
}
