package proxies_test

// spellings are request targets that some server reads as a path below /staff/, or that some reader
// takes for a public one. They are sent as they stand.
var spellings = []string{
	// The paths themselves.
	"/staff/x", "/staff/", "/x", "/", "/public", "/publicx/x", "/static", "/PUBLIC/x", "/Public/x", "/public/x",
	// Dot segments, plain and behind percent signs.
	"/public/../staff/x", "/public/./../staff/x", "/public/x/../../staff/x", "/public/..", "/public/../", "/public/../x",
	"/public/%2e%2e/staff/x", "/public/%2E%2E/staff/x", "/public/.%2e/staff/x", "/public/%2e./staff/x", "/public/%2e/x",
	"/public/..%2fstaff/x", "/public/..%2Fstaff%2Fx", "/public%2f..%2fstaff/x", "/public/%2e%2e%2fstaff%2fx",
	"/public/...//../../staff/x", "/public/.../staff/x", "/../staff/x", "/../../public/../staff/x", "/./staff/x", "/public/.", "/public/..",
	"/public/%252e%252e/staff/x", "/public/%252e%252e%252fstaff/x", "/public/%25%32%65%25%32%65/staff/x", "/public/..%252fstaff/x",
	// Slashes.
	"//staff/x", "///staff///x", "/staff//x", "//public/x", "/public//x", "/public//../staff/x", "/public///../../staff/x", "/public/..//staff/x",
	"/%2fstaff/x", "/%2Fpublic/x", "/staff%2fx", "/staff%2Fx", "/public%2fx", "/public%2f", "//app.example.com/public/x", "//evil.example/public/x",
	// Backslashes.
	`/public/..\staff\x`, `/public\..\staff\x`, `\staff\x`, `/\staff/x`, "/public/..%5cstaff%5cx", "/public/%2e%2e%5cstaff/x", "/public%5c..%5cstaff/x", `/public/\../staff/x`,
	// Parameters.
	"/public/..;/staff/x", "/public/..;a=b/staff/x", "/public;/../staff/x", "/;/staff/x", "/staff;/x", "/staff/;x", "/staff;a=b/x", "/public;x/x",
	"/public/%2e%2e;/staff/x", "/public/..%3b/staff/x", "/public/.;/x", "/;x=/public/../staff/x", "/staff/x;.css", "/staff/x;/public/",
	// What ends a path.
	"/staff/x?/public/x", "/staff/x?x=/../public/x", "/x?/public/", "/staff/x#/public/x", "/public/x#/../../staff/x", "/public/#/../staff/x",
	"/staff/x%3f/public/", "/public/x%3f/../../staff/x", "/public/%23/../../staff/x", "/staff/x%23/public/", "/public/?/../../staff/x", "/public/..?/staff/x",
	"/#/public/", "/?", "/public/x?a#b", "/staff/?#", "/public/..#/staff/x",
	// Escapes that need not be, or are none.
	"/%73taff/x", "/st%61ff/x", "/%73%74%61%66%66/x", "/%70ublic/x", "/%70ublic/../staff/x", "/p%75blic/%2e%2e/staff/x", "/%53taff/x",
	"/public/%", "/public/%2", "/public/%zz/../../staff/x", "/public/%u002e%u002e/staff/x", "/public/%uff0e%uff0e/staff/x", "/%u0073taff/x",
	// NUL, controls, blanks.
	"/staff/x%00", "/staff/x%00/public/x", "/public/x%00/../../staff/x", "/public%00/../staff/x", "/%00/public/x", "/public/%00", "/staff%00/x", "/staff\x00/x",
	"/public/\x00/../../staff/x", "/staff/%0a", "/public/%0d%0a/../../staff/x", "/public/%0d%0aX-Auth-User:%20evil", "/staff/x%09", "/public/%20/../../staff/x",
	"/staff%20/x", "/staff/x%20", "/staff/x.", "/public./x", "/public%20/x", "/public/..%20/staff/x", "/public/..%09/staff/x", "/public/.. /staff/x", "/staff/x\t", "/public/\x7f",
	"/public/..%0d/staff/x", "/public/..%00/staff/x",
	// Overlong and other UTF-8.
	"/public/%c0%ae%c0%ae/staff/x", "/public/..%c0%afstaff/x", "/public/%c0%ae%c0%ae%c0%afstaff/x", "/public/..%e0%80%afstaff/x", "/public/..%c1%9cstaff/x",
	"/public/%ef%bc%8e%ef%bc%8e/staff/x", "/public/..%ef%bc%8fstaff/x", "/%ef%bd%93taff/x", "/public/\xc0\xae\xc0\xae/staff/x", "/public/..\xc0\xafstaff/x",
	"/public/\xff", "/public/%ff/../../staff/x", "/\xe2\x80\xae/staff/x", "/%e2%80%ae/public/x", "/ﬆaff/x",
	// The forms of targets that are not for apps.
	"http://app.example.com/staff/x", "https://app.example.com/staff/x", "http://app.example.com/public/../staff/x", "http://evil.example/public/x",
	"https://app.example.com", "http://app.example.com?/public/x", "HTTP://APP.EXAMPLE.COM/public/x", "http://app.example.com@evil.example/public/x",
	"http:///staff/x", "http:/staff/x", "staff/x", "public/../staff/x", "*", "app.example.com:443", "?/public/", "#", "", ".", "..", "./public/x", "@/public/x", "/public/x HTTP/1.1 x",
	// Handstamp's own paths, which need no session.
	"/login/../staff/x", "/login/%2e%2e/staff/x", "/login%2f..%2fstaff/x", "/login;/../staff/x", "/login/..;/staff/x", `/login\..\staff\x`, "/login/..%5cstaff/x",
	"/assets/../staff/x", "/assets/%2e%2e/staff/x", "/assets//../staff/x", "/api/v1/../../staff/x", "/api/v1/%2e%2e/%2e%2e/staff/x", "/login%00/../staff/x",
	"/login#/../staff/x", "/login?/../staff/x", "/LOGIN/../staff/x", "/loginx", "/login%", "/assets", "//login/../staff/x", "/./login/../staff/x", "/@login/../staff/x",
	// What only a proxy may ask.
	"/verify", "/verify/envoy/public/x", "/.handstamp", "/.handstamp/../staff/x", "/%2ehandstamp", "/.well-known/../staff/x", "/metrics", "/readyz",
}
