package main

import (
	"github.com/handstamp/handstamp/internal/secret"
	"github.com/handstamp/handstamp/internal/settings"
)

// serveSettings are all that can be set for "handstamp serve". The tags are what there is to know
// about each: flags, variables, keys of the file, help and docs/settings.md come from them. After a
// change, "go test ./cmd/handstamp -run TestSettingsPage -update" writes the page.
type serveSettings struct {
	Data string `name:"data" flag:"-" group:"Place" default:"./data" help:"Folder of the database, made if it is not there."`

	MasterKey secret.Text `name:"master-key" help:"The key from which others are derived, for signing. Without it, it is in the file master.key of the data folder, where the first start makes it."`

	Store storePlace `name:"store" default:"sqlite" help:"Where users and sessions are kept: sqlite for a database in the data folder; postgres:// and host and name of a database for several nodes; memory for nowhere, so that all is gone when the server stops."`

	StorePassword secret.Text `name:"store-password" help:"Password for the database, where the URL has none."`

	SessionStore sessionPlace `name:"session-store" help:"Where sessions and attempts are kept, where that is not the store: redis:// or rediss:// and the host of a Redis or Valkey server. docs/redis.md says what it must be set to."`

	SessionStorePassword secret.Text `name:"session-store-password" help:"Password for the Redis server, where the URL has none."`

	SessionStoreReplicas int `name:"session-store-replicas" default:"0" min:"0" help:"How many replicas of the Redis server must have a login, a revoke and each renewal of a lease before it counts. Without any, what Redis loses when a replica takes over is lost."`

	NodeName string `name:"node-name" help:"What this node is called where several are listed. Without it, by the name of the machine."`

	Listen settings.Address `name:"listen" default:"127.0.0.1:5000" help:"Address to listen on."`

	PublicURL settings.URL `name:"public-url" default:"http://localhost:5000" help:"What browsers and links use. With https the session cookie is sent over TLS only, under a name that no other host can set."`

	InsecurePublicURL bool `name:"insecure-public-url" default:"false" help:"Serve without TLS beyond this machine: whoever sees the network sees passwords and sessions."`

	TrustedProxies []settings.Network `name:"trusted-proxies" reload:"" help:"Proxies that say truly who asks: networks, addresses, loopback (this machine) or private (not reachable from the Internet). Without any, forwarded headers mean nothing."`

	ProxyHeader string `name:"proxy-header" default:"x-forwarded-for" enum:"x-forwarded-for,forwarded,x-real-ip" reload:"" help:"The one header in which the trusted proxies say who asks. They must remove it from what they receive, or add to it; the others are ignored."`

	Origins []settings.Origin `name:"origins" reload:"" help:"Origins besides the server's own whose pages may call it with a user's cookie."`

	PathPrefix settings.PathPrefix `name:"path-prefix" help:"How the paths of the pages, the API and the probes begin, such as /auth, where an app on the same host has paths of the same names."`

	OpsListen settings.Address `name:"ops-listen" help:"Address of a listener of its own for /healthz, /readyz, /metrics and the routes of administrators. Without it they are where the others are, and /metrics answers this machine only."`

	Drain settings.Duration `name:"drain" default:"0s" max:"5m" help:"How long /readyz says at the end that the server stops, before it takes no more requests, so that a load balancer can look elsewhere."`

	Upstream settings.Upstream `name:"upstream" group:"The app behind" help:"The app that \"handstamp gate\" stands in front of: http:// or https:// and a host, or unix: and the path of a socket. \"handstamp serve\" does nothing with it."`

	UpstreamTimeout settings.Duration `name:"upstream-timeout" default:"1m" min:"1s" max:"1h" help:"How long the app may take until it begins to answer. Beyond it the answer is 504."`

	UpstreamRequests int `name:"upstream-requests" default:"1000" min:"1" help:"How many requests the app may have under way at once, open WebSockets included. Beyond it the answer is 503."`

	Credentials []credentialKind `name:"credentials" group:"Signing in" default:"session,bearer" help:"What a request may prove with who asks: session (the cookie), bearer (a token from /@login) and basic (email and password with each request)."`

	Realm string `name:"realm" default:"Login Required" help:"What the browser's own dialog says when it asks for email and password."`

	BasicMemory settings.Duration `name:"basic-memory" default:"60s" max:"60s" help:"How long a right pair of email and password is remembered, so that not every request costs a hash. 0 remembers nothing."`

	Registration string `name:"registration" default:"closed" enum:"open,closed" reload:"" help:"Whether everybody may make an account, or administrators only."`

	PasswordLength int `name:"password-length" default:"15" min:"8" max:"64" reload:"" help:"How many characters a new password has at least. NIST SP 800-63B-4 asks for 15 where nothing else is asked for."`

	SessionIdle settings.Duration `name:"session-idle" group:"Sessions" default:"1h" min:"1s" help:"How long a session may be unused before it ends."`

	SessionLifetime settings.Duration `name:"session-lifetime" default:"24h" min:"1s" help:"How long a session lasts at most, however much it is used."`

	SessionLimit int `name:"session-limit" default:"20" min:"0" help:"How many sessions a user may have. One more ends the oldest. 0 is without limit."`

	CookieDomain string `name:"cookie-domain" help:"Domain to whose hosts browsers send the session cookie, such as example.com, for apps on hosts of their own behind a proxy. Each of these hosts can read the cookie. Without it, it is for the host of public-url alone."`

	OldCookie string `name:"old-cookie" help:"Name of the session cookie of a PHP site whose sessions were imported with \"import php --keep-ids\", such as PHPSESSID. It is taken once for each of them, in place of our cookie, which its browser gets then."`

	TokenLifetime settings.Duration `name:"token-lifetime" group:"Tokens" default:"12h" min:"1m" max:"365d" help:"How long a bearer token is good, and its session with it."`

	TokenRenewable settings.Duration `name:"token-renewable" default:"30d" min:"1m" help:"How long after the login bearer tokens can be renewed. Then it takes a password again."`

	PlonePath string `name:"plone-path" help:"Path of the plugin of a Plone site, such as /plone/acl_users/jwt_auth: bearer tokens then have the form that plone.restapi gives them, HS256, for programs that verify them with its secret. Without it they are JWTs of the type at+jwt."`

	TokenAlgorithm string `name:"token-algorithm" default:"EdDSA" enum:"EdDSA,ES256,RS256" help:"What tokens are signed with. After a change, the key of the new algorithm is published for 10 minutes before it signs, unless \"handstamp key rotate\" lets it sign at once."`

	TokenRotation settings.Duration `name:"token-rotation" default:"90d" help:"How long a key signs tokens before the next one does, an hour at least. 0 leaves it to \"handstamp key rotate\"."`

	Lease settings.Duration `name:"lease" default:"2s" min:"2s" max:"1m" help:"How long it may take until a revoked session is refused everywhere: a node that has not heard from the store for so long asks it at each check, and answers 503 if it cannot. Tokens for apps behind a proxy are good for as long, and for 15s at most."`

	Revocation string `name:"revocation" default:"bounded" enum:"bounded,strict" help:"When a revoke is done: bounded when it is stored, so that other nodes hear of it in milliseconds, and within the lease whatever breaks; strict only when every node has heard of it or its lease has run out, so that no request that begins later is let through anywhere."`

	Throttle bool `name:"throttle" group:"Attempts" default:"true" help:"Limit how often somebody may try to sign in."`

	AccountBurst int `name:"throttle-account-burst" default:"5" min:"1" help:"How many wrong passwords an account takes before each next one has to wait, longer and longer."`

	AddressBurst int `name:"throttle-address-burst" default:"30" min:"1" help:"How many wrong passwords an address (IPv4, or an IPv6 /64) may send at once."`

	AddressEvery settings.Duration `name:"throttle-address-every" default:"30s" min:"1ms" max:"1d" help:"How long it takes until an address that has used them up may send another one."`

	NetworkBurst int `name:"throttle-network-burst" default:"150" min:"1" help:"How many wrong passwords a network (IPv4 /24, IPv6 /48) may send at once."`

	StrangersBurst int `name:"throttle-strangers-burst" default:"1000" min:"1" help:"How many wrong passwords all devices may send at once together on which nobody has signed in yet."`

	HashMemory settings.Size `name:"hash-memory" default:"0" help:"Memory for all password hashes under way. 0 is enough for one on each processor."`

	HashQueue int `name:"hash-queue" default:"512" min:"1" help:"How many passwords may wait for that memory. Beyond it the answer is 503."`

	HashWait settings.Duration `name:"hash-wait" default:"10s" min:"100ms" max:"25s" help:"How long a password may wait for that memory. Beyond it the answer is 503."`

	AppName string `name:"app-name" group:"Pages" reload:"" help:"What the pages call the app that people sign in to. Without it they say Handstamp."`

	Logo settings.File `name:"logo" reload:"" help:"The app's logo, which the pages show: a file of SVG, PNG, JPEG or WebP of up to 256 KiB. An SVG must be a picture and nothing else: no scripts, and nothing from elsewhere."`

	Accent string `name:"accent" reload:"" help:"The app's colour, as #rgb or #rrggbb, for what can be pressed. Where it could not be read, it is made just as much darker, or on dark pages lighter, as it must be."`

	AccentDark string `name:"accent-dark" reload:"" help:"The colour for readers who want dark pages. Without it, it is made of accent."`

	Texts settings.TextFile `name:"texts" reload:"" help:"Texts that the pages have in place of their own: a TOML file with a table for each language ([en], [fr], …), and in it a text for each key. A key that no page has is an error."`

	ReturnOrigins []settings.Origin `name:"return-origins" reload:"" help:"Origins besides the server's own to which a login in a page may lead back. It leads nowhere else, whatever a link says."`

	Rules []string `name:"rules" group:"Apps behind a proxy" reload:"" help:"Who may pass to apps whose proxy asks at /verify: HOST/PATH ACCESS, such as app.example.com/static/* public, app.example.com/pay/* fresh or */admin/* role=admin. The first rule that a request falls under counts; where there is none, whoever is signed in may pass. docs/forward-auth.md says more."`

	ForwardProxy string `name:"forward-proxy" default:"auto" enum:"auto,nginx,haproxy,apache,traefik,caddy,envoy" reload:"" help:"The kind of proxy that asks at /verify. Of what it tells, only the headers of that kind are read. auto takes the one kind that a request has, and refuses two."`

	AuditRetention settings.Duration `name:"audit-retention" group:"Records" default:"365d" min:"1d" reload:"" help:"How long the audit log is kept."`

	LogFormat string `name:"log-format" default:"auto" enum:"auto,json,text" help:"How the log is written: json with the names of the Elastic Common Schema, text for people, auto for text in a terminal and json elsewhere."`

	LogLevel string `name:"log-level" default:"info" enum:"debug,info,warn,error" reload:"" help:"What is not logged: everything below this level."`

	TraceEndpoint settings.URL `name:"trace-endpoint" help:"Where traces go: a collector's OTLP endpoint over HTTP. Without it there are none."`

	TraceHeaders secret.Text `name:"trace-headers" help:"Headers for the collector, such as its key, as OpenTelemetry writes them: NAME=VALUE, separated by commas."`

	WebhookURL settings.URL `name:"webhook-url" group:"Events out" help:"Where each event of users and sessions is posted, as a Standard Webhook. docs/events.md says what events there are, and how they are delivered."`

	WebhookSecret secret.Text `name:"webhook-secret" help:"What webhooks are signed with: whsec_ and 24 to 64 random bytes in base64. For a change there may be two with a space between, the new one first: both sign."`

	NATSURL secret.Text `name:"nats-url" help:"NATS servers to whose JetStream events are published: nats:// or tls:// and a host, perhaps with user and password, or several with commas between."`

	NATSSubject string `name:"nats-subject" default:"handstamp.events" help:"How the subjects begin. Behind it come a dot and the kind of event, and a stream must take them: handstamp.events.>"`

	AMQPURL secret.Text `name:"amqp-url" help:"RabbitMQ to which events are published: amqp:// or amqps://, a host, perhaps with user and password, and the virtual host."`

	AMQPExchange string `name:"amqp-exchange" default:"handstamp" help:"The exchange that gets the events, with the kind of event as routing key. One that is not there is made, of the type topic."`

	CAEPURL settings.URL `name:"caep-url" help:"Receiver of security events (OpenID CAEP, pushed as RFC 8935 says) that is told of revoked sessions and new passwords."`

	CAEPAudience string `name:"caep-audience" help:"The audience of those events, as the receiver has given it."`

	CAEPToken secret.Text `name:"caep-token" help:"The bearer token that the receiver wants with each of them, if any."`

	InsecureEvents bool `name:"insecure-events" default:"false" help:"Send events beyond this machine without TLS: whoever sees the network sees them, and the passwords of the servers that they go to."`
}

// serveTable is what the tags say.
var serveTable = settings.NewTable[serveSettings]()
