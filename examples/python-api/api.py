#!/usr/bin/python3
"""An API that knows who is calling by Handstamp's access tokens, and asks nobody.

Settings, from the environment:

    JWKS_URL  where Handstamp publishes its keys: https://id.example.com/.well-known/jwks.json
    ISSUER    who makes the tokens, Handstamp's public URL: https://id.example.com
    AUDIENCE  for whom they are made: what the claim aud has to say
    LISTEN    address and port, 127.0.0.1:8000 if it is not set
"""
import json
import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from accesstokens import BadToken, Keys, NoKeys, Verifier


def new_application(verifier):
    """Returns a WSGI application. It runs in any server for those."""

    def application(environ, start_response):
        def answer(status, body, *headers):
            start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *headers])
            return [json.dumps(body).encode() + b"\n"]

        if environ["PATH_INFO"] != "/me":
            return answer("404 Not Found", {"error": "Not found"})
        if environ["REQUEST_METHOD"] != "GET":
            return answer("405 Method Not Allowed", {"error": "Method not allowed"}, ("Allow", "GET"))

        kind, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer":  # RFC 6750, section 3: who has sent no token is told of no error
            return answer("401 Unauthorized", {"error": "Unauthorized"}, ("WWW-Authenticate", "Bearer"))
        try:
            claims = verifier.verify(token)
        except BadToken as error:
            print(f"token refused: {error}", file=environ["wsgi.errors"])
            challenge = ("WWW-Authenticate", 'Bearer error="invalid_token"')
            return answer("401 Unauthorized", {"error": "Unauthorized"}, challenge)
        except NoKeys:  # not 401: the token may be good, and whoever is told that it is not throws it away
            return answer("503 Service Unavailable", {"error": "Service unavailable"}, ("Retry-After", "10"))
        return answer("200 OK", {name: claims.get(name, "") for name in ("sub", "role", "sid")})

    return application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    timeout = 10  # seconds that a client may let us wait

    def address_string(self):  # else it asks the DNS for each line of the log
        return self.client_address[0]


def main():
    try:
        keys = Keys(os.environ["JWKS_URL"])
        verifier = Verifier(keys, os.environ["ISSUER"], os.environ["AUDIENCE"])
    except KeyError as missing:
        sys.exit(f"{missing.args[0]} is not set")
    except ValueError as error:
        sys.exit(f"JWKS_URL: {error}")
    host, _, port = os.environ.get("LISTEN", "127.0.0.1:8000").rpartition(":")
    with make_server(host, int(port), new_application(verifier), Server, Handler) as server:
        print(f"listening on http://{host}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
