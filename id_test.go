package handstamp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/handstamp/handstamp"
)

func TestNewID(t *testing.T) {
	v4 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := make(map[handstamp.ID]bool)
	var ones, zeros handstamp.ID // bits that were 1 in some ID, and in all of them
	zeros = handstamp.NewID()
	for range 1000 {
		id := handstamp.NewID()
		if !v4.MatchString(id.String()) || id.IsZero() {
			t.Fatalf("%v is no UUID version 4", id)
		}
		if seen[id] {
			t.Fatalf("%v came twice", id)
		}
		seen[id] = true
		for i := range id {
			ones[i] |= id[i]
			zeros[i] &= id[i]
		}
	}
	const varies = "ffffffff-ffff-4fff-bfff-ffffffffffff / 00000000-0000-4000-8000-000000000000"
	if got := fmt.Sprintf("%v / %v", ones, zeros); got != varies {
		t.Errorf("bits that vary: %s, want %s", got, varies)
	}
}

// TestIDOf must never change: whoever keeps their people elsewhere has these IDs in the store.
func TestIDOf(t *testing.T) {
	for name, want := range map[string]string{
		"":               "e3b0c442-98fc-8c14-9afb-f4c8996fb924",
		"bob@hbtn.io":    "c8efd25b-4bc7-8b2c-ab49-0dfaf130fa68",
		"zoé@exemple.fr": "974ad94f-d48f-8354-bfdd-48fea600ec6d",
	} {
		if got := handstamp.IDOf(name).String(); got != want {
			t.Errorf("IDOf(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestIDRoundTrip(t *testing.T) {
	ids := []handstamp.ID{{}, {0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff}, handstamp.IDOf("x")}
	for range 100 {
		ids = append(ids, handstamp.NewID())
	}
	for _, id := range ids {
		text := id.String()
		if got := mustParse(t, text); got != id {
			t.Errorf("%s came back as %s", text, got)
		}
		appended, err := id.AppendText([]byte("id="))
		if err != nil || string(appended) != "id="+text {
			t.Errorf("AppendText gives %q, %v", appended, err)
		}
	}
	if !(handstamp.ID{}).IsZero() || handstamp.IDOf("").IsZero() {
		t.Error("IsZero is wrong")
	}
}

const sampleID = "cf3ddee1-ff24-49e4-a40b-2540333fe992"

// parseID is handstamp.ParseID, except that a panic is an error like any other.
func parseID(s string) (id handstamp.ID, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return handstamp.ParseID(s)
}

func TestParseIDRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"empty":                 "",
		"upper case":            strings.ToUpper(sampleID),
		"one upper-case digit":  "Cf3ddee1-ff24-49e4-a40b-2540333fe992",
		"no dashes":             strings.ReplaceAll(sampleID, "-", ""),
		"braces":                "{" + sampleID + "}",
		"urn":                   "urn:uuid:" + sampleID,
		"blank before":          " " + sampleID,
		"newline after":         sampleID + "\n",
		"too short":             sampleID[:35],
		"too long":              sampleID + "0",
		"no digit":              "gf3ddee1-ff24-49e4-a40b-2540333fe992",
		"dash in another place": "cf3ddee-1ff24-49e4-a40b-2540333fe992",
		"underscores":           strings.ReplaceAll(sampleID, "-", "_"),
		"NUL":                   sampleID[:35] + "\x00",
		"full-width digit":      "cf3ddee1-ff24-49e4-a40b-2540333fe\uff19",
		"me":                    "me",
		"dashes only":           strings.Repeat("-", 36),
	} {
		if id, err := parseID(s); !errors.Is(err, handstamp.ErrID) || !id.IsZero() {
			t.Errorf("%s: ParseID(%q) = %v, %v; want ErrID", name, s, id, err)
		}
	}
	// A wrong character in every place.
	for i := range len(sampleID) {
		for _, c := range []string{"-", "0", "G", "g", "/", ":", "`", "@", " ", "\xff"} {
			s := sampleID[:i] + c + sampleID[i+1:]
			id, err := parseID(s)
			wellFormed := s == sampleID || c == "0" && sampleID[i] != '-'
			if wellFormed != (err == nil) || err != nil && !errors.Is(err, handstamp.ErrID) || err == nil && id.String() != s {
				t.Errorf("ParseID(%q) = %v, %v", s, id, err)
			}
		}
	}
}

func TestIDInJSON(t *testing.T) {
	type record struct {
		ID handstamp.ID                  `json:"id"`
		By map[handstamp.ID]handstamp.ID `json:"by"`
	}
	id := mustParse(t, sampleID)
	const want = `{"id":"` + sampleID + `","by":{"` + sampleID + `":"00000000-0000-0000-0000-000000000000"}}`
	text, err := json.Marshal(record{id, map[handstamp.ID]handstamp.ID{id: {}}})
	if err != nil || string(text) != want {
		t.Fatalf("got %s, %v; want %s", text, err, want)
	}
	var back record
	if err := json.Unmarshal(text, &back); err != nil || back.ID != id || len(back.By) != 1 {
		t.Errorf("came back as %v, %v", back, err)
	}
	for _, text := range []string{`""`, `"` + strings.ToUpper(sampleID) + `"`, `7`, `"x"`, `[1]`} {
		kept := id
		if err := json.Unmarshal([]byte(text), &kept); err == nil || kept != id {
			t.Errorf("%s was read as %v, %v; want an error and nothing changed", text, kept, err)
		}
	}
}

// FuzzParseID: what is accepted has one spelling only, and the rest is ErrID.
func FuzzParseID(f *testing.F) {
	for _, s := range []string{sampleID, "", "me", strings.ToUpper(sampleID), strings.Repeat("-", 36), sampleID[:34] + "-0"} {
		f.Add(s)
	}
	wellFormed := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z`)
	f.Fuzz(func(t *testing.T, s string) {
		id, err := parseID(s)
		if wellFormed.MatchString(s) != (err == nil) || err != nil && !errors.Is(err, handstamp.ErrID) {
			t.Fatalf("ParseID(%q) = %v, %v", s, id, err)
		}
		if err == nil && id.String() != s {
			t.Fatalf("%q came back as %q", s, id)
		}
	})
}
