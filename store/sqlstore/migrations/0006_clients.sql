-- One text for SQLite and PostgreSQL.

-- Services that may ask about tokens.
CREATE TABLE clients (
    id          BYTEA  PRIMARY KEY,
    name        TEXT   NOT NULL,
    secret_hash BYTEA  NOT NULL, -- SHA-256 of the secret
    created_at  BIGINT NOT NULL
);
