package password

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tracks are what runs go along, forwards and backwards.
var tracks = func() string {
	forwards := strings.Join([]string{
		"abcdefghijklmnopqrstuvwxyz", "01234567890123", "абвгдежзийклмнопрстуфхцчшщъыьэюя",
		// Rows of keyboards: QWERTY, then what is different on QWERTZ, AZERTY and ЙЦУКЕН.
		"`1234567890-=", "~!@#$%^&*()_+", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
		"qwertzuiopü", "yxcvbnm", "asdfghjklöä", "azertyuiop", "qsdfghjklm", "wxcvbn",
		"йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
		// Columns, and to and fro between two rows.
		"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/",
		"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qawsedrftgyhujikolp", "aqswdefrgthyjukilo",
		"147", "258", "369",
	}, "\n")
	backwards := []rune(forwards)
	slices.Reverse(backwards)
	return forwards + "\n" + string(backwards)
}()

// A run has at least shortestRun code points. None longer than longestRun need be looked for, as any
// can be put together from pieces of the lengths between.
const (
	shortestRun = 3
	longestRun  = 5
)

// isRun reports whether s goes along a track, or is one character again and again.
func isRun(s string) bool {
	_, size := utf8.DecodeRuneInString(s)
	return s[size:] == s[:len(s)-size] || strings.Contains(tracks, s) && !strings.Contains(s, "\n")
}

// isPadded reports whether s is made of runs and words, and of less than half of other characters,
// of which none is a letter.
func isPadded(s string, words []string) bool {
	// fewest[i] is how many other characters s[:i] needs. It grows along s, always from where
	// something ends.
	fewest := make([]int, len(s)+1)
	for i := range fewest {
		fewest[i] = math.MaxInt
	}
	fewest[0] = 0
	for i, r := range s {
		sofar := fewest[i]
		if sofar == math.MaxInt {
			continue
		}
		reach := func(end, others int) { fewest[end] = min(fewest[end], others) }
		for _, word := range words {
			if strings.HasPrefix(s[i:], word) {
				reach(i+len(word), sofar)
			}
		}
		end := i
		for n := 1; n <= longestRun && end < len(s); n++ {
			_, size := utf8.DecodeRuneInString(s[end:])
			end += size
			if n == 1 && !unicode.IsLetter(r) {
				reach(end, sofar+1)
			}
			if n >= shortestRun {
				if !isRun(s[i:end]) {
					break
				}
				reach(end, sofar)
			}
		}
	}
	return fewest[len(s)] < (utf8.RuneCountInString(s)+1)/2
}

// maxWords is how many words of the user and the service are looked at, so that a name of ten
// thousand words keeps nobody busy.
const maxWords = 64

// wordsOf returns each of about as a whole and its words, in lower case.
func wordsOf(about []string) []string {
	var words []string
	for _, text := range about {
		text = strings.ToLower(text)
		for _, word := range append(strings.FieldsFunc(text, isBetweenWords), text) {
			if word != "" && len(words) < maxWords && !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return words
}

func isBetweenWords(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
}

// repeated returns the shortest part of which s is a repetition, twice or more, perhaps broken off; s
// itself if there is none.
func repeated(s string) string {
	// borders[i] is the length of the longest text that s[:i+1] both begins and ends with, itself
	// aside (Knuth, Morris and Pratt). What is left over in front is what repeats.
	borders := make([]int, len(s))
	for i, border := 1, 0; i < len(s); i++ {
		for border > 0 && s[i] != s[border] {
			border = borders[border-1]
		}
		if s[i] == s[border] {
			border++
		}
		borders[i] = border
	}
	if len(s) == 0 {
		return s
	}
	part := len(s) - borders[len(s)-1]
	if 2*part > len(s) {
		return s
	}
	return s[:part]
}
