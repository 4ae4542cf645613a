package password

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// The fields of a stored hash. Each has one spelling only.

// parseNumber reads a decimal number without leading zeros behind name.
func parseNumber(s, name string) (uint32, bool) {
	digits, isNamed := strings.CutPrefix(s, name)
	if !isNamed || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil
}

// parseNumbers reads one number for each name, with separator between them.
func parseNumbers(s, separator string, names ...string) ([]uint32, bool) {
	fields := strings.Split(s, separator)
	if len(fields) != len(names) {
		return nil, false
	}
	numbers := make([]uint32, len(names))
	for i, name := range names {
		var isNumber bool
		if numbers[i], isNumber = parseNumber(fields[i], name); !isNumber {
			return nil, false
		}
	}
	return numbers, true
}

// parseHex reads size bytes in lower-case hexadecimal digits.
func parseHex(s string, size int) ([]byte, bool) {
	b, err := hex.DecodeString(s)
	return b, err == nil && len(b) == size && hex.EncodeToString(b) == s
}

// parseBytes reads base64 without padding that stands for least to most bytes.
func parseBytes(s string, least, most int) ([]byte, bool) {
	return parseBase64(base64.RawStdEncoding.Strict(), s, least, most)
}

// parsePadded reads base64 with padding that stands for least to most bytes.
func parsePadded(s string, least, most int) ([]byte, bool) {
	return parseBase64(base64.StdEncoding.Strict(), s, least, most)
}

func parseBase64(encoding *base64.Encoding, s string, least, most int) ([]byte, bool) {
	// The decoder skips line ends, which would be a second spelling.
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := encoding.DecodeString(s)
	return b, err == nil && least <= len(b) && len(b) <= most
}
