-- One text for SQLite and PostgreSQL. How far the events of the audit log were handed to others: the log itself is the queue.
-- Times are microseconds since 1970 in UTC.

-- Whose turn it is to deliver: one row.
CREATE TABLE outbox_turn (
    id     BIGINT PRIMARY KEY, -- 1
    holder TEXT   NOT NULL,    -- empty for nobody
    beat   BIGINT NOT NULL     -- counts the claims
);

INSERT INTO outbox_turn (id, holder, beat) VALUES (1, '', 0);

-- Everything up to number was delivered to the destination, or is a dead letter.
CREATE TABLE outbox_positions (
    destination TEXT   PRIMARY KEY,
    number      BIGINT NOT NULL,
    used_at     BIGINT NOT NULL
);

-- Dead letters.
CREATE TABLE outbox_dead (
    destination TEXT   NOT NULL,
    id          TEXT   NOT NULL, -- of the message
    number      BIGINT NOT NULL,
    entry       TEXT   NOT NULL, -- of the audit log, as JSON: there it may be trimmed
    attempts    BIGINT NOT NULL,
    error       TEXT   NOT NULL, -- of the last attempt
    failed_at   BIGINT NOT NULL,
    retry       BIGINT NOT NULL, -- 1 if it is to be tried once more
    PRIMARY KEY (destination, id)
);

INSERT INTO compatible (migration, knows) VALUES ('0011_outbox.sql', '0008_nodes.sql');
