// Package phpsession reads what PHP keeps of a session, $_SESSION as one of PHP's own handlers has
// written it, and gives it as JSON. Nothing is ever constructed: to a reader in PHP such a text can
// name classes that run code; here it is data.
//
//	s, err := phpsession.Parse(text, phpsession.PHP)
//	who, ok := s.Text("user.id")
//	values, err := s.Values()
//
// # What becomes of a value
//
// Null, booleans, integers and floats are themselves; a float keeps a fraction (1.0), so that it is
// told from an integer. An array with the keys 0, 1, 2 … in this order is an array, any other one an
// object, as PHP's json_encode has it.
//
// An object is an object with its members: those that are private or protected go by their plain
// names, as whoever reads $user->name in PHP knows them; where a parent class has a private member
// of the same name, that is called Class::name. The member [ClassMember] names the class, which is
// what PHP calls it when it knows no such class; stdClass, which is nothing but its members, goes
// without. Objects are not refused, as there are few sites without one in a session, and harmless,
// as nobody makes anything of the class's name. An enum case is its text, Suit:Hearts.
//
// Text in JSON is UTF-8 and PHP's strings are bytes. One that is not UTF-8 becomes an object with the
// one member [BytesMember], which has it in base64; INF, -INF and NAN, which JSON does not have,
// become one with [FloatMember]. So everything comes over, and nothing is taken for what it is not: an array that
// has one of these names for a key is refused.
//
// References become copies. What refers to a value that it stands in has no end as JSON, and is
// refused, and so is what the class itself has written in a format of its own (C:), which only that
// class can read, and keys that are not UTF-8.
//
// # Limits
//
// Whoever can write into a session file chooses what is in it, so everything is bounded before it is
// believed: the size of the text, depth, the number of values, and both of them anew for the
// result, as a text of a few hundred bytes can refer to a value a billion times.
package phpsession

import "errors"

// What is wrong with a session. The messages say where, and never what is there.
var (
	// ErrFormat means that the text is not what the handler writes: it is cut off, say, or
	// written by another handler.
	ErrFormat = errors.New("not a PHP session of this format")
	// ErrUnsupported means that there is no JSON for a value.
	ErrUnsupported = errors.New("no JSON for this")
	// ErrTooLarge means that a limit is reached.
	ErrTooLarge = errors.New("PHP session too large")
)

// Limits of a session.
const (
	MaxText   = 1 << 20 // bytes of what PHP has written
	MaxJSON   = 1 << 20 // bytes of all values together, as JSON
	MaxValues = 100_000 // values, each as often as it appears in the result
	MaxDepth  = 32      // arrays and objects inside of each other, in one entry
)

// Members that say what a JSON object stands for.
const (
	ClassMember = "__PHP_Incomplete_Class_Name" // an object, by the name of its class
	BytesMember = "__PHP_Base64"                // a string that is not UTF-8
	FloatMember = "__PHP_Float"                 // INF, -INF or NAN
)
