"""Writes hashes that a Python library makes, as a JSON list of [form, password, hash].

    python.py passlib|django|werkzeug <passwords.json

Costs are as low as each library allows. What Debian's version cannot make yet is written in the
form of a later one, and says so.
"""

import base64
import hashlib
import json
import sys
import warnings

warnings.simplefilter("ignore")


def passlib():
    from passlib import hash as h

    h.argon2.set_backend("argon2_cffi")
    fast = {
        "bcrypt": h.bcrypt.using(rounds=4),
        "bcrypt 2a": h.bcrypt.using(rounds=4, ident="2a"),
        "bcrypt_sha256": h.bcrypt_sha256.using(rounds=4),
        "scrypt": h.scrypt.using(rounds=4),
        "scrypt, 2 lanes": h.scrypt.using(rounds=3, block_size=2, parallelism=2, salt_size=5),
        "pbkdf2_sha1": h.pbkdf2_sha1.using(rounds=3),
        "pbkdf2_sha256": h.pbkdf2_sha256.using(rounds=3),
        "pbkdf2_sha512": h.pbkdf2_sha512.using(rounds=3, salt_size=0),
        "argon2id": h.argon2.using(type="ID", rounds=1, memory_cost=16, parallelism=2),
        "argon2i": h.argon2.using(type="I", rounds=2, memory_cost=8, parallelism=1),
        "sha256_crypt": h.sha256_crypt.using(rounds=1000),
        "sha512_crypt": h.sha512_crypt.using(rounds=1001),
        "phpass": h.phpass.using(rounds=7),
        "phpass H": h.phpass.using(rounds=7, ident="H"),
        "apr_md5_crypt": h.apr_md5_crypt,
        "ldap_sha1": h.ldap_sha1,
    }
    return {name: handler.hash for name, handler in fast.items()}


def django():
    from django.conf import settings

    settings.configure()
    from django.contrib.auth import hashers as h
    from django.utils.crypto import get_random_string

    def low(hasher, **costs):
        fast = type("Fast", (hasher,), costs)()
        return lambda password: fast.encode(password, fast.salt())

    def scrypt(password):  # Django 4.0 and later
        salt = get_random_string(22)
        tag = hashlib.scrypt(password.encode(), salt=salt.encode(), n=16, r=8, p=1, dklen=64)
        return "scrypt$16$%s$8$1$%s" % (salt, base64.b64encode(tag).decode())

    return {
        "pbkdf2_sha256": low(h.PBKDF2PasswordHasher, iterations=3),
        "pbkdf2_sha1": low(h.PBKDF2SHA1PasswordHasher, iterations=3),
        "argon2": low(h.Argon2PasswordHasher, time_cost=1, memory_cost=16, parallelism=2),
        "bcrypt": low(h.BCryptPasswordHasher, rounds=4),
        "bcrypt_sha256": low(h.BCryptSHA256PasswordHasher, rounds=4),
        "scrypt": scrypt,
    }


def werkzeug():
    from werkzeug.security import gen_salt, generate_password_hash

    def scrypt(password):  # Werkzeug 2.3 and later
        salt = gen_salt(16)
        tag = hashlib.scrypt(password.encode(), salt=salt.encode(), n=16, r=8, p=1, dklen=64)
        return "scrypt:16:8:1$%s$%s" % (salt, tag.hex())

    def pbkdf2(digest):
        return lambda password: generate_password_hash(password, "pbkdf2:%s:3" % digest, 7)

    return {
        "pbkdf2 sha1": pbkdf2("sha1"),
        "pbkdf2 sha256": pbkdf2("sha256"),
        "pbkdf2 sha512": pbkdf2("sha512"),
        "pbkdf2": lambda password: generate_password_hash(password, "pbkdf2:sha256:2"),
        "scrypt": scrypt,
    }


forms = {"passlib": passlib, "django": django, "werkzeug": werkzeug}[sys.argv[1]]()
passwords = json.load(sys.stdin)
json.dump([[name, p, make(p)] for name, make in forms.items() for p in passwords], sys.stdout)
