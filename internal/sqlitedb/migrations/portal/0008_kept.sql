-- +goose Up
-- When somebody decided to keep a process that Assure no longer has; 0: nobody did. One that comes back and goes again is to
-- be decided again.
ALTER TABLE process ADD COLUMN kept_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX process_undecided ON process (gone_at) WHERE gone_at > kept_at;
