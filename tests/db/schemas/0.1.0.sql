-- The database of release 0.1.0. Never changed; each release with a new schema adds a file.
CREATE TABLE schema_versions (component TEXT NOT NULL, version INTEGER NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (component, version));
INSERT INTO schema_versions VALUES ('archive', 1, 0), ('archive_prefs', 1, 0), ('last_activity', 1, 0), ('offline', 1, 0), ('roster', 1, 0), ('users', 1, 0);

CREATE TABLE archive_owners (id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT UNIQUE);
CREATE TABLE archive_peers (id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE);
CREATE TABLE archive ( id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, peer INTEGER NOT NULL, flags INTEGER NOT NULL, resource TEXT, dedup_key TEXT, stanza TEXT NOT NULL);
CREATE INDEX archive_by_owner ON archive (owner);
CREATE INDEX archive_by_peer ON archive (owner, peer);
CREATE TABLE archive_mark (one INTEGER PRIMARY KEY CHECK (one = 1), id BIGINT NOT NULL);
CREATE TABLE archive_prefs ( owner TEXT PRIMARY KEY NOT NULL, other INTEGER NOT NULL, always TEXT NOT NULL, never TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE last_activity ( owner TEXT PRIMARY KEY NOT NULL, at BIGINT NOT NULL, status TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE offline ( id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, at BIGINT NOT NULL, stanza TEXT NOT NULL);
CREATE INDEX offline_by_owner ON offline (owner);
CREATE TABLE roster_items ( owner TEXT NOT NULL, contact TEXT NOT NULL, name TEXT NOT NULL, subscription INTEGER NOT NULL, ask INTEGER NOT NULL, approved INTEGER NOT NULL, groups TEXT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (owner, contact)) WITHOUT ROWID;
CREATE TABLE roster_removals ( owner TEXT NOT NULL, contact TEXT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (owner, contact)) WITHOUT ROWID;
CREATE TABLE roster_requests ( owner TEXT NOT NULL, contact TEXT NOT NULL, stanza TEXT NOT NULL, PRIMARY KEY (owner, contact)) WITHOUT ROWID;
CREATE TABLE roster_versions ( owner TEXT PRIMARY KEY NOT NULL, version BIGINT NOT NULL, oldest BIGINT NOT NULL) WITHOUT ROWID;
CREATE TABLE users ( jid TEXT PRIMARY KEY NOT NULL, domain TEXT NOT NULL, credentials BLOB NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, created_at BIGINT NOT NULL);
CREATE INDEX users_by_domain ON users (domain, jid);

INSERT INTO users VALUES ('romeo@localhost', 'localhost', CAST('secret' AS BLOB), 0, 1790000000000000);
INSERT INTO roster_items VALUES ('romeo@localhost', 'juliet@localhost', 'Juliet', 3, 0, 0, 'Friends' || char(31), 1790000001);
INSERT INTO roster_versions VALUES ('romeo@localhost', 1790000001, 1790000000);
INSERT INTO archive_owners VALUES (1, 'romeo@localhost');
INSERT INTO archive_peers VALUES (1, 'juliet@localhost');
INSERT INTO archive VALUES (1790000000000001, 1, 1, 1, NULL, 'abc', '<message/>');
INSERT INTO archive_mark VALUES (1, 1790000000000001);
INSERT INTO offline VALUES (1, 'romeo@localhost', 1790000000000000, '<message/>');
