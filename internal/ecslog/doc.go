// Package ecslog writes a log that machines can search and strangers cannot forge. It is a
// [slog.Handler]: exactly one line for each record, whatever is in it.
//
// In JSON a line has the names of the Elastic Common Schema
// (https://www.elastic.co/docs/reference/ecs): "@timestamp", "log.level", "message" and
// "ecs.version" first, and then the attributes. Their keys are the schema's own, with dots in them,
// and stay as they are written: "event.action", "user.id", "source.ip",
// "http.response.status_code". Groups put their name and a dot before the keys in them. As text, for
// people at a terminal, it is the same in another order.
//
// # What strangers send
//
// A log is read by programs, by terminals and by people, and each can be fooled in its own way: by a
// line end that begins a second record, by an escape sequence that rewrites the screen, by characters
// that turn the direction of writing, by a megabyte where a name should be, by "${jndi:…}", which
// some programs execute. So values are cut after 512 bytes, with the length that they had; what is
// not printable is written as \u and its number; and the dollar sign of "${", too. In JSON all of that
// is only another spelling: whoever reads the line gets the characters back, except for bytes that
// are not UTF-8, which become U+FFFD.
//
// Keys are ours and no stranger's. They are escaped nevertheless.
package ecslog
