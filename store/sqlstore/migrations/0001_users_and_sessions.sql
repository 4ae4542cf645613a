-- One text for SQLite and PostgreSQL. IDs are the 16 bytes of a UUID, times are microseconds since
-- 1970 in UTC.

CREATE TABLE users (
    id            BYTEA  PRIMARY KEY,
    place         BIGINT NOT NULL UNIQUE, -- the order in which users came
    email         TEXT   NOT NULL,
    email_key     TEXT   UNIQUE,          -- what the email is found by; NULL for nobody's
    first_name    TEXT,
    last_name     TEXT,
    role          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    epoch         BIGINT NOT NULL,        -- counts what has revoked the user's sessions
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- No foreign key to users: sessions may be of people who are kept elsewhere.
CREATE TABLE sessions (
    hash      BYTEA  PRIMARY KEY,         -- SHA-256 of the token
    id        BYTEA  NOT NULL UNIQUE,
    user_id   BYTEA  NOT NULL,
    role      TEXT   NOT NULL,
    began_at  BIGINT NOT NULL,
    proved_at BIGINT NOT NULL,
    seen_at   BIGINT NOT NULL,
    revision  BIGINT NOT NULL,
    data      BYTEA                       -- the data bag, sealed; NULL when it is empty
);

CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_began_at ON sessions (began_at);
CREATE INDEX sessions_seen_at ON sessions (seen_at);

-- What was imported once, by user ID or session hash, so that importing again does not bring back who was
-- deleted and what has ended since.
CREATE TABLE imported (
    key BYTEA PRIMARY KEY
);
