// Package forward is forward-auth: a proxy in front of an app asks, for each request that it has received, whether
// it may pass, and who is asking. So an app in any language has a login, by a few lines of its proxy's configuration.
//
// The parts are few. An [Asked] is the request as the browser sent it; a [Proxy] says in which headers the proxy
// tells of it. [Rules] say by host and path who may pass. A [Judge] puts them together with the credentials
// that came along, and its [Verdict] has the headers by which the app learns who is asking. A [Handler] answers
// proxies with it; whoever is a proxy himself asks the Judge.
//
// # Why paths are looked at so closely
//
// The proxy, this package and the app read the same path, each in its own way: one decodes it twice, one merges
// slashes, one cuts parameters off, one takes no notice of letter case. Whatever two of them may read differently is
// a way around a rule. So a path belongs to a rule only where its spelling leaves no choice, which is what
// [github.com/handstamp/handstamp.IsCanonicalPath] judges, and only where letter case would not bring it under another
// rule. Any other path has to satisfy every rule of its host, and is never public. What is no path at all is refused.
package forward
