"""Signs and verifies as itsdangerous' TimedJSONWebSignatureSerializer did, by Python's standard library alone: the
class itself is gone from those versions that there are packages of.

Reads cases from the standard input, one in each line, and writes one answer for each. A case says algorithm, secret,
salt (or null), ascii, now, and either payload, iat and exp, where the answer is a token, or token, where the answer is
the payload or what is wrong.
"""
import base64
import hashlib
import hmac
import json
import sys

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def decode(text):
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def compact(value, ascii):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=ascii).encode()


def mac(case, signed):
    key = case["secret"].encode()
    if case["salt"] is not None:
        key = hashlib.sha1(case["salt"].encode() + b"signer" + key).digest()
    return hmac.new(key, signed, HASHES[case["algorithm"]]).digest()


def sign(case):
    header = {"alg": case["algorithm"], "iat": case["iat"], "exp": case["exp"]}
    signed = b".".join(encode(compact(part, case["ascii"])) for part in (header, case["payload"]))
    return {"token": (signed + b"." + encode(mac(case, signed))).decode()}


def verify(case):
    signed, _, signature = case["token"].encode().rpartition(b".")
    if not hmac.compare_digest(decode(signature), mac(case, signed)):
        return {"error": "bad signature"}
    header, payload = (json.loads(decode(part)) for part in signed.split(b"."))
    if header["alg"] != case["algorithm"]:
        return {"error": "bad header"}
    if header["exp"] < case["now"]:
        return {"error": "expired"}
    return {"header": list(header.items()), "payload": payload}


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps(verify(case) if "token" in case else sign(case)))
