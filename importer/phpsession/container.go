package phpsession

import (
	"fmt"
	"strings"
)

// container reads the elements of an array or the members of an object, of which it reads the class
// first. The array that all of $_SESSION is in is not counted, and stands -1 deep.
func (p *parser) container(from int, v *value, depth int) error {
	if depth == MaxDepth {
		return fmt.Errorf("%w: byte %d: more than %d deep", ErrTooLarge, from, MaxDepth)
	}
	if v.kind == kindObject {
		var err error
		if v.text, err = p.quoted(); err != nil {
			return err
		}
		if !isClass(v.text) {
			return p.wrong(from, "no name of a class in UTF-8")
		}
		if err = p.expect(':'); err != nil {
			return err
		}
	}
	const shortest = len("i:0;N;")
	count, err := p.count(':', shortest)
	if err != nil {
		return err
	}
	if err := p.expect('{'); err != nil {
		return err
	}
	seen := make(map[string]bool) // grows with what is read, and not with what is declared
	for range count {
		from := p.at
		key, err := p.key()
		if err != nil {
			return err
		}
		if seen[key] {
			return p.wrong(from, "a key comes twice")
		}
		seen[key] = true
		element, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		v.members = append(v.members, member{key, element})
	}
	if v.kind == kindObject && !v.giveNames() {
		return p.wrong(from, "members that cannot be told apart")
	}
	return p.expect('}')
}

// key reads a key: an integer or a string. PHP has one key for 5 and "5", too.
func (p *parser) key() (string, error) {
	from := p.at
	letter, err := p.letter()
	if err != nil {
		return "", err
	}
	switch kind(letter) {
	case kindInt:
		text, err := p.until(';')
		if err != nil {
			return "", err
		}
		key, ok := integer(text)
		if !ok {
			return "", p.wrong(from, "not a number as PHP writes it")
		}
		return key, nil
	case kindString:
		key, err := p.quoted()
		if err != nil {
			return "", err
		}
		return key, p.expect(';')
	default:
		return "", p.wrong(from, "no key begins here")
	}
}

// giveNames takes from the names of an object's members what PHP writes in front of them: NUL * NUL for
// one that is protected, NUL Class NUL for one that is private. The private member of a parent class
// keeps its class where the object has another of the same name. It is false where two would still
// have the same.
func (v *value) giveNames() bool {
	taken := make(map[string]bool)
	var ofParents []*member
	for i := range v.members {
		m := &v.members[i]
		class, plain, hidden := unmangle(m.key)
		if hidden && class != "*" && class != v.text {
			ofParents = append(ofParents, m)
			continue
		}
		if taken[plain] {
			return false
		}
		m.key, taken[plain] = plain, true
	}
	for _, m := range ofParents {
		class, plain, _ := unmangle(m.key)
		if taken[plain] {
			plain = class + "::" + plain
		}
		if taken[plain] {
			return false
		}
		m.key, taken[plain] = plain, true
	}
	return true
}

// unmangle splits the name of a member that is not public.
func unmangle(name string) (class, plain string, hidden bool) {
	if strings.HasPrefix(name, "\x00") {
		class, plain, hidden = strings.Cut(name[1:], "\x00")
	}
	if !hidden {
		return "", name, false
	}
	return class, plain, true
}
