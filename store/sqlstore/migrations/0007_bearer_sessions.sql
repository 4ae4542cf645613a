-- One text for SQLite and PostgreSQL. What sessions of bearer tokens have: times in microseconds since 1970 in
-- UTC, 0 for none.

ALTER TABLE sessions ADD COLUMN until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN rotated_at BIGINT NOT NULL DEFAULT 0;

CREATE INDEX sessions_until ON sessions (until) WHERE until > 0;
