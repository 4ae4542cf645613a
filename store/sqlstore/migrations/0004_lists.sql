-- One text for SQLite and PostgreSQL.

-- What a search looks in. As only the program can make it of email and names, it fills in the users who are
-- there when this has been applied.
ALTER TABLE users ADD COLUMN search_text TEXT NOT NULL DEFAULT '';

-- With the ID it also gives the order in which everybody's sessions are listed.
DROP INDEX sessions_began_at;
CREATE INDEX sessions_began_at ON sessions (began_at, id);
