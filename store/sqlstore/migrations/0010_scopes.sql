-- One text for SQLite and PostgreSQL.

-- What a service may do besides asking about tokens: '', 'verify' or 'sessions'.
ALTER TABLE clients ADD COLUMN scope TEXT NOT NULL DEFAULT '';

INSERT INTO compatible (migration, knows) VALUES ('0010_scopes.sql', '0008_nodes.sql');
