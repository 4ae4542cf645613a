// Package nodeapi is what a server and the services that embed its verifier say to each other, as JSON:
// the paths, and what goes to and fro there. docs/microservices.md and openapi.yaml describe it for those who
// speak it from another language.
//
// Sessions are named by the SHA-256 of their tokens, in hexadecimal. Nobody can make a token of one, so that it
// opens nothing; no token ever travels here. Durations are whole milliseconds, rounded so that nobody trusts for too long.
package nodeapi
