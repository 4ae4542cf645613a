-- One text for SQLite and PostgreSQL.

-- Revokes of sessions that are kept elsewhere: a row is there from the commit of what revoked them until they have
-- ended.
CREATE TABLE revocations (
    id          BYTEA  PRIMARY KEY, -- random
    user_id     BYTEA  NOT NULL,
    except_hash BYTEA  NOT NULL,    -- of the session that stays; zeros for none
    at          BIGINT NOT NULL     -- microseconds since 1970 in UTC
);

INSERT INTO compatible (migration, knows) VALUES ('0009_revocations.sql', '0008_nodes.sql');
