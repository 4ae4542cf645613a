package importer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handstamp/handstamp/account"
	"github.com/handstamp/handstamp/importer"
)

// errHash is what the tests have against a password hash that does not begin with "hash".
var errHash = errors.New("of no known form")

func readList(format importer.Format, r io.Reader) (importer.Batch, error) {
	return importer.UserList{Format: format, Role: "user", KnownHash: func(encoded string) error {
		if !strings.HasPrefix(encoded, "hash") {
			return errHash
		}
		return nil
	}}.Read(r, now)
}

// plain is a user of whom only the email is known.
func disabled(email string) account.User {
	u := plain(email)
	u.Disabled = true
	return u
}

func plain(email string) account.User {
	return account.User{Email: email, Role: "user", CreatedAt: utc, UpdatedAt: utc}
}

func full(t *testing.T) account.User {
	t.Helper()
	return account.User{
		ID: id(t, bob), Email: "Bob@hbtn.io", FirstName: new("Bob \"B\""), LastName: new("Dylan; jr,\nand so on"), Role: "admin",
		CreatedAt: then, UpdatedAt: then.Add(time.Hour + 5*time.Microsecond), PasswordHash: "hash$,x",
	}
}

func TestUserList(t *testing.T) {
	named := plain("a@x.de")
	named.FirstName, named.LastName, named.Role = new(""), nil, "user"
	dated := plain("a@x.de")
	dated.CreatedAt, dated.UpdatedAt = then, then
	hashed := plain("a@x.de")
	hashed.PasswordHash = "hash"
	for name, c := range map[string]struct {
		format importer.Format
		text   string
		want   []account.User
	}{
		"JSON, everything": {importer.JSONLines, `{"id":"` + bob + `","email":"Bob@hbtn.io","first_name":"Bob \"B\"","last_name":"Dylan; jr,\nand so on",` +
			`"role":"admin","disabled":false,"created_at":"2017-10-16T04:23:04Z","updated_at":"2017-10-16T07:23:04.0000059+02:00","password_hash":"hash$,x"}`, []account.User{full(t)}},
		"CSV, everything": {importer.CSV, "updated_at,password_hash,id,email,first_name,last_name,role,disabled,created_at\r\n" +
			`2017-10-16T07:23:04.0000059+02:00,"hash$,x",` + strings.ToUpper(bob) + `,Bob@hbtn.io,"Bob ""B""","Dylan; jr,` + "\n" + `and so on",admin,false,2017-10-16T04:23:04Z` + "\r\n", []account.User{full(t)}},
		"CSV with semicolons": {importer.CSV, "email;hash;id;created_at;updated_at;first_name;last_name;role\n" +
			`Bob@hbtn.io;hash$,x;` + bob + `;2017-10-16 04:23:04;2017-10-16 05:23:04.000005;"Bob ""B""";"Dylan; jr,` + "\n" + `and so on";admin`, []account.User{full(t)}},

		"JSON, only the email": {importer.JSONLines, `{"email":"a@x.de"}`, []account.User{plain("a@x.de")}},
		"CSV, only the email":  {importer.CSV, "email\na@x.de", []account.User{plain("a@x.de")}},
		"null":                 {importer.JSONLines, `{"email":"a@x.de","id":null,"first_name":null,"last_name":null,"role":null,"disabled":null,"created_at":null,"updated_at":null,"hash":null,"password_hash":null}`, []account.User{plain("a@x.de")}},
		"empty fields":         {importer.CSV, "email,id,first_name,last_name,role,disabled,created_at,updated_at,hash\na@x.de,,,,,,,,\n", []account.User{plain("a@x.de")}},
		"empty names":          {importer.JSONLines, `{"email":"a@x.de","first_name":"","role":"","password_hash":""}`, []account.User{named}},
		"hash":                 {importer.JSONLines, `{"email":"a@x.de","hash":"hash"}`, []account.User{hashed}},
		"only created":         {importer.CSV, "email,created_at\na@x.de,2017-10-16 04:23:04+00\n", []account.User{dated}},
		"disabled":             {importer.JSONLines, `{"email":"a@x.de","disabled":true}`, []account.User{disabled("a@x.de")}},
		"disabled in CSV":      {importer.CSV, "email,disabled\na@x.de,t\nb@x.de,1\n", []account.User{disabled("a@x.de"), disabled("b@x.de")}},
		"not disabled":         {importer.CSV, "email,disabled\na@x.de,f\nb@x.de,0\n", []account.User{plain("a@x.de"), plain("b@x.de")}},

		"JSON, lines":    {importer.JSONLines, "\ufeff{\"email\":\"a@x.de\"}\r\n\n \t\n{\"email\":\"b@x.de\"}\n\n", []account.User{plain("a@x.de"), plain("b@x.de")}},
		"CSV, lines":     {importer.CSV, "\ufeffemail\r\n\r\na@x.de\r\n\r\nb@x.de\r\n\r\n", []account.User{plain("a@x.de"), plain("b@x.de")}},
		"quoted columns": {importer.CSV, "\ufeff\"email\" ; \"role\"\n", nil}, // a blank in front is no quotation mark
		"blank columns":  {importer.CSV, "role ; email\nuser;a@x.de\n", []account.User{plain("a@x.de")}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readList(c.format, strings.NewReader(c.text))
			if c.want == nil {
				if !errors.Is(err, importer.ErrFormat) {
					t.Errorf("%v, want ErrFormat", err)
				}
				return
			}
			want := importer.Batch{Users: c.want, EmailsOnce: true}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestUserListProblems: each is told by the line in which it is, and keeps everything out.
func TestUserListProblems(t *testing.T) {
	const secret = "5f4dcc3b5aa765d61d8327deb882cf99"
	for name, c := range map[string]struct {
		format importer.Format
		text   string
		want   string // what is told, without ErrFormat and the number of problems
	}{
		"no email":        {importer.JSONLines, `{}`, "line 1: no email"},
		"email null":      {importer.JSONLines, `{"email":null}`, "line 1: no email"},
		"email empty":     {importer.CSV, "role,email\nadmin,\n", "line 2: no email"},
		"no such email":   {importer.CSV, "email\nnobody\n", "line 2: email: not an email address: it has no part before or after the @"},
		"email a number":  {importer.JSONLines, `{"email":1}`, "line 1: email is not text"},
		"name a list":     {importer.JSONLines, `{"email":"a@x.de","first_name":["a"]}`, "line 1: first_name is not text"},
		"half a pair":     {importer.JSONLines, `{"email":"a@x.de","last_name":"\ud800"}`, "line 1: last_name has half a surrogate pair, which is no character"},
		"NUL":             {importer.JSONLines, `{"email":"a@x.de","role":"a\u0000"}`, "line 1: role has the character U+0000, which no database keeps"},
		"disabled text":   {importer.JSONLines, `{"email":"a@x.de","disabled":"true"}`, "line 1: disabled is neither true nor false"},
		"disabled number": {importer.JSONLines, `{"email":"a@x.de","disabled":1}`, "line 1: disabled is neither true nor false"},
		"disabled yes":    {importer.CSV, "email,disabled\na@x.de,yes\n", "line 2: disabled is neither true nor false"},
		"id":              {importer.CSV, "email,id\na@x.de,17\n", "line 2: the id is not a UUID; leave ids out that are none, and new ones are made"},
		"id of zeroes":    {importer.CSV, "email,id\na@x.de,00000000-0000-0000-0000-000000000000\n", "line 2: the id is not a UUID; leave ids out that are none, and new ones are made"},
		"same id":         {importer.CSV, "email,id\na@x.de," + bob + "\nb@x.de," + strings.ToUpper(bob) + "\n", "line 3: the id of line 2 again"},
		"same email":      {importer.JSONLines, `{"email":"Å@x.de"}` + "\n\n" + `{"email":"å@X.de"}`, "line 3: the email of line 1 again"},
		"time":            {importer.JSONLines, `{"email":"a@x.de","created_at":"16.10.2017"}`, "line 1: created_at is not a time as 2006-01-02T15:04:05Z"},
		"year zero":       {importer.JSONLines, `{"email":"a@x.de","updated_at":"0000-01-01T00:00:00Z"}`, "line 1: updated_at is not a time as 2006-01-02T15:04:05Z"},
		"hash":            {importer.JSONLines, `{"email":"a@x.de","password_hash":"` + secret + `"}`, "line 1: password_hash: of no known form"},
		"hash twice":      {importer.JSONLines, `{"email":"a@x.de","password_hash":"hash","hash":"` + secret + `"}`, "line 1: password_hash and hash are the same, and both are there"},
		"member":          {importer.JSONLines, `{"email":"a@x.de","Role":"` + secret + `"}`, `line 1: the member "Role" is not known; there are id, email, first_name, last_name, role, disabled, created_at, updated_at, password_hash`},
		"member twice":    {importer.JSONLines, `{"email":"a@x.de","role":"` + secret + `","role":"b"}`, `line 1: not a JSON object with the members expected: the member "role" is there twice`},
		"array":           {importer.JSONLines, `[{"email":"a@x.de"}]`, "line 1: not a JSON object with the members expected"},
		"two on a line":   {importer.JSONLines, `{"email":"a@x.de"} {"email":"b@x.de"}`, "line 1: not a JSON object with the members expected: invalid character '{' after top-level value"},
		"over two lines":  {importer.JSONLines, "{\"email\":\n\"a@x.de\"}", "line 1: not a JSON object with the members expected: unexpected end of JSON input\nline 2: not a JSON object with the members expected: invalid character '}' after top-level value"},
		"Latin-1":         {importer.JSONLines, "{\"email\":\"a@x.de\"}\n{\"email\":\"\xe9@x.de\"}", "line 2: not a JSON object with the members expected: it is not UTF-8"},
		"Latin-1 in CSV":  {importer.CSV, "email,first_name\na@x.de,Zo\xe9\nb@x.de,Zo\xe9", "line 2: not UTF-8; save the list in that encoding\nline 3: not UTF-8; save the list in that encoding"},
		"UTF-16":          {importer.CSV, "\xff\xfee\x00m\x00a\x00i\x00l\x00", "line 1: not UTF-8; save the list in that encoding\nline 1: no column email; the first line names the columns"},

		"nothing":          {importer.CSV, "\n\n", "line 1: no line that names the columns"},
		"no column names":  {importer.CSV, "a@x.de\nb@x.de\n", `line 1: the column "a@x.de" is not known; there are id, email, first_name, last_name, role, disabled, created_at, updated_at, password_hash` + "\nline 1: no column email; the first line names the columns"},
		"column":           {importer.CSV, "email,password\na@x.de,x\n", `line 1: the column "password" is not known; there are id, email, first_name, last_name, role, disabled, created_at, updated_at, password_hash`},
		"column twice":     {importer.CSV, "email,hash,password_hash\na@x.de,x,y\n", "line 1: the column password_hash is there twice"},
		"too few fields":   {importer.CSV, "email,role\na@x.de\nb@x.de,\n", "line 2: 1 fields, and 2 columns"},
		"too many fields":  {importer.CSV, "email,role\n\"a@x.de\",a,b\nb@x\n", "line 2: 3 fields, and 2 columns\nline 3: 1 fields, and 2 columns"},
		"quotation":        {importer.CSV, "email,role\na@x.de,\"a\"b\nnobody,\n", "line 2: extraneous or missing \" in quoted-field; the rest was not read"},
		"open quotation":   {importer.CSV, "email,first_name\na@x.de,\"Ann\nb@x.de,Bob\n", "line 2: extraneous or missing \" in quoted-field; the rest was not read"},
		"behind two lines": {importer.CSV, "email,first_name\na@x.de,\"Ann\nMay\"\nnobody,\n", "line 4: email: not an email address: it has no part before or after the @"},
		"several in a line": {importer.JSONLines, `{"email":"nobody","id":"1","created_at":"x","updated_at":"y"}`, "line 1: email: not an email address: it has no part before or after the @\n" +
			"line 1: the id is not a UUID; leave ids out that are none, and new ones are made\nline 1: created_at is not a time as 2006-01-02T15:04:05Z\nline 1: updated_at is not a time as 2006-01-02T15:04:05Z"},

		"long line":       {importer.JSONLines, `{"email":"` + strings.Repeat("a", 200_000) + `"}` + "\n{}", "line 1: longer than 65536 bytes\nline 2: no email"},
		"long quotation":  {importer.CSV, "email,role\na@x.de,\n\"" + strings.Repeat("a\n", 100_000), "line 3: longer than 65536 bytes; is a quotation mark missing? The rest was not read"},
		"long first line": {importer.CSV, strings.Repeat("email,", 100_000), "line 1: longer than 65536 bytes; is a quotation mark missing? The rest was not read"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
				got, err := readList(c.format, r)
				problems, ok := errors.AsType[*importer.Problems](err)
				if !ok || !errors.Is(err, importer.ErrFormat) || got.Users != nil {
					t.Fatalf("%v, %v; want problems", got, err)
				}
				want := fmt.Sprintf("wrong format, problems: %d\n  %s", strings.Count(c.want, "\n")+1, strings.ReplaceAll(c.want, "\n", "\n  "))
				if diff := cmp.Diff(want, err.Error()); diff != "" || problems.Count != len(problems.First) {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if strings.Contains(err.Error(), secret) {
					t.Error("a password hash is told")
				}
			}
		})
	}
}

func TestUserListErrors(t *testing.T) {
	for name, text := range map[string]struct {
		format importer.Format
		text   string
	}{
		"no JSON": {importer.JSONLines, ""}, "blank lines": {importer.JSONLines, "\n \n"}, "no more than columns": {importer.CSV, "email\n"},
	} {
		if got, err := readList(text.format, strings.NewReader(text.text)); !errors.Is(err, importer.ErrNothingThere) || got.Users != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, format := range []importer.Format{importer.JSONLines, importer.CSV} {
		broken := errors.New("disk on fire")
		if _, err := readList(format, io.MultiReader(strings.NewReader("email\na@x.de\n"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("%s: %v, want the reader's own error", format, err)
		}
	}
	if _, err := readList("xml", strings.NewReader("")); err == nil {
		t.Error("any format is taken")
	}
	list := importer.UserList{Format: importer.JSONLines}
	if _, err := list.Read(strings.NewReader(`{"email":"a@x.de","hash":"x"}`), now); !errors.Is(err, importer.ErrFormat) {
		t.Errorf("a hash that nobody has judged: %v", err)
	}
	path := filepath.Join(t.TempDir(), "list.csv")
	if _, err := list.ReadFile(path, now); err == nil || err.Error() != "read "+path+": no such file or directory" {
		t.Errorf("no file: %v", err)
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]importer.Format{
		"a.jsonl": importer.JSONLines, "b/a.NDJSON": importer.JSONLines, "a.csv": importer.CSV, "A.CSV": importer.CSV,
		"a.json": "", "csv": "", "-": "", "": "", "a.csv/b": "", "a.csv.gz": "",
	} {
		if got, ok := importer.FormatOf(path); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", path, got, ok)
		}
	}
}

// TestUserListOfMany: many users are one Batch, and the same one in either format.
func TestUserListOfMany(t *testing.T) {
	var jsonLines, csv bytes.Buffer
	csv.WriteString("email,role\n")
	const many = 5_000
	for i := range many {
		line, err := json.Marshal(map[string]any{"email": fmt.Sprintf("%d@x.de", i), "role": "user"})
		if err != nil {
			t.Fatal(err)
		}
		jsonLines.Write(append(line, '\n'))
		fmt.Fprintf(&csv, "%d@x.de,user\n", i)
	}
	one, err1 := readList(importer.JSONLines, &jsonLines)
	other, err2 := readList(importer.CSV, &csv)
	if err := errors.Join(err1, err2); err != nil || len(one.Users) != many || !reflect.DeepEqual(one, other) {
		t.Errorf("%v, %d users and %d", err, len(one.Users), len(other.Users))
	}
}
