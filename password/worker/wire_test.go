package worker

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handstamp/handstamp/password"
)

func TestRequestsArriveAsSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(most int, name string) string {
			return string(rapid.SliceOfN(rapid.Byte(), 0, most).Draw(t, name))
		}
		want := request{
			kind: rapid.SampledFrom([]byte{kindHash, kindVerify}).Draw(t, "kind"),
			params: password.Params{
				MemoryKiB: rapid.Uint32().Draw(t, "memory"), Passes: rapid.Uint32().Draw(t, "passes"), Lanes: rapid.Uint8().Draw(t, "lanes"),
			},
			encoded: text(password.MaxEncoded+1, "encoded"), plain: text(password.MaxBytes, "plain"),
		}
		var pipe bytes.Buffer
		if err := writeFrame(&pipe, want.encode()); err != nil {
			t.Fatal(err)
		}
		frame, err := readFrame(&pipe, make([]byte, 0, maxFrame))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseRequest(frame)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(request{})); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	})
}

func TestAnswersArriveAsSent(t *testing.T) {
	for _, want := range []answer{
		{},
		{verdict: password.Verdict{OK: true}},
		{verdict: password.Verdict{OK: true, NeedsRehash: true}},
		{encoded: "$argon2id$v=19$m=64,t=2,p=1" + tail},
		{status: statusFormat},
		{status: statusCost},
		{status: statusFailed, failure: "no argon2id with it"},
	} {
		got, err := parseAnswer(want.encode())
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
}

func TestFramesAreBounded(t *testing.T) {
	buffer := make([]byte, 0, maxFrame)
	for name, tt := range map[string]struct {
		sent string
		want error
	}{
		"nothing":       {"", io.EOF},
		"half a length": {"\x00\x00", io.ErrUnexpectedEOF},
		"half a frame":  {"\x00\x00\x00\x05half", io.ErrUnexpectedEOF},
		"only a length": {"\x00\x00\x00\x05", io.ErrUnexpectedEOF},
		"too long":      {"\xff\xff\xff\xff" + strings.Repeat("x", 2*maxFrame), errFrame},
		"not for this":  {"usage: stranger [OPTION]...", errFrame},
	} {
		if frame, err := readFrame(strings.NewReader(tt.sent), buffer); !errors.Is(err, tt.want) {
			t.Errorf("%s: %q, %v", name, frame, err)
		}
	}
	if err := writeFrame(io.Discard, make([]byte, maxFrame+1)); !errors.Is(err, errFrame) {
		t.Errorf("written: %v", err)
	}
}

// TestWorkerRefusesNonsense, and computes nothing for it.
func TestWorkerRefusesNonsense(t *testing.T) {
	for name, payload := range map[string][]byte{
		"nothing":      {},
		"unknown kind": request{kind: 'x'}.encode(),
		"long hash":    append(request{kind: kindVerify}.encode()[:requestHead-2], 0xff, 0xff),
	} {
		var in, out bytes.Buffer
		if err := writeFrame(&in, payload); err != nil {
			t.Fatal(err)
		}
		if err := answerAll(&in, &out, new(password.Local)); !errors.Is(err, errFrame) {
			t.Errorf("%s: %v", name, err)
		}
		if got := out.Len(); got != 4+len(hello) {
			t.Errorf("%s: %d bytes of answers", name, got-4-len(hello))
		}
	}
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte{})
	f.Add(request{kind: kindVerify, params: small, encoded: "e", plain: "p"}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := parseRequest(b); err == nil && !bytes.Equal(r.encode(), b) {
			t.Errorf("%q became %+v", b, r)
		}
		if a, err := parseAnswer(b); err == nil && a.verdict.OK && b[1]&bitOK == 0 {
			t.Errorf("%q became %+v", b, a)
		}
	})
}
