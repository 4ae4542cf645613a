-- The keys that sign tokens. Times are microseconds since 1970 in UTC.

CREATE TABLE signing_keys (
    id             TEXT   PRIMARY KEY, -- the kid
    algorithm      TEXT   NOT NULL,
    imported       BIGINT NOT NULL,    -- 1 for a secret that others know, too
    created_at     BIGINT NOT NULL,
    signs_from     BIGINT,             -- NULL for a key that has not signed yet
    accepted_until BIGINT,             -- NULL for a key that is not retired
    sealed         BYTEA  NOT NULL     -- under a key that is not in the database
);
