package phpsession

// A kind is that of a value, by its letter in PHP's format.
type kind byte

const (
	kindNull   kind = 'N'
	kindBool   kind = 'b'
	kindInt    kind = 'i'
	kindFloat  kind = 'd'
	kindString kind = 's'
	kindArray  kind = 'a'
	kindObject kind = 'O'
	kindEnum   kind = 'E'
)

// A value is one in $_SESSION. Those that PHP shares by reference are one value here, too, so that
// reading costs no more than the text is long.
type value struct {
	kind    kind
	text    string   // of a string its bytes, of other scalars their JSON, of an object its class
	members []member // of an array or an object
	inside  bool     // it is being written: whoever meets it again goes round in a circle
}

// A member is an element of an array, or a member of an object, under its plain name.
type member struct {
	key   string
	value *value
}
