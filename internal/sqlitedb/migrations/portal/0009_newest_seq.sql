-- +goose Up
-- The record of the arrival of a process's newest version stands beside the process, too, as snapshot.fetch_seq has it: an export reads
-- one row a process instead of two.
ALTER TABLE process ADD COLUMN newest_seq INTEGER NOT NULL DEFAULT -1;
UPDATE process SET newest_seq = (SELECT s.fetch_seq FROM snapshot s WHERE s.process_id = process.process_id AND s.version = process.newest)
  WHERE EXISTS (SELECT 1 FROM snapshot s WHERE s.process_id = process.process_id AND s.version = process.newest AND s.fetch_seq <> -1);
