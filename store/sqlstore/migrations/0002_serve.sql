-- One text for SQLite and PostgreSQL.

ALTER TABLE users ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0; -- 1 for those who cannot sign in

CREATE INDEX users_role ON users (role);

-- Where a session began, for those who look at their sessions.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- Secrets that work once.
CREATE TABLE links (
    hash       BYTEA  PRIMARY KEY, -- SHA-256 of the secret and what it is for
    purpose    TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);

-- The audit log. IDs are NULL where there is none.
CREATE TABLE events (
    number     BIGINT PRIMARY KEY, -- from 1, without a gap
    at         BIGINT NOT NULL,
    action     TEXT   NOT NULL,
    outcome    TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    actor      TEXT   NOT NULL,    -- who did it where that is no user
    actor_id   BYTEA,
    user_id    BYTEA,
    session_id BYTEA,
    address    TEXT   NOT NULL,
    device     TEXT   NOT NULL,
    trace      TEXT   NOT NULL,
    sum        BYTEA  NOT NULL     -- covers the entry and the sum before it
);

CREATE INDEX events_user_id ON events (user_id, number);
CREATE INDEX events_actor_id ON events (actor_id, number);

-- What the oldest entry is chained to: the last one that was removed. No row as long as none was.
CREATE TABLE events_start (
    number BIGINT PRIMARY KEY,
    sum    BYTEA  NOT NULL
);
