-- +goose Up
-- The search index: derived from snapshots, thrown away and built anew whenever it does not fit them.

-- One row: which store and how much of it this file reflects, and by which rules it was made.
CREATE TABLE origin (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  store_id BLOB    NOT NULL,
  rules    TEXT    NOT NULL,
  revision INTEGER NOT NULL  -- of portal.db: all changes up to it are here
) STRICT;

-- One row a process, from its newest snapshot. line is JSON: what lists and exports show.
CREATE TABLE entry (
  row             INTEGER PRIMARY KEY, -- the bit of this process in every bitmap
  process_id      TEXT    NOT NULL UNIQUE,
  version         INTEGER NOT NULL,
  mapping_version INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  provider        TEXT    NOT NULL,
  process_type    TEXT    NOT NULL,
  status          TEXT    NOT NULL,
  way_in          TEXT    NOT NULL,
  nationality     TEXT    NOT NULL,
  country         TEXT    NOT NULL,
  relations       TEXT    NOT NULL, -- those that any field has, by spaces
  findings        TEXT    NOT NULL, -- codes, by spaces, worst first
  severity        INTEGER NOT NULL, -- of the worst finding, 0 none
  restate_on      TEXT    NOT NULL, -- the UTC day on which a finding may change by itself, empty: never
  words           TEXT    NOT NULL, -- folded words of all names, by spaces
  keys            TEXT    NOT NULL, -- what stands in lookup, one a line: kind, space, value
  line            TEXT    NOT NULL
) STRICT;

CREATE INDEX entry_restate ON entry (restate_on) WHERE restate_on <> '';

-- Numbers, ids and dates of birth, for whole and beginning.
CREATE TABLE lookup (
  kind  TEXT    NOT NULL,
  value TEXT    NOT NULL,
  row   INTEGER NOT NULL,
  PRIMARY KEY (kind, value, row)
) STRICT, WITHOUT ROWID;
