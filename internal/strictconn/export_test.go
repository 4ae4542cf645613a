package strictconn

// Bad is a stream that is refused.
type Bad = bad

// What the tests from outside send, too.
var (
	Unambiguous = unambiguous
	Ambiguous   = ambiguous
	Malformed   = malformed
)
