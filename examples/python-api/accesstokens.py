"""Verifies Handstamp's access tokens (RFC 9068) against the keys that it publishes.

Nothing is asked of Handstamp for a token: its keys are fetched once in a while. So a token is good here until it
expires, whatever has happened to its session since.
"""
import http.client
import json
import re
import sys
import threading
import time
import urllib.parse
import urllib.request

import jwt

LEEWAY = 5  # seconds by which two clocks may differ
MAX_TOKEN = 8 * 1024  # characters

# PyJWT passes over characters that are none of base64url.
TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)

# For each algorithm that a key may be for, what kind of key that is.
ALGORITHMS = {"EdDSA": "OKP", "ES256": "EC", "RS256": "RSA"}


class BadToken(Exception):
    """The token is not good. What is wrong with it is for a log, and not for who has sent it."""


class NoKeys(Exception):
    """The keys cannot be had, so nothing can be said of any token."""


class Verifier:
    """Verifies tokens that issuer has made for audience. It may be used by several threads at once."""

    def __init__(self, keys, issuer, audience):
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    def verify(self, token):
        """Returns the claims of a good token, or raises BadToken or NoKeys."""
        if len(token) > MAX_TOKEN or not TOKEN.fullmatch(token):
            raise BadToken("no token")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, RecursionError) as error:
            raise BadToken(error) from error
        # PyJWT looks at neither of these two, and a token of another type means another thing.
        if header.get("typ") != "at+jwt":
            raise BadToken("no access token")
        if "crit" in header:
            raise BadToken("unknown extensions")

        # The algorithm is that of the key, whatever the token says.
        key, algorithm = self._keys.get(header.get("kid"))
        try:
            claims = jwt.decode(
                token, key, algorithms=[algorithm], issuer=self._issuer, audience=self._audience, leeway=LEEWAY,
                options={"require": ["iss", "aud", "sub", "iat", "exp"]},
            )
        except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise BadToken(error) from error
        if not all(isinstance(claims.get(name, ""), str) for name in ("sub", "role", "sid")):
            raise BadToken("a claim is no text")
        return claims


class Keys:
    """The keys at a URL, as a JSON Web Key Set (RFC 7517). They may be used by several threads at once."""

    MAX_SIZE = 64 * 1024  # bytes of the set
    MAX_KEYS = 32
    TIMEOUT = 5  # seconds to wait for it
    FRESH = 5 * 60  # seconds after which it is fetched again: a key that was withdrawn is good for no longer
    STALE = 60 * 60  # seconds after which nothing is good any more, if it cannot be fetched
    FETCHES = 6  # how often in a minute it may be fetched, as anybody can make up the name of a key

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")):
            raise ValueError("keys have to come by https, or from this machine")
        self._url = url
        self._opener = urllib.request.build_opener(_NoRedirects)
        self._lock = threading.Lock()  # for whoever fetches; nobody else waits
        self._known = ({}, float("-inf"))  # the keys, and when they were fetched
        self._tries = []  # when it was tried, within the last minute

    def get(self, kid):
        """Returns a key and its algorithm. Raises BadToken if there is none of that name, NoKeys if nobody can tell."""
        if not isinstance(kid, str):
            raise BadToken("names no key")
        if not self._is_fresh(kid):
            with self._lock:
                if not self._is_fresh(kid):  # another thread may have been here
                    self._fetch()
        keys, fetched_at = self._known
        if time.monotonic() - fetched_at >= self.STALE:
            raise NoKeys(f"no keys from {self._url}")
        if kid not in keys:
            raise BadToken("unknown key")
        return keys[kid]

    def _is_fresh(self, kid):
        keys, fetched_at = self._known
        return kid in keys and time.monotonic() - fetched_at < self.FRESH

    def _fetch(self):
        now = time.monotonic()
        self._tries = [at for at in self._tries if now - at < 60]
        if len(self._tries) >= self.FETCHES:
            return
        self._tries.append(now)
        try:
            with self._opener.open(self._url, timeout=self.TIMEOUT) as answer:
                body = answer.read(self.MAX_SIZE + 1)
            if len(body) > self.MAX_SIZE:
                raise ValueError("too large")
            self._known = (_read_set(json.loads(body), self.MAX_KEYS), now)
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            print(f"cannot fetch {self._url}: {error}", file=sys.stderr, flush=True)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Whoever could redirect could bring keys of their own."""

    def redirect_request(self, *args):
        return None


def _read_set(document, most):
    """Returns the keys by their names. Those that are for something else, or cannot be read, are left out."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("no set of keys")
    keys = {}
    for entry in document["keys"][:most]:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        algorithm = entry.get("alg")
        if algorithm not in ALGORITHMS or entry.get("kty") != ALGORITHMS[algorithm] or entry.get("use", "sig") != "sig":
            continue
        try:
            keys[entry["kid"]] = (jwt.PyJWK(entry, algorithm).key, algorithm)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            continue
    return keys
