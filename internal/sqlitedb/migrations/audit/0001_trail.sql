-- +goose Up
-- The trail. entry, node, checkpoint and fact only ever grow; the leaf is stored exactly as it was hashed.
CREATE TABLE entry (
  seq  INTEGER PRIMARY KEY,
  leaf BLOB NOT NULL
) STRICT;

-- Hashes of the Merkle tree under tlog.StoredHashIndex.
CREATE TABLE node (
  idx  INTEGER PRIMARY KEY,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;

-- What is personal: parts who, term, purpose, shown. Erasable, never changed; the leaf holds a salted commitment to each.
CREATE TABLE detail (
  seq  INTEGER NOT NULL,
  part TEXT NOT NULL,
  salt BLOB NOT NULL CHECK (length(salt) = 32),
  body BLOB NOT NULL,
  PRIMARY KEY (seq, part)
) STRICT, WITHOUT ROWID;

-- Who saw a process in a list: the part shown, by process.
CREATE TABLE shown (
  process_id TEXT NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (process_id, seq)
) STRICT, WITHOUT ROWID;

-- What filters need, derived from the leaf; the leaf stays the evidence. at: milliseconds since 1970, UTC.
CREATE TABLE fact (
  seq        INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  action     TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  process_id TEXT NOT NULL,
  purpose    TEXT NOT NULL
) STRICT;
CREATE INDEX fact_actor   ON fact (actor, seq);
CREATE INDEX fact_action  ON fact (action, seq);
CREATE INDEX fact_outcome ON fact (outcome, seq) WHERE outcome <> 'ok';
CREATE INDEX fact_process ON fact (process_id, seq) WHERE process_id <> '';
CREATE INDEX fact_purpose ON fact (purpose, seq);
CREATE INDEX fact_at      ON fact (at, seq);

-- The guards. REPLACE deletes without firing a delete trigger, so the guard that matters stands before the insert.
-- +goose StatementBegin
CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entry_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entry_insert BEFORE INSERT ON entry
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entry)
BEGIN SELECT RAISE(ABORT, 'records are numbered without gaps'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER node_update BEFORE UPDATE ON node BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER node_delete BEFORE DELETE ON node BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER node_insert BEFORE INSERT ON node
WHEN NEW.idx IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM node)
BEGIN SELECT RAISE(ABORT, 'hashes are numbered without gaps'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint
WHEN NEW.size <= (SELECT coalesce(max(size), -1) FROM checkpoint)
BEGIN SELECT RAISE(ABORT, 'checkpoints only grow'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER fact_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER fact_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER fact_insert BEFORE INSERT ON fact
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM fact)
BEGIN SELECT RAISE(ABORT, 'records are numbered without gaps'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER detail_update BEFORE UPDATE ON detail BEGIN SELECT RAISE(ABORT, 'a detail may be erased, not changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER detail_insert BEFORE INSERT ON detail
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entry)
BEGIN SELECT RAISE(ABORT, 'a detail is written just before its record'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER shown_update BEFORE UPDATE ON shown BEGIN SELECT RAISE(ABORT, 'a list may be erased, not changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER shown_insert BEFORE INSERT ON shown
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entry)
BEGIN SELECT RAISE(ABORT, 'a list is written just before its record'); END;
-- +goose StatementEnd
