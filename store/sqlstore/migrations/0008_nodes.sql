-- One text for SQLite and PostgreSQL. What several nodes on one database need; SQLite, which one process owns, leaves
-- the tables empty.

-- Which program before this one can work beside it, by the last migration that it has to know. A migration with which
-- no program before it can work has no row.
CREATE TABLE compatible (
    migration TEXT PRIMARY KEY,
    knows     TEXT NOT NULL
);

-- Whoever writes holds this row.
CREATE TABLE turn (
    id BIGINT PRIMARY KEY
);
INSERT INTO turn (id) VALUES (1);

-- Where the feed ends. The row is held until the commit, so that positions are in the order of commits, without a gap.
-- The program makes the row.
CREATE TABLE feed_head (
    id          BIGINT PRIMARY KEY,
    position    BIGINT NOT NULL,
    incarnation TEXT   NOT NULL  -- another one in each database that does not go on where this one is
);

-- What has changed, for those who have it in memory. With neither a session nor a user it may be anything.
CREATE TABLE feed (
    position BIGINT PRIMARY KEY,
    hash     BYTEA,              -- of the session that changed
    lives    BIGINT NOT NULL,    -- 1 if it did not end
    user_id  BYTEA,              -- the user who changed, or whose sessions have ended
    at       BIGINT NOT NULL     -- microseconds since 1970 in UTC, by the database's clock
);

-- The processes that answer from memory.
CREATE TABLE nodes (
    node       TEXT   PRIMARY KEY, -- random, another one in each process
    name       TEXT   NOT NULL,
    version    TEXT   NOT NULL,
    lease      BIGINT NOT NULL,    -- microseconds for which what is in memory may be trusted
    applied    BIGINT NOT NULL,    -- the position up to which changes are applied; -1 for none
    renewals   BIGINT NOT NULL,    -- so that one can be told from the one before
    renewed_at BIGINT NOT NULL     -- microseconds since 1970 in UTC, by the database's clock; for people
);

-- What tells whether a process has the same master key as the others.
CREATE TABLE key_check (
    id    BIGINT PRIMARY KEY,
    value BYTEA  NOT NULL
);
