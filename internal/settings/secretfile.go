package settings

import (
	"fmt"
	"strings"
)

// maxSecret is how many bytes the file of a secret may have.
const maxSecret = 64 << 10

// reveal reads the file of a secret. It also returns a warning, where others can read the secret.
func (r row) reveal(value sourced) (_ sourced, warning string, err error) {
	if value.path == "" {
		if r.isSecret && value.isExposed {
			warning = value.origin + ": others on this machine can read the file, and so the secret; chmod 600"
		}
		return value, warning, nil
	}
	text, isExposed, err := readSmall(value.path, maxSecret)
	if err != nil {
		return value, "", fmt.Errorf("read %s: %w", value.path, err)
	}
	if isExposed && !value.isCredential {
		warning = fmt.Sprintf("%s: others on this machine can read the secret; chmod 600 %s", value.origin, value.path)
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if text == "" {
		return value, warning, fmt.Errorf("%s is empty", value.path)
	}
	value.words = []string{text}
	return value, warning, nil
}
