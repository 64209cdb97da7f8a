-- +goose Up
-- Processes whose attachments, provider's id or stated data are still to be read. A row is written before the version
-- is saved and deleted when all is there, so that a kill in between is made good.
CREATE TABLE owed (
  process_id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
