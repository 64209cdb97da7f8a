-- +goose Up
-- Snapshots and what surrounds them. Times are milliseconds since 1970, UTC; 0 is "never" or "not readable".

-- One row. revision counts changes that search must follow; generation names the index file in use.
CREATE TABLE store_state (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  store_id   BLOB    NOT NULL CHECK (length(store_id) = 16),
  cursor_key BLOB    NOT NULL CHECK (length(cursor_key) = 32),
  revision   INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  processes  INTEGER NOT NULL
) STRICT;

-- What is known of a held process beside the answers; status to updated_at are those of its newest snapshot.
CREATE TABLE process (
  process_id         TEXT    NOT NULL PRIMARY KEY,
  dossier_id         TEXT    NOT NULL, -- empty: imported without one, never polled
  external_reference TEXT    NOT NULL,
  external_id        TEXT    NOT NULL,
  way_in             TEXT    NOT NULL, -- the one that was used first
  imported_by        TEXT    NOT NULL,
  first_seen_at      INTEGER NOT NULL,
  last_seen_at       INTEGER NOT NULL, -- at Assure
  gone_at            INTEGER NOT NULL, -- when Assure was found not to have it any more
  newest             INTEGER NOT NULL, -- version of the newest snapshot
  status             TEXT    NOT NULL,
  final              INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL,
  due_at             INTEGER NOT NULL, -- when it is read again, unless final
  attempts           INTEGER NOT NULL,
  listed_status      TEXT    NOT NULL, -- the listed row that the newest read answered
  listed_updated_at  INTEGER NOT NULL,
  revision           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX process_revision ON process (revision);
CREATE INDEX process_dossier ON process (dossier_id) WHERE dossier_id <> '';
CREATE INDEX process_created ON process (created_at);
CREATE INDEX process_due ON process (due_at) WHERE final = 0 AND gone_at = 0 AND dossier_id <> '';

-- One answer of Assure as received. body stands last, so that reading the rest never touches its pages.
CREATE TABLE snapshot (
  process_id   TEXT    NOT NULL REFERENCES process (process_id),
  version      INTEGER NOT NULL,
  sha256       BLOB    NOT NULL CHECK (length(sha256) = 32),
  received_at  INTEGER NOT NULL,
  provider     TEXT    NOT NULL,
  process_type TEXT    NOT NULL,
  status       TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  fetch_seq    INTEGER NOT NULL DEFAULT -1, -- record of its arrival
  body         BLOB    NOT NULL,
  PRIMARY KEY (process_id, version)
) STRICT;

CREATE INDEX snapshot_unrecorded ON snapshot (received_at, process_id, version) WHERE fetch_seq = -1;

-- What the customer stated in a dossier, as received.
CREATE TABLE user_data (
  dossier_id  TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  sha256      BLOB    NOT NULL CHECK (length(sha256) = 32),
  received_at INTEGER NOT NULL,
  body        BLOB    NOT NULL,
  PRIMARY KEY (dossier_id, version)
) STRICT;

-- Images and video as received.
CREATE TABLE media (
  process_id   TEXT    NOT NULL REFERENCES process (process_id),
  depiction    TEXT    NOT NULL,
  version      INTEGER NOT NULL,
  sha256       BLOB    NOT NULL CHECK (length(sha256) = 32),
  received_at  INTEGER NOT NULL,
  content_type TEXT    NOT NULL,
  body         BLOB    NOT NULL,
  PRIMARY KEY (process_id, depiction, version)
) STRICT;

-- Listed by Assure and not held as listed.
CREATE TABLE listed (
  process_id         TEXT    NOT NULL PRIMARY KEY,
  dossier_id         TEXT    NOT NULL,
  external_reference TEXT    NOT NULL,
  external_id        TEXT    NOT NULL,
  provider           TEXT    NOT NULL,
  status             TEXT    NOT NULL,
  final              INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX listed_created ON listed (created_at, process_id);
CREATE INDEX listed_final ON listed (process_id) WHERE final = 1;
CREATE INDEX listed_dossier ON listed (dossier_id);

-- The newest answer for a process that was not one process: kept aside, never shown or parsed.
CREATE TABLE refused (
  process_id TEXT    NOT NULL PRIMARY KEY,
  status     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  refused_at INTEGER NOT NULL,
  reason     TEXT    NOT NULL,
  body       BLOB    NOT NULL
) STRICT;

CREATE INDEX refused_created ON refused (created_at, status);

-- An erased process. It is what permits deleting its snapshots, and what forbids taking them in again.
CREATE TABLE tombstone (
  process_id TEXT    NOT NULL PRIMARY KEY,
  erased_at  INTEGER NOT NULL,
  basis      TEXT    NOT NULL,
  status     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  revision   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tombstone_revision ON tombstone (revision);
CREATE INDEX tombstone_created ON tombstone (created_at, status);

-- What Assure counts for a UTC day of creation (2026-03-02) and a status.
CREATE TABLE upstream_count (
  day    TEXT    NOT NULL,
  status TEXT    NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (day, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE freshness (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  read_to    INTEGER NOT NULL,
  last_run   INTEGER NOT NULL,
  last_error TEXT    NOT NULL
) STRICT;

-- Posted search terms.
CREATE TABLE term (
  id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  expires_at INTEGER NOT NULL,
  term       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX term_expires ON term (expires_at);

-- +goose StatementBegin
CREATE TRIGGER snapshot_insert BEFORE INSERT ON snapshot
WHEN NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM snapshot WHERE process_id = NEW.process_id)
  OR EXISTS (SELECT 1 FROM snapshot WHERE rowid = NEW.rowid)
  OR EXISTS (SELECT 1 FROM tombstone WHERE process_id = NEW.process_id)
BEGIN SELECT RAISE(ABORT, 'versions are numbered without gaps, and none comes after an erasure'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER snapshot_update BEFORE UPDATE OF process_id, version, sha256, received_at, provider, process_type, status,
  created_at, updated_at, body ON snapshot
BEGIN SELECT RAISE(ABORT, 'a snapshot is never edited'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER snapshot_record BEFORE UPDATE OF fetch_seq ON snapshot WHEN OLD.fetch_seq <> -1
BEGIN SELECT RAISE(ABORT, 'a snapshot has one record of its arrival'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER snapshot_delete BEFORE DELETE ON snapshot
WHEN NOT EXISTS (SELECT 1 FROM tombstone WHERE process_id = OLD.process_id)
BEGIN SELECT RAISE(ABORT, 'a snapshot is deleted by an erasure alone'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER media_insert BEFORE INSERT ON media
WHEN NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM media WHERE process_id = NEW.process_id AND depiction = NEW.depiction)
  OR EXISTS (SELECT 1 FROM media WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'versions are numbered without gaps'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER media_update BEFORE UPDATE ON media BEGIN SELECT RAISE(ABORT, 'an attachment is never edited'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER media_delete BEFORE DELETE ON media
WHEN NOT EXISTS (SELECT 1 FROM tombstone WHERE process_id = OLD.process_id)
BEGIN SELECT RAISE(ABORT, 'an attachment is deleted by an erasure alone'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER user_data_insert BEFORE INSERT ON user_data
WHEN NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM user_data WHERE dossier_id = NEW.dossier_id)
  OR EXISTS (SELECT 1 FROM user_data WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'versions are numbered without gaps'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER user_data_update BEFORE UPDATE ON user_data BEGIN SELECT RAISE(ABORT, 'what was stated is never edited'); END;
-- +goose StatementEnd
-- Processes leave by an erasure alone, so what was stated stays as long as one of its dossier is held.
-- +goose StatementBegin
CREATE TRIGGER user_data_delete BEFORE DELETE ON user_data
WHEN EXISTS (SELECT 1 FROM process WHERE dossier_id = OLD.dossier_id AND dossier_id <> '')
BEGIN SELECT RAISE(ABORT, 'what was stated is deleted with the last process of its dossier'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER process_delete BEFORE DELETE ON process
WHEN NOT EXISTS (SELECT 1 FROM tombstone WHERE process_id = OLD.process_id)
BEGIN SELECT RAISE(ABORT, 'a process is deleted by an erasure alone'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tombstone_insert BEFORE INSERT ON tombstone WHEN EXISTS (SELECT 1 FROM tombstone WHERE process_id = NEW.process_id)
BEGIN SELECT RAISE(ABORT, 'a process is erased once'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tombstone_update BEFORE UPDATE ON tombstone BEGIN SELECT RAISE(ABORT, 'a tombstone stays as it is'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tombstone_delete BEFORE DELETE ON tombstone BEGIN SELECT RAISE(ABORT, 'a tombstone stays'); END;
-- +goose StatementEnd
